/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/hits.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "search/looked.h"
#include "search/scan.h"

/* The events of one path and series, by the rank of the series' name. */
struct ranked {
	size_t rank; /* index into catalog.series */
	uint32_t at; /* index into the item's events */
};

struct series_id {
	uint32_t id;
	size_t rank;
};

struct hits {
	const struct catalog *cat;
	const struct selection *selection;
	struct scan *scan;
	struct looked *looked;
	struct horizon *horizon; /* of each series; owned */
	struct series_id *ids;	 /* by id; owned */

	struct scan_item item; /* the path at hand */
	struct ranked *ranked; /* its events, by rank; owned */
	size_t at;	       /* the next of them */
	/* Of one series. */
	struct store_event *events; /* owned */
	struct change *changes;	    /* owned */
	struct version *versions;   /* owned */
	size_t cap;		    /* of all four */
};

size_t
series_host_len(const char *name)
{
	return strcspn(name, "/");
}

/* ---- which series ---- */

static bool
host_fits(const char *glob, const char *series)
{
	char host[1024 + 1];
	size_t len = series_host_len(series);

	if (len >= sizeof(host))
		return false;
	memcpy(host, series, len);
	host[len] = '\0';
	return fnmatch(glob, host, 0) == 0;
}

static bool
series_fits(const char *glob, const char *series)
{
	return fnmatch(glob, series, 0) == 0;
}

/* Clears `wanted` of the series that no glob fits; every glob must fit one. */
static int
select_by(const struct catalog *cat, const char *const *globs, size_t n,
    bool (*fits)(const char *, const char *), const char *what, bool *wanted,
    struct err *err)
{
	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		bool any = false;

		for (size_t k = 0; k < cat->n_series && !any; k++)
			any = fits(globs[i], cat->series[k].name);
		if (!any)
			return err_set(err, ERR_USAGE,
			    "no %s in the store matches '%s'", what, globs[i]);
	}
	for (size_t k = 0; k < cat->n_series; k++) {
		bool any = false;

		for (size_t i = 0; i < n && !any; i++)
			any = fits(globs[i], cat->series[k].name);
		wanted[k] = wanted[k] && any;
	}
	return 0;
}

static struct horizon
horizon_of(
    const struct catalog *cat, uint32_t series, const struct selection *sel)
{
	struct horizon h;

	h.snaps = catalog_snaps(cat, series, &h.n);
	while (sel->has_at && h.n > 0 && h.snaps[h.n - 1].date_ns > sel->at_ns)
		h.n--;
	return h;
}

