/*
 * Finding bytes in bytes, each with or without regard to case.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_NEEDLE_H
#define SEARCH_NEEDLE_H

#include <stddef.h>
#include <stdint.h>

/* A byte c fits when (c | mask) == byte: with mask 0x20 and a small letter,
 * that letter in either case. */
struct needle_byte {
	uint8_t byte, mask;
};

struct needle {
	const struct needle_byte *at; /* borrowed; at least one */
	size_t n;
	size_t rare, other; /* the two places looked at first */
};

void needle_init(struct needle *, const struct needle_byte *, size_t n);

/* The first place in [p, end) where it stands, or NULL. */
const char *needle_find(const struct needle *, const char *p, const char *end);

#endif
