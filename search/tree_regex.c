/*
 * POSIX basic and extended regular expressions as glibc reads them
 * (RE_SYNTAX_POSIX_BASIC, RE_SYNTAX_POSIX_EXTENDED) in the C locale.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/tree_parser.h"

#include <ctype.h>

enum token {
	TOKEN_END,
	TOKEN_CHAR,
	TOKEN_DOT,
	TOKEN_BRACKET,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_ALT,
	TOKEN_STAR,
	TOKEN_PLUS,
	TOKEN_QUESTION,
	TOKEN_OPEN_COUNT,
	TOKEN_CLOSE_COUNT,
	TOKEN_BEGIN,
	TOKEN_LAST,	 /* '$' */
	TOKEN_WORD_EDGE, /* \b \B \< \> */
	TOKEN_CLASS,	 /* \w \W \s \S */
	TOKEN_BACKREF,
	TOKEN_BAD, /* a backslash at the end */
};

struct lexer {
	struct tree_parser *in;
	enum token kind; /* of the current token */
	unsigned char c; /* its byte, for TOKEN_CHAR and TOKEN_CLASS */
	unsigned nest;	 /* open groups */
};

static bool
is_extended(const struct tree_parser *in)
{
	return in->syntax == TREE_ERE;
}

/* The token behind a backslash. */
static enum token
escaped_token(const struct tree_parser *in, unsigned char c)
{
	bool ere = is_extended(in);

	switch (c) {
	case '|':
		return ere ? TOKEN_CHAR : TOKEN_ALT;
	case '(':
		return ere ? TOKEN_CHAR : TOKEN_OPEN;
	case ')':
		return ere ? TOKEN_CHAR : TOKEN_CLOSE;
	case '{':
		return ere ? TOKEN_CHAR : TOKEN_OPEN_COUNT;
	case '}':
		return ere ? TOKEN_CHAR : TOKEN_CLOSE_COUNT;
	case '+':
		return ere ? TOKEN_CHAR : TOKEN_PLUS;
	case '?':
		return ere ? TOKEN_CHAR : TOKEN_QUESTION;
	case 'w':
	case 'W':
	case 's':
	case 'S':
		return TOKEN_CLASS;
	case 'b':
	case 'B':
	case '<':
	case '>':
		return TOKEN_WORD_EDGE;
	case '`':
		return TOKEN_BEGIN;
	case '\'':
		return TOKEN_LAST;
	default:
		return c >= '1' && c <= '9' ? TOKEN_BACKREF : TOKEN_CHAR;
	}
}

/* The token at p and its length. */
static enum token
token_at(const struct tree_parser *in, const unsigned char *p, bool any_anchor,
    size_t *len, unsigned char *c)
{
	bool ere = is_extended(in);
	unsigned char next;

	*len = 1;
	if (p == in->end) {
		*len = 0;
		return TOKEN_END;
	}
	*c = regex_byte(in, *p);
	switch (*p) {
	case '\\':
		if (p + 1 == in->end)
			return TOKEN_BAD;
		*len = 2;
		*c = p[1]; /* as it is written, also ignoring case */
		return escaped_token(in, p[1]);
	case '*':
		return TOKEN_STAR;
	case '.':
		return TOKEN_DOT;
	case '[':
		return TOKEN_BRACKET;
	case '+':
		return ere ? TOKEN_PLUS : TOKEN_CHAR;
	case '?':
		return ere ? TOKEN_QUESTION : TOKEN_CHAR;
	case '|':
		return ere ? TOKEN_ALT : TOKEN_CHAR;
	case '(':
		return ere ? TOKEN_OPEN : TOKEN_CHAR;
	case ')':
		return ere ? TOKEN_CLOSE : TOKEN_CHAR;
	case '{':
		return ere ? TOKEN_OPEN_COUNT : TOKEN_CHAR;
	case '}':
		return ere ? TOKEN_CLOSE_COUNT : TOKEN_CHAR;
	case '^':
		return ere || any_anchor || p == in->begin ? TOKEN_BEGIN :
							     TOKEN_CHAR;
	case '$':
		if (!ere && p + 1 != in->end) {
			size_t skip;
			enum token after = token_at(
			    in, p + 1, false, &skip, &next);

			if (after != TOKEN_ALT && after != TOKEN_CLOSE)
				return TOKEN_CHAR;
		}
		return TOKEN_LAST;
	default:
		return TOKEN_CHAR;
	}
}

