/*
 * Building trees, for tree_*.c only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_TREE_PARSER_H
#define SEARCH_TREE_PARSER_H

#include "search/tree.h"

/* The new node's index, TREE_NONE when out of memory. */
uint32_t tree_add(struct tree *, enum tree_kind);
/* A run of siblings while it is built. */
struct tree_list {
	uint32_t first, last, n;
};
#define TREE_LIST_INIT                  \
	{                               \
		TREE_NONE, TREE_NONE, 0 \
	}
void tree_append(struct tree *, struct tree_list *, uint32_t node);
/* The list as one node of this kind: itself when it is a single one. */
uint32_t tree_join(struct tree *, enum tree_kind, const struct tree_list *);

struct tree_parser {
	struct tree *tree;
	const unsigned char *p, *begin, *end;
	enum tree_syntax syntax;
	bool ignore_case;
	struct err *err;
};
uint32_t tree_parse_regex(struct tree_parser *); /* TREE_NONE: failed */
uint32_t tree_parse_glob(struct tree_parser *);

/* ---- what regular expressions are made of ---- */

/* A byte of the expression as it is read: a capital when case is ignored. */
unsigned char regex_byte(const struct tree_parser *, unsigned char);
/* One byte that, as it is read, is of the set. */
uint32_t regex_set(struct tree_parser *, const struct byteset *);
/* A bracket expression, behind its '['. */
uint32_t regex_bracket(struct tree_parser *);
/* ERR_FORMAT. */
int regex_error(struct tree_parser *);

/* "[:alpha:]" and its like; false for a name that is none. */
bool byteset_add_class(struct byteset *, const char *name, size_t len);

#endif
