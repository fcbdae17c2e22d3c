/*
 * Opening XFS. The superblock, which has the first sector:
 *
 *	0 magic  4 block size  8 blocks  16 blocks of a realtime device
 *	32 id  48 where the log is; 0: on another device  56 root
 *	84 blocks of a group  88 groups  100 version and features
 *	102 sector size  104 inode size
 *	120.. logarithms: of block size, sector size, inode size, inodes in a
 *	block, blocks of a group (rounded up)  126 being made
 *	192 blocks of a directory's, a logarithm  200 more features of version 4
 *	212 features of version 5: to write  216 to read  224 sum
 *	248 id in metadata, if that is another
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_xfs.h"
#include "fs_xfs_private.h"
#include "journal.h"

#include <stdlib.h>
#include <string.h>

#include <ext2fs/ext2fs.h>

#define MAGIC 0x58465342u /* XFSB */
#define HEAD 512u
#define SUM_AT 224u

/* Of version 4. */
#define V4_DIR2 0x2000u
#define V4_MORE 0x8000u
#define V4_MORE_TYPED 0x200u

/* Of version 5, to write: */
#define REFLINK 4u
/* ... and to read. What is not named here changes nothing that is read: sparse
 * chunks of inodes, exchanged ranges, parents in attributes. */
#define TYPED 1u
#define META_ID 4u
#define BIGTIME 8u
#define NEEDS_REPAIR 0x10u
#define MANY_EXTENTS 0x20u
#define KNOWN 0xffu

#define TRUST "; --trust-image lets this host's kernel mount it"

static int
lies(struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, "its superblock lies: %s", what);
}

/* Whether n is 1 << log, from min to max. */
static bool
is_size(uint32_t n, unsigned log, uint32_t min, uint32_t max)
{
	return n >= min && n <= max && log < 32 && n == UINT32_C(1) << log;
}

bool
xfs_sum_is_right(const uint8_t *p, size_t n, size_t at)
{
	static const uint8_t zeros[4];
	uint32_t sum = ext2fs_crc32c_le(UINT32_MAX, p, at);

	sum = ext2fs_crc32c_le(sum, zeros, sizeof(zeros));
	sum = ext2fs_crc32c_le(sum, p + at + 4, n - at - 4);
	return load_u32(p + at) == ~sum;
}

bool
xfs_place(const struct xfs *x, uint64_t block, uint64_t n, uint64_t *ret)
{
	uint64_t group = block >> x->group_log,
		 within = block & ((UINT64_C(1) << x->group_log) - 1),
		 end = x->group_blocks;

	if (group >= x->groups)
		return false;
	if (group == x->groups - 1)
		end = x->blocks - group * x->group_blocks;
	if (within >= end || n > end - within)
		return false;
	*ret = (group * x->group_blocks + within) << x->block_log;
	return true;
}

static int
look_at_features(struct xfs *x, const uint8_t *sb, struct err *err)
{
	unsigned version = load_be16(sb + 100);
	uint32_t to_read = load_be32(sb + 216);

	memcpy(x->id, sb + 32, XFS_ID_LEN);
	if (!x->v5) {
		x->typed = (version & V4_MORE) != 0 &&
		    (load_be32(sb + 200) & V4_MORE_TYPED) != 0;
		if ((version & 15) != 4 || (version & V4_DIR2) == 0)
			return err_set(err, ERR_REFUSED,
			    "xfs of before version 4 is not read");
		return 0;
	}
	if ((to_read & ~KNOWN) != 0)
		return err_set(err, ERR_REFUSED,
		    "xfs with features that are not known here (%#x)" TRUST,
		    to_read & ~KNOWN);
	x->typed = (to_read & TYPED) != 0;
	x->bigtime = (to_read & BIGTIME) != 0;
	x->manyext = (to_read & MANY_EXTENTS) != 0;
	x->reflink = (load_be32(sb + 212) & REFLINK) != 0;
	if ((to_read & META_ID) != 0)
		memcpy(x->id, sb + 248, XFS_ID_LEN);
	if ((to_read & NEEDS_REPAIR) != 0)
		fs_note(x->env, "an xfs file system is marked as damaged");
	return 0;
}

