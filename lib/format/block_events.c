/*
 * The events of a block, path by path. Opening them inflates the columns; a
 * path that is passed over moves the place in each of them and makes nothing.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/block_private.h"
#include "format/times.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct block_events {
	struct event_tables tables;
	size_t n_paths, at; /* the path whose events come next */
	size_t steps_left;
	struct numbers_reader counts, snaps, steps, whats, attrs, sizes,
	    dir_sizes, times, seconds, nanos, target_lens;
	struct recent_times recent;
	const char *target; /* of the next link */
	struct buf symbols; /* of the columns */
	struct buf targets;
	struct event *event; /* owned; those of the path at hand */
	size_t cap;
};

void
block_events_free(struct block_events *e)
{
	if (e == NULL)
		return;
	buf_done(&e->symbols);
	buf_done(&e->targets);
	free(e->event);
	free(e);
}

static int
bad(struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, "block: %s", what);
}

/* ---- opening ---- */

/* What the columns of entries hold, from the attributes of the puts. */
struct entry_counts {
	size_t sizes, dir_sizes, times, targets;
};

static bool
count_entries(const struct block_events *e, size_t puts, struct entry_counts *c)
{
	struct numbers_reader attrs = e->attrs;

	*c = (struct entry_counts){ 0 };
	for (size_t i = 0; i < puts; i++) {
		uint64_t at = numbers_next(&attrs);
		const struct attr *a;

		if (at >= e->tables.n_attrs)
			return false;
		a = &e->tables.attrs[at];
		if (a->fields & ENTRY_SIZE)
			*(a->type == 'd' ? &c->dir_sizes : &c->sizes) += 1;
		c->times += (a->fields & ENTRY_MTIME) != 0;
		c->targets += (a->fields & ENTRY_TARGET) != 0;
	}
	return !attrs.bad;
}

static bool
count_times(const struct block_events *e, size_t times, size_t *ret_seconds,
    size_t *ret_nanos)
{
	struct numbers_reader column = e->times;
	size_t seconds = 0, nanos = 0;

	for (size_t i = 0; i < times; i++) {
		uint64_t t = numbers_next(&column);

		if (t > TIME_LAST)
			return false;
		seconds += t >= TIME_NEW;
		nanos += t >= TIME_NEW && (t & 1);
	}
	*ret_seconds = seconds;
	*ret_nanos = nanos;
	return true;
}

/* How long the targets are together. */
static bool
count_targets(const struct block_events *e, size_t n, size_t *ret)
{
	struct numbers_reader lens = e->target_lens;
	uint64_t bytes = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t len = numbers_next(&lens);

		if (len > ENTRY_TARGET_MAX)
			return false;
		bytes += len;
	}
	*ret = bytes;
	return !lens.bad && bytes <= BLOCK_TEXT_MAX;
}

/* varint n, n symbols packed: to the room, which is large enough for all that
 * can be. */
static bool
read_symbols(
    struct reader *r, struct zunpack *z, struct buf *room, struct reader *ret)
{
	uint64_t n = reader_varint(r);
	uint8_t *to = room->data + room->len;

	if (r->bad || n > room->cap - room->len ||
	    !block_read_packed(r, z, to, n))
		return false;
	room->len += n;
	*ret = reader_of(to, n);
	return true;
}

/* How many values each column after `whats` has follows from those before. */
static bool
open_columns(struct block_events *e, struct reader *r, struct zunpack *z,
    size_t n, size_t *ret_targets)
{
	struct reader happened, values;
	struct entry_counts c;
	size_t puts, seconds, nanos;

	if (!read_symbols(r, z, &e->symbols, &happened) ||
	    !read_symbols(r, z, &e->symbols, &values))
		return false;
	numbers_open(&e->counts, &happened, r, e->n_paths);
	numbers_open(&e->snaps, &happened, r, e->n_paths);
	numbers_open(&e->steps, &happened, r, n - e->n_paths);
	numbers_open(&e->whats, &happened, r, n);
	if (r->bad)
		return false;
	puts = numbers_zeros(&e->whats, n);
	numbers_open(&e->attrs, &happened, r, puts);
	if (r->bad || !count_entries(e, puts, &c))
		return false;
	numbers_open(&e->times, &happened, r, c.times);
	if (r->bad || !count_times(e, c.times, &seconds, &nanos))
		return false;
	numbers_open(&e->sizes, &values, r, c.sizes);
	numbers_open(&e->dir_sizes, &values, r, c.dir_sizes);
	numbers_open(&e->seconds, &values, r, seconds);
	numbers_open(&e->nanos, &values, r, nanos);
	numbers_open(&e->target_lens, &values, r, c.targets);
	return !r->bad && reader_left(&happened) == 0 &&
	    reader_left(&values) == 0 &&
	    count_targets(e, c.targets, ret_targets);
}

