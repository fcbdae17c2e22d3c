/*
 * Depth first and in path order: one batch of names for each directory on the
 * way down. Each directory is entered once, whatever names lead to it, so loops
 * end.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_batch.h"
#include "fs_seen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct frame {
	uint64_t dir;
	size_t path_len; /* of the directory; the root has 0 */
	struct fs_batch batch;
	size_t i; /* the next name */
};

struct fs_walk {
	struct frame *frames; /* owned */
	size_t depth, room;
	struct fs_seen entered;
	struct buf path;    /* of the last item; the root is "" */
	struct buf target;  /* of the last item */
	size_t batch_bytes; /* of all frames */
	/* What comes before the next name: */
	struct ill below;   /* why what is below path is not all there */
	bool below_is_here; /* ... or path itself, which is there */
	bool enter;	    /* path is a directory, this one: */
	uint64_t dir;
};

void
fs_tree_done(struct fs_tree *tree)
{
	struct fs_walk *w = tree->walk;

	if (w == NULL)
		return;
	for (size_t i = 0; i < w->depth; i++)
		fs_batch_done(&w->frames[i].batch);
	free(w->frames);
	fs_seen_done(&w->entered);
	buf_done(&w->path);
	buf_done(&w->target);
	free(w);
}

static void
set_path(const struct fs_walk *w, struct lookback_item *item)
{
	item->path = w->path.len == 0 ? "/" : (const char *)w->path.data;
	item->len = w->path.len == 0 ? 1 : w->path.len;
}

static int
give_below(struct fs_walk *w, struct lookback_item *item)
{
	*item = (struct lookback_item){ .size = sizeof(*item),
		.kind = w->below_is_here ? LOOKBACK_UNLOOKED : LOOKBACK_UNREAD,
		.error = w->below.error,
		.why = w->below.why };
	set_path(w, item);
	w->below = (struct ill){ 0 };
	w->below_is_here = false;
	return 0;
}

static void
set_target(struct fs_tree *tree, uint64_t id, struct lookback_item *item)
{
	struct fs_walk *w = tree->walk;
	struct ill ill = { 0 };

	buf_clear(&w->target);
	tree->target(tree, id, &w->target, &ill);
	if (ill.why != NULL) {
		w->below = ill;
		w->below_is_here = true;
	} else if (w->target.len > 0) {
		item->fields |= LOOKBACK_TARGET;
		item->target = (const char *)w->target.data;
		item->target_len = w->target.len;
	}
}

/* The entry of path, and what follows from it. */
static int
give_entry(struct fs_tree *tree, uint64_t id, const struct fs_meta *m,
    struct lookback_item *item)
{
	struct fs_walk *w = tree->walk;

	*item = (struct lookback_item){ .size = sizeof(*item),
		.kind = LOOKBACK_ENTRY };
	set_path(w, item);
	if (m->ill.why != NULL) {
		w->below = m->ill;
		w->below_is_here = true;
		return 0;
	}
	item->fields = m->fields;
	item->type = m->type;
	item->mode = m->mode;
	item->uid = m->uid;
	item->gid = m->gid;
	item->bytes = m->size;
	item->mtime = m->mtime;
	item->mtime_ns = m->mtime_ns;
	if (item->type == 'l')
		set_target(tree, id, item);
	w->enter = item->type == 'd';
	w->dir = id;
	return 0;
}

/* The next names of the top frame. */
static int
load(struct fs_tree *tree, struct err *err)
{
	struct fs_walk *w = tree->walk;
	struct frame *f = &w->frames[w->depth - 1];
	struct fs_batch *b = &f->batch;
	uint8_t after[FS_NAME_MAX];
	size_t after_len = 0, bytes = 0;
	struct ill ill;
	int rc;

	if (b->n > 0) {
		after_len = b->by_name[b->n - 1].len;
		memcpy(
		    after, b->names.data + b->by_name[b->n - 1].at, after_len);
	}
	w->batch_bytes -= fs_batch_bytes(b);
	if (w->batch_bytes < FS_BATCH_BUDGET)
		bytes = (FS_BATCH_BUDGET - w->batch_bytes) / 2;
	if (bytes < FS_BATCH_LEAST)
		bytes = FS_BATCH_LEAST;
	f->i = 0;
	rc = fs_batch_load(b, tree, f->dir, after, after_len, bytes, &ill, err);
	w->batch_bytes += fs_batch_bytes(b);
	if (after_len == 0)
		w->below = ill;
	return rc;
}

