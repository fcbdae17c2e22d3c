/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/gather.h"

#include <assert.h>
#include <stdlib.h>

#include "base/path.h"

/* One segment's place in the walk. */
struct lane {
	struct segment_cursor *cursor;	/* owned */
	struct segment_item item;	/* while it stands in the heap */
	size_t segment;
};

/*
 * lane[0 .. n_heap) is a heap, the least path (then the least segment) at its
 * root. The lanes of the item handed out last have left it: they stand in
 * lane[n_heap .. n_heap + n_out), and are moved on by the next call, since
 * that frees what the caller looks at. What stands behind them is at its end.
 */
struct gather {
	struct lane *lane;		/* owned */
	size_t n_lanes, n_heap, n_out;
	struct gather_part *part;	/* owned; of the item handed out */
	size_t failed;
};

static bool
lane_before(const struct lane *a, const struct lane *b)
{
	int c = path_cmp(a->item.path, a->item.len, b->item.path, b->item.len);

	return c < 0 || (c == 0 && a->segment < b->segment);
}

static void
lane_swap(struct gather *g, size_t a, size_t b)
{
	struct lane tmp = g->lane[a];

	g->lane[a] = g->lane[b];
	g->lane[b] = tmp;
}

static void
heap_down(struct gather *g, size_t i)
{
	for (;;) {
		size_t least = i;

		for (size_t c = 2 * i + 1; c <= 2 * i + 2; c++) {
			if (c < g->n_heap &&
			    lane_before(&g->lane[c], &g->lane[least]))
				least = c;
		}
		if (least == i)
			return;
		lane_swap(g, i, least);
		i = least;
	}
}

static void
heap_up(struct gather *g, size_t i)
{
	while (i > 0 && lane_before(&g->lane[i], &g->lane[(i - 1) / 2])) {
		lane_swap(g, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
}

/* Move the lanes of the last item on, and those that have more back into the
 * heap. */
static int
gather_advance(struct gather *g, struct err *err)
{
	while (g->n_out > 0) {
		struct lane *l = &g->lane[g->n_heap];
		int rc = segment_cursor_next(l->cursor, &l->item, err);

		if (rc < 0) {
			g->failed = l->segment;
			return rc;
		}
		g->n_out--;
		if (rc == 0)
			heap_up(g, g->n_heap++);
		else
			lane_swap(g, g->n_heap, g->n_heap + g->n_out);
	}
	return 0;
}

int
gather_new(struct gather **ret, struct segment *const *seg, size_t n,
    struct err *err)
{
	struct gather *g;
	int rc;

	if ((g = calloc(1, sizeof(*g))) == NULL ||
	    (g->lane = calloc(n + 1, sizeof(*g->lane))) == NULL ||
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
		g->n_lanes++;
	}
	/* As if all had been handed out: the first next moves them on. */
	g->n_out = g->n_lanes;
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
	const struct segment_item *first;
	int rc;

	if ((rc = gather_advance(g, err)) != 0)
		return rc;
	if (g->n_heap == 0)
		return 1;
	do {
		const struct lane *l = &g->lane[0];

		g->part[g->n_out++] = (struct gather_part){
			.segment = l->segment,
			.events = l->item.events,
			.n = l->item.n,
		};
		lane_swap(g, 0, --g->n_heap);
		heap_down(g, 0);
		first = &g->lane[g->n_heap].item;
	} while (g->n_heap > 0 &&
	    path_cmp(g->lane[0].item.path, g->lane[0].item.len, first->path,
		first->len) == 0);
	*ret = (struct gather_item){
		.path = first->path,
		.len = first->len,
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
	/* Lanes before the path leave the heap as if handed out. */
	while (g->n_heap > 0 &&
	    path_cmp(g->lane[0].item.path, g->lane[0].item.len, path, len) < 0) {
		lane_swap(g, 0, --g->n_heap);
		g->n_out++;
		heap_down(g, 0);
	}
	for (size_t i = g->n_heap; i < g->n_heap + g->n_out; i++) {
		struct lane *l = &g->lane[i];
		int rc = segment_cursor_seek(l->cursor, path, len, err);

		if (rc < 0) {
			g->failed = l->segment;
			return rc;
		}
	}
	return 0;
}
