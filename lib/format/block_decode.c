/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/block.h"

#include "base/path.h"
#include "format/times.h"

#include <stdlib.h>
#include <string.h>

/* What a decoded block stands in; kept from block to block. */
struct block_memory {
	struct zunpack *z; /* owned */
	uint8_t *scratch;  /* of a column's symbols */
	size_t scratch_cap;
	char *suffixes, *text, *targets;
	size_t suffixes_cap, text_cap, targets_cap;
	uint32_t *off, *first;
	size_t off_cap, first_cap; /* elements */
	uint64_t *column;	   /* several columns of numbers */
	size_t column_cap;
	struct event *events;
	size_t events_cap;
	size_t n_paths;
};

void
block_done(struct block *b)
{
	struct block_memory *m = b->memory;

	if (m != NULL) {
		zunpack_free(m->z);
		free(m->scratch);
		free(m->suffixes);
		free(m->text);
		free(m->targets);
		free(m->off);
		free(m->first);
		free(m->column);
		free(m->events);
		free(m);
	}
	*b = (struct block){ 0 };
}

static struct block_memory *
memory_of(struct block *b, struct err *err)
{
	if (b->memory != NULL)
		return b->memory;
	if ((b->memory = calloc(1, sizeof(*b->memory))) != NULL &&
	    (b->memory->z = zunpack_new()) == NULL) {
		free(b->memory);
		b->memory = NULL;
	}
	if (b->memory == NULL)
		(void)err_nomem(err);
	return b->memory;
}

/* Room for n elements; the old content is not kept. */
static int
room(void *array, size_t *cap, size_t n, size_t size, struct err *err)
{
	void **p = array, *q;

	if (n <= *cap)
		return 0;
	if ((q = malloc(n * size)) == NULL)
		return err_nomem(err);
	free(*p);
	*p = q;
	*cap = n;
	return 0;
}

static int
bad(struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, "block: %s", what);
}

/* u8 mode, [varint length,] `len` bytes once inflated: to `to`. */
static bool
read_text(struct reader *r, struct zunpack *z, char *to, size_t len)
{
	const uint8_t *p;
	uint64_t n;

	switch (reader_byte(r)) {
	case 0:
		if ((p = reader_bytes(r, len)) == NULL)
			return false;
		memcpy(to, p, len);
		return true;
	case 1:
		n = reader_varint(r);
		return (p = reader_bytes(r, n)) != NULL &&
		    zunpack_get(z, to, len, p, n);
	default:
		return false;
	}
}

static int
order_of(char c)
{
	return c == '/' ? 0 : (unsigned char)c;
}

/* Join prefixes and suffixes to whole paths; that each rises above the one
 * before is checked at the first byte that differs. */
static const char *
expand(struct block_memory *m, size_t suffixes, size_t n, size_t size)
{
	const uint64_t *common = m->column;
	const char *s = m->suffixes, *end = s + suffixes, *prev = "";
	size_t at = 0, prev_len = 0;

	for (size_t i = 0; i < n; i++) {
		const char *nul = memchr(s, '\0', (size_t)(end - s));
		size_t keep = common[i], add;
		char *to = m->text + at;

		if (nul == NULL)
			return "a path without an end";
		add = (size_t)(nul - s);
		if (keep > prev_len || keep + add > PATH_BYTES_MAX ||
		    keep + add + 1 > size - at)
			return "a path outside the block";
		if (add == 0 || (keep == 0 && s[0] != '/') ||
		    (keep == 0 && i > 0) ||
		    (keep < prev_len && order_of(s[0]) <= order_of(prev[keep])))
			return "paths not in order";
		memcpy(to, prev, keep);
		memcpy(to + keep, s, add + 1);
		m->off[i] = (uint32_t)at;
		prev = to;
		prev_len = keep + add;
		at += prev_len + 1;
		s = nul + 1;
	}
	m->off[n] = (uint32_t)at;
	return s == end && at == size ? NULL : "lengths that do not add up";
}

int
block_decode_paths_within(struct block *b, const void *data, size_t len,
    size_t text_max, struct err *err)
{
	struct reader r = reader_of(data, len);
	struct block_memory *m = memory_of(b, err);
	uint64_t n, suffixes, expanded;
	const char *wrong;

	if (m == NULL)
		return err->code;
	b->n = 0;
	b->first = NULL;
	b->events = NULL;
	n = reader_varint(&r);
	suffixes = reader_varint(&r);
	expanded = reader_varint(&r);
	if (r.bad || n == 0 || n > BLOCK_PATHS_MAX || suffixes > expanded ||
	    suffixes < n)
		return bad(err, "counts of paths that cannot be");
	if (expanded > text_max || expanded > BLOCK_TEXT_MAX)
		return bad(err, "paths that expand beyond the limit");
	if (room(&m->text, &m->text_cap, expanded, 1, err) != 0 ||
	    room(&m->suffixes, &m->suffixes_cap, suffixes, 1, err) != 0 ||
	    room(&m->scratch, &m->scratch_cap, n, 1, err) != 0 ||
	    room(&m->off, &m->off_cap, n + 1, sizeof(*m->off), err) != 0 ||
	    room(&m->column, &m->column_cap, n, sizeof(*m->column), err) != 0)
		return err->code;
	numbers_read(&r, m->z, m->scratch, m->column, n);
	if (r.bad || !read_text(&r, m->z, m->suffixes, suffixes) ||
	    reader_left(&r) != 0)
		return bad(err, "paths that cannot be inflated");
	if ((wrong = expand(m, suffixes, n, expanded)) != NULL)
		return bad(err, wrong);
	m->n_paths = n;
	b->n = (uint32_t)n;
	b->text = m->text;
	b->off = m->off;
	return 0;
}