static int
look_at_sizes(struct xfs *x, const uint8_t *sb, struct err *err)
{
	uint64_t rest;

	x->block = load_be32(sb + 4);
	x->block_log = sb[120];
	x->inode_size = load_be16(sb + 104);
	x->inodes_log = sb[123];
	x->blocks = load_be64(sb + 8);
	x->group_blocks = load_be32(sb + 84);
	x->groups = load_be32(sb + 88);
	x->group_log = sb[124];
	if (!is_size(x->block, x->block_log, 512, 65536))
		return lies(err, "its blocks have no true size");
	if (!is_size(x->inode_size, sb[122], 256, XFS_INODE_MAX) ||
	    x->inode_size > x->block || x->inodes_log != x->block_log - sb[122])
		return lies(err, "its inodes have no true size");
	if (sb[192] > 16 - x->block_log)
		return lies(err, "directories have no true block size");
	x->dir_block = x->block << sb[192];
	if (x->groups == 0 || x->group_blocks == 0 || x->group_log > 31 ||
	    x->group_blocks > UINT32_C(1) << x->group_log)
		return lies(err, "its groups have no true size");
	/* Of 64 bits, since both have 32. */
	rest = (x->groups - 1) * (uint64_t)x->group_blocks;
	if (x->blocks <= rest || x->blocks - rest > x->group_blocks)
		return lies(err, "it has no true number of blocks");
	if (x->blocks > (uint64_t)INT64_MAX >> x->block_log)
		return lies(err, "it is larger than any disk");
	return 0;
}

/* 1: it is none. */
static int
look_at_superblock(struct xfs *x, uint8_t *sb, struct err *err)
{
	uint32_t sector;
	int rc;

	if (x->disk->size < HEAD)
		return 1;
	if ((rc = disk_read(x->disk, sb, HEAD, 0, err)) != 0)
		return rc;
	if (load_be32(sb) != MAGIC)
		return 1;
	sector = load_be16(sb + 102);
	if (!is_size(sector, sb[121], 512, 32768))
		return lies(err, "its sectors have no true size");
	if ((rc = disk_read(x->disk, sb, sector, 0, err)) != 0)
		return rc;
	x->v5 = (load_be16(sb + 100) & 15) == 5;
	if (x->v5 && !xfs_sum_is_right(sb, sector, SUM_AT))
		return err_set(
		    err, ERR_FORMAT, "the checksum of its superblock is wrong");
	if (sb[126] != 0)
		return err_set(err, ERR_FORMAT, "xfs that was never finished");
	if ((rc = look_at_features(x, sb, err)) != 0)
		return rc;
	return look_at_sizes(x, sb, err);
}

static int
open_fs(struct xfs *x, struct err *err)
{
	uint8_t *sb;
	int rc;

	if ((x->work = malloc(XFS_BLOCK_MAX)) == NULL)
		return err_nomem(err);
	sb = x->work;
	if ((rc = look_at_superblock(x, sb, err)) != 0)
		return rc;
	if ((x->node = malloc(x->block)) == NULL)
		return err_nomem(err);
	x->tree.root = load_be64(sb + 56);
	if (load_be64(sb + 48) == 0)
		fs_note(x->env,
		    "an xfs file system has its log on another device: what "
		    "that holds is not seen");
	else if (journal_is_dirty("xfs", x->disk))
		fs_note(x->env,
		    "an xfs file system was not unmounted cleanly: what its "
		    "log holds is not seen");
	return 0;
}

static void
xfs_close(struct fs *fs)
{
	struct xfs *x = (struct xfs *)fs;

	fs_tree_done(&x->tree);
	free(x->node);
	free(x->work);
	free(x);
}

static int
xfs_open(struct fs **ret, struct disk *disk, const struct image_env *env,
    struct err *err)
{
	struct xfs *x = calloc(1, sizeof(*x));
	int rc;

	if (x == NULL)
		return err_nomem(err);
	x->tree = (struct fs_tree){ .head.reader = &fs_xfs_reader,
		.limits = env->limits,
		.names = xfs_names,
		.meta = xfs_meta,
		.target = xfs_target,
		.content = xfs_content };
	x->disk = disk;
	x->env = env;
	if ((rc = open_fs(x, err)) != 0) {
		xfs_close(&x->tree.head);
		return rc;
	}
	*ret = &x->tree.head;
	return 0;
}

const struct fs_reader fs_xfs_reader = {
	.name = "xfs",
	.open = xfs_open,
	.next = fs_tree_next,
	.read = fs_tree_read,
	.close = xfs_close,
};
