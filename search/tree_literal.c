/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/tree_needs.h"

#include <ctype.h>

/* Whether the set is one byte, or one letter in both cases. */
static bool
needle_byte_of(const struct tree_node *node, struct needle_byte *ret)
{
	const struct byteset *s = &node->set;
	unsigned c = 0; /* the lowest of the set */

	if (node->kind != TREE_SET)
		return false;
	for (int i = 3; i >= 0; i--)
		if (s->word[i] != 0)
			c = (unsigned)i * 64 +
			    (unsigned)__builtin_ctzll(s->word[i]);
	switch (byteset_count(s)) {
	case 1:
		*ret = (struct needle_byte){ .byte = (uint8_t)c };
		return true;
	case 2:
		if (c >= 128 || !isupper((int)c) || !byteset_has(s, c | 0x20))
			break;
		*ret = (struct needle_byte){ .byte = (uint8_t)(c | 0x20),
			.mask = 0x20 };
		return true;
	}
	return false;
}

/* The run ends: it is the longest so far, or forgotten. */
static void
run_end(struct buf *run, struct buf *longest)
{
	if (run->len > longest->len) {
		struct buf swap = *run;

		*run = *longest;
		*longest = swap;
	}
	buf_clear(run);
}

int
tree_literal(
    struct buf *ret, const struct tree *t, bool *ret_whole, struct err *err)
{
	bool is_cat = t->node[t->root].kind == TREE_CAT;
	uint32_t i = is_cat ? t->node[t->root].child : t->root;
	struct buf run = { 0 };

	buf_clear(ret);
	*ret_whole = true;
	while (i != TREE_NONE) {
		struct needle_byte b;

		if (!needle_byte_of(&t->node[i], &b)) {
			*ret_whole = false;
			run_end(&run, ret);
		} else if (buf_add(&run, &b, sizeof(b)) != 0) {
			buf_done(&run);
			return err_nomem(err);
		}
		i = is_cat ? t->node[i].next : TREE_NONE;
	}
	run_end(&run, ret);
	buf_done(&run);
	return 0;
}
