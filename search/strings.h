/*
 * Small sets of short strings, for what an expression can match. The end of the
 * subject is a NUL.
 *
 * Calls return 0, or -1 when out of memory; *ret is then empty.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_STRINGS_H
#define SEARCH_STRINGS_H

#include "format/triquery.h"

#include <stddef.h>
#include <stdint.h>

#define STRINGS_MAX 256 /* of one set */
#define STRING_MAX 23	/* bytes of one string */

struct string {
	uint8_t len;
	char byte[STRING_MAX];
};

struct strings {
	struct string *item; /* owned, sorted, no two alike */
	size_t n;
};

/* Empty, with room for n strings; whoever fills it calls strings_order. */
int strings_new(struct strings *ret, size_t n);
void strings_order(struct strings *);
/* The set of the empty string alone. */
int strings_empty(struct strings *ret);

/* What of each string to keep: all, or its first or last two bytes. */
enum edge { KEEP_ALL, KEEP_FIRST, KEEP_LAST };

int strings_cut(struct strings *ret, const struct strings *, enum edge);
/* Every a followed by every b, where b may follow: nothing but the end follows
 * the end. 1 when they would be too many or too long. */
int strings_cross(struct strings *ret, const struct strings *a,
    const struct strings *b, enum edge);
/* Both sets in one; {""} when they are too many. */
int strings_union(struct strings *a, const struct strings *b);

/* What a path holds that holds one of the strings. Strings shorter than
 * `least` say nothing. */
int strings_need(struct triquery *ret, const struct strings *, size_t least);

#endif
