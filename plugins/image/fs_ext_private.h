/*
 * ext2, ext3 and ext4, as fs_ext*.c sees them. libext2fs opens the file system,
 * knows its features and its checksums, follows indirect blocks and inline
 * data. What decides about the time and about termination on hostile bytes is
 * done here: inodes, extents, directory blocks.
 *
 * Whatever lies is an `ill`: it is said of the one path, and the rest goes on.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_FS_EXT_PRIVATE_H
#define IMAGE_FS_EXT_PRIVATE_H

#include "base/buf.h"
#include "base/err.h"
#include "fs_tree.h"
#include "image.h"

#include <lookback/source.h>

#include <ext2fs/ext2fs.h>
#include <stdbool.h>
#include <stdint.h>

struct ext {
	struct fs_tree tree;
	struct disk *disk;	     /* borrowed */
	const struct image_env *env; /* borrowed */
	ext2_filsys fs;		     /* owned */
	uint32_t block;		     /* bytes */
	uint32_t inode_size;
	uint64_t blocks;  /* of the file system */
	uint32_t inodes;  /* the highest number */
	bool sums;	  /* metadata has checksums */
	uint8_t *scratch; /* owned; a block, for who reads next */
	/* Owned: the last one that was read. Of one that is shorter than the
	 * struct, the rest is zero. */
	struct ext2_inode_large *inode;
};

/* ---- fs_ext.c ---- */

/* A block of the file system into e->scratch, which it returns; or NULL. */
uint8_t *ext_block(struct ext *, uint64_t where);

/* ---- fs_ext_io.c ---- */

/* Have libext2fs open e->disk as e->fs. */
errcode_t ext_io_open(struct ext *);

/* ---- fs_ext_inode.c ---- */

/* As in struct fs_tree. */
void ext_meta(struct fs_tree *, uint64_t id, struct fs_meta *);
void ext_target(struct fs_tree *, uint64_t id, struct buf *to, struct ill *);

/* The inode, or NULL and why not. Valid until the next one is read. */
const struct ext2_inode_large *ext_inode(
    struct ext *, uint32_t ino, struct ill *);
uint64_t ext_size(const struct ext *, const struct ext2_inode_large *);
void ext_mtime(const struct ext *, const struct ext2_inode_large *,
    int64_t *ret_s, uint32_t *ret_ns);
/* Content or directory that lies in the inode itself. */
void ext_inline(struct ext *, uint32_t ino, struct buf *to, struct ill *);

/* ---- fs_ext_map.c ---- */

/* Where a part of a file lies. */
struct ext_run {
	uint64_t at, n; /* blocks of the file */
	uint64_t where; /* block of the file system */
	bool unwritten; /* reserved: reads as zeros */
};
/* Not 0: no more, please. */
typedef int ext_run_fn(void *ctx, const struct ext_run *);

/* All runs, rising and within the file system; never more blocks than that has.
 * Returns what the last call returned. */
int ext_map(struct ext *, uint32_t ino, const struct ext2_inode_large *,
    ext_run_fn *, void *ctx, struct ill *);

/* ---- fs_ext_dir.c ---- */

/* As in struct fs_tree: all names as the blocks have them, hash trees included. */
int ext_names(struct fs_tree *, uint64_t dir, fs_name_fn *, void *ctx,
    struct ill *, struct err *);

/* ---- fs_ext_read.c ---- */

/* As in struct fs_tree. */
void ext_content(struct fs_tree *, uint64_t id, struct fs_giver *);

#endif