int
block_decode_paths(
    struct block *b, const void *data, size_t len, struct err *err)
{
	return block_decode_paths_within(b, data, len, BLOCK_TEXT_MAX, err);
}

/* Columns of a block's events while they are read. */
struct columns {
	uint64_t *counts, *snaps, *steps, *whats, *attrs, *sizes, *dir_sizes,
	    *times, *seconds, *nanos, *target_lens;
};

/* How many values each column after `what` has follows from those before, and
 * how long the targets are together. */
static bool
read_columns(struct columns *c, struct reader *r, struct block_memory *m,
    size_t n_paths, size_t n, const struct event_tables *t,
    size_t *ret_target_bytes)
{
	size_t puts = 0, sizes = 0, dir_sizes = 0, times = 0, seconds = 0,
	       nanos = 0, targets = 0;
	uint64_t *to = m->column;
	uint64_t target_bytes = 0;

	c->counts = to;
	numbers_read(r, m->z, m->scratch, c->counts, n_paths);
	c->snaps = to += n_paths;
	numbers_read(r, m->z, m->scratch, c->snaps, n_paths);
	c->steps = to += n_paths;
	numbers_read(r, m->z, m->scratch, c->steps, n - n_paths);
	c->whats = to += n - n_paths;
	numbers_read(r, m->z, m->scratch, c->whats, n);
	for (size_t i = 0; i < n; i++)
		puts += c->whats[i] == WHAT_PUT;
	c->attrs = to += n;
	numbers_read(r, m->z, m->scratch, c->attrs, puts);
	for (size_t i = 0; i < puts; i++) {
		const struct attr *a;

		if (r->bad || c->attrs[i] >= t->n_attrs)
			return false;
		a = &t->attrs[c->attrs[i]];
		if (a->fields & ENTRY_SIZE)
			*(a->type == 'd' ? &dir_sizes : &sizes) += 1;
		times += (a->fields & ENTRY_MTIME) != 0;
		targets += (a->fields & ENTRY_TARGET) != 0;
	}
	c->sizes = to += puts;
	numbers_read(r, m->z, m->scratch, c->sizes, sizes);
	c->dir_sizes = to += sizes;
	numbers_read(r, m->z, m->scratch, c->dir_sizes, dir_sizes);
	c->times = to += dir_sizes;
	numbers_read(r, m->z, m->scratch, c->times, times);
	for (size_t i = 0; i < times; i++) {
		if (c->times[i] > TIME_LAST)
			return false;
		seconds += c->times[i] >= TIME_NEW;
		nanos += c->times[i] >= TIME_NEW && (c->times[i] & 1);
	}
	c->seconds = to += times;
	numbers_read(r, m->z, m->scratch, c->seconds, seconds);
	c->nanos = to += seconds;
	numbers_read(r, m->z, m->scratch, c->nanos, nanos);
	c->target_lens = to += nanos;
	numbers_read(r, m->z, m->scratch, c->target_lens, targets);
	for (size_t i = 0; i < targets; i++) {
		if (c->target_lens[i] > ENTRY_TARGET_MAX)
			return false;
		target_bytes += c->target_lens[i];
	}
	*ret_target_bytes = target_bytes;
	return !r->bad && target_bytes <= BLOCK_TEXT_MAX;
}

/* The most numbers that the columns of n events can have: per put one attr,
 * one size, one time, one each of seconds, nanoseconds and target. */
static size_t
columns_size(size_t n_paths, size_t n)
{
	return n_paths + 8 * n;
}

/* The entry of a new put, from the columns' next values. */
static bool
take_entry(struct columns *c, const struct attr *attrs, int64_t snap_time,
    struct recent_times *recent, const char **target, struct entry *e)
{
	const struct attr *a = &attrs[*c->attrs++];

