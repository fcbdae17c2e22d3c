/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/gather.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"

/* One segment's place in the walk. */
struct lane {
	struct segment_cursor *cursor; /* owned */
	struct segment_item item;      /* its next, until it is at its end */
	size_t segment;
};

/*
 * order[first .. first + n_out) are the lanes of the item handed out last,
 * moved on by the next call, since that frees what the caller looks at; behind
 * them, up to n_order, stand the others, the least path (then the least
 * segment) first. Mostly one segment holds nearly all, so its lane is compared
 * with the next one alone, once a path.
 */
struct gather {
	struct lane *lane;   /* owned */
	struct lane **order; /* owned */
	size_t n_lanes, first, n_order, n_out;
	bool alone;		  /* the least path is in one lane */
	struct gather_part *part; /* owned; of the item handed out */
	size_t failed;
};

static int
lane_cmp(const struct lane *a, const struct lane *b)
{
	return path_cmp(a->item.path, a->item.len, b->item.path, b->item.len);
}

static bool
lane_before(const struct lane *a, const struct lane *b)
{
	int c = lane_cmp(a, b);

	return c < 0 || (c == 0 && a->segment < b->segment);
}

/* Put order[i], whose item is new, in its place among the sorted ones that
 * follow it. */
static void
sort_in(struct gather *g, size_t i)
{
	struct lane *l = g->order[i];
	size_t lo = i + 1, hi = g->n_order;
	int c;

	if (lo == hi || (c = lane_cmp(l, g->order[lo])) < 0) {
		g->alone = true;
		return;
	}
	g->alone = false;
	if (c == 0 && l->segment < g->order[lo]->segment)
		return;
	for (lo++; lo < hi;) {
		size_t mid = lo + (hi - lo) / 2;

		if (lane_before(g->order[mid], l))
			lo = mid + 1;
		else
			hi = mid;
	}
	memmove(&g->order[i], &g->order[i + 1],
	    (lo - i - 1) * sizeof(struct lane *));
	g->order[lo - 1] = l;
}

/* Move the lanes of the last item on. */
static int
gather_advance(struct gather *g, struct err *err)
{
	while (g->n_out > 0) {
		size_t i = g->first + g->n_out - 1;
		struct lane *l = g->order[i];
		int rc = segment_cursor_next(l->cursor, &l->item, err);

		if (rc < 0) {
			g->failed = l->segment;
			return rc;
		}
		g->n_out--;
		if (rc == 0) {
			sort_in(g, i);
			continue;
		}
		/* At its end: those before it close up. */
		memmove(&g->order[g->first + 1], &g->order[g->first],
		    g->n_out * sizeof(struct lane *));
		g->first++;
		g->alone = false;
	}
	return 0;
}

int
gather_new(
    struct gather **ret, struct segment *const *seg, size_t n, struct err *err)
{
	struct gather *g;
	int rc;

	if ((g = calloc(1, sizeof(*g))) == NULL ||
	    (g->lane = calloc(n + 1, sizeof(*g->lane))) == NULL ||
	    (g->order = calloc(n + 1, sizeof(struct lane *))) == NULL ||
	    (g->part = calloc(n + 1, sizeof(*g->part))) == NULL) {
		gather_free(g);
		return err_nomem(err);
	}
	for (size_t i = 0; i < n; i++) {
		struct lane *l = &g->lane[g->n_lanes];

		if (seg[i] == NULL)
			continue;
		rc = segment_cursor_new(&l->cursor, seg[i], err);
		if (rc != 0) {
			gather_free(g);
			return rc;
		}
		l->segment = i;
		g->order[g->n_lanes++] = l;
	}
	/* As if all had been handed out: the first next moves them on. */
	g->n_out = g->n_order = g->n_lanes;
	*ret = g;
	return 0;
}

void
gather_free(struct gather *g)
{
	if (g == NULL)
		return;
	for (size_t i = 0; i < g->n_lanes; i++)
		segment_cursor_free(g->lane[i].cursor);
	free(g->lane);
	free(g->order);
	free(g->part);
	free(g);
}

void
gather_filter(struct gather *g, size_t segment, const uint8_t *want)
{
	for (size_t i = 0; i < g->n_lanes; i++) {
		if (g->lane[i].segment == segment)
			segment_cursor_filter(g->lane[i].cursor, want);
	}
}

int
gather_next(struct gather *g, struct gather_item *ret, struct err *err)
{
	struct lane *const *order;
	size_t n;
	int rc;

	if ((rc = gather_advance(g, err)) != 0)
		return rc;
	if (g->first == g->n_order)
		return 1;
	order = &g->order[g->first];
	n = g->n_order - g->first;
	do {
		const struct lane *l = order[g->n_out];

		g->part[g->n_out++] = (struct gather_part){
			.segment = l->segment,
			.events = l->item.events,
			.n = l->item.n,
		};
	} while (!g->alone && g->n_out < n &&
	    lane_cmp(order[0], order[g->n_out]) == 0);
	*ret = (struct gather_item){
		.path = order[0]->item.path,
		.len = order[0]->item.len,
		.parts = g->part,
		.n = g->n_out,
	};
	return 0;
}

size_t
gather_failed(const struct gather *g)
{
	return g->failed;
}

int
gather_seek(struct gather *g, const char *path, size_t len, struct err *err)
{
	size_t end = g->first + g->n_out;

	/* Lanes before the path count as handed out. */
	while (end < g->n_order &&
	    path_cmp(g->order[end]->item.path, g->order[end]->item.len, path,
		len) < 0)
		end++;
	g->n_out = end - g->first;
	for (size_t i = g->first; i < end; i++) {
		struct lane *l = g->order[i];
		int rc = segment_cursor_seek(l->cursor, path, len, err);

		if (rc < 0) {
			g->failed = l->segment;
			return rc;
		}
	}
	return 0;
}