/* The most numbers that the columns of n events can have: per put one attr,
 * one size, one time, one each of seconds, nanoseconds and target. */
static size_t
columns_size(size_t n_paths, size_t n)
{
	return n_paths + 8 * n;
}

int
block_open_events(struct block *b, size_t n_paths, const void *data, size_t len,
    const struct event_tables *t, size_t *ret_n, struct err *err)
{
	struct reader r = reader_of(data, len);
	struct zunpack *z = block_unpack(b, err);
	struct block_events *e;
	size_t targets;
	uint64_t n;

	if (z == NULL)
		return err->code;
	if (b->events == NULL &&
	    (b->events = calloc(1, sizeof(*b->events))) == NULL)
		return err_nomem(err);
	e = b->events;
	e->at = 0;
	n = reader_varint(&r);
	if (r.bad || n_paths == 0 || n_paths > BLOCK_PATHS_MAX || n < n_paths ||
	    n > BLOCK_EVENTS_MAX)
		return bad(err, "counts of events that cannot be");
	buf_clear(&e->symbols);
	if (buf_reserve(&e->symbols, columns_size(n_paths, n)) != 0)
		return err_nomem(err);
	e->tables = *t;
	e->n_paths = n_paths;
	e->steps_left = n - n_paths;
	e->recent = (struct recent_times){ 0 };
	if (!open_columns(e, &r, z, n, &targets))
		return bad(err, "events that cannot be decoded");
	buf_clear(&e->targets);
	if (buf_reserve(&e->targets, targets + 1) != 0)
		return err_nomem(err);
	if ((targets > 0 &&
		!block_read_packed(&r, z, e->targets.data, targets)) ||
	    reader_left(&r) != 0)
		return bad(err, "events that cannot be decoded");
	e->target = (const char *)e->targets.data;
	*ret_n = n;
	return 0;
}

/* ---- entries ---- */

/* Move e->recent on by the next time, whose snapshot's time is given; false
 * for one that cannot be. */
static inline bool
next_time(struct block_events *e, int64_t snap_time)
{
	uint64_t t = numbers_next(&e->times);
	int64_t from, sec;
	uint64_t ns;

	if (t < RECENT_TIMES) {
		recent_times_use(&e->recent, (unsigned)t);
		return true;
	}
	from = t >= TIME_NEW + TIME_OF_SNAP ? snap_time : e->recent.newest;
	sec = (int64_t)((uint64_t)from +
	    (uint64_t)unzigzag(numbers_next(&e->seconds)));
	ns = (t & 1) ? numbers_next(&e->nanos) : 0;
	if (ns > 999999999)
		return false;
	recent_times_add(&e->recent, sec, (uint32_t)ns);
	return true;
}

/* The entry of a new put, from the columns' next values. */
static bool
take_entry(struct block_events *e, int64_t snap_time, struct entry *to)
{
	const struct attr *a = &e->tables.attrs[numbers_next(&e->attrs)];

	*to = (struct entry){ .fields = a->fields,
		.type = a->type,
		.mode = a->mode,
		.uid = a->uid,
		.gid = a->gid };
	if (a->fields & ENTRY_SIZE)
		to->size = numbers_next(
		    a->type == 'd' ? &e->dir_sizes : &e->sizes);
	if (a->fields & ENTRY_MTIME) {
		if (!next_time(e, snap_time))
			return false;
		to->mtime = e->recent.sec[e->recent.head];
		to->mtime_ns = e->recent.ns[e->recent.head];
	}
	if (a->fields & ENTRY_TARGET) {
		to->target_len = (uint32_t)numbers_next(&e->target_lens);
		to->target = e->target;
		e->target += to->target_len;
	}
	return true;
}

static bool
pass_entry(struct block_events *e, int64_t snap_time)
{
	const struct attr *a = &e->tables.attrs[numbers_next(&e->attrs)];

	if (a->fields & ENTRY_SIZE)
		numbers_skip(a->type == 'd' ? &e->dir_sizes : &e->sizes);
	if (a->fields & ENTRY_TARGET)
		e->target += numbers_next(&e->target_lens);
	return !(a->fields & ENTRY_MTIME) || next_time(e, snap_time);
}

/* ---- paths ---- */

static bool
any_bad(const struct block_events *e)
{
	return e->counts.bad || e->snaps.bad || e->steps.bad || e->whats.bad ||
	    e->attrs.bad || e->sizes.bad || e->dir_sizes.bad || e->times.bad ||
	    e->seconds.bad || e->nanos.bad || e->target_lens.bad;
}

