/*
 * A column of numbers, coded so that what repeats costs nothing and what is
 * random costs its bits and no more.
 *
 * Each number becomes a symbol: 0..191 itself; 192 "the last large one again";
 * 193..249 the length in bits (8..64) of a large one, whose bits below the leading
 * one are packed raw, apart, so that they do not spoil the symbols' statistics:
 *
 *   varint number of bytes, the packed bits, lowest first
 *
 * A column without numbers has not even that. Where the symbols are, and how
 * many, is known to the reader: columns share a frame, since to build the
 * tables of a frame takes longer than to decode some hundred symbols.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FORMAT_NUMBERS_H
#define FORMAT_NUMBERS_H

#include "base/buf.h"

#include <string.h>

/* Being written; zeroed is empty. */
struct numbers {
	struct buf symbols; /* owned */
	struct buf bits;    /* owned */
	uint64_t pending;   /* bits not yet in `bits` */
	unsigned n_pending;
	uint64_t last; /* the last large number */
};

int numbers_add(struct numbers *, uint64_t); /* 0, -1 */
/* Append the column's symbols, and the rest of it to another place; begin anew.
 * 0, -1 */
int numbers_flush(struct numbers *, struct buf *symbols, struct buf *to);
void numbers_done(struct numbers *);

/* Being read, number by number. */
struct numbers_reader {
	const uint8_t *symbol; /* the next */
	const uint8_t *bits;
	uint64_t n_bits, at;  /* `at`: those of the next large number */
	uint64_t last_at;     /* those of the last large number */
	unsigned last_length; /* 0: there was none, which counts as 0 */
	bool small;	      /* none is large, or such a one again */
	bool bad;
};

enum {
	NUMBERS_AGAIN = 192, /* symbol: the last large number again */
	NUMBERS_LARGE = 193, /* 193: 8 bits long ... 249: 64 bits long */
};

/* Begin to read a column of n numbers, at most n of which may be asked for,
 * from its symbols and the rest of it. The bytes of both must stay. Sets r->bad
 * where either ends early. */
void numbers_open(struct numbers_reader *, struct reader *symbols,
    struct reader *r, size_t n);

/* Of the next n numbers, n <= what is left, how many are 0, and whether any is.
 * None is taken. */
size_t numbers_zeros(const struct numbers_reader *, size_t n);
static inline bool
numbers_any_zero(const struct numbers_reader *c, size_t n)
{
	return n > 0 && memchr(c->symbol, 0, n) != NULL;
}

uint64_t numbers_next_large(struct numbers_reader *, unsigned symbol);
void numbers_skip_large(struct numbers_reader *, unsigned symbol);

/* Sets c->bad, and gives 0, where the column holds no such number. */
static inline uint64_t
numbers_next(struct numbers_reader *c)
{
	unsigned symbol = *c->symbol++;

	return symbol < NUMBERS_AGAIN ? symbol : numbers_next_large(c, symbol);
}

/* Pass over one, which costs less than taking it. */
static inline void
numbers_skip(struct numbers_reader *c)
{
	unsigned symbol = *c->symbol++;

	if (symbol > NUMBERS_AGAIN)
		numbers_skip_large(c, symbol);
}

static inline void
numbers_skip_many(struct numbers_reader *c, size_t n)
{
	if (c->small)
		c->symbol += n;
	else
		while (n-- > 0)
			numbers_skip(c);
}

#endif
