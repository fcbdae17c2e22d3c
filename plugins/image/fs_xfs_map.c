/*
 * Where a file's blocks lie: extents in its inode, or in the leaves of a tree,
 * which know their neighbours. So the tree is gone down once, and then along its
 * leaves; no file's is deeper than 9, no extent falls, no leaf is empty: it ends
 * whatever the bytes say.
 *
 *	extent	bits 127 unwritten, 73.. at, 21.. where, 0.. how many
 *	root	0 level, 2 how many, 4 keys, and behind room for all, numbers
 *	block	0 magic, 4 level, 6 how many, 8 left, 16 right; version 5: 24
 *		where, in 512 bytes, 40 id, 56 owner, 64 sum
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_xfs_private.h"

#include <errno.h>
#include <string.h>

#define LEVELS_MAX 9
#define EXTENT 16u
#define PAIR 16u /* a key and a number */
#define ROOT_HEAD 4u
#define BLOCK_HEAD 24u
#define BLOCK_HEAD_5 72u
#define SUM_AT 64u
#define MAGIC 0x424d4150u   /* BMAP */
#define MAGIC_5 0x424d4133u /* BMA3 */

struct map {
	struct xfs *x;
	const struct xfs_inode *in;
	xfs_run_fn *fn;
	void *ctx;
	struct ill *ill;
	uint64_t next;	  /* no run begins before this block of the file */
	uint64_t used;	  /* blocks of all runs */
	uint64_t extents; /* of all leaves until now */
};

static int
bad(struct map *m, int error, const char *why)
{
	*m->ill = (struct ill){ error, why };
	return -1;
}

static int
extent(struct map *m, const uint8_t *p)
{
	uint64_t hi = load_be64(p), lo = load_be64(p + 8), end;
	struct xfs_run run = { .at = hi >> 9 & ((UINT64_C(1) << 54) - 1),
		.n = lo & ((UINT64_C(1) << 21) - 1),
		.unwritten = hi >> 63 != 0 };

	end = run.at + run.n;
	if (run.n == 0)
		return bad(m, EUCLEAN, "an extent of it is empty");
	if (run.at < m->next)
		return bad(m, EUCLEAN, "its extents are out of order");
	if (end > (uint64_t)INT64_MAX >> m->x->block_log)
		return bad(m, EUCLEAN, "an extent of it has no true place");
	if (!xfs_place(m->x, (hi & 511) << 43 | lo >> 21, run.n, &run.place))
		return bad(
		    m, EUCLEAN, "a block of it lies outside the file system");
	m->next = end;
	m->used += run.n;
	if (m->used > m->x->blocks && !m->in->shared)
		return bad(m, EUCLEAN,
		    "it has more blocks than there are on the file system");
	return m->fn(m->ctx, &run);
}

static int
extents(struct map *m, const uint8_t *p, uint64_t n)
{
	int rc = 0;

	for (uint64_t i = 0; rc == 0 && i < n; i++)
		rc = extent(m, p + i * EXTENT);
	return rc;
}

/* A block of the tree, into x->node. */
static int
read_node(struct map *m, uint64_t block, unsigned level)
{
	struct xfs *x = m->x;
	struct err ignored = ERR_INIT;
	size_t head = x->v5 ? BLOCK_HEAD_5 : BLOCK_HEAD;
	const uint8_t *p = x->node;
	uint64_t place;

	if (!xfs_place(x, block, 1, &place))
		return bad(m, EUCLEAN,
		    "a block of its extents lies outside the file system");
	if (disk_read(x->disk, x->node, x->block, place, &ignored) != 0)
		return bad(m, EIO, "a block of its extents cannot be read");
	if (load_be32(p) != (x->v5 ? MAGIC_5 : MAGIC) ||
	    load_be16(p + 4) != level)
		return bad(m, EUCLEAN, "a block of its extents is none");
	if (x->v5 && !xfs_sum_is_right(p, x->block, SUM_AT))
		return bad(m, EBADMSG, "the checksum of its extents is wrong");
	if (x->v5 &&
	    (load_be64(p + 24) != place / 512 ||
		memcmp(p + 40, x->id, XFS_ID_LEN) != 0 ||
		load_be64(p + 56) != m->in->number))
		return bad(m, EUCLEAN, "its extents are those of another file");
	if (load_be16(p + 6) == 0 ||
	    load_be16(p + 6) > (x->block - head) / PAIR)
		return bad(m, EUCLEAN, "a block of its extents is none");
	return 0;
}

static int
tree(struct map *m)
{
	const uint8_t *root = m->in->fork;
	size_t head = m->x->v5 ? BLOCK_HEAD_5 : BLOCK_HEAD,
	       room = (m->x->block - head) / PAIR;
	unsigned level;
	uint64_t block;
	int rc;

	if (m->in->fork_len < ROOT_HEAD + PAIR)
		return bad(m, EUCLEAN, "its extents are none");
	level = load_be16(root);
	if (level == 0 || level > LEVELS_MAX || load_be16(root + 2) == 0)
		return bad(m, EUCLEAN, "its extents are none");
	block = load_be64(
	    root + ROOT_HEAD + (m->in->fork_len - ROOT_HEAD) / PAIR * 8);
	while (--level > 0) {
		if ((rc = read_node(m, block, level)) != 0)
			return rc;
		block = load_be64(m->x->node + head + room * 8);
	}
	for (; block != UINT64_MAX; block = load_be64(m->x->node + 16)) {
		unsigned n;

		if ((rc = read_node(m, block, 0)) != 0)
			return rc;
		n = load_be16(m->x->node + 6);
		if ((rc = extents(m, m->x->node + head, n)) != 0)
			return rc;
		m->extents += n;
	}
	if (m->extents != m->in->extents)
		return bad(m, EUCLEAN, "extents of it are missing");
	return 0;
}

void
xfs_map(struct xfs *x, const struct xfs_inode *in, xfs_run_fn *fn, void *ctx,
    struct ill *ill)
{
	struct map m = { .x = x, .in = in, .fn = fn, .ctx = ctx, .ill = ill };

	*ill = (struct ill){ 0 };
	if (in->format == XFS_BTREE)
		(void)tree(&m);
	else if (in->format != XFS_EXTENTS ||
	    in->extents > in->fork_len / EXTENT)
		(void)bad(&m, EUCLEAN, "its extents are none");
	else
		(void)extents(&m, in->fork, in->extents);
}