/* The first event of the next path, and how many follow it. */
static const char *
begin_path(struct block_events *e, uint64_t *snap, size_t *more)
{
	uint64_t n = numbers_next(&e->counts);

	if (n > e->steps_left)
		return "more events than it has";
	e->steps_left -= n;
	*more = n;
	*snap = numbers_next(&e->snaps);
	if (*snap >= e->tables.n_snaps)
		return "an event of an unknown snapshot";
	if (++e->at == e->n_paths && e->steps_left > 0)
		return "fewer events than it says";
	return NULL;
}

static bool
step(struct block_events *e, uint64_t *snap)
{
	uint64_t n = numbers_next(&e->steps);

	return n < e->tables.n_snaps && (*snap += n + 1) < e->tables.n_snaps;
}

static const char *
pass_path(struct block_events *e)
{
	const int64_t *times = e->tables.snap_times;
	const char *wrong;
	uint64_t snap;
	size_t more;

	if ((wrong = begin_path(e, &snap, &more)) != NULL)
		return wrong;
	if (numbers_next(&e->whats) == WHAT_PUT && !pass_entry(e, times[snap]))
		return "an impossible time";
	/* Mostly the same file on more hosts. */
	if (!numbers_any_zero(&e->whats, more)) {
		numbers_skip_many(&e->steps, more);
		numbers_skip_many(&e->whats, more);
		return NULL;
	}
	while (more-- > 0) {
		if (!step(e, &snap))
			return "an event of an unknown snapshot";
		if (numbers_next(&e->whats) == WHAT_PUT &&
		    !pass_entry(e, times[snap]))
			return "an impossible time";
	}
	return NULL;
}

/* One event, to *ev where it is wanted. */
static const char *
take_event(struct block_events *e, uint64_t snap, bool wanted,
    const struct entry **last, struct entry *passed, struct event *ev)
{
	uint64_t what = numbers_next(&e->whats);

	switch (what) {
	case WHAT_PUT: {
		struct entry *to = wanted ? &ev->entry : passed;

		if (!take_entry(e, e->tables.snap_times[snap], to))
			return "an impossible time";
		*last = to;
		break;
	}
	case WHAT_PUT_AGAIN:
		if (*last == NULL)
			return "a repeated entry of none";
		if (wanted)
			ev->entry = **last;
		break;
	case WHAT_GONE:
	case WHAT_UNSEEN:
		if (wanted)
			memset(&ev->entry, 0, sizeof(ev->entry));
		break;
	default:
		return "an unknown kind of event";
	}
	ev->snap = (uint32_t)snap;
	ev->kind = what == WHAT_GONE ? EVENT_GONE :
	    what == WHAT_UNSEEN	     ? EVENT_UNSEEN :
				       EVENT_PUT;
	return NULL;
}

static bool
room_for(struct block_events *e, size_t n)
{
	struct event *p;

	if (n <= e->cap)
		return true;
	if ((p = malloc(2 * n * sizeof(*p))) == NULL)
		return false;
	free(e->event);
	e->event = p;
	e->cap = 2 * n;
	return true;
}

/* The events of the next path: the wanted ones go to e->event. */
static const char *
take_path(struct block_events *e, size_t *ret_n, bool *nomem)
{
	const uint8_t *want = e->tables.want;
	const struct entry *last = NULL;
	struct entry passed;
	const char *wrong;
	uint64_t snap;
	size_t more, n = 0;

	if ((wrong = begin_path(e, &snap, &more)) != NULL)
		return wrong;
	*nomem = !room_for(e, more + 1);
	if (*nomem)
		return "no memory";
	for (size_t i = 0;; i++) {
		bool wanted = want == NULL || want[snap];

		if ((wrong = take_event(e, snap, wanted, &last, &passed,
			 &e->event[n])) != NULL)
			return wrong;
		n += wanted;
		if (i == more)
			break;
		if (!step(e, &snap))
			return "an event of an unknown snapshot";
	}
	*ret_n = n;
	return NULL;
}

int
block_path_events(struct block *b, uint32_t i, const struct event **ret,
    size_t *n, struct err *err)
{
	struct block_events *e = b->events;
	const char *wrong = NULL;
	bool nomem = false;

	assert(e != NULL && i >= e->at && i < e->n_paths);
	while (wrong == NULL && e->at < i)
		wrong = pass_path(e);
	if (wrong == NULL)
		wrong = take_path(e, n, &nomem);
	if (nomem)
		return err_nomem(err);
	if (wrong == NULL && any_bad(e))
		wrong = "numbers that cannot be";
	if (wrong != NULL)
		return bad(err, wrong);
	*ret = e->event;
	return 0;
}
