/*
 * The content of files: written extents are pieces, all else is a hole.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_ext_private.h"

#include <errno.h>
#include <sys/stat.h>

struct reading {
	struct ext *ext;
	struct fs_giver *giver;
};

static int
give_run(void *ctx, const struct ext_run *run)
{
	const struct reading *r = ctx;
	uint64_t block = r->ext->block, at = run->at * block;

	if (at >= r->giver->size)
		return 1;
	if (run->unwritten)
		return 0;
	return fs_give_run(r->giver, r->ext->disk, at, at + run->n * block,
	    run->where * block);
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

void
ext_content(struct fs_tree *tree, uint64_t id, struct fs_giver *g)
{
	struct reading r = { .ext = (struct ext *)tree, .giver = g };
	uint32_t ino = (uint32_t)id;
	struct ill ill;
	const struct ext2_inode_large *in = ext_inode(r.ext, ino, &ill);
	struct ext2_inode_large copy;

	if (in == NULL) {
		(void)fs_give_ill(g, &ill);
		return;
	}
	copy = *in;
	if (!S_ISREG(copy.i_mode))
		return;
	g->size = ext_size(r.ext, &copy);
	g->same = copy.i_links_count > 1 ? ino : 0;
	g->has_mtime = true;
	ext_mtime(r.ext, &copy, &g->mtime, &g->mtime_ns);
	if ((copy.i_flags & EXT4_ENCRYPT_FL) != 0)
		ill = (struct ill){ ENOKEY, "it is encrypted" };
	else if ((copy.i_flags & EXT2_COMPRBLK_FL) != 0)
		ill = (struct ill){ EOPNOTSUPP, "it is compressed" };
	else if (g->size > INT64_MAX)
		ill = (struct ill){ EUCLEAN, "it has no true size" };
	else if ((copy.i_flags & EXT4_INLINE_DATA_FL) != 0)
		give_inline(&r, ino);
	else
		(void)ext_map(r.ext, ino, &copy, give_run, &r, &ill);
	(void)fs_give_rest(g, &ill);
}