static int
id_cmp(const void *a, const void *b)
{
	const struct series_id *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int
select_series(struct hits *h, struct err *err)
{
	const struct catalog *cat = h->cat;
	const struct selection *sel = h->selection;
	bool *wanted;
	int rc;

	h->horizon = calloc(cat->n_series + 1, sizeof(*h->horizon));
	h->ids = calloc(cat->n_series + 1, sizeof(*h->ids));
	wanted = malloc(cat->n_series + 1);
	if (h->horizon == NULL || h->ids == NULL || wanted == NULL) {
		free(wanted);
		return err_nomem(err);
	}
	memset(wanted, true, cat->n_series);
	rc = select_by(
	    cat, sel->hosts, sel->n_hosts, host_fits, "host", wanted, err);
	if (rc == 0)
		rc = select_by(cat, sel->series, sel->n_series, series_fits,
		    "series", wanted, err);
	for (size_t i = 0; i < cat->n_series; i++) {
		h->ids[i] = (struct series_id){ .id = cat->series[i].id,
			.rank = i };
		if (wanted[i])
			h->horizon[i] = horizon_of(cat, cat->series[i].id, sel);
	}
	qsort(h->ids, cat->n_series, sizeof(*h->ids), id_cmp);
	free(wanted);
	return rc;
}

/* The rank of a series, n_series for one that is not in the catalogue. */
static size_t
rank_of(const struct hits *h, uint32_t id)
{
	const struct series_id key = { .id = id }, *found;

	found = bsearch(
	    &key, h->ids, h->cat->n_series, sizeof(*h->ids), id_cmp);
	return found == NULL ? h->cat->n_series : found->rank;
}

static bool
wanted(void *ctx, uint32_t series)
{
	const struct hits *h = ctx;
	size_t rank = rank_of(h, series);

	return rank < h->cat->n_series && h->horizon[rank].n > 0;
}

struct horizon
hits_horizon(const struct hits *h, size_t i)
{
	return h->horizon[i];
}

/* ---- beginning and end ---- */

int
hits_new(struct hits **ret, struct store *s, struct view *view,
    const struct query *q, const struct selection *sel, struct err *err)
{
	struct hits *h;
	int rc;

	if ((h = calloc(1, sizeof(*h))) == NULL)
		return err_nomem(err);
	h->cat = &view->cat;
	h->selection = sel;
	if ((rc = looked_new(&h->looked, s, err)) != 0 ||
	    (rc = select_series(h, err)) != 0 ||
	    (rc = scan_new(&h->scan, view, q, wanted, h, err)) != 0) {
		hits_free(h);
		return rc;
	}
	*ret = h;
	return 0;
}

void
hits_free(struct hits *h)
{
	if (h == NULL)
		return;
	scan_free(h->scan);
	looked_free(h->looked);
	free(h->horizon);
	free(h->ids);
	free(h->ranked);
	free(h->events);
	free(h->changes);
	free(h->versions);
	free(h);
}

const struct err *
hits_damage(const struct hits *h, size_t segment)
{
	return scan_damage(h->scan, segment);
}

const char *
hits_gave_up(const struct hits *h)
{
	uint32_t id = looked_gave_up(h->looked);

	return id == 0 ? NULL : catalog_series_by_id(h->cat, id)->name;
}

/* ---- hits ---- */

/* Room for n events, whatever was there. */
static int
reserve(struct hits *h, size_t n)
{
	if (n <= h->cap)
		return 0;
	free(h->ranked);
	free(h->events);
	free(h->changes);
	free(h->versions);
	h->cap = 2 * n;
	h->ranked = calloc(h->cap, sizeof(*h->ranked));
	h->events = calloc(h->cap, sizeof(*h->events));
	h->changes = calloc(h->cap, sizeof(*h->changes));
	h->versions = calloc(h->cap, sizeof(*h->versions));
	if (h->ranked != NULL && h->events != NULL && h->changes != NULL &&
	    h->versions != NULL)
		return 0;
	h->cap = 0;
	return -1;
}

static int
ranked_cmp(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static int
next_path(struct hits *h, struct err *err)
{
	bool sorted = true;
	int rc;

	if ((rc = scan_next(h->scan, &h->item, err)) != 0)
		return rc;
	if (reserve(h, h->item.n) != 0)
		return err_nomem(err);
	for (size_t i = 0; i < h->item.n; i++) {
		uint32_t id = h->item.events[i].series;
		bool same = i > 0 && id == h->item.events[i - 1].series;

		h->ranked[i].rank = same ? h->ranked[i - 1].rank :
					   rank_of(h, id);
		h->ranked[i].at = (uint32_t)i;
		if (i > 0 && h->ranked[i].rank < h->ranked[i - 1].rank)
			sorted = false;
	}
	if (!sorted)
		qsort(h->ranked, h->item.n, sizeof(*h->ranked), ranked_cmp);
	h->at = 0;
	return 0;
}

/* Whether the life is one of those asked for. At a time in the past, what was
 * deleted by then is not there. */
static bool
is_asked(const struct selection *sel, const struct life *life)
{
	switch (sel->states) {
	case HITS_EXISTING:
		return life->state == EVENT_PUT;
	case HITS_DELETED:
		return life->state == EVENT_GONE;
	case HITS_ALL:
		break;
	}
	return !sel->has_at || life->state != EVENT_GONE;
}

/* The path at hand, and where an error goes. */
struct look {
	struct hits *hits;
	struct err *err;
};

static int
looked(void *ctx, const struct snapshot_row *snap)
{
	struct look *l = ctx;
	const struct scan_item *item = &l->hits->item;

	return looked_at(l->hits->looked, snap, item->path, item->len, l->err);
}

int
hits_next(struct hits *h, struct hit *hit, struct err *err)
{
	struct look look = { h, err };

	for (;;) {
		size_t n = 0, rank, n_changes;
		const struct horizon *horizon;
		int rc;

		if (h->at == h->item.n) {
			if ((rc = next_path(h, err)) != 0)
				return rc;
			continue;
		}
		rank = h->ranked[h->at].rank;
		for (; h->at < h->item.n && h->ranked[h->at].rank == rank;
		     h->at++)
			h->events[n++] = h->item.events[h->ranked[h->at].at];
		horizon = &h->horizon[rank];
		n_changes = changes_resolve(h->cat, h->events, n, h->changes);
		if (!life_tell(&hit->life, h->versions, h->changes, n_changes,
			horizon, &h->selection->window) ||
		    !is_asked(h->selection, &hit->life))
			continue;
		rc = life_last_seen(&hit->life, horizon, looked, &look);
		if (rc != 0)
			return rc;
		hit->series = &h->cat->series[rank];
		hit->path = h->item.path;
		hit->len = h->item.len;
		hit->newest = &horizon->snaps[horizon->n - 1];
		return 0;
	}
}
