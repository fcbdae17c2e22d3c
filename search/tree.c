/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/tree_parser.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const struct byteset byteset_any = { { ~UINT64_C(1), UINT64_MAX, UINT64_MAX,
    UINT64_MAX } };

unsigned
byteset_count(const struct byteset *s)
{
	unsigned n = 0;

	for (int i = 0; i < 4; i++)
		n += (unsigned)__builtin_popcountll(s->word[i]);
	return n;
}

bool
byteset_is_any(const struct byteset *s)
{
	return memcmp(s, &byteset_any, sizeof(*s)) == 0;
}

bool
byteset_add_class(struct byteset *s, const char *name, size_t len)
{
	static const struct {
		const char *name;
		int (*is)(int);
	} classes[] = {
		{ "alnum", isalnum },
		{ "alpha", isalpha },
		{ "blank", isblank },
		{ "cntrl", iscntrl },
		{ "digit", isdigit },
		{ "graph", isgraph },
		{ "lower", islower },
		{ "print", isprint },
		{ "punct", ispunct },
		{ "space", isspace },
		{ "upper", isupper },
		{ "xdigit", isxdigit },
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (strlen(classes[i].name) != len ||
		    memcmp(classes[i].name, name, len) != 0)
			continue;
		for (int c = 1; c < 128; c++)
			if (classes[i].is(c))
				byteset_add(s, (unsigned)c);
		return true;
	}
	return false;
}

void
tree_done(struct tree *t)
{
	free(t->node);
	*t = (struct tree){ 0 };
}

uint32_t
tree_add(struct tree *t, enum tree_kind kind)
{
	if (t->n == t->cap) {
		uint32_t cap = t->cap == 0 ? 32 : t->cap * 2;
		struct tree_node *node;

		if ((node = reallocarray(t->node, cap, sizeof(*node))) == NULL)
			return TREE_NONE;
		t->node = node;
		t->cap = cap;
	}
	t->node[t->n] = (struct tree_node){
		.kind = kind, .child = TREE_NONE, .next = TREE_NONE
	};
	return t->n++;
}

void
tree_append(struct tree *t, struct tree_list *l, uint32_t node)
{
	if (l->last == TREE_NONE)
		l->first = node;
	else
		t->node[l->last].next = node;
	l->last = node;
	l->n++;
}

uint32_t
tree_join(struct tree *t, enum tree_kind kind, const struct tree_list *l)
{
	uint32_t node;

	if (l->n == 0)
		return tree_add(t, TREE_EMPTY);
	if (l->n == 1)
		return l->first;
	if ((node = tree_add(t, kind)) != TREE_NONE)
		t->node[node].child = l->first;
	return node;
}

/* Nodes with repetitions written out, capped just above TREE_SIZE_MAX. */
static uint64_t
size_of(const struct tree *t, uint32_t i)
{
	const struct tree_node *node = &t->node[i];
	uint64_t size = 1;

	for (uint32_t c = node->child; c != TREE_NONE && size <= TREE_SIZE_MAX;
	     c = t->node[c].next)
		size += size_of(t, c);
	if (node->kind == TREE_REPEAT) {
		uint64_t times = node->max == TREE_UNBOUNDED ?
		    (uint64_t)node->min + 1 :
		    node->max;

		size *= times == 0 ? 1 : times;
	}
	return size <= TREE_SIZE_MAX ? size : TREE_SIZE_MAX + 1;
}

int
tree_parse(struct tree *ret, enum tree_syntax syntax, bool ignore_case,
    const char *text, size_t len, struct err *err)
{
	struct tree t = { 0 };
	const unsigned char *p = (const unsigned char *)text;
	struct tree_parser parser = { .tree = &t,
		.p = p,
		.begin = p,
		.end = p + len,
		.syntax = syntax,
		.ignore_case = ignore_case,
		.err = err };

	/* Long literal globs are fine: they do not go through regcomp. */
	if (syntax != TREE_GLOB && len > TREE_SIZE_MAX) {
		return err_set(err, ERR_USAGE,
		    "the regular expression is longer than %d bytes",
		    TREE_SIZE_MAX);
	}
	err_clear(err);
	t.root = syntax == TREE_GLOB ? tree_parse_glob(&parser) :
				       tree_parse_regex(&parser);
	if (t.root == TREE_NONE) {
		if (err->code == 0)
			(void)err_nomem(err);
		goto fail;
	}
	if (syntax != TREE_GLOB && size_of(&t, t.root) > TREE_SIZE_MAX) {
		(void)err_set(err, ERR_USAGE,
		    "the regular expression is too large: with its "
		    "repetitions written out it has more than %d parts",
		    TREE_SIZE_MAX);
		goto fail;
	}
	*ret = t;
	return 0;
fail:
	tree_done(&t);
	return err->code;
}

static bool
is_any_string(const struct tree *t, uint32_t i)
{
	const struct tree_node *node = &t->node[i];

	return node->kind == TREE_REPEAT && node->min == 0 &&
	    node->max == TREE_UNBOUNDED &&
	    t->node[node->child].kind == TREE_SET &&
	    byteset_is_any(&t->node[node->child].set);
}

void
tree_trim(struct tree *t)
{
	struct tree_node *root = &t->node[t->root];
	uint32_t keep = TREE_NONE, i;

	if (root->kind != TREE_CAT)
		return;
	for (i = root->child; i != TREE_NONE; i = t->node[i].next) {
		uint32_t next = t->node[i].next;

		if (t->node[i].kind == TREE_BEGIN && next != TREE_NONE &&
		    is_any_string(t, next))
			continue;
		if (!is_any_string(t, i))
			break;
	}
	root->child = i;
	/* The last node that is not part of an any-string tail. */
	for (; i != TREE_NONE; i = t->node[i].next) {
		uint32_t next = t->node[i].next;

		if (is_any_string(t, i))
			continue;
		if (t->node[i].kind == TREE_END && next == TREE_NONE &&
		    keep != TREE_NONE && t->node[keep].next != i)
			break;
		keep = i;
	}
	if (keep != TREE_NONE)
		t->node[keep].next = TREE_NONE;
	if (root->child == TREE_NONE)
		root->kind = TREE_EMPTY;
}

static bool
is_end_anchored(const struct tree *t, uint32_t i)
{
	const struct tree_node *node = &t->node[i];
	uint32_t c;

	switch (node->kind) {
	case TREE_END:
		return true;
	case TREE_CAT:
		for (c = node->child; t->node[c].next != TREE_NONE;)
			c = t->node[c].next;
		return is_end_anchored(t, c);
	case TREE_ALT:
		for (c = node->child; c != TREE_NONE; c = t->node[c].next)
			if (!is_end_anchored(t, c))
				return false;
		return true;
	case TREE_EMPTY:
	case TREE_SET:
	case TREE_BEGIN:
	case TREE_OTHER:
	case TREE_REPEAT:
		return false;
	}
	return false;
}

bool
tree_is_end_anchored(const struct tree *t)
{
	return is_end_anchored(t, t->root);
}

bool
tree_begins_anchored(const struct tree *t)
{
	const struct tree_node *root = &t->node[t->root];

	return root->kind == TREE_CAT &&
	    t->node[root->child].kind == TREE_BEGIN;
}
