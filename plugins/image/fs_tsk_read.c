/*
 * The content of files: what libtsk reads, less parts that are all zeros.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_tsk_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PIECE ((size_t)1 << 20)

struct reading {
	struct sk *sk;
	uint8_t *data; /* owned; PIECE bytes */
};

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
give_attr(const struct reading *r, struct fs_giver *g, const TSK_FS_ATTR *attr)
{
	struct ill ill = ill_of(attr);

	if (ill.why != NULL) {
		(void)fs_give_ill(g, &ill);
		return;
	}
	for (uint64_t at = 0; at < g->size;) {
		size_t n = g->size - at < PIECE ? (size_t)(g->size - at) :
						  PIECE;
		ssize_t got = tsk_fs_attr_read(attr, (TSK_OFF_T)at,
		    (char *)r->data, n, TSK_FS_FILE_READ_FLAG_NONE);

		if (got < 0 || (size_t)got != n) {
			ill = got < 0 ?
			    sk_ill(r->sk) :
			    (struct ill){ EUCLEAN, "it ends too early" };
			(void)fs_give_ill(g, &ill);
			return;
		}
		if (!is_zero(r->data, n) && fs_give(g, at, r->data, n) != 0)
			return;
		at += n;
	}
	(void)fs_give_end(g);
}

static void
give_file(const struct reading *r, struct fs_giver *g, TSK_FS_FILE *file)
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
	g->has_mtime = sk_mtime(file, &g->mtime, &g->mtime_ns);
	if (g->size == 0) {
		(void)fs_give_end(g);
		return;
	}
	if ((attr = tsk_fs_file_attr_get(file)) != NULL) {
		give_attr(r, g, attr);
		return;
	}
	ill = sk_ill(r->sk);
	(void)fs_give_ill(g, &ill);
}

static void
content(void *ctx, struct fs_giver *g, uint64_t id)
{
	const struct reading *r = ctx;
	TSK_FS_FILE *file = tsk_fs_file_open_meta(r->sk->fs, NULL, id);
	struct ill ill;

	if (file != NULL && file->meta != NULL) {
		give_file(r, g, file);
	} else {
		ill = sk_ill(r->sk);
		(void)fs_give_ill(g, &ill);
	}
	if (file != NULL)
		tsk_fs_file_close(file);
}

static int
names(void *ctx, uint64_t dir, fs_name_fn *fn, void *name_ctx, struct ill *ill,
    struct err *err)
{
	const struct reading *r = ctx;
	struct sk_names all = { 0 };
	int rc = sk_names_load(&all, r->sk, dir, ill, err);

	for (size_t i = 0; i < all.n && rc == 0; i++)
		rc = fn(name_ctx, all.text.data + all.name[i].at,
		    all.name[i].len, all.name[i].id, err);
	sk_names_done(&all);
	return rc;
}

static bool
is_dir(void *ctx, uint64_t id, struct ill *ill)
{
	const struct reading *r = ctx;
	TSK_FS_FILE *file = tsk_fs_file_open_meta(r->sk->fs, NULL, id);
	struct buf target = { 0 };
	bool yes = file != NULL && file->meta != NULL &&
	    file->meta->type == TSK_FS_META_TYPE_DIR &&
	    sk_reparse(file, &target) != SK_REPARSE_LINK;

	buf_done(&target);
	if (file == NULL)
		*ill = sk_ill(r->sk);
	else
		tsk_fs_file_close(file);
	return yes;
}

int
sk_read(struct sk *t, const struct lookback_want *want, size_t n,
    lookback_piece_fn *give, void *ctx, int *ret_stop, struct err *err)
{
	struct reading r = { .sk = t, .data = malloc(PIECE) };
	const struct fs_finder finder = { .ctx = &r,
		.limits = t->env->limits,
		.root = t->fs->root_inum,
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
