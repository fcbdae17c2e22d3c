/*
 * Wanted paths come in path order, so those below one directory stand together;
 * one look at its names finds the next component of each.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_tree.h"

#include <stdlib.h>
#include <string.h>

#define NONE UINT64_MAX

struct find {
	struct fs_tree *tree;
	const struct lookback_want *want;
	uint64_t *id; /* for each of them, what the last look found */
	struct fs_giver *giver;
	struct err *err;
};

/* Wanted paths [lo, hi), all below one directory; their components in it begin
 * at byte `at`. */
struct look {
	struct find *find;
	size_t lo, hi, at;
};

static size_t
component(const struct look *l, size_t i, const uint8_t **ret)
{
	const struct lookback_want *w = &l->find->want[i];
	const char *p = w->path + l->at;
	const char *slash = memchr(p, '/', w->len - l->at);

	*ret = (const uint8_t *)p;
	return slash == NULL ? w->len - l->at : (size_t)(slash - p);
}

static int
compare(const struct look *l, size_t i, const uint8_t *name, size_t len)
{
	const uint8_t *c;
	size_t n = component(l, i, &c);

	return fs_name_cmp(c, n, name, len);
}

/* The first of the paths whose component is not less. */
static size_t
first_of(const struct look *l, const uint8_t *name, size_t len)
{
	size_t lo = l->lo, hi = l->hi;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (compare(l, mid, name, len) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int
found(void *ctx, const uint8_t *name, size_t len, uint64_t id, struct err *err)
{
	const struct look *l = ctx;
	size_t i = first_of(l, name, len);

	(void)err;
	if (i < l->hi && l->find->id[i] == NONE &&
	    compare(l, i, name, len) == 0)
		l->find->id[i] = id;
	return 0;
}

static void
begin(struct fs_giver *g, size_t i)
{
	g->i = i;
	g->size = g->done = 0;
	g->has_mtime = g->ended = false;
	g->same = 0;
}

static void
give_unread(struct find *f, size_t lo, size_t hi, const struct ill *ill)
{
	for (size_t i = lo; i < hi && f->giver->rc == 0; i++) {
		begin(f->giver, i);
		(void)fs_give_ill(f->giver, ill);
	}
}

static int below(struct find *, uint64_t dir, size_t lo, size_t hi, size_t at,
    uint32_t depth);

/* Paths [lo, hi) are `id` itself or lie below it: their next component ends at
 * byte `end`. */
static int
one_file(struct find *f, uint64_t id, size_t lo, size_t hi, size_t end,
    uint32_t depth)
{
	struct fs_tree *tree = f->tree;
	struct fs_meta meta = { 0 };

	if (f->want[lo].len == end) {
		begin(f->giver, lo);
		tree->content(tree, id, f->giver);
		lo++;
	}
	if (lo == hi || f->giver->rc != 0 || depth >= tree->limits->depth)
		return 0;
	tree->meta(tree, id, &meta);
	if (meta.ill.why != NULL)
		give_unread(f, lo, hi, &meta.ill);
	else if (meta.type == 'd')
		return below(f, id, lo, hi, end + 1, depth + 1);
	return 0;
}

/* As deep as a path is, and no deeper than limits say. */
static int
below(struct find *f, uint64_t dir, size_t lo, size_t hi, size_t at,
    uint32_t depth)
{
	const struct look l = { .find = f, .lo = lo, .hi = hi, .at = at };
	struct look ctx = l;
	struct ill ill = { 0 };
	int rc;

	for (size_t i = lo; i < hi; i++)
		f->id[i] = NONE;
	if ((rc = f->tree->names(f->tree, dir, found, &ctx, &ill, f->err)) != 0)
		return rc;
	for (size_t i = lo, j; i < hi && f->giver->rc == 0; i = j) {
		const uint8_t *c;
		size_t len = component(&l, i, &c);

		for (j = i + 1; j < hi && compare(&l, j, c, len) == 0; j++)
			;
		if (f->id[i] != NONE)
			rc = one_file(f, f->id[i], i, j, at + len, depth);
		else if (ill.why != NULL)
			give_unread(f, i, j, &ill);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int
fs_tree_read(struct fs *fs, const struct lookback_want *want, size_t n,
    lookback_piece_fn *fn, void *ctx, int *ret_stop, struct err *err)
{
	struct fs_giver giver = { .give = fn, .ctx = ctx };
	struct find f = { .tree = (struct fs_tree *)fs,
		.want = want,
		.giver = &giver,
		.err = err };
	size_t lo = 0;
	int rc;

	while (lo < n && want[lo].len < 2)
		lo++; /* the root is no file */
	if (lo == n)
		return 0;
	f.id = reallocarray(NULL, n, sizeof(*f.id));
	giver.room = malloc(FS_PIECE);
	rc = f.id == NULL || giver.room == NULL ?
	    err_nomem(err) :
	    below(&f, f.tree->root, lo, n, 1, 0);
	free(giver.room);
	free(f.id);
	if (rc == 0 && giver.rc != 0) {
		*ret_stop = giver.rc;
		return 1;
	}
	return rc;
}
