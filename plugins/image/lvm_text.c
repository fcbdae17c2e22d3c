/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lvm_text.h"

#include <stdlib.h>
#include <string.h>

#define NODES_MAX 500000
#define DEPTH_MAX 8

struct parser {
	const char *p, *end;
	struct lvm_text *out;
};

static int
bad(struct err *err)
{
	return err_set(err, ERR_FORMAT, "LVM's metadata are damaged");
}

/* Past white space and comments. */
static void
skip(struct parser *in)
{
	while (in->p < in->end) {
		if (*in->p == '#')
			while (in->p < in->end && *in->p != '\n')
				in->p++;
		else if (*in->p == ' ' || *in->p == '\t' || *in->p == '\n' ||
		    *in->p == '\r')
			in->p++;
		else
			break;
	}
}

static bool
take(struct parser *in, char c)
{
	skip(in);
	if (in->p == in->end || *in->p != c)
		return false;
	in->p++;
	return true;
}

static struct lvm_node *
add(struct parser *in)
{
	struct lvm_text *out = in->out;

	return out->n < NODES_MAX ? &out->all[out->n++] : NULL;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
in_name(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || (c != '\0' && strchr("_-+./", c) != NULL);
}

static int
parse_scalar(struct parser *in, struct lvm_node *node, struct err *err)
{
	const char *end;

	skip(in);
	if (in->p == in->end)
		return bad(err);
	if (*in->p == '"') {
		node->kind = LVM_TEXT;
		node->text = ++in->p;
		for (end = in->p; end < in->end && *end != '"'; end++)
			if (*end == '\\' && end + 1 < in->end)
				end++;
		if (end >= in->end)
			return bad(err);
		node->len = (size_t)(end - node->text);
		in->p = end + 1;
		return 0;
	}
	node->kind = LVM_NUMBER;
	if (!is_digit(*in->p))
		return bad(err);
	for (; in->p < in->end && is_digit(*in->p); in->p++)
		if (__builtin_mul_overflow(node->number, 10, &node->number) ||
		    __builtin_add_overflow(
			node->number, (uint64_t)(*in->p - '0'), &node->number))
			return bad(err);
	return 0;
}

static int
parse_list(struct parser *in, struct lvm_node *list, struct err *err)
{
	struct lvm_node **at = &list->child;
	int rc;

	list->kind = LVM_LIST;
	if (take(in, ']'))
		return 0;
	do {
		if ((*at = add(in)) == NULL)
			return bad(err);
		if ((rc = parse_scalar(in, *at, err)) != 0)
			return rc;
		at = &(*at)->next;
	} while (take(in, ','));
	return take(in, ']') ? 0 : bad(err);
}

static int parse_section(
    struct parser *, struct lvm_node *, int depth, struct err *);

static int
parse_entry(
    struct parser *in, struct lvm_node *node, int depth, struct err *err)
{
	node->name = in->p;
	while (in->p < in->end && in_name(*in->p))
		in->p++;
	node->name_len = (size_t)(in->p - node->name);
	if (node->name_len == 0)
		return bad(err);
	if (take(in, '{')) {
		int rc = parse_section(in, node, depth + 1, err);

		return rc != 0 ? rc : take(in, '}') ? 0 : bad(err);
	}
	if (!take(in, '='))
		return bad(err);
	return take(in, '[') ? parse_list(in, node, err) :
			       parse_scalar(in, node, err);
}

/* As far as a '}' or the end. */
static int
parse_section(
    struct parser *in, struct lvm_node *section, int depth, struct err *err)
{
	struct lvm_node **at = &section->child;
	int rc;

	section->kind = LVM_SECTION;
	if (depth > DEPTH_MAX)
		return bad(err);
	for (;;) {
		skip(in);
		if (in->p == in->end || *in->p == '}')
			return 0;
		if ((*at = add(in)) == NULL)
			return bad(err);
		if ((rc = parse_entry(in, *at, depth, err)) != 0)
			return rc;
		at = &(*at)->next;
	}
}

int
lvm_text_parse(
    struct lvm_text *ret, const char *text, size_t len, struct err *err)
{
	/* Each node takes a byte of text at least. */
	size_t most = len + 2 < NODES_MAX ? len + 2 : NODES_MAX;
	struct parser in = { text, text + strnlen(text, len), ret };
	int rc;

	*ret = (struct lvm_text){ 0 };
	if ((ret->all = calloc(most, sizeof(*ret->all))) == NULL)
		return err_nomem(err);
	ret->root = &ret->all[ret->n++];
	rc = parse_section(&in, ret->root, 0, err);
	if (rc == 0 && in.p != in.end)
		rc = bad(err);
	if (rc != 0)
		lvm_text_done(ret);
	return rc;
}

void
lvm_text_done(struct lvm_text *text)
{
	free(text->all);
	*text = (struct lvm_text){ 0 };
}

const struct lvm_node *
lvm_get(const struct lvm_node *section, const char *name, enum lvm_kind kind)
{
	const struct lvm_node *node = section->child;

	for (; node != NULL; node = node->next)
		if (node->kind == kind && node->name_len == strlen(name) &&
		    memcmp(node->name, name, node->name_len) == 0)
			break;
	return node;
}

uint64_t
lvm_number(const struct lvm_node *section, const char *name, uint64_t none)
{
	const struct lvm_node *node = lvm_get(section, name, LVM_NUMBER);

	return node != NULL ? node->number : none;
}

bool
lvm_is(const struct lvm_node *node, const char *text)
{
	return node != NULL && node->kind == LVM_TEXT &&
	    node->len == strlen(text) &&
	    memcmp(node->text, text, node->len) == 0;
}
