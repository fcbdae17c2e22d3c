/*
 * Depth first and in path order: one batch of names for each directory on the
 * way down. Each directory is entered once, whatever names lead to it, so loops
 * end.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_ext_batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/entry.h"

struct frame {
	uint32_t ino;
	size_t path_len; /* of the directory; the root has 0 */
	struct ext_batch batch;
	size_t i; /* the next name */
};

struct ext_walk {
	struct frame *frames; /* owned */
	size_t depth, room;
	uint8_t *entered;   /* owned; a bit an inode */
	struct buf path;    /* of the last item; the root is "" */
	struct buf target;  /* of the last item */
	size_t batch_bytes; /* of all frames */
	/* What comes before the next name: */
	struct ill below;   /* why what is below path is not all there */
	bool below_is_here; /* ... or path itself, which is there */
	uint32_t enter;	    /* path is a directory, this one; 0: none */
};

void
ext_walk_free(struct ext_walk *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->depth; i++)
		ext_batch_done(&w->frames[i].batch);
	free(w->frames);
	free(w->entered);
	buf_done(&w->path);
	buf_done(&w->target);
	free(w);
}

static void
set_path(const struct ext_walk *w, struct lookback_item *item)
{
	item->path = w->path.len == 0 ? "/" : (const char *)w->path.data;
	item->len = w->path.len == 0 ? 1 : w->path.len;
}

static int
give_below(struct ext_walk *w, struct lookback_item *item)
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
set_target(struct ext *e, uint32_t ino, struct lookback_item *item)
{
	struct ext_walk *w = e->walk;
	struct ill ill = { 0 };

	buf_clear(&w->target);
	ext_target(e, ino, &w->target, &ill);
	if (ill.why != NULL) {
		w->below = ill;
		w->below_is_here = true;
		return;
	}
	item->fields |= LOOKBACK_TARGET;
	item->target = (const char *)w->target.data;
	item->target_len = w->target.len;
}

/* The entry of path, and what follows from it. */
static int
give_entry(struct ext *e, uint32_t ino, const struct ext_meta *m,
    struct lookback_item *item)
{
	struct ext_walk *w = e->walk;

	*item = (struct lookback_item){ .size = sizeof(*item),
		.kind = LOOKBACK_ENTRY };
	set_path(w, item);
	if (m->ill.why != NULL) {
		w->below = m->ill;
		w->below_is_here = true;
		return 0;
	}
	item->fields = LOOKBACK_TYPE | LOOKBACK_MODE | LOOKBACK_OWNER |
	    LOOKBACK_SIZE | LOOKBACK_MTIME;
	item->type = entry_type_of_mode(m->mode);
	item->mode = m->mode & 07777;
	item->uid = m->uid;
	item->gid = m->gid;
	item->bytes = m->size;
	item->mtime = m->mtime;
	item->mtime_ns = m->mtime_ns;
	if (item->type == 'l')
		set_target(e, ino, item);
	else if (item->type == 'd')
		w->enter = ino;
	return 0;
}

/* The next names of the top frame. */
static int
load(struct ext *e, struct err *err)
{
	struct ext_walk *w = e->walk;
	struct frame *f = &w->frames[w->depth - 1];
	struct ext_batch *b = &f->batch;
	uint8_t after[255];
	size_t after_len = 0, bytes = 0;
	struct ill ill;
	int rc;

	if (b->n > 0) {
		after_len = b->by_name[b->n - 1].len;
		memcpy(
		    after, b->names.data + b->by_name[b->n - 1].at, after_len);
	}
	w->batch_bytes -= ext_batch_bytes(b);
	if (w->batch_bytes < EXT_BATCH_BUDGET)
		bytes = (EXT_BATCH_BUDGET - w->batch_bytes) / 2;
	if (bytes < EXT_BATCH_LEAST)
		bytes = EXT_BATCH_LEAST;
	f->i = 0;
	rc = ext_batch_load(b, e, f->ino, after, after_len, bytes, &ill, err);
	w->batch_bytes += ext_batch_bytes(b);
	if (after_len == 0)
		w->below = ill;
	return rc;
}

static int
enter(struct ext *e, struct err *err)
{
	struct ext_walk *w = e->walk;
	uint32_t ino = w->enter;
	uint8_t bit = (uint8_t)(1u << (ino % 8));

	w->enter = 0;
	if ((w->entered[ino / 8] & bit) != 0) {
		w->below = (struct ill){ EUCLEAN,
			"it is a directory that has another path" };
		return 0;
	}
	if (w->depth > e->env->limits->depth) {
		w->below = (struct ill){ ENAMETOOLONG, "it lies too deep" };
		return 0;
	}
	w->entered[ino / 8] |= bit;
	if (w->depth == w->room) {
		size_t room = w->room == 0 ? 16 : w->room * 2;
		struct frame *p = reallocarray(w->frames, room, sizeof(*p));

		if (p == NULL)
			return err_nomem(err);
		w->frames = p;
		w->room = room;
	}
	w->frames[w->depth++] = (struct frame){ .ino = ino,
		.path_len = w->path.len };
	return load(e, err);
}

static void
leave(struct ext_walk *w)
{
	struct frame *f = &w->frames[--w->depth];

	w->batch_bytes -= ext_batch_bytes(&f->batch);
	ext_batch_done(&f->batch);
}

/* The next name of the top frame; `item` has it, or a word on its directory. */
static int
give_name(struct ext *e, struct lookback_item *item, struct err *err)
{
	struct ext_walk *w = e->walk;
	struct frame *f = &w->frames[w->depth - 1];
	const struct ext_batch_name *name = &f->batch.by_name[f->i++];

	w->path.len = f->path_len;
	if (f->path_len + 1 + name->len > e->env->limits->path) {
		w->below = (struct ill){ ENAMETOOLONG,
			"a path below it is too long" };
		return give_below(w, item);
	}
	if (buf_reserve(&w->path, (size_t)name->len + 1) != 0 ||
	    buf_add_byte(&w->path, '/') != 0 ||
	    buf_add(&w->path, f->batch.names.data + name->at, name->len) != 0)
		return err_nomem(err);
	return give_entry(e, name->ino, &f->batch.metas[name->meta], item);
}

static int
begin(struct ext *e, struct lookback_item *item, struct err *err)
{
	struct ext_meta m;

	if ((e->walk = calloc(1, sizeof(*e->walk))) == NULL ||
	    (e->walk->entered = calloc(1, e->inodes / 8 + 1)) == NULL)
		return err_nomem(err);
	ext_meta(e, EXT2_ROOT_INO, &m);
	if (m.ill.why == NULL && !S_ISDIR(m.mode))
		m.ill = (struct ill){ EUCLEAN, "the root is no directory" };
	return give_entry(e, EXT2_ROOT_INO, &m, item);
}

int
ext_walk_next(struct ext *e, struct lookback_item *item, struct err *err)
{
	struct ext_walk *w = e->walk;
	int rc;

	if (w == NULL)
		return begin(e, item, err);
	for (;;) {
		struct frame *f;

		if (w->below.why != NULL)
			return give_below(w, item);
		if (w->enter != 0) {
			if ((rc = enter(e, err)) != 0)
				return rc;
			continue;
		}
		if (w->depth == 0)
			return 1;
		f = &w->frames[w->depth - 1];
		if (f->i < f->batch.n)
			return give_name(e, item, err);
		if (f->batch.more) {
			if ((rc = load(e, err)) != 0)
				return rc;
		} else {
			leave(w);
		}
	}
}
