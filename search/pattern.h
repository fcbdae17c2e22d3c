/*
 * One PATTERN of the command line.
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

#endif
