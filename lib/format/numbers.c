/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/numbers.h"

#include <endian.h>
#include <string.h>

enum {
	SYMBOL_AGAIN = 192, /* the last large number again */
	SYMBOL_LARGE = 193, /* 193: 8 bits long ... 249: 64 bits long */
	SYMBOL_MAX = 249,
	SHORTEST = 8, /* bits of the smallest large number */

	MODE_ALIKE = 0,
	MODE_RAW = 1,
	MODE_ZSTD = 2,

	TOO_FEW = 48, /* symbols; below, a frame does not pay */
};

void
numbers_done(struct numbers *c)
{
	buf_done(&c->symbols);
	buf_done(&c->bits);
	*c = (struct numbers){ 0 };
}

static int
add_bits(struct numbers *c, uint64_t v, unsigned n)
{
	while (n > 0) {
		unsigned take = 64 - c->n_pending < n ? 64 - c->n_pending : n;

		c->pending |= v << c->n_pending;
		c->n_pending += take;
		n -= take;
		v = take == 64 ? 0 : v >> take;
		if (c->n_pending == 64) {
			if (buf_add_u64(&c->bits, c->pending) != 0)
				return -1;
			c->pending = 0;
			c->n_pending = 0;
		}
	}
	return 0;
}

int
numbers_add(struct numbers *c, uint64_t v)
{
	unsigned len;

	if (v < SYMBOL_AGAIN)
		return buf_add_byte(&c->symbols, (uint8_t)v);
	if (v == c->last)
		return buf_add_byte(&c->symbols, SYMBOL_AGAIN);
	c->last = v;
	len = 64 - (unsigned)__builtin_clzll(v);
	if (buf_add_byte(
		&c->symbols, (uint8_t)(SYMBOL_LARGE + len - SHORTEST)) != 0)
		return -1;
	return add_bits(c, v & ~(UINT64_C(1) << (len - 1)), len - 1);
}

static bool
all_alike(const struct buf *b)
{
	return b->len > 0 && memcmp(b->data, b->data + 1, b->len - 1) == 0;
}

int
numbers_flush(struct numbers *c, struct zpack *z, struct buf *to)
{
	struct buf frame = { 0 };
	int rc = -1;

	if (all_alike(&c->symbols)) {
		if (buf_add_byte(to, MODE_ALIKE) != 0 ||
		    buf_add_byte(to, c->symbols.data[0]) != 0)
			goto done;
	} else {
		if (c->symbols.len >= TOO_FEW &&
		    zpack_add(z, &frame, c->symbols.data, c->symbols.len) != 0)
			goto done;
		if (frame.len > 0 && frame.len < c->symbols.len) {
			if (buf_add_byte(to, MODE_ZSTD) != 0 ||
			    buf_add_varint(to, frame.len) != 0 ||
			    buf_add(to, frame.data, frame.len) != 0)
				goto done;
		} else if (buf_add_byte(to, MODE_RAW) != 0 ||
		    buf_add(to, c->symbols.data, c->symbols.len) != 0)
			goto done;
	}
	for (; c->n_pending > 0; c->pending >>= 8) {
		if (buf_add_byte(&c->bits, (uint8_t)c->pending) != 0)
			goto done;
		c->n_pending -= c->n_pending < 8 ? c->n_pending : 8;
	}
	if (buf_add_varint(to, c->bits.len) != 0 ||
	    buf_add(to, c->bits.data, c->bits.len) != 0)
		goto done;
	rc = 0;
done:
	buf_done(&frame);
	buf_clear(&c->symbols);
	buf_clear(&c->bits);
	c->pending = 0;
	c->n_pending = 0;
	c->last = 0;
	return rc;
}

/* The symbols of a column, n of them in place or in scratch; NULL when bad. */
static const uint8_t *
read_symbols(struct reader *r, struct zunpack *z, uint8_t *scratch, size_t n)
{
	const uint8_t *p;
	uint64_t len;

	switch (reader_byte(r)) {
	case MODE_RAW:
		return reader_bytes(r, n);
	case MODE_ALIKE:
		memset(scratch, reader_byte(r), n);
		return scratch;
	case MODE_ZSTD:
		len = reader_varint(r);
		if ((p = reader_bytes(r, len)) != NULL &&
		    zunpack_get(z, scratch, n, p, len))
			return scratch;
		break;
	default:
		break;
	}
	r->bad = true;
	return NULL;
}

static uint64_t
load64(const uint8_t *p, size_t left)
{
	uint64_t v = 0;

	memcpy(&v, p, left < 8 ? left : 8);
	return le64toh(v);
}

void
numbers_read(struct reader *r, struct zunpack *z, uint8_t *scratch,
    uint64_t *to, size_t n)
{
	const uint8_t *sym, *bits;
	uint64_t n_bits, at = 0, last = 0;

	if (n == 0)
		return;
	sym = read_symbols(r, z, scratch, n);
	n_bits = reader_varint(r);
	bits = reader_bytes(r, n_bits);
	if (sym == NULL || r->bad)
		goto bad;
	n_bits *= 8;
	for (size_t i = 0; i < n; i++) {
		unsigned s = sym[i], len, shift;
		uint64_t v;

		if (s <= SYMBOL_AGAIN) {
			to[i] = s < SYMBOL_AGAIN ? s : last;
			continue;
		}
		if (s > SYMBOL_MAX)
			goto bad;
		len = s - SYMBOL_LARGE + SHORTEST - 1;
		if (n_bits - at < len)
			goto bad;
		shift = (unsigned)(at % 8);
		v = load64(bits + at / 8, (size_t)(n_bits - at + shift) / 8) >>
		    shift;
		if (len + shift > 64)
			v |= (uint64_t)bits[at / 8 + 8] << (64 - shift);
		at += len;
		last = (UINT64_C(1) << len) | (v & ((UINT64_C(1) << len) - 1));
		to[i] = last;
	}
	return;
bad:
	r->bad = true;
	memset(to, 0, n * sizeof(*to));
}
