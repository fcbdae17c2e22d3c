/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/batch.h"

#include <stdlib.h>

int
batch_tools_init(struct batch_tools *t, const struct query *q, struct err *err)
{
	*t = (struct batch_tools){ 0 };
	return query_matcher_init(&t->matcher, q, err);
}

void
batch_tools_done(struct batch_tools *t)
{
	query_matcher_done(&t->matcher);
	block_done(&t->block);
}

void
batch_done(struct batch *b)
{
	free(b->path);
	free(b->events);
	buf_done(&b->bytes);
	*b = (struct batch){ 0 };
}

size_t
batch_weight(const struct batch *b)
{
	return b->cap * sizeof(*b->path) + b->cap_events * sizeof(*b->events) +
	    b->bytes.cap;
}

/* Room for one more element; -1 when out of memory. */
static int
grow(void **array, size_t *cap, size_t n, size_t size)
{
	size_t want = *cap == 0 ? 16 : *cap * 2;
	void *more;

	if (n < *cap)
		return 0;
	if ((more = reallocarray(*array, want, size)) == NULL)
		return -1;
	*array = more;
	*cap = want;
	return 0;
}

static int
add_event(struct batch *b, const struct event *e, struct segment_snap snap)
{
	struct store_event *to;

	if (grow((void **)&b->events, &b->cap_events, b->n_events,
		sizeof(*b->events)) != 0 ||
	    buf_add(&b->bytes, e->entry.target, e->entry.target_len) != 0)
		return -1;
	to = &b->events[b->n_events++];
	*to = (struct store_event){ .series = snap.series,
		.snap = snap.id,
		.kind = e->kind,
		.entry = e->entry };
	return 0;
}

static int
add_path(struct batch *b, struct block *block, uint32_t i,
    const struct segment_snap *snaps, struct err *err)
{
	struct batch_path path = { .first = b->n_events };
	const char *text = block->text + block->off[i];
	const struct event *events;

	if (block_path_events(block, i, &events, &path.n, err) != 0)
		return err->code;
	if (path.n == 0)
		return 0;
	for (size_t k = 0; k < path.n; k++)
		if (add_event(b, &events[k], snaps[events[k].snap]) != 0)
			return err_nomem(err);
	path.len = block->off[i + 1] - 1 - block->off[i];
	path.off = b->bytes.len;
	if (grow((void **)&b->path, &b->cap, b->n, sizeof(*b->path)) != 0 ||
	    buf_add(&b->bytes, text, path.len) != 0)
		return err_nomem(err);
	b->path[b->n++] = path;
	return 0;
}

/* The bytes stay where they are now: point the targets there. Each path's
 * stand in front of it, in the order of its events. */
static void
place_targets(struct batch *b)
{
	size_t off = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct batch_path *p = &b->path[i];

		for (size_t k = p->first; k < p->first + p->n; k++) {
			struct entry *e = &b->events[k].entry;

			e->target = (const char *)b->bytes.data + off;
			off += e->target_len;
		}
		off += p->len;
	}
}

int
batch_fill(struct batch *b, struct segment *seg, size_t i, const uint8_t *want,
    struct batch_tools *tools, struct err *err)
{
	struct block *block = &tools->block;
	const struct segment_snap *snaps;
	struct path_list list;
	size_t at, n_snaps;
	int rc;

	b->n = 0;
	b->n_events = 0;
	buf_clear(&b->bytes);
	if ((rc = segment_block_paths(seg, i, block, err)) != 0)
		return rc;
	list = (struct path_list){
		.text = block->text, .off = block->off, .n = block->n
	};
	at = query_next(&tools->matcher, &list, 0);
	if (at < list.n &&
	    (rc = segment_block_events(seg, i, want, block, err)) != 0)
		return rc;
	snaps = segment_snaps(seg, &n_snaps);
	for (; at < list.n; at = query_next(&tools->matcher, &list, at + 1))
		if ((rc = add_path(b, block, (uint32_t)at, snaps, err)) != 0)
			return err_wrap(err, "block %zu", i);
	if (query_failed(&tools->matcher))
		return err_nomem(err);
	place_targets(b);
	return 0;
}
