/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/block.h"

#include "base/path.h"
#include "format/times.h"

#include <stdlib.h>
#include <string.h>

struct block_encoder {
	struct zpack *text_z, *column_z; /* owned */
	size_t n_paths, n_events, expanded;
	struct buf prev; /* the path before */
	struct buf suffixes;
	struct buf targets;
	struct numbers drops, counts, snaps, steps, whats, attrs, times, sizes,
	    dir_sizes, seconds, nanos, target_lens;
	struct recent_times recent;
};

struct block_encoder *
block_encoder_new(enum block_effort effort)
{
	struct block_encoder *e = calloc(1, sizeof(*e));
	bool fast = effort == BLOCK_FAST;

	/* In a column of a few hundred symbols a short repetition is chance,
	 * and costs more than it saves; the fast levels do not weigh that. */
	if (e != NULL &&
	    ((e->text_z = zpack_new(fast ? 3 : 9, 0)) == NULL ||
		(e->column_z = fast ? zpack_new(3, 7) : zpack_new(7, 5)) ==
		    NULL)) {
		block_encoder_free(e);
		return NULL;
	}
	return e;
}

void
block_encoder_free(struct block_encoder *e)
{
	if (e == NULL)
		return;
	zpack_free(e->text_z);
	zpack_free(e->column_z);
	buf_done(&e->prev);
	buf_done(&e->suffixes);
	buf_done(&e->targets);
	numbers_done(&e->drops);
	numbers_done(&e->counts);
	numbers_done(&e->snaps);
	numbers_done(&e->steps);
	numbers_done(&e->whats);
	numbers_done(&e->attrs);
	numbers_done(&e->sizes);
	numbers_done(&e->dir_sizes);
	numbers_done(&e->times);
	numbers_done(&e->seconds);
	numbers_done(&e->nanos);
	numbers_done(&e->target_lens);
	free(e);
}

static uint64_t
distance(int64_t from, int64_t to)
{
	return zigzag((int64_t)((uint64_t)to - (uint64_t)from));
}

static int
add_time(struct block_encoder *b, int64_t *snap_time, int64_t sec, uint32_t ns)
{
	unsigned at = recent_times_find(&b->recent, sec, ns);
	uint64_t step = distance(b->recent.newest, sec);
	uint64_t what = ns == 0 ? TIME_NEW : TIME_NEW_NS;

	if (at < RECENT_TIMES) {
		recent_times_use(&b->recent, at);
		return numbers_add(&b->times, at);
	}
	recent_times_add(&b->recent, sec, ns);
	if (*snap_time == SNAP_TIME_NONE)
		*snap_time = sec;
	else if (distance(*snap_time, sec) < step) {
		step = distance(*snap_time, sec);
		what += TIME_OF_SNAP;
	}
	if (numbers_add(&b->times, what) != 0 ||
	    numbers_add(&b->seconds, step) != 0)
		return -1;
	return ns == 0 ? 0 : numbers_add(&b->nanos, ns);
}

static int
add_entry(struct block_encoder *b, struct attr_table *attrs, int64_t *snap_time,
    const struct entry *e)
{
	uint32_t index;

	if (attr_table_index(attrs, e, &index) != 0 ||
	    numbers_add(&b->attrs, index) != 0)
		return -1;
	if ((e->fields & ENTRY_SIZE) &&
	    numbers_add(e->type == 'd' ? &b->dir_sizes : &b->sizes, e->size) !=
		0)
		return -1;
	if ((e->fields & ENTRY_MTIME) &&
	    add_time(b, snap_time, e->mtime, e->mtime_ns) != 0)
		return -1;
	if (e->fields & ENTRY_TARGET)
		return numbers_add(&b->target_lens, e->target_len) != 0 ||
			buf_add(&b->targets, e->target, e->target_len) != 0 ?
		    -1 :
		    0;
	return 0;
}

static int
add_event(struct block_encoder *b, struct attr_table *attrs,
    int64_t *snap_times, const struct event *ev, const struct entry **last)
{
	enum event_what what = WHAT_PUT;

	switch ((enum event_kind)ev->kind) {
	case EVENT_PUT:
		if (*last != NULL && entry_equal(*last, &ev->entry))
			what = WHAT_PUT_AGAIN;
		*last = &ev->entry;
		break;
	case EVENT_GONE:
		what = WHAT_GONE;
		break;
	case EVENT_UNSEEN:
		what = WHAT_UNSEEN;
		break;
	}
	if (numbers_add(&b->whats, what) != 0)
		return -1;
	return what == WHAT_PUT ?
	    add_entry(b, attrs, &snap_times[ev->snap], &ev->entry) :
	    0;
}