static int
enter(struct fs_tree *tree, struct err *err)
{
	struct fs_walk *w = tree->walk;

	w->enter = false;
	if (w->depth > tree->limits->depth) {
		w->below = (struct ill){ ENAMETOOLONG, "it lies too deep" };
		return 0;
	}
	switch (fs_seen_add(&w->entered, w->dir)) {
	case 0:
		break;
	case 1:
		w->below = (struct ill){ EUCLEAN,
			"it is a directory that has another path" };
		return 0;
	default:
		return err_nomem(err);
	}
	if (w->depth == w->room) {
		size_t room = w->room == 0 ? 16 : w->room * 2;
		struct frame *p = reallocarray(w->frames, room, sizeof(*p));

		if (p == NULL)
			return err_nomem(err);
		w->frames = p;
		w->room = room;
	}
	w->frames[w->depth++] = (struct frame){ .dir = w->dir,
		.path_len = w->path.len };
	return load(tree, err);
}

static void
leave(struct fs_walk *w)
{
	struct frame *f = &w->frames[--w->depth];

	w->batch_bytes -= fs_batch_bytes(&f->batch);
	fs_batch_done(&f->batch);
}

/* The next name of the top frame; `item` has it, or a word on its directory. */
static int
give_name(struct fs_tree *tree, struct lookback_item *item, struct err *err)
{
	struct fs_walk *w = tree->walk;
	struct frame *f = &w->frames[w->depth - 1];
	const struct fs_batch_name *name = &f->batch.by_name[f->i++];

	w->path.len = f->path_len;
	if (f->path_len + 1 + name->len > tree->limits->path) {
		w->below = (struct ill){ ENAMETOOLONG,
			"a path below it is too long" };
		return give_below(w, item);
	}
	if (buf_reserve(&w->path, (size_t)name->len + 1) != 0 ||
	    buf_add_byte(&w->path, '/') != 0 ||
	    buf_add(&w->path, f->batch.names.data + name->at, name->len) != 0)
		return err_nomem(err);
	return give_entry(tree, name->id, &f->batch.metas[name->meta], item);
}

static int
begin(struct fs_tree *tree, struct lookback_item *item, struct err *err)
{
	struct fs_meta m = { 0 };

	if ((tree->walk = calloc(1, sizeof(*tree->walk))) == NULL)
		return err_nomem(err);
	tree->meta(tree, tree->root, &m);
	if (m.ill.why == NULL && m.type != 'd')
		m.ill = (struct ill){ EUCLEAN, "the root is no directory" };
	return give_entry(tree, tree->root, &m, item);
}

int
fs_tree_next(struct fs *fs, struct lookback_item *item, struct err *err)
{
	struct fs_tree *tree = (struct fs_tree *)fs;
	struct fs_walk *w = tree->walk;
	int rc;

	if (w == NULL)
		return begin(tree, item, err);
	for (;;) {
		struct frame *f;

		if (w->below.why != NULL)
			return give_below(w, item);
		if (w->enter) {
			if ((rc = enter(tree, err)) != 0)
				return rc;
			continue;
		}
		if (w->depth == 0)
			return 1;
		f = &w->frames[w->depth - 1];
		if (f->i < f->batch.n)
			return give_name(tree, item, err);
		if (f->batch.more) {
			if ((rc = load(tree, err)) != 0)
				return rc;
		} else {
			leave(w);
		}
	}
}
