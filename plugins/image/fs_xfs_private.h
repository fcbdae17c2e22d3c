/*
 * XFS, as fs_xfs*.c sees it. There is no library for it, and what is needed to
 * read is little: an inode's number says where it lies, and it has or leads to
 * the extents of its content or of its names. Free space, maps of who owns what,
 * attributes and quotas are never looked at.
 *
 * Numbers are big-endian, sums are little-endian. A block's number is its group
 * (the high bits) and its place in that. Structures of version 5 also have a sum,
 * the number of the file system, and who they belong to.
 *
 * Whatever lies is an `ill`: it is said of the one path, and the rest goes on.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_FS_XFS_PRIVATE_H
#define IMAGE_FS_XFS_PRIVATE_H

#include "base/buf.h"
#include "base/err.h"
#include "fs_tree.h"
#include "image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XFS_ID_LEN 16
#define XFS_INODE_MAX 2048
/* Of blocks, also those of directories. */
#define XFS_BLOCK_MAX ((size_t)64 << 10)

struct xfs {
	struct fs_tree tree;
	struct disk *disk;	     /* borrowed */
	const struct image_env *env; /* borrowed */
	uint32_t block;	    /* bytes; a power of two, as the next two */
	uint32_t dir_block; /* bytes: one or more blocks */
	uint32_t inode_size;
	unsigned block_log;  /* of block */
	unsigned inodes_log; /* of inodes in a block */
	unsigned group_log;  /* bits of a block's number within its group */
	uint32_t groups;     /* of which the last may be shorter */
	uint32_t group_blocks;
	uint64_t blocks;
	bool v5;      /* metadata has checksums and owners */
	bool typed;   /* names have a byte for the file's type */
	bool bigtime; /* some inodes have their times in 64 bits */
	bool manyext; /* some inodes have their extents counted in 64 bits */
	bool reflink; /* files share blocks */
	uint8_t id[XFS_ID_LEN]; /* as it stands in metadata */
	uint8_t *node;		/* owned; a block, for the map */
	uint8_t *work;		/* owned; XFS_BLOCK_MAX bytes, for who maps */
};

/* ---- fs_xfs.c ---- */

/* Where n blocks from this one on lie on the disk, in bytes, if that is within
 * one group. */
bool xfs_place(const struct xfs *, uint64_t block, uint64_t n, uint64_t *ret);
/* Whether the sum over all of [p, p + n), itself as zeros, stands at p + at. */
bool xfs_sum_is_right(const uint8_t *p, size_t n, size_t at);

/* ---- fs_xfs_inode.c ---- */

enum xfs_format { XFS_LOCAL = 1, XFS_EXTENTS = 2, XFS_BTREE = 3 };

struct xfs_inode {
	uint64_t number;
	uint16_t mode;
	uint8_t format; /* enum xfs_format, or another */
	bool realtime;	/* its content is on another device */
	bool shared;	/* ... may be another file's as well */
	bool linked;	/* it has more than one name */
	uint32_t uid, gid;
	uint64_t size;
	uint64_t extents; /* how many */
	int64_t mtime;
	uint32_t mtime_ns;
	/* The data fork: content, extents, or the root of their tree. */
	size_t fork_len;
	uint8_t fork[XFS_INODE_MAX];
};

/* False: it is ill. */
bool xfs_inode(struct xfs *, uint64_t ino, struct xfs_inode *, struct ill *);
/* As in struct fs_tree. */
void xfs_meta(struct fs_tree *, uint64_t ino, struct fs_meta *);

/* ---- fs_xfs_map.c ---- */

/* Where a part of a file lies. */
struct xfs_run {
	uint64_t at, n; /* blocks of the file */
	uint64_t place; /* on the disk, in bytes */
	bool unwritten; /* reserved: reads as zeros */
};
/* Not 0: no more, please. */
typedef int xfs_run_fn(void *ctx, const struct xfs_run *);

/* All runs, rising and within the file system, and in bytes within an int64_t;
 * unless the file shares blocks, never more of them than there are. Uses
 * x->node. */
void xfs_map(struct xfs *, const struct xfs_inode *, xfs_run_fn *, void *ctx,
    struct ill *);

/* ---- fs_xfs_dir.c, fs_xfs_read.c: as in struct fs_tree ---- */

int xfs_names(struct fs_tree *, uint64_t dir, fs_name_fn *, void *ctx,
    struct ill *, struct err *);
void xfs_target(struct fs_tree *, uint64_t ino, struct buf *to, struct ill *);
void xfs_content(struct fs_tree *, uint64_t ino, struct fs_giver *);

#endif