int
block_encoder_add(struct block_encoder *b, struct attr_table *attrs,
    int64_t *snap_times, const char *path, size_t len, const struct event *ev,
    size_t n, size_t *ret_common)
{
	size_t common = path_common(
	    (const char *)b->prev.data, b->prev.len, path, len);
	const struct entry *last = NULL;

	if (numbers_add(&b->drops, b->prev.len - common) != 0 ||
	    buf_add(&b->suffixes, path + common, len - common) != 0 ||
	    buf_add_byte(&b->suffixes, 0) != 0)
		return -1;
	b->prev.len = common;
	if (buf_add(&b->prev, path + common, len - common) != 0 ||
	    numbers_add(&b->counts, n - 1) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if ((i == 0 ? numbers_add(&b->snaps, ev[0].snap) :
			      numbers_add(&b->steps,
				  ev[i].snap - ev[i - 1].snap - 1)) != 0 ||
		    add_event(b, attrs, snap_times, &ev[i], &last) != 0)
			return -1;
	}
	b->n_paths++;
	b->n_events += n;
	b->expanded += len + 1;
	*ret_common = common;
	return 0;
}

size_t
block_encoder_paths(const struct block_encoder *b)
{
	return b->n_paths;
}

size_t
block_encoder_events(const struct block_encoder *b)
{
	return b->n_events;
}

size_t
block_encoder_text(const struct block_encoder *b)
{
	return b->expanded;
}

/* Packed: below so many bytes a frame does not pay. */
#define PACK_MIN 64

static int
add_packed(struct zpack *z, struct buf *to, const struct buf *bytes)
{
	struct buf frame = { 0 };
	int rc;

	if (bytes->len >= PACK_MIN &&
	    zpack_add(z, &frame, bytes->data, bytes->len) != 0)
		rc = -1;
	else if (frame.len > 0 && frame.len < bytes->len)
		rc = buf_add_byte(to, 1) != 0 ||
			buf_add_varint(to, frame.len) != 0 ||
			buf_add(to, frame.data, frame.len) != 0 ?
		    -1 :
		    0;
	else
		rc = buf_add_byte(to, 0) != 0 ||
			buf_add(to, bytes->data, bytes->len) != 0 ?
		    -1 :
		    0;
	buf_done(&frame);
	return rc;
}

static int
flush_paths(struct block_encoder *b, struct buf *to)
{
	struct buf symbols = { 0 }, rest = { 0 };
	int rc = 0;

	if (buf_add_varint(to, b->n_paths) != 0 ||
	    buf_add_varint(to, b->suffixes.len) != 0 ||
	    buf_add_varint(to, b->expanded) != 0 ||
	    numbers_flush(&b->drops, &symbols, &rest) != 0 ||
	    add_packed(b->column_z, to, &symbols) != 0 ||
	    buf_add(to, rest.data, rest.len) != 0 ||
	    add_packed(b->text_z, to, &b->suffixes) != 0)
		rc = -1;
	buf_done(&symbols);
	buf_done(&rest);
	return rc;
}

static int
flush_events(struct block_encoder *b, struct buf *to)
{
	struct numbers *happened[] = { &b->counts, &b->snaps, &b->steps,
		&b->whats, &b->attrs, &b->times };
	struct numbers *values[] = { &b->sizes, &b->dir_sizes, &b->seconds,
		&b->nanos, &b->target_lens };
	struct buf first = { 0 }, second = { 0 }, rest = { 0 };
	int rc = 0;

	for (size_t i = 0; i < sizeof(happened) / sizeof(happened[0]); i++)
		rc |= numbers_flush(happened[i], &first, &rest);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		rc |= numbers_flush(values[i], &second, &rest);
	if (rc != 0 || buf_add_varint(to, b->n_events) != 0 ||
	    buf_add_varint(to, first.len) != 0 ||
	    add_packed(b->column_z, to, &first) != 0 ||
	    buf_add_varint(to, second.len) != 0 ||
	    add_packed(b->column_z, to, &second) != 0 ||
	    buf_add(to, rest.data, rest.len) != 0 ||
	    (b->targets.len > 0 &&
		add_packed(b->column_z, to, &b->targets) != 0))
		rc = -1;
	buf_done(&first);
	buf_done(&second);
	buf_done(&rest);
	return rc;
}

int
block_encoder_flush(
    struct block_encoder *b, struct buf *paths, struct buf *events)
{
	if (flush_paths(b, paths) != 0 || flush_events(b, events) != 0)
		return -1;
	buf_clear(&b->prev);
	buf_clear(&b->suffixes);
	buf_clear(&b->targets);
	b->n_paths = 0;
	b->n_events = 0;
	b->expanded = 0;
	b->recent = (struct recent_times){ 0 };
	return 0;
}
