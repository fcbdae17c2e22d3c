/*
 * Subvolumes by index, in the order in which they are met.
 *
 * ROOT_ITEM: an inode, u64 generation, u64 directory, u64 address, u64 x 4, u32
 * references, key, u8, u8 level, ...; ROOT_REF: u64 directory, u64, u16 length of
 * its name, which follows.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_btrfs_private.h"

#include <errno.h>
#include <stdlib.h>

/* Of an old ROOT_ITEM; it grew at its end. */
#define ROOT_ITEM_MIN 239u
#define ROOT_REF_HEAD 18u

/* So that ids stay below UINT64_MAX. */
#define SUBVOLS_MAX ((size_t)UINT16_MAX)

const struct btrfs_subvol *
btrfs_subvol_of(const struct btrfs *b, uint64_t id)
{
	return &b->subvol[id >> BTRFS_NUMBER_BITS];
}

void
btrfs_subvols_free(struct btrfs *b)
{
	free(b->subvol);
}

/* The tree of a subvolume. false where there is none, or, with an ill, nobody
 * knows. Of a snapshot, the offset says when it was made. */
static bool
root_of(
    struct btrfs *b, uint64_t tree, struct btrfs_pointer *ret, struct ill *ill)
{
	struct btrfs_cursor cursor;
	struct btrfs_item item;
	bool found = false;

	btrfs_cursor_init(&cursor, b, &b->trees, tree, BTRFS_ROOT_ITEM);
	while (btrfs_cursor_next(&cursor, &item)) {
		found = item.len >= ROOT_ITEM_MIN &&
		    load_u32(item.p + 216) != 0; /* it is not being deleted */
		if (found)
			*ret = (struct btrfs_pointer){
				.at = load_u64(item.p + 176),
				.generation = load_u64(item.p + 160),
				.level = item.p[238],
			};
	}
	*ill = cursor.ill;
	btrfs_cursor_done(&cursor);
	return found && ill->why == NULL;
}

/* Whether the tree of trees says that it lies there, under that name. */
static bool
is_referred(struct btrfs *b, uint64_t dir, const uint8_t *name, size_t len,
    uint64_t tree, struct ill *ill)
{
	const struct btrfs_key key = { btrfs_subvol_of(b, dir)->id,
		BTRFS_ROOT_REF, tree };
	uint32_t n;
	const uint8_t *p = btrfs_find(b, &b->trees, &key, &n, ill);

	return p != NULL && n >= ROOT_REF_HEAD &&
	    load_u64(p) == btrfs_number(dir) && load_u16(p + 16) == len &&
	    n - ROOT_REF_HEAD >= len &&
	    memcmp(p + ROOT_REF_HEAD, name, len) == 0;
}

static uint32_t *
bucket_of(struct btrfs *b, uint64_t tree, uint64_t parent)
{
	uint64_t h = (tree ^ parent * 31) * UINT64_C(0x9e3779b97f4a7c15);

	return &b->bucket[h >> 32 & (BTRFS_BUCKETS - 1)];
}

/* As btrfs_subvol_id. */
static int
add(struct btrfs *b, const struct btrfs_subvol *subvol, size_t *ret)
{
	uint32_t *bucket = bucket_of(b, subvol->id, subvol->parent);

	for (uint32_t i = *bucket; i != 0; i = b->subvol[i].next)
		if (b->subvol[i].id == subvol->id &&
		    b->subvol[i].parent == subvol->parent) {
			*ret = i;
			return 0;
		}
	if (b->n_subvols == SUBVOLS_MAX)
		return 1;
	if (b->n_subvols == b->subvol_room) {
		size_t room = b->subvol_room == 0 ? 8 : b->subvol_room * 2;
		struct btrfs_subvol *p = reallocarray(
		    b->subvol, room, sizeof(*p));

		if (p == NULL)
			return -1;
		b->subvol = p;
		b->subvol_room = room;
	}
	b->subvol[b->n_subvols] = *subvol;
	b->subvol[b->n_subvols].next = *bucket;
	*ret = b->n_subvols++;
	/* Where the chains end is where the top level is: nobody has it as
	 * another's part. */
	*bucket = (uint32_t)*ret;
	return 0;
}

int
btrfs_subvol_id(struct btrfs *b, uint64_t dir, const uint8_t *name, size_t len,
    uint64_t tree, uint64_t *ret)
{
	struct btrfs_subvol subvol = { .id = tree };
	struct ill ill = { 0 };
	size_t i = 0;
	int rc;

	if (!is_referred(b, dir, name, len, tree, &ill) ||
	    !root_of(b, tree, &subvol.root, &ill)) {
		subvol.parent = dir;
		subvol.ill = ill;
	}
	if ((rc = add(b, &subvol, &i)) == 0)
		*ret = btrfs_id(i, BTRFS_TOP_DIR);
	return rc;
}

int
btrfs_subvol_top(struct btrfs *b, struct err *err)
{
	struct btrfs_subvol top = { .id = BTRFS_TOP_TREE };
	struct ill ill = { 0 };
	size_t i;

	if (!root_of(b, top.id, &top.root, &ill))
		return err_set(err, ERR_FORMAT, "%s",
		    ill.why != NULL ? ill.why : "it has no top level");
	return add(b, &top, &i) == 0 ? 0 : err_nomem(err);
}
