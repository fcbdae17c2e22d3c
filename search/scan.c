/*
 * The streams of all segments are merged by path.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/scan.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "search/streams.h"

struct scan {
	struct streams *streams; /* owned */
	/* Streams that stand at a path, a heap by it. */
	size_t *heap; /* owned */
	size_t n_heap;
	/* Those that go on before the next path; all of them at first. */
	size_t *used; /* owned */
	size_t n_used;
	struct store_event *events; /* owned */
	size_t cap_events;
};

static int
stream_cmp(const struct scan *s, size_t a, size_t b)
{
	struct stream_path x = streams_at(s->streams, a);
	struct stream_path y = streams_at(s->streams, b);

	return path_cmp(x.path, x.len, y.path, y.len);
}

static void
heap_add(struct scan *s, size_t stream)
{
	size_t i = s->n_heap++;

	for (; i > 0 && stream_cmp(s, stream, s->heap[(i - 1) / 2]) < 0;
	     i = (i - 1) / 2)
		s->heap[i] = s->heap[(i - 1) / 2];
	s->heap[i] = stream;
}

static size_t
heap_take(struct scan *s)
{
	size_t top = s->heap[0], last = s->heap[--s->n_heap], i = 0, child;

	while ((child = 2 * i + 1) < s->n_heap) {
		if (child + 1 < s->n_heap &&
		    stream_cmp(s, s->heap[child + 1], s->heap[child]) < 0)
			child++;
		if (stream_cmp(s, last, s->heap[child]) <= 0)
			break;
		s->heap[i] = s->heap[child];
		i = child;
	}
	s->heap[i] = last;
	return top;
}

/* Append the events of the path at hand to n that are there. */
static int
take_events(struct scan *s, size_t stream, size_t *n)
{
	struct stream_path p = streams_at(s->streams, stream);

	if (*n + p.n > s->cap_events) {
		size_t cap = 2 * (*n + p.n);
		struct store_event *more;

		more = reallocarray(s->events, cap, sizeof(*more));
		if (more == NULL)
			return -1;
		s->events = more;
		s->cap_events = cap;
	}
	memcpy(s->events + *n, p.events, p.n * sizeof(*s->events));
	*n += p.n;
	return 0;
}

int
scan_next(struct scan *s, struct scan_item *item, struct err *err)
{
	struct stream_path path;
	size_t n = 0, first;

	for (; s->n_used > 0; s->n_used--) {
		size_t stream = s->used[s->n_used - 1];
		int rc = streams_next(s->streams, stream, err);

		if (rc < 0)
			return rc;
		if (rc == 0)
			heap_add(s, stream);
	}
	if (s->n_heap == 0)
		return 1;
	first = heap_take(s);
	for (size_t stream = first;; stream = heap_take(s)) {
		s->used[s->n_used++] = stream;
		if (take_events(s, stream, &n) != 0)
			return err_nomem(err);
		if (s->n_heap == 0 || stream_cmp(s, first, s->heap[0]) != 0)
			break;
	}
	path = streams_at(s->streams, first);
	*item = (struct scan_item){
		.path = path.path, .len = path.len, .events = s->events, .n = n
	};
	return 0;
}

const struct err *
scan_damage(const struct scan *s, size_t i)
{
	return streams_damage(s->streams, i);
}

int
scan_new(struct scan **ret, struct view *view, const struct query *q,
    bool (*wanted)(void *ctx, uint32_t series), void *ctx, struct err *err)
{
	size_t n = view->cat.n_segments;
	struct scan *s;
	int rc;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return err_nomem(err);
	s->heap = calloc(n + 1, sizeof(*s->heap));
	s->used = calloc(n + 1, sizeof(*s->used));
	if (s->heap == NULL || s->used == NULL)
		rc = err_nomem(err);
	else
		rc = streams_new(&s->streams, view, q, wanted, ctx, err);
	if (rc != 0) {
		scan_free(s);
		return rc;
	}
	while (s->n_used < n) {
		s->used[s->n_used] = s->n_used;
		s->n_used++;
	}
	*ret = s;
	return 0;
}

void
scan_free(struct scan *s)
{
	if (s == NULL)
		return;
	streams_free(s->streams);
	free(s->heap);
	free(s->used);
	free(s->events);
	free(s);
}
