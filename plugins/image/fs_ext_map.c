/*
 * Where a file's blocks lie. Extents are walked here, for nobody's tree is
 * deeper than 5, no key falls, and no file has more blocks than the file system:
 * so it ends whatever the bytes say. Indirect blocks are libext2fs'.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_ext_private.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include <ext2fs/ext3_extents.h>

#define DEPTH_MAX 5

struct map {
	struct ext *ext;
	uint32_t ino;
	ext_run_fn *fn;
	void *ctx;
	struct ill *ill;
	int rc;	       /* not 0: stop */
	uint64_t next; /* no run begins before this block of the file */
	uint64_t used; /* blocks of all runs */
	uint64_t nodes;
	struct ext_run run; /* indirect blocks: not yet told; n 0: none */
};

static int
bad(struct map *m, int error, const char *why)
{
	*m->ill = (struct ill){ error, why };
	return m->rc = -1;
}

static int
tell(struct map *m, const struct ext_run *run)
{
	if (run->at < m->next)
		return bad(m, EUCLEAN, "its blocks are out of order");
	if (run->where < m->ext->fs->super->s_first_data_block ||
	    run->where > m->ext->blocks || run->n > m->ext->blocks - run->where)
		return bad(
		    m, EUCLEAN, "a block of it lies outside the file system");
	m->next = run->at + run->n;
	m->used += run->n;
	if (m->used > m->ext->blocks)
		return bad(m, EUCLEAN,
		    "it has more blocks than there are on the file system");
	return m->rc = m->fn(m->ctx, run);
}

/* ---- extents ---- */

static int
leaf(struct map *m, const struct ext3_extent *x)
{
	uint16_t len = le16toh(x->ee_len);
	const struct ext_run run = {
		.at = le32toh(x->ee_block),
		.n = len > EXT_INIT_MAX_LEN ? len - EXT_INIT_MAX_LEN : len,
		.where = le32toh(x->ee_start) |
		    (uint64_t)le16toh(x->ee_start_hi) << 32,
		.unwritten = len > EXT_INIT_MAX_LEN,
	};

	if (run.n == 0)
		return bad(m, EUCLEAN, "an extent of it is empty");
	return tell(m, &run);
}

static int node(struct map *, const uint8_t *root, uint64_t where,
    const struct ext3_extent_header *, unsigned depth);

static int
child(struct map *m, const struct ext3_extent_idx *x, unsigned depth)
{
	uint64_t where = le32toh(x->ei_leaf) |
	    (uint64_t)le16toh(x->ei_leaf_hi) << 32;
	struct ext3_extent_header h;
	uint8_t *p;

	if (le32toh(x->ei_block) < m->next)
		return bad(m, EUCLEAN, "its extents are out of order");
	if (++m->nodes > m->ext->blocks)
		return bad(m, EUCLEAN, "its extents have no end");
	if ((p = ext_block(m->ext, where)) == NULL)
		return bad(m, EIO, "a block of its extents cannot be read");
	memcpy(&h, p, sizeof(h));
	if (le16toh(h.eh_magic) != EXT3_EXT_MAGIC ||
	    sizeof(h) + (size_t)le16toh(h.eh_max) * sizeof(*x) >
		m->ext->block ||
	    le16toh(h.eh_entries) > le16toh(h.eh_max))
		return bad(m, EUCLEAN, "a block of its extents is none");
	if (m->ext->sums &&
	    !ext2fs_extent_block_csum_verify(m->ext->fs, m->ino, (void *)p))
		return bad(m, EBADMSG, "the checksum of its extents is wrong");
	return node(m, NULL, where, &h, depth);
}

/* Entries are read one by one, since what they lead to takes the scratch block.
 * `root`: they are in the inode. */
static int
node(struct map *m, const uint8_t *root, uint64_t where,
    const struct ext3_extent_header *h, unsigned depth)
{
	struct err ignored = ERR_INIT;
	union {
		struct ext3_extent leaf;
		struct ext3_extent_idx child;
	} x;

	if (le16toh(h->eh_depth) != depth)
		return bad(m, EUCLEAN, "its extents are of unequal depth");
	for (unsigned i = 0; i < le16toh(h->eh_entries); i++) {
		size_t at = sizeof(*h) + i * sizeof(x);

		if (root != NULL)
			memcpy(&x, root + at, sizeof(x));
		else if (disk_read(m->ext->disk, &x, sizeof(x),
			     where * m->ext->block + at, &ignored) != 0)
			return bad(
			    m, EIO, "a block of its extents cannot be read");
		if ((depth == 0 ? leaf(m, &x.leaf) :
				  child(m, &x.child, depth - 1)) != 0)
			return m->rc;
	}
	return 0;
}

static void
extents(struct map *m, const struct ext2_inode_large *in)
{
	uint8_t root[sizeof(in->i_block)];
	struct ext3_extent_header h;

	memcpy(root, in->i_block, sizeof(root));
	memcpy(&h, root, sizeof(h));
	if (le16toh(h.eh_magic) != EXT3_EXT_MAGIC ||
	    le16toh(h.eh_depth) > DEPTH_MAX ||
	    sizeof(h) + le16toh(h.eh_entries) * sizeof(struct ext3_extent) >
		sizeof(root))
		(void)bad(m, EUCLEAN, "its extents are none");
	else
		(void)node(m, root, 0, &h, le16toh(h.eh_depth));
}

/* ---- indirect blocks ---- */

static int
gather(ext2_filsys fs, blk64_t *block, e2_blkcnt_t at, blk64_t ref, int ref_at,
    void *ctx)
{
	struct map *m = ctx;
	struct ext_run *run = &m->run;

	(void)fs;
	(void)ref;
	(void)ref_at;
	if (at < 0)
		return 0;
	if (run->n != 0 && (uint64_t)at == run->at + run->n &&
	    *block == run->where + run->n) {
		run->n++;
		return 0;
	}
	if (run->n != 0 && tell(m, run) != 0)
		return BLOCK_ABORT;
	*run = (struct ext_run){ .at = (uint64_t)at, .n = 1, .where = *block };
	return 0;
}

static void
indirect(struct map *m)
{
	if (ext2fs_block_iterate3(m->ext->fs, m->ino,
		BLOCK_FLAG_READ_ONLY | BLOCK_FLAG_DATA_ONLY, NULL, gather,
		m) != 0 &&
	    m->rc == 0)
		(void)bad(m, EIO,
		    "a block that says where it lies cannot be "
		    "read");
	if (m->rc == 0 && m->run.n != 0)
		(void)tell(m, &m->run);
}

int
ext_map(struct ext *e, uint32_t ino, const struct ext2_inode_large *in,
    ext_run_fn *fn, void *ctx, struct ill *ill)
{
	struct map m = {
		.ext = e, .ino = ino, .fn = fn, .ctx = ctx, .ill = ill
	};

	*ill = (struct ill){ 0 };
	if ((in->i_flags & EXT4_EXTENTS_FL) == 0)
		indirect(&m);
	else
		extents(&m, in);
	return m.rc;
}
