/*
 * What a path must hold to be able to match: a formula over trigrams.
 *
 * A trigram is three successive bytes of a path with A-Z folded to a-z, the
 * path followed by one NUL (so that a pattern's end and patterns of two bytes
 * can be looked up too); as a number, the first byte is the highest.
 *
 * A formula is only ever a necessary condition: TRIQ_ALL is always right.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FORMAT_TRIQUERY_H
#define FORMAT_TRIQUERY_H

#include <stddef.h>
#include <stdint.h>

enum triq_kind {
	TRIQ_ALL,   /* true */
	TRIQ_RANGE, /* some trigram in [lo, hi]; lo == hi for one trigram */
	TRIQ_AND,   /* every child */
	TRIQ_OR,    /* some child; without children, false */
};

struct triquery {
	enum triq_kind kind;
	uint32_t lo, hi;	/* TRIQ_RANGE, folded, 24 bits */
	struct triquery *child; /* owned array */
	size_t n;
};

void triquery_done(struct triquery *); /* frees the children */

/* A path must hold these bytes in a row (a NUL as the last byte stands for the
 * path's end): the AND of their trigrams; two bytes give a range; fewer, ALL.
 * 0, or -1 when out of memory. */
int triquery_literal(struct triquery *ret, const char *, size_t len);

/* Join q into *to by AND or OR; takes q's children (q is emptied, also on
 * failure; then *to means what it meant). ALL and an OR without children are
 * absorbed as logic has it, so AND begins with ALL and OR with an empty OR.
 * 0, -1. */
int triquery_join(struct triquery *to, enum triq_kind, struct triquery *q);

/* Put first in each AND what few blocks are likely to hold. */
void triquery_order(struct triquery *);

static inline uint8_t
trigram_fold(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

#endif
