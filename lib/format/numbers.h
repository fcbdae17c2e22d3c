/*
 * A column of numbers, coded so that what repeats costs nothing and what is
 * random costs its bits and no more.
 *
 * Each number becomes a symbol: 0..191 itself; 192 "the last large one again";
 * 193..249 the length in bits (8..64) of a large one, whose bits below the leading
 * one are packed raw. The symbols are one zstd frame, so that the raw bits do
 * not spoil their statistics.
 *
 *   u8 mode     0: all symbols alike, 1: raw symbols, 2: zstd frame
 *   mode 0      u8 symbol
 *   mode 1      the symbols
 *   mode 2      varint length, frame
 *   then        varint number of bytes, the packed bits, lowest first
 *
 * How many numbers there are is known to the reader.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FORMAT_NUMBERS_H
#define FORMAT_NUMBERS_H

#include "format/zframe.h"

/* Being written; zeroed is empty. */
struct numbers {
	struct buf symbols; /* owned */
	struct buf bits;    /* owned */
	uint64_t pending;   /* bits not yet in `bits` */
	unsigned n_pending;
	uint64_t last; /* the last large number */
};

int numbers_add(struct numbers *, uint64_t); /* 0, -1 */
/* Append the coded column and begin anew. 0, -1 */
int numbers_flush(struct numbers *, struct zpack *, struct buf *);
void numbers_done(struct numbers *);

/* Read n numbers of a column into `to`; `scratch` has room for n bytes. Sets
 * r->bad on anything that numbers_flush does not write. */
void numbers_read(struct reader *, struct zunpack *, uint8_t *scratch,
    uint64_t *to, size_t n);

#endif
