/*
 * Opening: what the superblock says is checked before libext2fs makes room for
 * it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_ext.h"
#include "fs_ext_private.h"

#include <endian.h>
#include <errno.h>
#include <et/com_err.h>
#include <stdlib.h>
#include <string.h>

/* Of descriptors of groups: 128 TiB and more. */
#define GROUPS_BYTES_MAX ((uint64_t)64 << 20)

static int
lies(struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, "its superblock lies: %s", what);
}

/* What libext2fs takes memory for, or divides by. It checks the rest. 1: it is
 * none. */
static int
look_at_superblock(struct ext *e, struct err *err)
{
	struct ext2_super_block sb;
	uint64_t blocks, groups, inodes;
	uint32_t log, per_group;
	int rc;

	if (e->disk->size < SUPERBLOCK_OFFSET + sizeof(sb))
		return 1;
	if ((rc = disk_read(
		 e->disk, &sb, sizeof(sb), SUPERBLOCK_OFFSET, err)) != 0)
		return rc;
	if (le16toh(sb.s_magic) != EXT2_SUPER_MAGIC)
		return 1;
	log = le32toh(sb.s_log_block_size);
	per_group = le32toh(sb.s_blocks_per_group);
	if (log > 6)
		return lies(err, "a block of more than 64 KiB");
	if (per_group == 0 || le32toh(sb.s_inodes_per_group) == 0)
		return lies(err, "a group without a block or an inode");
	blocks = le32toh(sb.s_blocks_count);
	if ((le32toh(sb.s_feature_incompat) & EXT4_FEATURE_INCOMPAT_64BIT) != 0)
		blocks |= (uint64_t)le32toh(sb.s_blocks_count_hi) << 32;
	groups = blocks / per_group + 1;
	inodes = le32toh(sb.s_inodes_count);
	if (groups * EXT2_MIN_DESC_SIZE_64BIT > GROUPS_BYTES_MAX)
		return err_set(err, ERR_FORMAT,
		    "it has more groups than are read here (%llu)",
		    (unsigned long long)groups);
	if (inodes > groups * le32toh(sb.s_inodes_per_group))
		return lies(err, "more inodes than fit its groups");
	return 0;
}

static void
ext_close(struct fs *fs)
{
	struct ext *e = (struct ext *)fs;

	fs_tree_done(&e->tree);
	if (e->fs != NULL)
		ext2fs_free(e->fs);
	free(e->inode);
	free(e->scratch);
	free(e);
}

static int
open_fs(struct ext *e, struct err *err)
{
	struct ext2_super_block *sb;
	errcode_t rc;

	initialize_ext2_error_table();
	rc = ext_io_open(e);
	if (rc == EXT2_ET_NO_MEMORY)
		return err_nomem(err);
	if (rc != 0)
		return err_set(err, ERR_FORMAT, "%s", error_message(rc));
	sb = e->fs->super;
	e->block = e->fs->blocksize;
	e->blocks = ext2fs_blocks_count(sb);
	e->inodes = sb->s_inodes_count;
	e->inode_size = EXT2_INODE_SIZE(sb);
	e->sums = ext2fs_has_feature_metadata_csum(sb) != 0;
	if (e->inode_size < EXT2_GOOD_OLD_INODE_SIZE ||
	    e->inode_size > e->block ||
	    (e->inode_size & (e->inode_size - 1)) != 0)
		return lies(err, "inodes of no true size");
	if (e->inodes > e->blocks * (e->block / e->inode_size))
		return lies(err, "more inodes than it has room for");
	e->inode = calloc(1,
	    e->inode_size < sizeof(*e->inode) ? sizeof(*e->inode) :
						e->inode_size);
	e->scratch = malloc(e->block);
	if (e->inode == NULL || e->scratch == NULL)
		return err_nomem(err);
	if (ext2fs_has_feature_journal_needs_recovery(sb))
		fs_note(e->env,
		    "an ext file system was not unmounted cleanly: what "
		    "its journal holds is not seen");
	if ((sb->s_state & EXT2_ERROR_FS) != 0)
		fs_note(e->env, "an ext file system is marked as damaged");
	return 0;
}

static int
ext_open(struct fs **ret, struct disk *disk, const struct image_env *env,
    struct err *err)
{
	struct ext *e = calloc(1, sizeof(*e));
	int rc;

	if (e == NULL)
		return err_nomem(err);
	e->tree = (struct fs_tree){ .head = { &fs_ext_reader },
		.limits = env->limits,
		.root = EXT2_ROOT_INO,
		.names = ext_names,
		.meta = ext_meta,
		.target = ext_target,
		.content = ext_content };
	e->disk = disk;
	e->env = env;
	if ((rc = look_at_superblock(e, err)) != 0 ||
	    (rc = open_fs(e, err)) != 0) {
		ext_close(&e->tree.head);
		return rc;
	}
	*ret = &e->tree.head;
	return 0;
}

uint8_t *
ext_block(struct ext *e, uint64_t where)
{
	struct err ignored = ERR_INIT;

	if (where >= e->blocks ||
	    disk_read(
		e->disk, e->scratch, e->block, where * e->block, &ignored) != 0)
		return NULL;
	return e->scratch;
}

const struct fs_reader fs_ext_reader = {
	.name = "ext",
	.open = ext_open,
	.next = fs_tree_next,
	.read = fs_tree_read,
	.close = ext_close,
};
