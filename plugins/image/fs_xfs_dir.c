/*
 * Names of a directory of XFS. A short one lies in its inode. Else the names are
 * in blocks of the directory's first 32 GiB, what finds them by hash lies behind
 * that and is not looked at; but the single block of one that has only that ends
 * with its own.
 *
 *	in an inode	0 names, 1 how many numbers have 64 bits, 2 the parent;
 *			each: 0 length, 3 name, type, number (32 bits, or 64 if
 *			any has)
 *	block		0 magic, 16 (version 5: 64) names; version 5: 4 sum, 8
 *			where, in 512 bytes, 24 id, 40 owner
 *	name		0 number, 8 length, 9 name, type; to the next 8: where it
 *			begins; or free space: 0 ffff, 2 length
 *	end of a single	hashes of 8 bytes each, -8 how many
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_xfs_private.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define BLOCK_HEAD 16u
#define BLOCK_HEAD_5 64u
#define SUM_AT 4u
#define SINGLE 0x58443242u   /* XD2B */
#define SINGLE_5 0x58444233u /* XDB3 */
#define DATA 0x58443244u     /* XD2D */
#define DATA_5 0x58444433u   /* XDD3 */
#define DATA_END (UINT64_C(1) << 35)

/* Of one directory: it may say that it has millions of blocks of which there is
 * none, and so may each of a million more. */
#define BAD_MAX 1000u

struct dir {
	struct xfs *x;
	const struct xfs_inode *in;
	fs_name_fn *fn;
	void *ctx;
	struct ill *ill;
	struct err *err;
	uint64_t place; /* of the first block that is in x->work */
	uint32_t have;	/* bytes in x->work: part of a directory's block */
	uint64_t next;	/* bytes of the directory until here */
	uint32_t n_bad;
	int rc;
};

static void
bad(struct dir *d, int error, const char *why)
{
	d->n_bad++;
	if (d->ill->why == NULL)
		*d->ill = (struct ill){ error, why };
}

static int
give(struct dir *d, const uint8_t *name, unsigned len, uint64_t ino)
{
	if (fs_name_is_dots(name, len))
		return 0;
	if (!fs_name_is_valid(name, len)) {
		bad(d, EUCLEAN, "it has a name that no file can have");
		return 0;
	}
	/* No inode has this number, but a file has this name. */
	if (ino == UINT64_MAX)
		ino--;
	return d->rc = d->fn(d->ctx, name, len, ino, d->err);
}

static void
in_the_inode(struct dir *d)
{
	const uint8_t *p = d->in->fork;
	size_t size, at, wide;

	if (d->in->size > d->in->fork_len || d->in->size < 6) {
		bad(d, EUCLEAN, "what its inode holds is no directory");
		return;
	}
	size = (size_t)d->in->size;
	wide = p[1] != 0 ? 8 : 4;
	at = 2 + wide;
	for (unsigned i = 0; i < p[0]; i++) {
		const uint8_t *name, *number;
		size_t len, need;

		len = at < size ? p[at] : 0;
		need = 3 + len + (d->x->typed ? 1 : 0) + wide;
		if (len == 0 || at > size || need > size - at) {
			bad(d, EUCLEAN, "an entry of it has no true length");
			return;
		}
		name = p + at + 3;
		at += need;
		number = p + at - wide;
		if (give(d, name, (unsigned)len,
			wide == 8 ? load_be64(number) : load_be32(number)) != 0)
			return;
	}
}

/* Where the names of a block end; 0: it is none. */
static uint32_t
end_of_names(const struct dir *d, const uint8_t *p)
{
	const struct xfs *x = d->x;
	uint32_t magic = load_be32(p), room = x->dir_block - BLOCK_HEAD_5 - 8,
		 n;

	if (magic == (x->v5 ? DATA_5 : DATA))
		return x->dir_block;
	if (magic != (x->v5 ? SINGLE_5 : SINGLE) || d->in->size != x->dir_block)
		return 0;
	n = load_be32(p + x->dir_block - 8);
	return n <= room / 8 ? x->dir_block - 8 - n * 8 : 0;
}

