/*
 * A checksum against accidents, over bytes as they come. Not for formats that
 * others read: those have XXH3.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_SUM_H
#define BASE_SUM_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed is the sum of nothing yet. */
struct sum {
	uint64_t h;
	uint64_t word; /* bytes that do not make a word yet */
	unsigned n;
};

void sum_add(struct sum *, const void *, size_t len);
uint64_t sum_end(struct sum *);

/* Of two numbers; never 0. */
uint64_t sum_pair(uint64_t, uint64_t);

#endif
