/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/index.h"
#include "format/zframe.h"

#include <stdlib.h>
#include <string.h>

unsigned
index_rice_k(uint32_t coded, uint32_t all)
{
	unsigned k = 0;

	while (
	    k < 31 && ((uint64_t)coded << (k + 1)) * 100 <= (uint64_t)all * 69)
		k++;
	return k;
}

static uint32_t
entry_u32(const struct index_part *p, size_t chunk, size_t at)
{
	return load_u32(p->chunks + chunk * INDEX_DIR_ENTRY + at);
}

uint32_t
index_chunk_first(const struct index_part *p, size_t chunk)
{
	return entry_u32(p, chunk, 0);
}

int
index_part_init(struct index_part *p, const uint8_t *directory, size_t len,
    uint64_t postings_len, struct err *err)
{
	struct reader r = reader_of(directory, len);
	uint64_t off = 0;

	*p = (struct index_part){ 0 };
	p->first = reader_u32(&r);
	p->n = reader_u32(&r);
	p->n_chunks = reader_u32(&r);
	(void)reader_u32(&r);
	p->chunks = r.p;
	if (r.bad || reader_left(&r) != p->n_chunks * INDEX_DIR_ENTRY)
		return err_set(err, ERR_FORMAT, "index: directory too short");
	if ((p->off = calloc(p->n_chunks + 1, sizeof(*p->off))) == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < p->n_chunks; i++) {
		if (i > 0 &&
		    index_chunk_first(p, i) <= index_chunk_first(p, i - 1))
			goto bad;
		off += entry_u32(p, i, 4);
		p->off[i + 1] = off;
	}
	if (off == postings_len)
		return 0;
bad:
	index_part_done(p);
	return err_set(err, ERR_FORMAT, "index: directory out of order");
}

void
index_part_done(struct index_part *p)
{
	free(p->off);
	*p = (struct index_part){ 0 };
}

size_t
index_part_chunk(const struct index_part *p, uint32_t trigram)
{
	size_t lo = 0, hi = p->n_chunks;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (index_chunk_first(p, mid) <= trigram)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo == 0 ? 0 : lo - 1;
}

static void
set_bit(struct bitset *to, size_t i)
{
	to->word[i / 64] |= UINT64_C(1) << (i % 64);
}

static void
set_bits(struct bitset *to, size_t from, size_t end)
{
	for (; from < end && from % 64 != 0; from++)
		set_bit(to, from);
	for (; end - from >= 64; from += 64)
		to->word[from / 64] = UINT64_MAX;
	for (; from < end; from++)
		set_bit(to, from);
}

struct bits {
	const uint8_t *p;
	size_t n, at; /* bits */
};

/* The next bits, the first lowest; ones behind the end. At least 57 of them
 * are right. */
static uint64_t
peek_bits(const struct bits *b)
{
	size_t byte = b->at / 8, left = b->n / 8 - byte;
	uint64_t v = UINT64_MAX;

	memcpy(&v, b->p + byte, left < 8 ? left : 8);
	return le64toh(v) >> (b->at % 8);
}

/* The next gap, or -1. Never above `most`. */
static int64_t
next_gap(struct bits *b, unsigned k, uint32_t most)
{
	uint64_t ones = 0, gap;
	unsigned n;

	do {
		uint64_t v = ~peek_bits(b);

		n = v == 0 ? 64 : (unsigned)__builtin_ctzll(v);
		if (n > 56)
			n = 56;
		b->at += n;
		ones += n;
		if (ones > most || b->at >= b->n)
			return -1;
	} while (n == 56);
	b->at++;
	if (b->n - b->at < k)
		return -1;
	gap = ones << k | (peek_bits(b) & ((UINT64_C(1) << k) - 1));
	b->at += k;
	return gap > most ? -1 : (int64_t)gap;
}

static bool
read_rice(const struct index_part *p, uint32_t n, const uint8_t *bytes,
    size_t len, struct bitset *to)
{
	bool others = 2 * (uint64_t)n > p->n;
	uint32_t coded = others ? p->n - n : n, next = 0;
	struct bits b = { bytes, len * 8, 0 };
	unsigned k = index_rice_k(coded, p->n);

	for (uint32_t i = 0; i < coded; i++) {
		int64_t gap = next_gap(&b, k, p->n);

		if (gap < 0 || (uint64_t)gap >= p->n - next)
			return false;
		if (others)
			set_bits(
			    to, p->first + next, p->first + next + (size_t)gap);
		else
			set_bit(to, p->first + next + (size_t)gap);
		next += (uint32_t)gap + 1;
	}
	if (others)
		set_bits(to, p->first + next, (size_t)p->first + p->n);
	return true;
}

/* One posting's blocks; `wanted` false only passes over it. */
static bool
read_posting(const struct index_part *p, struct reader *r, bool wanted,
    struct bitset *to)
{
	uint64_t n = reader_varint(r), v;
	const uint8_t *bytes;

	if (r->bad || n == 0 || n > p->n)
		return false;
	if (n == p->n) {
		if (wanted)
			set_bits(to, p->first, (size_t)p->first + p->n);
		return true;
	}
	v = reader_varint(r);
	if (n == 1) {
		if (r->bad || v >= p->n)
			return false;
		if (wanted)
			set_bit(to, p->first + v);
		return true;
	}
	if ((bytes = reader_bytes(r, v)) == NULL)
		return false;
	return !wanted || read_rice(p, (uint32_t)n, bytes, v, to);
}

int
index_chunk_find(const struct index_part *p, size_t chunk, const uint8_t *bytes,
    uint32_t lo, uint32_t hi, struct bitset *to, struct err *err)
{
	size_t len = (size_t)(p->off[chunk + 1] - p->off[chunk]);
	struct reader r = reader_of(bytes, len);
	struct reader sum = reader_of(
	    p->chunks + chunk * INDEX_DIR_ENTRY + 8, 8);
	uint64_t t = index_chunk_first(p, chunk);

	if (checksum(bytes, len) != reader_u64(&sum))
		return err_set(err, ERR_FORMAT,
		    "index: chunk %zu: a wrong checksum", chunk);
	while (reader_left(&r) > 0) {
		t += reader_varint(&r);
		if (t > 0xffffff ||
		    !read_posting(p, &r, t >= lo && t <= hi, to))
			return err_set(err, ERR_FORMAT,
			    "index: chunk %zu: a posting that cannot be",
			    chunk);
		if (t >= hi)
			break;
	}
	return 0;
}
