/*
 * Globs as fnmatch(3) without flags reads them, in the C locale: '*' and '?'
 * match '/' and a leading '.' as well.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/tree_parser.h"

#include <ctype.h>
#include <string.h>

static unsigned char
folded(const struct tree_parser *in, unsigned char c)
{
	return in->ignore_case ? (unsigned char)tolower(c) : c;
}

/* A bracket, or another set: its members ignore case where asked for, the
 * classes in it never do. */
struct bracket {
	struct byteset bytes, classes;
	bool negated;
};

static uint32_t
bracket_node(struct tree_parser *in, const struct bracket *b)
{
	uint32_t node = tree_add(in->tree, TREE_SET);
	struct byteset s = { 0 };

	if (node == TREE_NONE)
		return node;
	for (unsigned c = 1; c < 256; c++)
		if ((byteset_has(&b->bytes, folded(in, (unsigned char)c)) ||
			byteset_has(&b->classes, c)) != b->negated)
			byteset_add(&s, c);
	in->tree->node[node].set = s;
	return node;
}

/* A member of a bracket: one byte, maybe escaped. False at what is not one. */
static bool
bracket_byte(struct tree_parser *in, unsigned char *ret)
{
	if (in->p != in->end && *in->p == '\\')
		in->p++;
	else if (in->end - in->p > 1 && in->p[0] == '[' &&
	    (in->p[1] == ':' || in->p[1] == '=' || in->p[1] == '.'))
		return false;
	if (in->p == in->end)
		return false;
	*ret = folded(in, *in->p++);
	return true;
}

/* "[:name:]" at p, added. */
static bool
bracket_class(struct tree_parser *in, struct byteset *set)
{
	const unsigned char *name = in->p + 2, *close;

	if (in->end - in->p < 2 || in->p[0] != '[' || in->p[1] != ':')
		return false;
	close = memmem(name, (size_t)(in->end - name), ":]", 2);
	if (close == NULL ||
	    !byteset_add_class(set, (const char *)name, (size_t)(close - name)))
		return false;
	in->p = close + 2;
	return true;
}

/* Behind '['. A bracket of a kind that only fnmatch should judge: TREE_OTHER,
 * for the rest of the glob. */
static uint32_t
parse_bracket(struct tree_parser *in)
{
	struct bracket b = { 0 };
	bool first = true;

	if (in->p != in->end && (*in->p == '!' || *in->p == '^')) {
		b.negated = true;
		in->p++;
	}
	for (; first || in->p == in->end || *in->p != ']'; first = false) {
		unsigned char from, to;

		if (bracket_class(in, &b.classes))
			continue;
		if (!bracket_byte(in, &from))
			goto other;
		to = from;
		if (in->end - in->p > 1 && in->p[0] == '-' && in->p[1] != ']') {
			in->p++;
			if (!bracket_byte(in, &to))
				goto other;
		}
		for (unsigned c = from; c <= to; c++)
			byteset_add(&b.bytes, c);
	}
	in->p++;
	return bracket_node(in, &b);
other:
	/* The rest cannot be told apart from the bracket: any string. */
	in->p = in->end;
	in->tree->superset = true;
	return tree_add(in->tree, TREE_OTHER);
}

static uint32_t
any_byte(struct tree_parser *in)
{
	return bracket_node(in, &(struct bracket){ .negated = true });
}

static uint32_t
any_string(struct tree_parser *in)
{
	uint32_t any = any_byte(in), rep;

	if (any == TREE_NONE ||
	    (rep = tree_add(in->tree, TREE_REPEAT)) == TREE_NONE)
		return TREE_NONE;
	in->tree->node[rep].child = any;
	in->tree->node[rep].max = TREE_UNBOUNDED;
	return rep;
}

static uint32_t
parse_one(struct tree_parser *in)
{
	struct bracket one = { 0 };

	switch (*in->p++) {
	case '*':
		while (in->p != in->end && *in->p == '*')
			in->p++;
		return any_string(in);
	case '?':
		return any_byte(in);
	case '[':
		return parse_bracket(in);
	case '\\':
		if (in->p == in->end) {
			(void)err_set(
			    in->err, ERR_FORMAT, "it ends in a backslash");
			return TREE_NONE;
		}
		in->p++;
		break;
	default:
		break;
	}
	byteset_add(&one.bytes, folded(in, in->p[-1]));
	return bracket_node(in, &one);
}

uint32_t
tree_parse_glob(struct tree_parser *in)
{
	struct tree *t = in->tree;
	struct tree_list list = TREE_LIST_INIT;
	uint32_t node = tree_add(t, TREE_BEGIN);

	for (;;) {
		if (node == TREE_NONE)
			return TREE_NONE;
		tree_append(t, &list, node);
		if (in->p == in->end)
			break;
		node = parse_one(in);
	}
	if ((node = tree_add(t, TREE_END)) == TREE_NONE)
		return TREE_NONE;
	tree_append(t, &list, node);
	return tree_join(t, TREE_CAT, &list);
}
