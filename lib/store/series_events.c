/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/series_events.h"

#include "base/path.h"
#include "store/gather.h"

#include <stdlib.h>
#include <string.h>

/* A segment's snapshots that are asked for: a run of its table, which is
 * sorted by series and id. */
struct wanted {
	const struct segment_snap *snaps; /* borrowed; the whole table */
	uint32_t first, end;
	uint8_t *filter; /* owned */
};

struct series_events {
	struct view *view;	    /* borrowed */
	struct segment **segments;  /* owned array: those that hold any */
	struct wanted *wanted;	    /* owned; by segment */
	struct gather *gather;	    /* owned */
	struct store_event *events; /* owned */
	size_t cap;
	const char *path; /* of the item handed out */
	size_t len;
};

static int
want(struct series_events *e, size_t i, uint32_t series, uint32_t lo,
    uint32_t hi, struct err *err)
{
	struct wanted *w = &e->wanted[i];
	size_t n;

	w->snaps = segment_snaps(e->view->segments[i], &n);
	while (w->first < n &&
	    (w->snaps[w->first].series < series ||
		(w->snaps[w->first].series == series &&
		    w->snaps[w->first].id <= lo)))
		w->first++;
	w->end = w->first;
	while (w->end < n && w->snaps[w->end].series == series &&
	    w->snaps[w->end].id <= hi)
		w->end++;
	if (w->first == w->end)
		return 0;
	e->segments[i] = e->view->segments[i];
	/* All of them: nothing to pass over. */
	if (w->end - w->first == n)
		return 0;
	if ((w->filter = calloc(n, 1)) == NULL)
		return err_nomem(err);
	memset(w->filter + w->first, 1, w->end - w->first);
	return 0;
}

int
series_events_open(struct series_events **ret, struct view *v, uint32_t series,
    uint32_t lo, uint32_t hi, struct err *err)
{
	struct series_events *e = calloc(1, sizeof(*e));
	size_t n = v->cat.n_segments;
	int rc;

	if (e == NULL)
		return err_nomem(err);
	e->view = v;
	e->wanted = calloc(n + 1, sizeof(*e->wanted));
	e->segments = calloc(n + 1, sizeof(struct segment *));
	if (e->wanted == NULL || e->segments == NULL) {
		rc = err_nomem(err);
		goto fail;
	}
	for (size_t i = 0; i < n; i++) {
		if (v->segments[i] == NULL) {
			*err = v->error[i];
			rc = err->code;
			goto fail;
		}
		if ((rc = want(e, i, series, lo, hi, err)) != 0)
			goto fail;
	}
	if ((rc = gather_new(&e->gather, e->segments, n, err)) != 0)
		goto fail;
	for (size_t i = 0; i < n; i++)
		if (e->wanted[i].filter != NULL)
			gather_filter(e->gather, i, e->wanted[i].filter);
	*ret = e;
	return 0;
fail:
	series_events_close(e);
	return rc;
}

void
series_events_close(struct series_events *e)
{
	if (e == NULL)
		return;
	gather_free(e->gather);
	for (size_t i = 0; e->wanted != NULL && i < e->view->cat.n_segments;
	     i++)
		free(e->wanted[i].filter);
	free(e->wanted);
	free(e->segments);
	free(e->events);
	free(e);
}

/* Which segment an error is about. */
static int
failed(struct series_events *e, struct err *err)
{
	size_t i = gather_failed(e->gather);

	return err_wrap(
	    err, "segment %lu.seg", (unsigned long)e->view->cat.segments[i].id);
}

static int
add_part(struct series_events *e, size_t *n, const struct gather_part *part,
    struct err *err)
{
	const struct wanted *w = &e->wanted[part->segment];

	if (e->cap - *n < part->n) {
		size_t cap = 2 * (e->cap + part->n);
		struct store_event *p = reallocarray(
		    e->events, cap, sizeof(*p));

		if (p == NULL)
			return err_nomem(err);
		e->events = p;
		e->cap = cap;
	}
	for (size_t i = 0; i < part->n; i++) {
		const struct event *from = &part->events[i];

		if (from->snap < w->first || from->snap >= w->end)
			continue;
		e->events[(*n)++] = (struct store_event){
			.series = w->snaps[from->snap].series,
			.snap = w->snaps[from->snap].id,
			.kind = from->kind,
			.entry = from->entry,
		};
	}
	return 0;
}

int
series_events_next(
    struct series_events *e, struct series_events_item *ret, struct err *err)
{
	struct gather_item item;
	size_t n = 0;
	int rc;

	while (n == 0) {
		if ((rc = gather_next(e->gather, &item, err)) != 0) {
			e->path = NULL;
			return rc < 0 ? failed(e, err) : 1;
		}
		for (size_t i = 0; i < item.n; i++)
			if ((rc = add_part(e, &n, &item.parts[i], err)) != 0)
				return rc;
	}
	e->path = item.path;
	e->len = item.len;
	*ret = (struct series_events_item){
		.path = item.path, .len = item.len, .events = e->events, .n = n
	};
	return 0;
}

int
series_events_seek(
    struct series_events *e, const char *path, size_t len, struct err *err)
{
	/* Handed out already: what comes next is beyond it. */
	if (e->path != NULL && path_cmp(path, len, e->path, e->len) <= 0)
		return 0;
	e->path = NULL;
	return gather_seek(e->gather, path, len, err) != 0 ? failed(e, err) : 0;
}
