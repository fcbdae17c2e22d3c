/*
 * Depth first and in path order. Each directory is entered once, so loops end.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_seen.h"
#include "fs_tsk_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct frame {
	size_t path_len; /* of the directory; the root has 0 */
	struct sk_names names;
	size_t i; /* the next name */
};

struct sk_walk {
	struct frame *frames; /* owned */
	size_t depth, room;
	struct fs_seen entered;
	struct buf path;   /* of the last item; the root is "" */
	struct buf target; /* of the last item */
	/* What comes before the next name: */
	struct ill ill;	  /* of path; why is NULL: none */
	bool ill_is_here; /* of path itself, not of what is below */
	bool enter;	  /* path is a directory, this one: */
	uint64_t dir;
};

void
sk_walk_free(struct sk_walk *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->depth; i++)
		sk_names_done(&w->frames[i].names);
	free(w->frames);
	fs_seen_done(&w->entered);
	buf_done(&w->path);
	buf_done(&w->target);
	free(w);
}

static void
set_path(const struct sk_walk *w, struct lookback_item *item)
{
	item->path = w->path.len == 0 ? "/" : (const char *)w->path.data;
	item->len = w->path.len == 0 ? 1 : w->path.len;
}

static int
give_ill(struct sk_walk *w, struct lookback_item *item)
{
	*item = (struct lookback_item){ .size = sizeof(*item),
		.kind = w->ill_is_here ? LOOKBACK_UNLOOKED : LOOKBACK_UNREAD,
		.error = w->ill.error,
		.why = w->ill.why };
	set_path(w, item);
	w->ill = (struct ill){ 0 };
	w->ill_is_here = false;
	return 0;
}

static int
give_entry(struct sk *t, uint64_t id, struct lookback_item *item)
{
	struct sk_walk *w = t->walk;
	TSK_FS_FILE *file = tsk_fs_file_open_meta(t->fs, NULL, id);

	*item = (struct lookback_item){ .size = sizeof(*item),
		.kind = LOOKBACK_ENTRY };
	set_path(w, item);
	if (file == NULL || file->meta == NULL) {
		w->ill = sk_ill(t);
		w->ill_is_here = true;
	} else {
		sk_entry(t, file, item, &w->target);
		if (item->fields == 0) {
			w->ill = (struct ill){ EUCLEAN, "it has no type" };
			w->ill_is_here = true;
		}
		w->enter = item->type == 'd';
		w->dir = id;
	}
	if (file != NULL)
		tsk_fs_file_close(file);
	return 0;
}

static int
enter(struct sk *t, struct err *err)
{
	struct sk_walk *w = t->walk;
	struct frame *f;

	w->enter = false;
	if (w->depth > t->env->limits->depth) {
		w->ill = (struct ill){ ENAMETOOLONG, "it lies too deep" };
		return 0;
	}
	switch (fs_seen_add(&w->entered, w->dir)) {
	case 0:
		break;
	case 1:
		w->ill = (struct ill){ EUCLEAN,
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
	f = &w->frames[w->depth++];
	*f = (struct frame){ .path_len = w->path.len };
	return sk_names_load(&f->names, t, w->dir, &w->ill, err);
}

static int
give_name(struct sk *t, struct lookback_item *item, struct err *err)
{
	struct sk_walk *w = t->walk;
	struct frame *f = &w->frames[w->depth - 1];
	const struct sk_name *name = &f->names.name[f->i++];

	w->path.len = f->path_len;
	if (f->path_len + 1 + name->len > t->env->limits->path) {
		w->ill = (struct ill){ ENAMETOOLONG,
			"a path below it is too long" };
		return give_ill(w, item);
	}
	if (buf_add_byte(&w->path, '/') != 0 ||
	    buf_add(&w->path, f->names.text.data + name->at, name->len) != 0)
		return err_nomem(err);
	return give_entry(t, name->id, item);
}

int
sk_walk_next(struct sk *t, struct lookback_item *item, struct err *err)
{
	struct sk_walk *w = t->walk;
	int rc;

	if (w == NULL) {
		if ((t->walk = calloc(1, sizeof(*w))) == NULL)
			return err_nomem(err);
		return give_entry(t, t->fs->root_inum, item);
	}
	for (;;) {
		struct frame *f;

		if (w->ill.why != NULL)
			return give_ill(w, item);
		if (w->enter) {
			if ((rc = enter(t, err)) != 0)
				return rc;
			continue;
		}
		if (w->depth == 0)
			return 1;
		f = &w->frames[w->depth - 1];
		if (f->i < f->names.n)
			return give_name(t, item, err);
		sk_names_done(&f->names);
		w->depth--;
	}
}
