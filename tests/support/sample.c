/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/sample.h"

#include "base/path.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint64_t
roll(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static const char *const word[] = { "usr", "share", "doc", "lib", "README", "a",
	"b.", "etc", "python3", "\xc3\xa4\xc3\xb6", "x y", "\x01\xff",
	"Makefile", "log", ".so.1", "-2026", "conf", "\n" };

static void
make_path(struct sample_path *p, uint64_t *x)
{
	struct buf b = { 0 };
	size_t parts = 1 + roll(x) % 5;

	for (size_t i = 0; i < parts; i++) {
		(void)buf_add_byte(&b, '/');
		for (size_t n = 1 + roll(x) % 3; n > 0; n--)
			(void)buf_add_str(
			    &b, word[roll(x) % (sizeof(word) / sizeof(*word))]);
		if (roll(x) % 64 == 0)
			for (size_t n = roll(x) % 3000; n > 0; n--)
				(void)buf_add_byte(&b, (uint8_t)('a' + n % 26));
	}
	p->path = strdup(buf_str(&b));
	p->len = b.len;
	buf_done(&b);
}

static void
make_entry(struct entry *e, uint64_t *x)
{
	static const char target[] = "../some/where/else";
	static const uint8_t fields[] = { ENTRY_ALL & ~ENTRY_TARGET,
		ENTRY_ALL & ~ENTRY_TARGET, ENTRY_TYPE, 0,
		ENTRY_TYPE | ENTRY_SIZE, ENTRY_ALL };

	*e = (struct entry){ .fields = fields[roll(x) % 6] };
	if (e->fields & ENTRY_TYPE)
		e->type = (e->fields & ENTRY_TARGET) ? 'l' :
						       ENTRY_TYPES[roll(x) % 7];
	if (e->fields & ENTRY_MODE)
		e->mode = roll(x) % 2 ? 0644 : (uint16_t)(roll(x) % 07777);
	if (e->fields & ENTRY_OWNER) {
		e->uid = (uint32_t)(roll(x) % 3);
		e->gid = roll(x) % 9 == 0 ? UINT32_MAX : 0;
	}
	if (e->fields & ENTRY_SIZE)
		e->size = roll(x) >> roll(x) % 64;
	if (e->fields & ENTRY_MTIME) {
		e->mtime = roll(x) % 3 ? 1700000000 + (int64_t)(roll(x) % 3) :
					 (int64_t)roll(x);
		e->mtime_ns = roll(x) % 2 ? 0 :
					    (uint32_t)(roll(x) % 1000000000);
	}
	if (e->fields & ENTRY_TARGET) {
		e->target = target;
		e->target_len = (uint32_t)(roll(x) % sizeof(target));
	}
}

static void
make_events(struct sample_path *p, size_t n_snaps, uint64_t *x)
{
	p->events = calloc(n_snaps, sizeof(*p->events));
	for (size_t s = 0; s < n_snaps; s++) {
		struct event *ev = &p->events[p->n];

		if (roll(x) % 4 != 0 && !(s == n_snaps - 1 && p->n == 0))
			continue;
		ev->snap = (uint32_t)s;
		ev->kind = roll(x) % 5 == 0 ?
		    (roll(x) % 2 ? EVENT_GONE : EVENT_UNSEEN) :
		    EVENT_PUT;
		if (ev->kind == EVENT_PUT && p->n > 0 && roll(x) % 2 &&
		    p->events[p->n - 1].kind == EVENT_PUT)
			ev->entry = p->events[p->n - 1].entry;
		else if (ev->kind == EVENT_PUT)
			make_entry(&ev->entry, x);
		p->n++;
	}
}

static int
by_path(const void *a, const void *b)
{
	const struct sample_path *x = a, *y = b;

	return path_cmp(x->path, x->len, y->path, y->len);
}

void
sample_make(struct sample *s, unsigned seed, size_t n, size_t n_snaps)
{
	uint64_t x = UINT64_C(0x9e3779b97f4a7c15) * (seed + 1);
	size_t kept = 0;

	*s = (struct sample){ .n_snaps = n_snaps };
	s->path = calloc(n, sizeof(*s->path));
	for (size_t i = 0; i < n; i++)
		make_path(&s->path[i], &x);
	qsort(s->path, n, sizeof(*s->path), by_path);
	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && by_path(&s->path[kept - 1], &s->path[i]) == 0)
			free(s->path[i].path);
		else
			s->path[kept++] = s->path[i];
	}
	s->n = kept;
	for (size_t i = 0; i < kept; i++)
		make_events(&s->path[i], n_snaps, &x);
	s->snaps = calloc(n_snaps, sizeof(*s->snaps));
	for (size_t i = 0; i < n_snaps; i++)
		s->snaps[i] = (struct segment_snap){ (uint32_t)i / 3 + 1,
			(uint32_t)i * 5 + 1 };
}

static int
into_buf(void *ctx, const void *p, size_t n, struct err *err)
{
	return buf_add(ctx, p, n) == 0 ? 0 : err_nomem(err);
}

static int
from_bytes(void *ctx, void *to, size_t n, uint64_t off, struct err *err)
{
	(void)err;
	memcpy(to, (const char *)ctx + off, n);
	return 0;
}

struct segment_sink
sink_into(struct buf *b)
{
	return (struct segment_sink){ b, into_buf };
}

struct segment_source
source_of(const struct buf *b)
{
	return (struct segment_source){ b->data, b->len, from_bytes };
}

void
sample_write(struct sample *s)
{
	struct segment_sink sink = sink_into(&s->file);
	struct segment_totals totals;
	struct segment_writer *w;
	struct err err = ERR_INIT;

	buf_clear(&s->file);
	if (segment_writer_new(&w, &sink, s->snaps, s->n_snaps, &err) != 0)
		abort();
	for (size_t i = 0; i < s->n; i++)
		if (segment_writer_add(w, s->path[i].path, s->path[i].len,
			s->path[i].events, s->path[i].n, &err) != 0)
			abort();
	if (segment_writer_finish(w, &totals, &err) != 0 ||
	    totals.paths != s->n || totals.bytes != s->file.len)
		abort();
	segment_writer_free(w);
	s->source = source_of(&s->file);
}

void
sample_done(struct sample *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->path[i].path);
		free(s->path[i].events);
	}
	free(s->path);
	free(s->snaps);
	buf_done(&s->file);
}
