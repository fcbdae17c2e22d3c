/*
 * The content of files: what libtsk reads, less parts that are all zeros.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_tsk_private.h"

#include <errno.h>
#include <string.h>

static bool
is_zero(const uint8_t *p, size_t n)
{
	return p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

/* libtsk lends zeros for what it could not find. */
static struct ill
ill_of(const TSK_FS_ATTR *attr)
{
	if ((attr->flags & TSK_FS_ATTR_ENC) != 0)
		return (struct ill){ ENOKEY, "it is encrypted" };
	if ((attr->flags & TSK_FS_ATTR_NONRES) != 0)
		for (const TSK_FS_ATTR_RUN *run = attr->nrd.run; run != NULL;
		     run = run->next)
			if ((run->flags & TSK_FS_ATTR_RUN_FLAG_FILLER) != 0)
				return (struct ill){ EUCLEAN,
					"nobody knows where a part of it is" };
	return (struct ill){ 0 };
}

static void
give_attr(struct sk *t, struct fs_giver *g, const TSK_FS_ATTR *attr)
{
	struct ill ill = ill_of(attr);

	if (ill.why != NULL) {
		(void)fs_give_ill(g, &ill);
		return;
	}
	for (uint64_t at = 0; at < g->size;) {
		size_t n = g->size - at < FS_PIECE ? (size_t)(g->size - at) :
						     FS_PIECE;
		ssize_t got = tsk_fs_attr_read(attr, (TSK_OFF_T)at,
		    (char *)g->room, n, TSK_FS_FILE_READ_FLAG_NONE);

		if (got < 0 || (size_t)got != n) {
			ill = got < 0 ?
			    sk_ill(t) :
			    (struct ill){ EUCLEAN, "it ends too early" };
			(void)fs_give_ill(g, &ill);
			return;
		}
		if (!is_zero(g->room, n) && fs_give(g, at, g->room, n) != 0)
			return;
		at += n;
	}
	(void)fs_give_end(g);
}

static void
give_file(struct sk *t, struct fs_giver *g, TSK_FS_FILE *file)
{
	const TSK_FS_ATTR *attr;
	struct buf target = { 0 };
	enum sk_reparse reparse;
	struct ill ill;

	if (file->meta->type != TSK_FS_META_TYPE_REG)
		return;
	reparse = sk_reparse(file, &target);
	buf_done(&target);
	if (reparse == SK_REPARSE_LINK)
		return;
	if (reparse == SK_REPARSE_OTHER) {
		(void)fs_give_ill(g,
		    &(struct ill){ EOPNOTSUPP,
			"its content is kept elsewhere (a reparse point)" });
		return;
	}
	if (file->meta->size < 0) {
		(void)fs_give_ill(
		    g, &(struct ill){ EUCLEAN, "it has no true size" });
		return;
	}
	g->size = (uint64_t)file->meta->size;
	g->same = file->meta->nlink > 1 ? file->meta->addr : 0;
	g->has_mtime = sk_mtime(file, &g->mtime, &g->mtime_ns);
	if (g->size == 0) {
		(void)fs_give_end(g);
		return;
	}
	if ((attr = tsk_fs_file_attr_get(file)) != NULL) {
		give_attr(t, g, attr);
		return;
	}
	ill = sk_ill(t);
	(void)fs_give_ill(g, &ill);
}

void
sk_content(struct fs_tree *tree, uint64_t id, struct fs_giver *g)
{
	struct sk *t = (struct sk *)tree;
	struct ill ill;
	TSK_FS_FILE *file = sk_file(t, id, &ill);

	if (file == NULL) {
		(void)fs_give_ill(g, &ill);
		return;
	}
	give_file(t, g, file);
	tsk_fs_file_close(file);
}
