/*
 * A regular expression or a glob as a tree over bytes.
 *
 * Parsing follows glibc in the C locale to the letter where it can: regcomp
 * and fnmatch stay the judges of what a pattern means, and the tests hold us to
 * them. What a tree cannot say (back-references, word boundaries) is TREE_OTHER
 * and makes the tree a superset: the pattern then also needs regexec.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_TREE_H
#define SEARCH_TREE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct byteset {
	uint64_t word[4];
};

static inline bool
byteset_has(const struct byteset *s, unsigned c)
{
	return (s->word[c / 64] >> (c % 64)) & 1;
}

static inline void
byteset_add(struct byteset *s, unsigned c)
{
	s->word[c / 64] |= UINT64_C(1) << (c % 64);
}

unsigned byteset_count(const struct byteset *);
/* Every byte but NUL. */
extern const struct byteset byteset_any;
bool byteset_is_any(const struct byteset *);

enum tree_kind {
	TREE_EMPTY,  /* the empty string */
	TREE_SET,    /* one byte of the set */
	TREE_BEGIN,  /* only where the subject begins */
	TREE_END,    /* only where it ends */
	TREE_OTHER,  /* any string: something that a tree cannot say */
	TREE_CAT,    /* children one after the other */
	TREE_ALT,    /* one of the children */
	TREE_REPEAT, /* the one child, min to max times */
};

#define TREE_NONE UINT32_MAX
#define TREE_UNBOUNDED UINT32_MAX

struct tree_node {
	enum tree_kind kind;
	uint32_t child;	    /* first one, TREE_NONE for none */
	uint32_t next;	    /* sibling, TREE_NONE for the last */
	uint32_t min, max;  /* TREE_REPEAT; max may be TREE_UNBOUNDED */
	struct byteset set; /* TREE_SET */
};

struct tree {
	struct tree_node *node; /* owned; depth is bounded by TREE_DEPTH_MAX */
	uint32_t n, cap, root;
	bool superset; /* holds a TREE_OTHER */
};

/* Deeper or larger expressions are refused: glibc would answer them with a
 * stack overflow or with gigabytes. */
#define TREE_DEPTH_MAX 100
#define TREE_SIZE_MAX 4000 /* nodes when repetitions are written out */

enum tree_syntax { TREE_BRE, TREE_ERE, TREE_GLOB };

/* A wrong pattern is ERR_FORMAT, for globs as well as for expressions (what is
 * wrong is for regcomp to say); one over the bounds is ERR_USAGE. A glob's tree
 * begins with TREE_BEGIN and ends with TREE_END. */
int tree_parse(struct tree *ret, enum tree_syntax, bool ignore_case,
    const char *text, size_t len, struct err *);
void tree_done(struct tree *);

/* Take away what changes nothing where any part of the subject may match:
 * any-strings at both ends, with the anchor before or behind them. */
void tree_trim(struct tree *);

/* Whether every match ends where the subject ends. */
bool tree_is_end_anchored(const struct tree *);
/* Whether the tree is a TREE_CAT that begins with TREE_BEGIN. */
bool tree_begins_anchored(const struct tree *);

#endif
