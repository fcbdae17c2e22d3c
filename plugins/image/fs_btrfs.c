/*
 * Opening: the superblock, and the trees it leads to.
 *
 *	sum[32] fsid[16] u64 its place, u64 flags, magic[8], u64 generation; u64
 *	addresses of the roots of the tree of trees, of the chunk tree, of the log;
 *	u64 x 4, u64 devices; u32 sector, node, x, x, bytes of the chunk array; u64
 *	the chunk tree's generation, features x 3; u16 kind of sum, u8 levels x 3;
 *	the device: u64 number, ...
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_btrfs.h"
#include "fs_btrfs_private.h"

#include <inttypes.h>
#include <stdlib.h>

#define SUPER_AT ((uint64_t)65536)
#define SUPER_SIZE 4096u
#define SUPER_SUMS 4u /* kinds */
#define SUPER_ARRAY 0x32bu
#define SUPER_ARRAY_SIZE 2048u

/* Features without which nothing is read. */
enum feature {
	MIXED_BACKREF = 1 << 0,
	DEFAULT_SUBVOL = 1 << 1,
	MIXED_GROUPS = 1 << 2,
	COMPRESS_LZO = 1 << 3,
	COMPRESS_ZSTD = 1 << 4,
	BIG_METADATA = 1 << 5,
	EXTENDED_IREF = 1 << 6,
	RAID56 = 1 << 7,
	SKINNY_METADATA = 1 << 8,
	NO_HOLES = 1 << 9,
	METADATA_UUID = 1 << 10,
	RAID1C34 = 1 << 11,
	SIMPLE_QUOTA = 1 << 16,
};
#define KNOWN                                                                \
	((uint64_t)(MIXED_BACKREF | DEFAULT_SUBVOL | MIXED_GROUPS |          \
	    COMPRESS_LZO | COMPRESS_ZSTD | BIG_METADATA | EXTENDED_IREF |    \
	    RAID56 | SKINNY_METADATA | NO_HOLES | METADATA_UUID | RAID1C34 | \
	    SIMPLE_QUOTA))

static int
lies(struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, "its superblock lies: %s", what);
}

static bool
is_size(uint32_t n)
{
	return n >= BTRFS_NODE_MIN && n <= BTRFS_NODE_MAX && (n & (n - 1)) == 0;
}

/* 1: it is none. */
static int
read_super(struct btrfs *b, uint8_t *sb, struct err *err)
{
	uint64_t unknown;
	int rc;

	if (b->disk->size < SUPER_AT + SUPER_SIZE)
		return 1;
	if ((rc = disk_read(b->disk, sb, SUPER_SIZE, SUPER_AT, err)) != 0)
		return rc;
	if (memcmp(sb + 64, "_BHRfS_M", 8) != 0)
		return 1;
	b->sum_type = load_u16(sb + 0xc4);
	if (b->sum_type >= SUPER_SUMS)
		return lies(err, "a kind of checksum that is not known");
	if (!btrfs_sum_is_right(b->sum_type, sb, SUPER_SIZE))
		return err_set(
		    err, ERR_FORMAT, "the checksum of its superblock is wrong");
	if (load_u64(sb + 48) != SUPER_AT)
		return lies(err, "it is another one");
	if ((unknown = load_u64(sb + 0xbc) & ~KNOWN) != 0)
		return err_set(err, ERR_REFUSED,
		    "btrfs with features (0x%" PRIx64
		    ") that are not known here; --trust-image lets this "
		    "host's kernel mount it",
		    unknown);
	b->sector = load_u32(sb + 0x90);
	b->node = load_u32(sb + 0x94);
	if (!is_size(b->sector) || !is_size(b->node))
		return lies(err, "nodes or sectors of no true size");
	if (load_u32(sb + 0xa0) > SUPER_ARRAY_SIZE)
		return lies(err, "more chunks than it has room for");
	return 0;
}

static int
open_trees(struct btrfs *b, const uint8_t *sb, struct err *err)
{
	const struct btrfs_pointer chunks = {
		.at = load_u64(sb + 0x58),
		.generation = load_u64(sb + 0xa4),
		.level = sb[0xc7],
	};
	bool other = (load_u64(sb + 0xbc) & METADATA_UUID) != 0;
	int rc;

	memcpy(b->fsid, sb + (other ? 0x23b : 32), sizeof(b->fsid));
	b->device = load_u64(sb + 0xc9);
	b->trees = (struct btrfs_pointer){
		.at = load_u64(sb + 0x50),
		.generation = load_u64(sb + 0x48),
		.level = sb[0xc6],
	};
	if ((rc = btrfs_chunks_read(b, sb + SUPER_ARRAY, load_u32(sb + 0xa0),
		 &chunks, err)) != 0 ||
	    (rc = btrfs_subvol_top(b, err)) != 0)
		return rc;
	if (load_u64(sb + 0x60) != 0)
		fs_note(b->env,
		    "a btrfs file system was not unmounted cleanly: what its "
		    "log holds is not seen");
	return 0;
}

static void
btrfs_close(struct fs *fs)
{
	struct btrfs *b = (struct btrfs *)fs;

	fs_tree_done(&b->tree);
	btrfs_nodes_free(b);
	btrfs_subvols_free(b);
	free(b->chunk);
	free(b);
}

static int
btrfs_open(struct fs **ret, struct disk *disk, const struct image_env *env,
    struct err *err)
{
	uint8_t sb[SUPER_SIZE];
	struct btrfs *b = calloc(1, sizeof(*b));
	int rc;

	if (b == NULL)
		return err_nomem(err);
	b->tree = (struct fs_tree){ .head = { &fs_btrfs_reader },
		.limits = env->limits,
		.root = btrfs_id(0, BTRFS_TOP_DIR),
		.names = btrfs_names,
		.meta = btrfs_meta,
		.target = btrfs_target,
		.content = btrfs_content };
	b->disk = disk;
	b->env = env;
	if ((rc = read_super(b, sb, err)) != 0 ||
	    (rc = open_trees(b, sb, err)) != 0) {
		btrfs_close(&b->tree.head);
		return rc;
	}
	*ret = &b->tree.head;
	return 0;
}

const struct fs_reader fs_btrfs_reader = {
	.name = "btrfs",
	.open = btrfs_open,
	.next = fs_tree_next,
	.read = fs_tree_read,
	.close = btrfs_close,
};