static void
lex(struct lexer *l, bool any_anchor)
{
	size_t len;

	l->kind = token_at(l->in, l->in->p, any_anchor, &len, &l->c);
	l->in->p += len;
}

static uint32_t parse_alternatives(struct lexer *);

static uint32_t
parse_group(struct lexer *l)
{
	uint32_t node;

	if (l->nest == TREE_DEPTH_MAX) {
		(void)err_set(l->in->err, ERR_USAGE,
		    "the regular expression is nested more than %d deep",
		    TREE_DEPTH_MAX);
		return TREE_NONE;
	}
	l->nest++;
	lex(l, true);
	if (l->kind == TOKEN_CLOSE)
		node = tree_add(l->in->tree, TREE_EMPTY);
	else
		node = parse_alternatives(l);
	l->nest--;
	if (node != TREE_NONE && l->kind != TOKEN_CLOSE) {
		(void)regex_error(l->in);
		return TREE_NONE;
	}
	return node;
}

/* "\w" and its like. */
static uint32_t
parse_class(struct lexer *l)
{
	struct byteset set = { 0 };

	if (l->c == 'w' || l->c == 'W') {
		(void)byteset_add_class(&set, "alnum", 5);
		byteset_add(&set, '_');
	} else
		(void)byteset_add_class(&set, "space", 5);
	if (l->c == 'W' || l->c == 'S')
		for (int i = 0; i < 4; i++)
			set.word[i] = ~set.word[i];
	return regex_set(l->in, &set);
}

/* A number behind '{' or ',': -1 for none, -2 for nonsense. Leaves the token
 * behind it current. */
static long
parse_number(struct lexer *l)
{
	long num = -1;

	for (;;) {
		lex(l, false);
		if (l->kind == TOKEN_END)
			return -2;
		if (l->kind == TOKEN_CLOSE_COUNT ||
		    (l->kind == TOKEN_CHAR && l->c == ','))
			return num;
		if (l->kind != TOKEN_CHAR || !isdigit(l->c) || num == -2)
			num = -2;
		else
			num = (num < 0 ? 0 : num) * 10 + (l->c - '0');
		if (num > 0xffff)
			num = 0xffff;
	}
}

/* The repetition that the current token is, around node. */
static uint32_t
parse_repeat(struct lexer *l, uint32_t node)
{
	struct tree *t = l->in->tree;
	uint32_t min = l->kind == TOKEN_PLUS, max = TREE_UNBOUNDED, rep;

	if (l->kind == TOKEN_QUESTION)
		max = 1;
	if (l->kind == TOKEN_OPEN_COUNT) {
		long from = parse_number(l), to;

		if (from == -1 && l->kind == TOKEN_CHAR)
			from = 0;
		to = l->kind == TOKEN_CLOSE_COUNT ? from :
		    l->kind == TOKEN_CHAR	  ? parse_number(l) :
						    -2;
		if (from < 0 || to == -2 || l->kind != TOKEN_CLOSE_COUNT ||
		    (to != -1 && from > to)) {
			(void)regex_error(l->in);
			return TREE_NONE;
		}
		min = (uint32_t)from;
		max = to == -1 ? TREE_UNBOUNDED : (uint32_t)to;
	}
	lex(l, false);
	/* Nothing, any number of times, is nothing: what glibc drops. */
	if (t->node[node].kind == TREE_EMPTY || max == 0)
		return tree_add(t, TREE_EMPTY);
	if ((rep = tree_add(t, TREE_REPEAT)) == TREE_NONE)
		return TREE_NONE;
	t->node[rep].child = node;
	t->node[rep].min = min;
	t->node[rep].max = max;
	return rep;
}

/* The byte of the current token, as itself. */
static uint32_t
parse_byte(struct lexer *l)
{
	struct byteset set = { 0 };

	byteset_add(&set, l->c);
	return regex_set(l->in, &set);
}

/* What the current token is or begins, without a repetition behind it; not
 * where a branch is at its end. */
