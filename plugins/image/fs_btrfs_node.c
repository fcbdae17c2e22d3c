/*
 * Nodes of trees. A few of them are kept, also those that cannot be read, so that
 * nobody tries again for each of a thousand names.
 *
 *	sum[32] fsid[16] u64 address, u64 flags, uuid[16] u64 generation, u64 tree,
 *	u32 keys, u8 level; then
 *	level 0:  for each key[17] u32 offset (from here on), u32 length; items
 *	          come from the end of the node, without a gap
 *	else:     for each key[17] u64 address, u64 generation
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_btrfs_private.h"

#include <errno.h>
#include <stdlib.h>

struct btrfs_key
btrfs_node_key(const struct btrfs_node *node, uint32_t i)
{
	return btrfs_key_at(node->data + BTRFS_HEAD +
	    i * (node->pointer.level == 0 ? BTRFS_LEAF_KEY : BTRFS_INNER_KEY));
}

static bool
keys_rise(const struct btrfs_node *node)
{
	for (uint32_t i = 1; i < node->n; i++) {
		const struct btrfs_key a = btrfs_node_key(node, i - 1),
				       b = btrfs_node_key(node, i);

		if (btrfs_key_cmp(&a, &b) >= 0)
			return false;
	}
	return true;
}

/* One behind the other, from the end of the node down to behind its keys: so
 * that a leaf says no more than it has bytes. */
static bool
items_fit(const struct btrfs *b, const struct btrfs_node *node)
{
	uint64_t end = b->node - BTRFS_HEAD;

	for (uint32_t i = 0; i < node->n; i++) {
		const uint8_t *p = node->data + BTRFS_HEAD + i * BTRFS_LEAF_KEY;
		uint64_t offset = load_u32(p + BTRFS_KEY),
			 len = load_u32(p + BTRFS_KEY + 4);

		if (offset + len != end)
			return false;
		end = offset;
	}
	return end >= node->n * BTRFS_LEAF_KEY;
}

/* NULL: it is what its pointer says, and fit to be read. */
static const char *
what_is_wrong(const struct btrfs *b, struct btrfs_node *node)
{
	const uint8_t *p = node->data;
	uint32_t key = node->pointer.level == 0 ? BTRFS_LEAF_KEY :
						  BTRFS_INNER_KEY;

	if (!btrfs_sum_is_right(b->sum_type, p, b->node))
		return "the checksum of a node of its tree is wrong";
	if (memcmp(p + 32, b->fsid, sizeof(b->fsid)) != 0 ||
	    load_u64(p + 48) != node->pointer.at ||
	    load_u64(p + 80) != node->pointer.generation ||
	    p[100] != node->pointer.level)
		return "a node of its tree is another one";
	node->n = load_u32(p + 96);
	if (node->n > (b->node - BTRFS_HEAD) / key ||
	    (node->pointer.level > 0 && node->n == 0) || !keys_rise(node) ||
	    (node->pointer.level == 0 && !items_fit(b, node)))
		return "a node of its tree lies";
	return NULL;
}

static void
read_node(struct btrfs *b, struct btrfs_node *node)
{
	struct err ignored = ERR_INIT;
	uint64_t at[BTRFS_COPIES];
	unsigned n;

	node->ill = (struct ill){ 0 };
	n = btrfs_copies(b, node->pointer.at, b->node, at, &node->ill);
	for (unsigned i = 0; i < n; i++) {
		const char *why;

		if (disk_read(b->disk, node->data, b->node, at[i], &ignored) !=
		    0) {
			node->ill = (struct ill){ EIO,
				"a node of its tree cannot be read" };
			continue;
		}
		if ((why = what_is_wrong(b, node)) == NULL) {
			node->ill = (struct ill){ 0 };
			return;
		}
		node->ill = (struct ill){ EUCLEAN, why };
	}
}

static bool
is_same(const struct btrfs_pointer *a, const struct btrfs_pointer *b)
{
	return a->at == b->at && a->generation == b->generation &&
	    a->level == b->level;
}

const struct btrfs_node *
btrfs_node(
    struct btrfs *b, const struct btrfs_pointer *pointer, struct ill *ill)
{
	struct btrfs_node *node = &b->cached[0];

	for (size_t i = 0; i < BTRFS_CACHED; i++) {
		struct btrfs_node *c = &b->cached[i];

		if (c->used != 0 && is_same(&c->pointer, pointer)) {
			node = c;
			break;
		}
		if (c->used < node->used)
			node = c;
	}
	if (node->used == 0 || !is_same(&node->pointer, pointer)) {
		node->used = 0;
		if (node->data == NULL &&
		    (node->data = malloc(b->node)) == NULL) {
			*ill = (struct ill){ ENOMEM, "out of memory" };
			return NULL;
		}
		node->pointer = *pointer;
		read_node(b, node);
	}
	node->used = ++b->clock;
	if (node->ill.why == NULL)
		return node;
	*ill = node->ill;
	return NULL;
}

void
btrfs_nodes_free(struct btrfs *b)
{
	for (size_t i = 0; i < BTRFS_CACHED; i++)
		free(b->cached[i].data);
}
