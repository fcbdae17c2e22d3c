/*
 * The content of files: written extents are pieces, all else is a hole.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_ext_private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PIECE ((size_t)1 << 20)

struct reading {
	struct ext *ext;
	uint8_t *data; /* owned; PIECE bytes */
	struct fs_giver *giver;
};

static int
give_run(void *ctx, const struct ext_run *run)
{
	struct reading *r = ctx;
	struct fs_giver *g = r->giver;
	struct err ignored = ERR_INIT;
	uint64_t block = r->ext->block, at = run->at * block,
		 end = (run->at + run->n) * block, where = run->where * block;

	if (at >= g->size)
		return 1;
	if (run->unwritten)
		return 0;
	if (end > g->size)
		end = g->size;
	while (at < end) {
		size_t n = end - at < PIECE ? (size_t)(end - at) : PIECE;

		if (disk_read(r->ext->disk, r->data, n, where, &ignored) != 0) {
			(void)fs_give_ill(g,
			    &(struct ill){
				EIO, "a block of it cannot be read" });
			return 1;
		}
		if (fs_give(g, at, r->data, n) != 0)
			return 1;
		at += n;
		where += n;
	}
	return 0;
}

static void
give_inline(const struct reading *r, uint32_t ino)
{
	struct fs_giver *g = r->giver;
	struct buf b = { 0 };
	struct ill ill;

	ext_inline(r->ext, ino, &b, &ill);
	if (ill.why == NULL && b.len < g->size)
		ill = (struct ill){ EUCLEAN,
			"its inode holds less than it should" };
	if (ill.why != NULL)
		(void)fs_give_ill(g, &ill);
	else if (fs_give(g, 0, b.data, (size_t)g->size) == 0)
		(void)fs_give_end(g);
	buf_done(&b);
}

static void
content(void *ctx, struct fs_giver *g, uint64_t id)
{
	struct reading *r = ctx;
	uint32_t ino = (uint32_t)id;
	struct ill ill;
	const struct ext2_inode_large *in = ext_inode(r->ext, ino, &ill);
	struct ext2_inode_large copy;

	r->giver = g;
	if (in == NULL) {
		(void)fs_give_ill(g, &ill);
		return;
	}
	copy = *in;
	if (!S_ISREG(copy.i_mode))
		return;
	g->size = ext_size(r->ext, &copy);
	g->has_mtime = true;
	ext_mtime(r->ext, &copy, &g->mtime, &g->mtime_ns);
	if ((copy.i_flags & EXT4_ENCRYPT_FL) != 0)
		ill = (struct ill){ ENOKEY, "it is encrypted" };
	else if ((copy.i_flags & EXT2_COMPRBLK_FL) != 0)
		ill = (struct ill){ EOPNOTSUPP, "it is compressed" };
	else if (g->size > INT64_MAX)
		ill = (struct ill){ EUCLEAN, "it has no true size" };
	else if ((copy.i_flags & EXT4_INLINE_DATA_FL) != 0)
		give_inline(r, ino);
	else
		(void)ext_map(r->ext, ino, &copy, give_run, r, &ill);
	if (g->rc != 0 || g->ended)
		return;
	if (ill.why != NULL)
		(void)fs_give_ill(g, &ill);
	else
		(void)fs_give_end(g);
}

static int
names(void *ctx, uint64_t dir, fs_name_fn *fn, void *name_ctx, struct ill *ill,
    struct err *err)
{
	const struct reading *r = ctx;

	return ext_dir(r->ext, (uint32_t)dir, fn, name_ctx, ill, err);
}

static bool
is_dir(void *ctx, uint64_t id, struct ill *ill)
{
	const struct reading *r = ctx;
	const struct ext2_inode_large *in = ext_inode(
	    r->ext, (uint32_t)id, ill);

	return in != NULL && S_ISDIR(in->i_mode);
}

int
ext_read(struct ext *e, const struct lookback_want *want, size_t n,
    lookback_piece_fn *give, void *ctx, int *ret_stop, struct err *err)
{
	struct reading r = { .ext = e, .data = malloc(PIECE) };
	const struct fs_finder finder = { .ctx = &r,
		.limits = e->env->limits,
		.root = EXT2_ROOT_INO,
		.names = names,
		.is_dir = is_dir,
		.content = content };
	int rc;

	if (r.data == NULL)
		return err_nomem(err);
	rc = fs_read_wants(&finder, want, n, give, ctx, ret_stop, err);
	free(r.data);
	return rc;
}
