/*
 * Names of a directory, from its blocks one after the other. Blocks of a hash
 * tree look like empty ones, so they need no care.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_ext_private.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

struct dir {
	struct ext *ext;
	uint32_t ino;
	fs_name_fn *fn;
	void *ctx;
	struct ill *ill;
	struct err *err;
	uint64_t end; /* blocks that it has by its size */
	uint64_t n;   /* of those, how many were there */
	int rc;
};

static void
bad(struct dir *d, int error, const char *why)
{
	if (d->ill->why == NULL)
		*d->ill = (struct ill){ error, why };
}

/* The entries in [p, p + size). */
static int
entries(struct dir *d, const uint8_t *p, size_t size)
{
	bool typed = ext2fs_has_feature_filetype(d->ext->fs->super);

	for (size_t at = 0, len; at < size; at += len) {
		const uint8_t *name;
		uint16_t rec_len;
		uint32_t ino;
		uint8_t name_len;

		if (size - at < 8) {
			bad(d, EUCLEAN, "a block of it ends too early");
			return 0;
		}
		memcpy(&rec_len, p + at + 4, 2);
		rec_len = le16toh(rec_len);
		len = rec_len;
		if (size > 65535 && (rec_len == 65535 || rec_len == 0))
			len = size;
		else if (size > 65535)
			len = (rec_len & 65532u) | (rec_len & 3u) << 16;
		name_len = p[at + 6];
		name = p + at + 8;
		ino = load_u32(p + at);
		if (len < 8 || len % 4 != 0 || len > size - at ||
		    name_len + 8u > len || (!typed && p[at + 7] != 0)) {
			bad(d, EUCLEAN, "an entry of it has no true length");
			return 0;
		}
		if (ino == 0 || fs_name_is_dots(name, name_len))
			continue;
		if (!fs_name_is_valid(name, name_len)) {
			bad(d, EUCLEAN, "it has a name that no file can have");
			continue;
		}
		if ((d->rc = d->fn(d->ctx, name, name_len, ino, d->err)) != 0)
			return d->rc;
	}
	return 0;
}

static int
one_run(void *ctx, const struct ext_run *run)
{
	struct dir *d = ctx;
	uint32_t size = d->ext->block;
	uint8_t *p;

	for (uint64_t i = 0; i < run->n && run->at + i < d->end; i++) {
		d->n++;
		if (run->unwritten) {
			bad(d, EUCLEAN, "a block of it was never written");
			continue;
		}
		if ((p = ext_block(d->ext, run->where + i)) == NULL) {
			bad(d, EIO, "a block of it cannot be read");
			continue;
		}
		if (d->ext->sums &&
		    !ext2fs_dir_block_csum_verify(
			d->ext->fs, d->ino, (void *)p)) {
			bad(d, EBADMSG, "the checksum of a block is wrong");
			continue;
		}
		if (entries(d, p, size) != 0)
			return d->rc;
	}
	return run->at + run->n >= d->end;
}

/* Its parent's number, then entries; more of them in what follows the 60 bytes
 * of the inode. */
static int
in_the_inode(struct dir *d)
{
	struct buf b = { 0 };
	size_t first = sizeof(((struct ext2_inode_large *)0)->i_block);

	ext_inline(d->ext, d->ino, &b, d->ill);
	if (d->ill->why == NULL && b.len < first)
		bad(d, EUCLEAN, "what its inode holds is no directory");
	if (d->ill->why == NULL && entries(d, b.data + 4, first - 4) == 0 &&
	    b.len > first)
		(void)entries(d, b.data + first, b.len - first);
	buf_done(&b);
	return d->rc;
}

int
ext_names(struct fs_tree *tree, uint64_t dir, fs_name_fn *fn, void *ctx,
    struct ill *ill, struct err *err)
{
	struct ext *e = (struct ext *)tree;
	uint32_t ino = (uint32_t)dir;
	struct dir d = { .ext = e,
		.ino = ino,
		.fn = fn,
		.ctx = ctx,
		.ill = ill,
		.err = err };
	const struct ext2_inode_large *in = ext_inode(e, ino, ill);
	struct ext2_inode_large copy;
	struct ill lost;

	if (in == NULL)
		return 0;
	copy = *in;
	if (!S_ISDIR(copy.i_mode)) {
		*ill = (struct ill){ ENOTDIR, "it is no directory" };
		return 0;
	}
	if ((copy.i_flags & EXT4_ENCRYPT_FL) != 0) {
		*ill = (struct ill){ ENOKEY, "its names are encrypted" };
		return 0;
	}
	if ((copy.i_flags & EXT4_INLINE_DATA_FL) != 0)
		return in_the_inode(&d);
	d.end = ext_size(e, &copy) / e->block;
	(void)ext_map(e, ino, &copy, one_run, &d, &lost);
	if (lost.why != NULL)
		bad(&d, lost.error, lost.why);
	else if (d.rc == 0 && (d.n < d.end || d.end == 0))
		bad(&d, EUCLEAN, "blocks of it are missing");
	return d.rc;
}
