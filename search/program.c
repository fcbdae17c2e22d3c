/*
 * Thompson's construction, from the end of the expression to its beginning:
 * each part is built knowing where to go on.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/program.h"

#include <stdlib.h>
#include <string.h>

struct builder {
	const struct tree *tree;
	struct program *prog;
	bool backward;
};

#define FAILED UINT32_MAX

static uint32_t
op_add(struct program *prog, enum op_kind kind, uint32_t x)
{
	if (prog->n == prog->cap) {
		uint32_t cap = prog->cap == 0 ? 32 : prog->cap * 2;
		struct op *op;

		if ((op = reallocarray(prog->op, cap, sizeof(*op))) == NULL)
			return FAILED;
		prog->op = op;
		prog->cap = cap;
	}
	prog->op[prog->n] = (struct op){ .kind = kind, .x = x };
	return prog->n++;
}

static uint32_t
set_index(struct program *prog, const struct byteset *set)
{
	struct byteset *sets;

	for (uint32_t i = 0; i < prog->n_sets; i++)
		if (memcmp(&prog->sets[i], set, sizeof(*set)) == 0)
			return i;
	sets = reallocarray(prog->sets, prog->n_sets + 1, sizeof(*sets));
	if (sets == NULL)
		return FAILED;
	prog->sets = sets;
	sets[prog->n_sets] = *set;
	return prog->n_sets++;
}

static uint32_t build(struct builder *, uint32_t node, uint32_t then);

/* The children of a TREE_CAT, built last to first in the order of reading. */
static uint32_t
build_cat(struct builder *b, uint32_t child, uint32_t then)
{
	const struct tree_node *node = b->tree->node;
	uint32_t *list, n = 0, i;

	for (i = child; i != TREE_NONE; i = node[i].next)
		n++;
	if ((list = calloc(n + 1, sizeof(*list))) == NULL)
		return FAILED;
	n = 0;
	for (i = child; i != TREE_NONE; i = node[i].next)
		list[n++] = i;
	for (i = 0; i < n && then != FAILED; i++)
		then = build(b, list[b->backward ? i : n - 1 - i], then);
	free(list);
	return then;
}

static uint32_t
build_alt(struct builder *b, uint32_t child, uint32_t then)
{
	uint32_t start = FAILED;

	for (uint32_t i = child; i != TREE_NONE; i = b->tree->node[i].next) {
		uint32_t branch = build(b, i, then), split;

		if (branch == FAILED)
			return FAILED;
		if (i == child) {
			start = branch;
			continue;
		}
		if ((split = op_add(b->prog, OP_SPLIT, start)) == FAILED)
			return FAILED;
		b->prog->op[split].y = branch;
		start = split;
	}
	return start;
}

static uint32_t
build_repeat(struct builder *b, const struct tree_node *node, uint32_t then)
{
	uint32_t start = then, split, body;

	if (node->max == TREE_UNBOUNDED) {
		if ((split = op_add(b->prog, OP_SPLIT, then)) == FAILED ||
		    (body = build(b, node->child, split)) == FAILED)
			return FAILED;
		b->prog->op[split].y = body;
		start = split;
	} else {
		for (uint32_t i = node->min; i < node->max; i++) {
			if ((body = build(b, node->child, start)) == FAILED ||
			    (split = op_add(b->prog, OP_SPLIT, then)) == FAILED)
				return FAILED;
			b->prog->op[split].y = body;
			start = split;
		}
	}
	for (uint32_t i = 0; i < node->min && start != FAILED; i++)
		start = build(b, node->child, start);
	return start;
}

static uint32_t
build(struct builder *b, uint32_t i, uint32_t then)
{
	const struct tree_node *node = &b->tree->node[i];
	uint32_t op, set;

	switch (node->kind) {
	case TREE_EMPTY:
		return then;
	case TREE_SET:
		if ((set = set_index(b->prog, &node->set)) == FAILED ||
		    (op = op_add(b->prog, OP_SET, then)) == FAILED)
			return FAILED;
		b->prog->op[op].set = set;
		return op;
	case TREE_BEGIN:
		return op_add(b->prog, b->backward ? OP_END : OP_BEGIN, then);
	case TREE_END:
		return op_add(b->prog, b->backward ? OP_BEGIN : OP_END, then);
	case TREE_OTHER:
		/* Any string. */
		if ((set = set_index(b->prog, &byteset_any)) == FAILED ||
		    (op = op_add(b->prog, OP_SPLIT, then)) == FAILED ||
		    (i = op_add(b->prog, OP_SET, op)) == FAILED)
			return FAILED;
		b->prog->op[op].y = i;
		b->prog->op[i].set = set;
		return op;
	case TREE_CAT:
		return build_cat(b, node->child, then);
	case TREE_ALT:
		return build_alt(b, node->child, then);
	case TREE_REPEAT:
		return build_repeat(b, node, then);
	}
	return FAILED;
}

/* Give bytes that the sets do not tell apart one class. */
static void
classify(struct program *prog, bool basename)
{
	uint16_t n = 1;

	memset(prog->class_of, 0, sizeof(prog->class_of));
	for (uint32_t i = 0; i < prog->n_sets; i++) {
		uint16_t inside[257]; /* the class that a class's members
					   of this set go to */
		bool outside[257] = { false };
		uint16_t before = n;

		memset(inside, 0xff, sizeof(inside));
		for (unsigned c = 1; c < 256; c++)
			if (!byteset_has(&prog->sets[i], c))
				outside[prog->class_of[c]] = true;
		for (unsigned c = 1; c < 256; c++) {
			uint16_t k = prog->class_of[c];

			if (k >= before || !outside[k] ||
			    !byteset_has(&prog->sets[i], c))
				continue;
			if (inside[k] == UINT16_MAX)
				inside[k] = n++;
			prog->class_of[c] = inside[k];
		}
	}
	for (unsigned c = 1; c < 256; c++)
		prog->byte_of[prog->class_of[c]] = (uint8_t)c;
	prog->edge = n;
	prog->n_classes = (uint16_t)(n + 1);
	prog->class_of[0] = prog->edge;
	if (basename)
		prog->class_of['/'] = prog->edge;
}

int
program_new(struct program **ret, const struct tree *tree,
    const struct program_options *options, struct err *err)
{
	struct builder b = { .tree = tree, .backward = options->backward };

	if ((b.prog = calloc(1, sizeof(*b.prog))) == NULL)
		return err_nomem(err);
	if (op_add(b.prog, OP_MATCH, 0) == FAILED ||
	    (b.prog->start = build(&b, tree->root, 0)) == FAILED) {
		program_free(b.prog);
		return err_nomem(err);
	}
	classify(b.prog, options->basename);
	*ret = b.prog;
	return 0;
}

void
program_free(struct program *prog)
{
	if (prog == NULL)
		return;
	free(prog->op);
	free(prog->sets);
	free(prog);
}