/* The names in x->work. */
static void
block(struct dir *d)
{
	const struct xfs *x = d->x;
	const uint8_t *p = x->work;
	uint32_t end = end_of_names(d, p), len;

	if (end == 0) {
		bad(d, EUCLEAN, "a block of it is none");
		return;
	}
	if (x->v5 && !xfs_sum_is_right(p, x->dir_block, SUM_AT)) {
		bad(d, EBADMSG, "the checksum of a block is wrong");
		return;
	}
	if (x->v5 &&
	    (load_be64(p + 8) != d->place / 512 ||
		memcmp(p + 24, x->id, XFS_ID_LEN) != 0 ||
		load_be64(p + 40) != d->in->number)) {
		bad(d, EUCLEAN, "a block of it is another directory's");
		return;
	}
	for (uint32_t at = x->v5 ? BLOCK_HEAD_5 : BLOCK_HEAD; at < end;
	     at += len) {
		/* All is in eights, and no name fits eight. */
		bool is_free = load_be16(p + at) == 0xffff;
		uint32_t name_len = end - at > 8 ? p[at + 8] : 0;

		len = is_free ? load_be16(p + at + 2) :
				(name_len + (x->typed ? 12u : 11u) + 7) & ~7u;
		if (len == 0 || len % 8 != 0 || len > end - at ||
		    (!is_free && name_len == 0)) {
			bad(d, EUCLEAN, "an entry of it has no true length");
			return;
		}
		if (!is_free &&
		    give(d, p + at + 9, name_len, load_be64(p + at)) != 0)
			return;
	}
}

/* A block of the file system is part of one of the directory's, or all of it. */
static int
one_block(struct dir *d, uint64_t at, uint64_t place, bool unwritten)
{
	struct xfs *x = d->x;
	struct err ignored = ERR_INIT;

	if (d->have != 0 ? at != d->next : at % x->dir_block != 0) {
		bad(d, EUCLEAN, "blocks of it are missing");
		d->have = 0;
		if (at % x->dir_block != 0)
			return 0;
	}
	if (d->have == 0)
		d->place = place;
	d->next = at + x->block;
	if (unwritten) {
		bad(d, EUCLEAN, "a block of it was never written");
		d->have = 0;
		return 0;
	}
	if (disk_read(x->disk, x->work + d->have, x->block, place, &ignored) !=
	    0) {
		bad(d, EIO, "a block of it cannot be read");
		d->have = 0;
		return 0;
	}
	d->have += x->block;
	if (d->have < x->dir_block)
		return 0;
	d->have = 0;
	block(d);
	return d->rc;
}

static int
one_run(void *ctx, const struct xfs_run *run)
{
	struct dir *d = ctx;
	uint32_t size = d->x->block;

	for (uint64_t i = 0; i < run->n; i++) {
		uint64_t at = (run->at + i) * size;

		if (at >= DATA_END || d->n_bad > BAD_MAX)
			return 1;
		if (one_block(d, at, run->place + i * size, run->unwritten) !=
		    0)
			return d->rc;
	}
	return 0;
}

int
xfs_names(struct fs_tree *tree, uint64_t dir, fs_name_fn *fn, void *ctx,
    struct ill *ill, struct err *err)
{
	struct xfs_inode in;
	struct dir d = { .x = (struct xfs *)tree,
		.in = &in,
		.fn = fn,
		.ctx = ctx,
		.ill = ill,
		.err = err };
	struct ill lost = { 0 };

	if (!xfs_inode(d.x, dir, &in, ill))
		return 0;
	if (!S_ISDIR(in.mode)) {
		*ill = (struct ill){ ENOTDIR, "it is no directory" };
		return 0;
	}
	if (in.format == XFS_LOCAL) {
		in_the_inode(&d);
		return d.rc;
	}
	xfs_map(d.x, &in, one_run, &d, &lost);
	if (lost.why != NULL)
		bad(&d, lost.error, lost.why);
	else if (d.rc == 0 &&
	    (d.have != 0 || d.next != in.size || in.size == 0))
		bad(&d, EUCLEAN, "blocks of it are missing");
	return d.rc;
}
