/*
 * INODE_ITEM: u64 generation, transaction, size, bytes, group; u32 links, uid,
 * gid, mode; u64 device, flags, sequence, 4 x 0; of four times (the third is that
 * of modification) u64 seconds, u32 nanoseconds.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_btrfs_private.h"

#include <errno.h>

#include "base/entry.h"

const uint8_t *
btrfs_inode(struct btrfs *b, uint64_t id, struct ill *ill)
{
	const struct btrfs_subvol *subvol = btrfs_subvol_of(b, id);
	const struct btrfs_key key = { btrfs_number(id), BTRFS_INODE_ITEM, 0 };
	uint32_t len;
	const uint8_t *p;

	if (subvol->ill.why != NULL) {
		*ill = subvol->ill;
		return NULL;
	}
	p = btrfs_find(b, &subvol->root, &key, &len, ill);
	if (p == NULL && ill->why == NULL)
		*ill = (struct ill){ EUCLEAN, "no inode has its number" };
	if (p == NULL || len >= BTRFS_INODE)
		return p;
	*ill = (struct ill){ EUCLEAN, "its inode is too short" };
	return NULL;
}

void
btrfs_meta(struct fs_tree *tree, uint64_t id, struct fs_meta *m)
{
	struct btrfs *b = (struct btrfs *)tree;
	const struct btrfs_subvol *subvol = btrfs_subvol_of(b, id);
	bool gone = subvol->parent != 0 && subvol->ill.why == NULL;
	/* It is not on the disk: its owner is that of the directory that it is
	 * in, and its time the moment at which the kernel is asked. */
	const uint8_t *in = btrfs_inode(b, gone ? subvol->parent : id, &m->ill);
	uint32_t mode;

	if (in == NULL)
		return;
	m->fields = LOOKBACK_TYPE | LOOKBACK_MODE | LOOKBACK_OWNER;
	m->uid = load_u32(in + 44);
	m->gid = load_u32(in + 48);
	if (gone) {
		m->type = 'd';
		m->mode = 0755;
		return;
	}
	m->fields |= LOOKBACK_SIZE | LOOKBACK_MTIME;
	m->size = load_u64(in + 16);
	mode = load_u32(in + 52);
	m->type = entry_type_of_mode(mode);
	m->mode = mode & 07777;
	m->mtime = (int64_t)load_u64(in + 136);
	m->mtime_ns = load_u32(in + 144);
	if (m->mtime_ns > 999999999)
		m->mtime_ns = 0;
	if (m->type == 0)
		m->ill = (struct ill){ EUCLEAN, "its inode has no known type" };
	else if (m->size > INT64_MAX)
		m->ill = (struct ill){ EUCLEAN, "its inode has no true size" };
}