	*e = (struct entry){ .fields = a->fields,
		.type = a->type,
		.mode = a->mode,
		.uid = a->uid,
		.gid = a->gid };
	if (a->fields & ENTRY_SIZE)
		e->size = a->type == 'd' ? *c->dir_sizes++ : *c->sizes++;
	if (a->fields & ENTRY_MTIME) {
		uint64_t t = *c->times++;

		if (t < RECENT_TIMES)
			recent_times_use(recent, (unsigned)t);
		else {
			int64_t from = t >= TIME_NEW + TIME_OF_SNAP ?
			    snap_time :
			    recent->newest;
			int64_t sec = (int64_t)((uint64_t)from +
			    (uint64_t)unzigzag(*c->seconds++));
			uint64_t ns = (t & 1) ? *c->nanos++ : 0;

			if (ns > 999999999)
				return false;
			recent_times_add(recent, sec, (uint32_t)ns);
		}
		e->mtime = recent->sec[0];
		e->mtime_ns = recent->ns[0];
	}
	if (a->fields & ENTRY_TARGET) {
		e->target_len = (uint32_t)*c->target_lens++;
		e->target = *target;
		*target += e->target_len;
	}
	return true;
}

/* The events of one path: the wanted ones go to m->events, behind those that
 * were kept before. */
static const char *
take_path(struct block_memory *m, struct columns *c, size_t n,
    const struct event_tables *t, struct recent_times *recent,
    const char **target, size_t *kept)
{
	const struct entry *last = NULL;
	struct entry passed;
	uint64_t snap = 0;

	for (size_t j = 0; j < n; j++) {
		uint64_t step = j == 0 ? *c->snaps++ : *c->steps++;
		uint64_t what = *c->whats++;
		struct event *ev = &m->events[*kept];
		bool wanted;

		if (step >= t->n_snaps ||
		    (snap += j == 0 ? step : step + 1) >= t->n_snaps)
			return "an event of an unknown snapshot";
		wanted = t->want == NULL || t->want[snap];
		switch (what) {
		case WHAT_PUT: {
			struct entry *to = wanted ? &ev->entry : &passed;

			if (!take_entry(c, t->attrs, t->snap_times[snap],
				recent, target, to))
				return "an impossible time";
			last = to;
			break;
		}
		case WHAT_PUT_AGAIN:
			if (last == NULL)
				return "a repeated entry of none";
			if (wanted)
				ev->entry = *last;
			break;
		case WHAT_GONE:
		case WHAT_UNSEEN:
			if (wanted)
				memset(&ev->entry, 0, sizeof(ev->entry));
			break;
		default:
			return "an unknown kind of event";
		}
		if (!wanted)
			continue;
		ev->snap = (uint32_t)snap;
		ev->kind = what == WHAT_GONE ? EVENT_GONE :
		    what == WHAT_UNSEEN	     ? EVENT_UNSEEN :
					       EVENT_PUT;
		(*kept)++;
	}
	return NULL;
}

static const char *
take_events(struct block_memory *m, struct columns *c, size_t n_paths, size_t n,
    const struct event_tables *t)
{
	struct recent_times recent = { 0 };
	const char *target = m->targets != NULL ? m->targets : "";
	size_t at = 0, kept = 0;

	for (size_t i = 0; i < n_paths; i++) {
		size_t of_path = c->counts[i];
		const char *wrong;

		m->first[i] = (uint32_t)kept;
		if (of_path >= n - at)
			return "more events than it has";
		at += of_path + 1;
		if ((wrong = take_path(m, c, of_path + 1, t, &recent, &target,
			 &kept)) != NULL)
			return wrong;
	}
	m->first[n_paths] = (uint32_t)kept;
	return at == n ? NULL : "fewer events than it says";
}

int
block_decode_events(struct block *b, size_t n_paths, const void *data,
    size_t len, const struct event_tables *t, size_t *ret_n, struct err *err)
{
	struct reader r = reader_of(data, len);
	struct block_memory *m = memory_of(b, err);
	struct columns c;
	const char *wrong;
	size_t targets;
	uint64_t n;

	if (m == NULL)
		return err->code;
	b->first = NULL;
	b->events = NULL;
	n = reader_varint(&r);
	if (r.bad || n_paths == 0 || n_paths > BLOCK_PATHS_MAX || n < n_paths ||
	    n > BLOCK_EVENTS_MAX)
		return bad(err, "counts of events that cannot be");
	if (room(&m->column, &m->column_cap, columns_size(n_paths, n),
		sizeof(*m->column), err) != 0 ||
	    room(&m->scratch, &m->scratch_cap, n, 1, err) != 0 ||
	    room(&m->first, &m->first_cap, n_paths + 1, sizeof(*m->first),
		err) != 0 ||
	    room(&m->events, &m->events_cap, n, sizeof(*m->events), err) != 0)
		return err->code;
	if (!read_columns(&c, &r, m, n_paths, n, t, &targets))
		return bad(err, "events that cannot be decoded");
	if (room(&m->targets, &m->targets_cap, targets, 1, err) != 0)
		return err->code;
	if ((targets > 0 && !read_text(&r, m->z, m->targets, targets)) ||
	    reader_left(&r) != 0)
		return bad(err, "events that cannot be decoded");
	if ((wrong = take_events(m, &c, n_paths, n, t)) != NULL)
		return bad(err, wrong);
	b->first = m->first;
	b->events = m->events;
	*ret_n = n;
	return 0;
}
