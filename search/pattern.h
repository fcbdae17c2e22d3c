/*
 * One PATTERN of the command line, and which paths of a block it matches.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_PATTERN_H
#define SEARCH_PATTERN_H

#include "base/err.h"
#include "format/triquery.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pattern_syntax {
	PATTERN_LOCATE, /* a substring; with a glob character, a glob */
	PATTERN_BASIC,	/* POSIX basic regular expression */
	PATTERN_EXTENDED,
};

struct pattern_options {
	enum pattern_syntax syntax;
	bool ignore_case; /* A-Z only */
	bool basename;	  /* only what is behind the last '/' counts */
};

/* Shared by threads. */
struct pattern;

/* ERR_USAGE with what is wrong. `text` must outlive the pattern. */
int pattern_new(struct pattern **ret, const char *text,
    const struct pattern_options *, struct err *);
void pattern_free(struct pattern *);

/* What a path must hold to match. */
const struct triquery *pattern_needs(const struct pattern *);

/* The bytes that the pattern says in so many words, up to its first wildcard;
 * empty for regular expressions. */
const char *pattern_words(const struct pattern *, size_t *len);

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
