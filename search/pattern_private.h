/*
 * What becomes of a pattern, for pattern.c and matcher.c only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_PATTERN_PRIVATE_H
#define SEARCH_PATTERN_PRIVATE_H

#include "base/buf.h"
#include "search/needle.h"
#include "search/pattern.h"
#include "search/program.h"

#include <regex.h>

/* What comes after the tree. */
enum last_word {
	LAST_TREE, /* the tree says it all */
	LAST_REGEX,
	LAST_GLOB,
};

struct pattern {
	const char *text;
	struct pattern_options options;
	bool is_glob;
	struct triquery needs;
	struct buf words;
	struct buf literal; /* of struct needle_byte; maybe empty */
	struct needle needle;
	bool all_literal;
	bool backward;
	struct program *program; /* NULL when all_literal, or no tree fits */
	enum last_word last_word;
};

/* As regcomp; ERR_USAGE with its message. */
int pattern_regcomp(regex_t *ret, const struct pattern *, struct err *);

#endif
