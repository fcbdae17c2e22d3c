/*
 * Going down trees. What a node has is within what its parent says it has, and
 * begins with it, so no node comes twice on the way through a tree, and the way
 * has an end.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_btrfs_private.h"

#include <errno.h>
#include <stdlib.h>

static const struct btrfs_key LAST_KEY = { UINT64_MAX, UINT8_MAX, UINT64_MAX };

int
btrfs_key_cmp(const struct btrfs_key *a, const struct btrfs_key *b)
{
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	return (a->offset > b->offset) - (a->offset < b->offset);
}

/* The first key that is not below this one; n: none. */
static uint32_t
first_of(const struct btrfs_node *node, const struct btrfs_key *key)
{
	uint32_t lo = 0, hi = node->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		const struct btrfs_key k = btrfs_node_key(node, mid);

		if (btrfs_key_cmp(&k, key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* The child in whose part a key belongs. */
static uint32_t
child_of(const struct btrfs_node *node, const struct btrfs_key *key)
{
	uint32_t i = first_of(node, key);
	struct btrfs_key k;

	if (i == 0)
		return 0;
	if (i == node->n)
		return i - 1;
	k = btrfs_node_key(node, i);
	return btrfs_key_cmp(&k, key) == 0 ? i : i - 1;
}

/* A child begins with the key that its parent has, and ends before the next. */
static bool
is_within(const struct btrfs_node *node, const struct btrfs_key *first,
    const struct btrfs_key *behind)
{
	struct btrfs_key k;

	if (node->n == 0)
		return false;
	k = btrfs_node_key(node, 0);
	if (btrfs_key_cmp(&k, first) != 0)
		return false;
	k = btrfs_node_key(node, node->n - 1);
	return btrfs_key_cmp(&k, behind) < 0;
}

/* The leaf where a key belongs, or NULL with an ill; *behind is what comes after
 * it (or after what cannot be read), LAST_KEY: nothing. */
static const struct btrfs_node *
leaf_of(struct btrfs *b, const struct btrfs_pointer *root,
    const struct btrfs_key *key, struct btrfs_key *behind, struct ill *ill)
{
	struct btrfs_pointer pointer = *root;
	const struct btrfs_node *node;

	*behind = LAST_KEY;
	if (root->level >= BTRFS_LEVELS) {
		*ill = (struct ill){ EUCLEAN, "its tree is too high" };
		return NULL;
	}
	node = btrfs_node(b, &pointer, ill);
	while (node != NULL && node->pointer.level > 0) {
		uint32_t i = child_of(node, key);
		const struct btrfs_key first = btrfs_node_key(node, i);
		const uint8_t *p = node->data + BTRFS_HEAD +
		    i * BTRFS_INNER_KEY + BTRFS_KEY;

		if (i + 1 < node->n)
			*behind = btrfs_node_key(node, i + 1);
		pointer = (struct btrfs_pointer){ .at = load_u64(p),
			.generation = load_u64(p + 8),
			.level = (uint8_t)(node->pointer.level - 1) };
		node = btrfs_node(b, &pointer, ill);
		if (node != NULL && !is_within(node, &first, behind)) {
			*ill = (struct ill){ EUCLEAN,
				"a node of its tree is in a wrong place" };
			return NULL;
		}
	}
	return node;
}

static void
item_of(const uint8_t *leaf, uint32_t i, struct btrfs_item *ret)
{
	const uint8_t *p = leaf + BTRFS_HEAD + i * BTRFS_LEAF_KEY;

	ret->key = btrfs_key_at(p);
	ret->p = leaf + BTRFS_HEAD + load_u32(p + BTRFS_KEY);
	ret->len = load_u32(p + BTRFS_KEY + 4);
}

const uint8_t *
btrfs_find(struct btrfs *b, const struct btrfs_pointer *root,
    const struct btrfs_key *key, uint32_t *ret_len, struct ill *ill)
{
	struct btrfs_item item;
	struct btrfs_key behind;
	const struct btrfs_node *leaf;
	uint32_t i;

	*ill = (struct ill){ 0 };
	leaf = leaf_of(b, root, key, &behind, ill);
	if (leaf == NULL || (i = first_of(leaf, key)) == leaf->n)
		return NULL;
	item_of(leaf->data, i, &item);
	if (btrfs_key_cmp(&item.key, key) != 0)
		return NULL;
	*ret_len = item.len;
	return item.p;
}

void
btrfs_cursor_init(struct btrfs_cursor *c, struct btrfs *b,
    const struct btrfs_pointer *root, uint64_t id, enum btrfs_type type)
{
	*c = (struct btrfs_cursor){ .fs = b,
		.root = *root,
		.next = { id, (uint8_t)type, 0 },
		.end = { id, (uint8_t)type, UINT64_MAX } };
}

void
btrfs_cursor_done(struct btrfs_cursor *c)
{
	free(c->leaf);
}

static void
pass_over(struct btrfs_cursor *c, const struct ill *ill)
{
	if (c->ill.why == NULL)
		c->ill = *ill;
}

/* The leaf of c->next; what follows it is next then. */
static void
load(struct btrfs_cursor *c)
{
	struct ill ill = { 0 };
	struct btrfs_key behind;
	const struct btrfs_node *leaf = leaf_of(
	    c->fs, &c->root, &c->next, &behind, &ill);

	c->i = c->n = 0;
	if (leaf != NULL && c->leaf == NULL &&
	    (c->leaf = malloc(c->fs->node)) == NULL) {
		pass_over(c, &(struct ill){ ENOMEM, "out of memory" });
		c->ended = true;
		return;
	}
	if (leaf != NULL) {
		memcpy(c->leaf, leaf->data, c->fs->node);
		c->i = first_of(leaf, &c->next);
		c->n = leaf->n;
	} else {
		pass_over(c, &ill);
	}
	/* It rises, or this is the end. */
	c->ended = btrfs_key_cmp(&behind, &c->next) <= 0 ||
	    btrfs_key_cmp(&behind, &c->end) > 0;
	c->next = behind;
}

bool
btrfs_cursor_next(struct btrfs_cursor *c, struct btrfs_item *ret)
{
	for (;;) {
		if (c->i < c->n) {
			item_of(c->leaf, c->i++, ret);
			if (btrfs_key_cmp(&ret->key, &c->end) <= 0)
				return true;
			c->ended = true;
			c->i = c->n;
		}
		if (c->ended)
			return false;
		load(c);
	}
}
