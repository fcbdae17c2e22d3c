/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/numbers.h"

#include <endian.h>
#include <string.h>

enum {
	SYMBOL_MAX = 249,
	SHORTEST = 8, /* bits of the smallest large number */
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

	if (v < NUMBERS_AGAIN)
		return buf_add_byte(&c->symbols, (uint8_t)v);
	if (v == c->last)
		return buf_add_byte(&c->symbols, NUMBERS_AGAIN);
	c->last = v;
	len = 64 - (unsigned)__builtin_clzll(v);
	if (buf_add_byte(
		&c->symbols, (uint8_t)(NUMBERS_LARGE + len - SHORTEST)) != 0)
		return -1;
	return add_bits(c, v & ~(UINT64_C(1) << (len - 1)), len - 1);
}

int
numbers_flush(struct numbers *c, struct buf *symbols, struct buf *to)
{
	int rc = -1;

	if (c->symbols.len == 0)
		return 0;
	for (; c->n_pending > 0; c->pending >>= 8) {
		if (buf_add_byte(&c->bits, (uint8_t)c->pending) != 0)
			goto done;
		c->n_pending -= c->n_pending < 8 ? c->n_pending : 8;
	}
	if (buf_add(symbols, c->symbols.data, c->symbols.len) != 0 ||
	    buf_add_varint(to, c->bits.len) != 0 ||
	    buf_add(to, c->bits.data, c->bits.len) != 0)
		goto done;
	rc = 0;
done:
	buf_clear(&c->symbols);
	buf_clear(&c->bits);
	c->pending = 0;
	c->n_pending = 0;
	c->last = 0;
	return rc;
}

#define EACH_BYTE(v) (UINT64_C(0x0101010101010101) * (v))

static uint64_t
eight(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static bool
all_small(const uint8_t *symbol, size_t n)
{
	uint64_t large = 0;
	size_t i = 0;

	/* Bytes of 192 and more have both their top bits set. */
	for (; n - i >= 8; i += 8) {
		uint64_t v = eight(symbol + i);

		large |= v & v << 1;
	}
	if (large & EACH_BYTE(0x80))
		return false;
	for (; i < n; i++)
		if (symbol[i] >= NUMBERS_AGAIN)
			return false;
	return true;
}

void
numbers_open(struct numbers_reader *c, struct reader *symbols, struct reader *r,
    size_t n)
{
	*c = (struct numbers_reader){ 0 };
	if (n == 0)
		return;
	c->symbol = reader_bytes(symbols, n);
	c->n_bits = reader_varint(r);
	c->bits = reader_bytes(r, c->n_bits);
	c->n_bits *= 8;
	if (c->symbol == NULL || c->bits == NULL)
		r->bad = true;
	else
		c->small = all_small(c->symbol, n);
}

/* The number of so many bits that stands at `at`, within n_bits. */
static uint64_t
large_at(const struct numbers_reader *c, uint64_t at, unsigned length)
{
	const uint8_t *p = c->bits + at / 8;
	size_t left = (size_t)(c->n_bits / 8 - at / 8);
	unsigned shift = (unsigned)(at % 8), packed = length - 1;
	uint64_t v = 0;

	if (left >= 8)
		memcpy(&v, p, 8);
	else
		memcpy(&v, p, left);
	v = le64toh(v) >> shift;
	if (packed + shift > 64)
		v |= (uint64_t)p[8] << (64 - shift);
	return (UINT64_C(1) << packed) | (v & ((UINT64_C(1) << packed) - 1));
}

void
numbers_skip_large(struct numbers_reader *c, unsigned symbol)
{
	unsigned length = symbol - NUMBERS_LARGE + SHORTEST;

	if (symbol > SYMBOL_MAX || c->n_bits - c->at < length - 1) {
		c->bad = true;
		return;
	}
	c->last_at = c->at;
	c->last_length = length;
	c->at += length - 1;
}

uint64_t
numbers_next_large(struct numbers_reader *c, unsigned symbol)
{
	if (symbol != NUMBERS_AGAIN)
		numbers_skip_large(c, symbol);
	return c->bad || c->last_length == 0 ?
	    0 :
	    large_at(c, c->last_at, c->last_length);
}

size_t
numbers_zeros(const struct numbers_reader *c, size_t n)
{
	size_t zeros = 0, i = 0;

	for (; n - i >= 8; i += 8) {
		uint64_t v = eight(c->symbol + i);

		/* The top bit of each byte that is not 0; then all the others
		 * added up in the topmost byte. */
		v |= (v & EACH_BYTE(0x7f)) + EACH_BYTE(0x7f);
		zeros += (~v >> 7 & EACH_BYTE(1)) * EACH_BYTE(1) >> 56;
	}
	for (; i < n; i++)
		zeros += c->symbol[i] == 0;
	return zeros;
}
