/*
 * The listing of a series, and what changed between two of them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/listing.h"

#include "base/path.h"
#include "store/series_events.h"

#include <stdlib.h>

/* ---- a listing ---- */

struct listing {
	const struct catalog *cat;    /* borrowed */
	struct series_events *events; /* owned; NULL: nothing is listed */
	struct change *changes;	      /* owned; of the path at hand */
	size_t cap;
	const struct snapshot_row *since; /* where the last event fell */
	uint32_t since_id;		  /* its snapshot's id */
};

static const struct snapshot_row *
find_kept(const struct catalog *cat, uint32_t series, uint32_t id)
{
	const struct snapshot_row *row = catalog_effective(cat, series, id);

	return row != NULL && row->id == id ? row : NULL;
}

static int
not_kept(uint32_t series, uint32_t snap, struct err *err)
{
	return err_set(err, ERR_NOTFOUND,
	    "series %lu has no snapshot with id %lu", (unsigned long)series,
	    (unsigned long)snap);
}

int
listing_open(struct listing **ret, struct view *v, uint32_t series, uint32_t at,
    struct err *err)
{
	const struct snapshot_row *snaps;
	struct listing *l;
	size_t n;
	int rc;

	snaps = catalog_snaps(&v->cat, series, &n);
	if (at != 0 && find_kept(&v->cat, series, at) == NULL)
		return not_kept(series, at, err);
	if (at == 0 && n > 0)
		at = snaps[n - 1].id;
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return err_nomem(err);
	l->cat = &v->cat;
	if (n > 0 &&
	    (rc = series_events_open(&l->events, v, series, 0, at, err)) != 0) {
		listing_close(l);
		return rc;
	}
	*ret = l;
	return 0;
}

/* Most paths have one event, and mostly that of the same snapshot. */
static const struct snapshot_row *
since(struct listing *l, const struct store_event *e)
{
	if (e->snap != l->since_id) {
		l->since = catalog_effective(l->cat, e->series, e->snap);
		l->since_id = e->snap;
	}
	return l->since;
}

/* What the last of the changes makes of the path. */
static bool
state_of(struct listing_item *ret, const struct change *c, size_t n)
{
	if (n == 0 || c[n - 1].kind == EVENT_GONE)
		return false;
	ret->kind = c[n - 1].kind;
	ret->since = c[n - 1].snap;
	/* Only a put comes before what is unseen. */
	ret->entry = c[n - 1].kind == EVENT_PUT ? c[n - 1].entry :
						  c[n - 2].entry;
	return true;
}

static int
resolve(struct listing *l, struct series_events_item *item,
    struct listing_item *ret, bool *present, struct err *err)
{
	if (item->n == 1) {
		*present = item->events->kind == EVENT_PUT;
		ret->kind = EVENT_PUT;
		ret->since = since(l, item->events);
		ret->entry = item->events->entry;
		return 0;
	}
	if (item->n > l->cap) {
		struct change *p = reallocarray(
		    l->changes, 2 * item->n, sizeof(*p));

		if (p == NULL)
			return err_nomem(err);
		l->changes = p;
		l->cap = 2 * item->n;
	}
	*present = state_of(ret, l->changes,
	    changes_resolve(l->cat, item->events, item->n, l->changes));
	return 0;
}

int
listing_next(struct listing *l, struct listing_item *ret, struct err *err)
{
	struct series_events_item item;
	bool present = false;
	int rc;

	if (l->events == NULL)
		return 1;
	while (!present)
		if ((rc = series_events_next(l->events, &item, err)) != 0 ||
		    (rc = resolve(l, &item, ret, &present, err)) != 0)
			return rc;
	ret->path = item.path;
	ret->len = item.len;
	return 0;
}

int
listing_seek(struct listing *l, const char *path, size_t len, struct err *err)
{
	return l->events == NULL ?
	    0 :
	    series_events_seek(l->events, path, len, err);
}

void
listing_close(struct listing *l)
{
	if (l == NULL)
		return;
	series_events_close(l->events);
	free(l->changes);
	free(l);
}

/* ---- what changed ---- */

struct changes {
	const struct snapshot_row *snap;
	struct series_events *events; /* owned; those that fall on it */
	struct listing *before;	      /* owned; NULL: it is the first */
	bool as_recorded;	      /* `before` is not looked at */
	struct listing_item item;     /* of `before` */
	bool has_item, at_end;
};

static int
open_changes(struct changes **ret, struct view *v, uint32_t series,
    uint32_t snap, bool as_recorded, struct err *err)
{
	const struct snapshot_row *row = find_kept(&v->cat, series, snap);
	const struct snapshot_row *first;
	struct changes *c;
	uint32_t prev;
	size_t n;
	int rc;

	if (row == NULL)
		return not_kept(series, snap, err);
	first = catalog_snaps(&v->cat, series, &n);
	prev = row == first ? 0 : row[-1].id;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return err_nomem(err);
	c->snap = row;
	/* Where something was dropped in between, the recorder compared with
	 * that. */
	c->as_recorded = as_recorded && prev != 0 &&
	    row[-1].number + 1 == row->number;
	if ((rc = series_events_open(&c->events, v, series, prev, snap, err)) !=
		0 ||
	    (prev != 0 && !c->as_recorded &&
		(rc = listing_open(&c->before, v, series, prev, err)) != 0)) {
		changes_close(c);
		return rc;
	}
	*ret = c;
	return 0;
}

int
changes_open(struct changes **ret, struct view *v, uint32_t series,
    uint32_t snap, struct err *err)
{
	return open_changes(ret, v, series, snap, false, err);
}

int
changes_open_as_recorded(struct changes **ret, struct view *v, uint32_t series,
    uint32_t snap, struct err *err)
{
	return open_changes(ret, v, series, snap, true, err);
}

/* What the path was before; EVENT_GONE for nothing. */
static int
state_before(struct changes *c, const char *path, size_t len,
    struct change *ret, struct err *err)
{
	int cmp = -1, rc;

	*ret = (struct change){ .kind = EVENT_GONE };
	if (c->before == NULL || c->at_end)
		return 0;
	if (c->has_item)
		cmp = path_cmp(c->item.path, c->item.len, path, len);
	if (cmp < 0) {
		if ((rc = listing_seek(c->before, path, len, err)) != 0 ||
		    (rc = listing_next(c->before, &c->item, err)) < 0)
			return rc;
		c->has_item = rc == 0;
		c->at_end = rc == 1;
		if (rc == 1)
			return 0;
		cmp = path_cmp(c->item.path, c->item.len, path, len);
	}
	if (cmp == 0) {
		ret->kind = c->item.kind;
		ret->entry = c->item.entry;
	}
	return 0;
}

int
changes_next(struct changes *c, const char **path, size_t *len,
    struct change *ret, struct err *err)
{
	struct series_events_item item;
	const struct store_event *last;
	struct change was;
	int rc;

	do {
		if ((rc = series_events_next(c->events, &item, err)) != 0 ||
		    (rc = state_before(c, item.path, item.len, &was, err)) != 0)
			return rc;
		last = &item.events[0];
		for (size_t i = 1; i < item.n; i++)
			if (item.events[i].snap > last->snap)
				last = &item.events[i];
	} while (!c->as_recorded &&
	    !event_is_change(was.kind, &was.entry, last->kind, &last->entry));
	*path = item.path;
	*len = item.len;
	*ret = (struct change){
		.snap = c->snap, .kind = last->kind, .entry = last->entry
	};
	return 0;
}

void
changes_close(struct changes *c)
{
	if (c == NULL)
		return;
	series_events_close(c->events);
	listing_close(c->before);
	free(c);
}
