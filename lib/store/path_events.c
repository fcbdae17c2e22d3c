/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/path_events.h"

#include <stdlib.h>

#include "base/path.h"

/* One segment, and the path at which it stands. */
struct place_in {
	struct segment_cursor *cursor; /* NULL: not begun, or at the end */
	struct segment_item item;
	bool has_item, at_end;
};

struct path_events {
	struct view *view;	    /* borrowed */
	struct place_in *in;	    /* by segment; owned */
	struct buf last;	    /* the path that was asked for last */
	struct store_event *events; /* owned */
	size_t cap;
};

int
path_events_open(struct path_events **ret, struct view *v, struct err *err)
{
	struct path_events *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return err_nomem(err);
	e->view = v;
	e->in = calloc(v->cat.n_segments + 1, sizeof(*e->in));
	if (e->in == NULL) {
		free(e);
		return err_nomem(err);
	}
	*ret = e;
	return 0;
}

static void
begin_again(struct path_events *e)
{
	for (size_t i = 0; i < e->view->cat.n_segments; i++) {
		segment_cursor_free(e->in[i].cursor);
		e->in[i] = (struct place_in){ 0 };
	}
	buf_clear(&e->last);
}

void
path_events_close(struct path_events *e)
{
	if (e == NULL)
		return;
	begin_again(e);
	buf_done(&e->last);
	free(e->in);
	free(e->events);
	free(e);
}

/* Whether the segment has the path, and then stands there. */
static int
stand_at(struct place_in *in, struct segment *seg, const char *path, size_t len,
    bool *ret, struct err *err)
{
	int rc = 0, cmp = -1;

	*ret = false;
	if (in->cursor == NULL && !in->at_end)
		rc = segment_cursor_new(&in->cursor, seg, err);
	if (rc != 0 || in->at_end)
		return rc;
	if (in->has_item)
		cmp = path_cmp(in->item.path, in->item.len, path, len);
	if (cmp < 0) {
		in->has_item = false;
		rc = segment_cursor_seek(in->cursor, path, len, err);
		if (rc == 0)
			rc = segment_cursor_next(in->cursor, &in->item, err);
		if (rc < 0)
			return rc;
		in->at_end = rc == 1;
		in->has_item = rc == 0;
		if (rc == 1)
			return 0;
		cmp = path_cmp(in->item.path, in->item.len, path, len);
	}
	*ret = cmp == 0;
	return 0;
}

static int
add_events(struct path_events *e, const struct segment *seg,
    const struct segment_item *item, size_t *n)
{
	const struct segment_snap *snaps;
	size_t n_snaps;

	if (item->n > e->cap - *n) {
		size_t cap = 2 * (e->cap + item->n);
		struct store_event *more;

		more = reallocarray(e->events, cap, sizeof(*more));
		if (more == NULL)
			return -1;
		e->events = more;
		e->cap = cap;
	}
	snaps = segment_snaps(seg, &n_snaps);
	for (size_t i = 0; i < item->n; i++) {
		const struct event *from = &item->events[i];

		e->events[(*n)++] = (struct store_event){
			.series = snaps[from->snap].series,
			.snap = snaps[from->snap].id,
			.kind = from->kind,
			.entry = from->entry,
		};
	}
	return 0;
}

int
path_events_find(struct path_events *e, const char *path, size_t len,
    struct store_event **ret, size_t *ret_n, struct err *err)
{
	size_t n = 0;

	if (e->last.len > 0 &&
	    path_cmp(path, len, (const char *)e->last.data, e->last.len) < 0)
		begin_again(e);
	buf_clear(&e->last);
	if (buf_add(&e->last, path, len) != 0)
		return err_nomem(err);
	for (size_t i = 0; i < e->view->cat.n_segments; i++) {
		struct segment *seg = e->view->segments[i];
		bool there;
		int rc;

		if (seg == NULL)
			continue;
		rc = stand_at(&e->in[i], seg, path, len, &there, err);
		if (rc != 0) {
			begin_again(e);
			return err_wrap(err, "segment %lu.seg",
			    (unsigned long)e->view->cat.segments[i].id);
		}
		if (there && add_events(e, seg, &e->in[i].item, &n) != 0)
			return err_nomem(err);
	}
	*ret = e->events;
	*ret_n = n;
	return 0;
}
