/*
 * The content of files of XFS: written extents are pieces, all else is a hole. And
 * where links lead: in the inode, or in blocks, which in version 5 begin with a
 * head for each extent:
 *
 *	0 magic  4 where in the target  8 bytes of it  12 sum  16 id  32 owner
 *	40 where, in 512 bytes
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_xfs_private.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define LINK_HEAD 56u
#define LINK_MAGIC 0x58534c4du /* XSLM */
#define LINK_SUM_AT 12u
#define LINK_MAX 4095u

/* ---- links ---- */

struct link {
	struct xfs *x;
	const struct xfs_inode *in;
	struct buf *to;
	struct ill *ill;
	uint64_t next; /* block of the file */
	size_t left;   /* bytes of the target */
};

static int
bad(struct link *l, int error, const char *why)
{
	*l->ill = (struct ill){ error, why };
	return 1;
}

static int
link_run(void *ctx, const struct xfs_run *run)
{
	struct link *l = ctx;
	struct xfs *x = l->x;
	struct err ignored = ERR_INIT;
	const uint8_t *p = x->work;
	size_t head = x->v5 ? LINK_HEAD : 0, len = 0;

	/* Extents may be longer than the target. */
	if (run->n <= XFS_BLOCK_MAX / x->block)
		len = (size_t)run->n * x->block;
	if (len == 0 || run->at != l->next || run->unwritten)
		return bad(l, EUCLEAN, "its target is none");
	l->next += run->n;
	if (disk_read(x->disk, x->work, len, run->place, &ignored) != 0)
		return bad(l, EIO, "its target cannot be read");
	if (x->v5 && load_be32(p) != LINK_MAGIC)
		return bad(l, EUCLEAN, "its target is none");
	if (x->v5 && !xfs_sum_is_right(p, len, LINK_SUM_AT))
		return bad(l, EBADMSG, "the checksum of its target is wrong");
	if (x->v5 &&
	    (load_be32(p + 4) != l->in->size - l->left ||
		memcmp(p + 16, x->id, XFS_ID_LEN) != 0 ||
		load_be64(p + 32) != l->in->number ||
		load_be64(p + 40) != run->place / 512))
		return bad(l, EUCLEAN, "its target is that of another link");
	len -= head;
	if (x->v5 && load_be32(p + 8) < len)
		len = load_be32(p + 8);
	if (len > l->left)
		len = l->left;
	if (buf_add(l->to, p + head, len) != 0)
		return bad(l, ENOMEM, "out of memory");
	l->left -= len;
	return l->left == 0;
}

void
xfs_target(struct fs_tree *tree, uint64_t ino, struct buf *to, struct ill *ill)
{
	struct xfs_inode in;
	struct link l = {
		.x = (struct xfs *)tree, .in = &in, .to = to, .ill = ill
	};
	size_t from = to->len;

	if (!xfs_inode(l.x, ino, &in, ill))
		return;
	if (in.size > LINK_MAX) {
		*ill = (struct ill){ EUCLEAN, "its target is too long" };
		return;
	}
	l.left = (size_t)in.size;
	if (in.format != XFS_LOCAL)
		xfs_map(l.x, &in, link_run, &l, ill);
	else if (l.left > in.fork_len)
		*ill = (struct ill){ EUCLEAN, "its target is none" };
	else if (buf_add(to, in.fork, l.left) != 0)
		*ill = (struct ill){ ENOMEM, "out of memory" };
	else
		l.left = 0;
	if (ill->why == NULL &&
	    (l.left != 0 || to->len == from ||
		memchr(to->data + from, '\0', to->len - from) != NULL))
		*ill = (struct ill){ EUCLEAN, "its target is none" };
	if (ill->why != NULL)
		to->len = from;
}

/* ---- content ---- */

struct reading {
	struct xfs *x;
	struct fs_giver *giver;
	uint64_t out; /* bytes that were read, and are about to be */
};

static int
give_run(void *ctx, const struct xfs_run *run)
{
	struct reading *r = ctx;
	struct fs_giver *g = r->giver;
	unsigned log = r->x->block_log;
	uint64_t at = run->at << log, end = at + (run->n << log);

	if (at >= g->size)
		return 1;
	if (run->unwritten)
		return 0;
	if (end > g->size)
		end = g->size;
	r->out += end - at;
	if (fs_is_bomb(r->x->env->limits, r->out, r->x->disk->size)) {
		(void)fs_give_ill(g,
		    &(struct ill){ ERANGE,
			"its extents have far more than any file: a bomb" });
		return 1;
	}
	return fs_give_run(g, r->x->disk, at, end, run->place);
}

void
xfs_content(struct fs_tree *tree, uint64_t ino, struct fs_giver *g)
{
	struct reading r = { .x = (struct xfs *)tree, .giver = g };
	struct xfs_inode in;
	struct ill ill;

	if (!xfs_inode(r.x, ino, &in, &ill)) {
		(void)fs_give_ill(g, &ill);
		return;
	}
	if (!S_ISREG(in.mode))
		return;
	g->size = in.size;
	g->same = in.linked ? ino : 0;
	g->has_mtime = true;
	g->mtime = in.mtime;
	g->mtime_ns = in.mtime_ns;
	if (in.realtime)
		ill = (struct ill){ EOPNOTSUPP,
			"it is on the realtime device, which is not read" };
	else
		xfs_map(r.x, &in, give_run, &r, &ill);
	(void)fs_give_rest(g, &ill);
}
