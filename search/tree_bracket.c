/*
 * Bracket expressions of POSIX regular expressions, as glibc reads them in the
 * C locale.
 *
 * With ignore_case glibc turns the expression and the subject to upper case,
 * which shows in ranges ("[Z-a]" is an error then, "[^a]" leaves out "A"): so
 * the expression is read in upper case here, and a set then takes each byte
 * whose upper case is in it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/tree_parser.h"

#include <ctype.h>
#include <string.h>

int
regex_error(struct tree_parser *in)
{
	return err_set(in->err, ERR_FORMAT, "not a regular expression");
}

unsigned char
regex_byte(const struct tree_parser *in, unsigned char c)
{
	return in->ignore_case ? (unsigned char)toupper(c) : c;
}

uint32_t
regex_set(struct tree_parser *in, const struct byteset *set)
{
	uint32_t node = tree_add(in->tree, TREE_SET);
	struct byteset folded = { 0 };

	if (node == TREE_NONE)
		return node;
	for (unsigned c = 1; c < 256; c++)
		if (byteset_has(set, regex_byte(in, (unsigned char)c)))
			byteset_add(&folded, c);
	in->tree->node[node].set = folded;
	return node;
}

/* One end of a range, or a member. */
struct element {
	bool is_class, is_equiv;
	unsigned char c;
};

/* "[:name:]", "[=c=]", "[.c.]" behind its two opening bytes. */
static int
bracket_symbol(struct tree_parser *in, unsigned char kind, struct element *ret,
    struct byteset *set)
{
	const unsigned char *name = in->p;
	size_t len;

	for (;; in->p++) {
		if (in->end - in->p < 2)
			return regex_error(in);
		if (in->p[0] == kind && in->p[1] == ']')
			break;
	}
	len = (size_t)(in->p - name);
	in->p += 2;
	*ret = (struct element){ .is_class = kind == ':',
		.is_equiv = kind == '=' };
	if (kind == ':') {
		const char *text = (const char *)name;

		if (in->ignore_case && len == 5 &&
		    (memcmp(text, "upper", 5) == 0 ||
			memcmp(text, "lower", 5) == 0))
			text = "alpha";
		return byteset_add_class(set, text, len) ? 0 : regex_error(in);
	}
	if (len != 1)
		return regex_error(in);
	ret->c = regex_byte(in, *name);
	return 0;
}

static int
bracket_element(struct tree_parser *in, bool accept_hyphen, struct element *ret,
    struct byteset *set)
{
	unsigned char c;

	if (in->p == in->end)
		return regex_error(in);
	c = *in->p++;
	/* In the middle a '-' is neither one end of a range nor a member. */
	if (c == '-' && !accept_hyphen && (in->p == in->end || *in->p != ']'))
		return regex_error(in);
	if (c == '[' && in->p != in->end &&
	    (*in->p == ':' || *in->p == '=' || *in->p == '.')) {
		in->p++;
		return bracket_symbol(in, in->p[-1], ret, set);
	}
	*ret = (struct element){ .c = regex_byte(in, c) };
	return 0;
}

uint32_t
regex_bracket(struct tree_parser *in)
{
	struct byteset set = { 0 };
	bool negated = false, first = true;

	if (in->p != in->end && *in->p == '^') {
		negated = true;
		in->p++;
	}
	while (first || in->p == in->end || *in->p != ']') {
		struct element from, to;

		if (bracket_element(in, first, &from, &set) != 0)
			return TREE_NONE;
		first = false;
		to = from;
		if (!from.is_class && !from.is_equiv && in->end - in->p > 1 &&
		    in->p[0] == '-' && in->p[1] != ']') {
			in->p++;
			if (bracket_element(in, true, &to, &set) != 0)
				return TREE_NONE;
			if (to.is_class || to.is_equiv || from.c > to.c) {
				(void)regex_error(in);
				return TREE_NONE;
			}
		}
		if (from.is_class)
			continue;
		for (unsigned c = from.c; c <= to.c; c++)
			byteset_add(&set, c);
	}
	in->p++;
	if (negated)
		for (int i = 0; i < 4; i++)
			set.word[i] = ~set.word[i];
	return regex_set(in, &set);
}