static uint32_t
parse_atom(struct lexer *l)
{
	struct tree *t = l->in->tree;

	switch (l->kind) {
	case TOKEN_STAR:
	case TOKEN_PLUS:
	case TOKEN_QUESTION:
		/* With nothing to repeat: an error in an extended expression,
		 * ordinary in a basic one, except for "\{". */
		if (is_extended(l->in))
			break;
		return parse_byte(l);
	case TOKEN_CLOSE:
		if (!is_extended(l->in))
			break;
		return parse_byte(l);
	case TOKEN_CHAR:
	case TOKEN_CLOSE_COUNT:
		return parse_byte(l);
	case TOKEN_DOT:
		return regex_set(l->in, &byteset_any);
	case TOKEN_BRACKET:
		return regex_bracket(l->in);
	case TOKEN_OPEN:
		return parse_group(l);
	case TOKEN_CLASS:
		return parse_class(l);
	case TOKEN_BACKREF:
		t->superset = true;
		return tree_add(t, TREE_OTHER);
	case TOKEN_BEGIN:
		return tree_add(t, TREE_BEGIN);
	case TOKEN_LAST:
		return tree_add(t, TREE_END);
	case TOKEN_WORD_EDGE:
		t->superset = true;
		return tree_add(t, TREE_EMPTY);
	case TOKEN_OPEN_COUNT:
	case TOKEN_ALT:
	case TOKEN_END:
	case TOKEN_BAD:
		break;
	}
	(void)regex_error(l->in);
	return TREE_NONE;
}

static bool
is_repeat(enum token kind)
{
	return kind == TOKEN_STAR || kind == TOKEN_PLUS ||
	    kind == TOKEN_QUESTION || kind == TOKEN_OPEN_COUNT;
}

static bool
is_anchor(enum token kind)
{
	return kind == TOKEN_BEGIN || kind == TOKEN_LAST ||
	    kind == TOKEN_WORD_EDGE;
}

static uint32_t
parse_piece(struct lexer *l)
{
	bool repeats = !is_anchor(l->kind); /* nothing repeats an anchor */
	unsigned depth = 0;
	uint32_t node;

	if (l->kind == TOKEN_ALT || l->kind == TOKEN_END)
		return tree_add(l->in->tree, TREE_EMPTY);
	if ((node = parse_atom(l)) == TREE_NONE)
		return TREE_NONE;
	lex(l, false);
	while (repeats && is_repeat(l->kind)) {
		if (++depth > TREE_DEPTH_MAX) {
			(void)err_set(l->in->err, ERR_USAGE,
			    "the regular expression repeats repetitions more "
			    "than %d deep",
			    TREE_DEPTH_MAX);
			return TREE_NONE;
		}
		if ((node = parse_repeat(l, node)) == TREE_NONE)
			return TREE_NONE;
	}
	return node;
}

static uint32_t
parse_branch(struct lexer *l)
{
	struct tree_list list = TREE_LIST_INIT;

	do {
		uint32_t node = parse_piece(l);

		if (node == TREE_NONE)
			return TREE_NONE;
		tree_append(l->in->tree, &list, node);
	} while (l->kind != TOKEN_ALT && l->kind != TOKEN_END &&
	    (l->nest == 0 || l->kind != TOKEN_CLOSE));
	return tree_join(l->in->tree, TREE_CAT, &list);
}

static uint32_t
parse_alternatives(struct lexer *l)
{
	struct tree_list list = TREE_LIST_INIT;

	for (;;) {
		uint32_t node;

		if (l->kind == TOKEN_ALT || l->kind == TOKEN_END ||
		    (l->nest > 0 && l->kind == TOKEN_CLOSE))
			node = tree_add(l->in->tree, TREE_EMPTY);
		else
			node = parse_branch(l);
		if (node == TREE_NONE)
			return TREE_NONE;
		tree_append(l->in->tree, &list, node);
		if (l->kind != TOKEN_ALT)
			return tree_join(l->in->tree, TREE_ALT, &list);
		lex(l, true);
	}
}

uint32_t
tree_parse_regex(struct tree_parser *in)
{
	struct lexer l = { .in = in };

	lex(&l, true);
	return parse_alternatives(&l);
}
