/*
 * Which paths of a block a pattern matches.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_MATCHER_H
#define SEARCH_MATCHER_H

#include "search/pattern.h"

/* The paths of a block, as in struct block. */
struct path_list {
	const char *text;    /* each followed by a NUL */
	const uint32_t *off; /* n + 1 */
	size_t n;
};

/* One thread's way of matching. */
struct matcher;

int matcher_new(struct matcher **ret, const struct pattern *, struct err *);
void matcher_free(struct matcher *);

/* The index of the first path at or behind `from` that matches, or n. */
size_t matcher_next(struct matcher *, const struct path_list *, size_t from);
/* Whether memory was wanting for some path, which then counts as no match. */
bool matcher_failed(const struct matcher *);

#endif
