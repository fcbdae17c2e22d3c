/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/path.h"
#include "format/segment.h"
#include "tests/support/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct err err;

static struct segment *
opened(const struct sample *s)
{
	struct segment *seg;

	if (segment_open(&seg, &s->source, &err) != 0)
		fail_msg("%s%s", err.where, err.cause);
	return seg;
}

static void
same_item(const struct segment_item *it, const struct sample_path *p)
{
	assert_int_equal(it->len, p->len);
	assert_memory_equal(it->path, p->path, p->len);
	assert_int_equal(it->n, p->n);
	for (size_t i = 0; i < p->n; i++) {
		assert_int_equal(it->events[i].snap, p->events[i].snap);
		assert_int_equal(it->events[i].kind, p->events[i].kind);
		assert_true(
		    entry_equal(&it->events[i].entry, &p->events[i].entry));
	}
}

static void
everything_comes_back_in_order(void **state)
{
	const size_t sizes[] = { 1, 2, 511, 513, 5000 };

	(void)state;
	for (unsigned k = 0; k < 5; k++) {
		struct segment_cursor *c;
		struct segment_item it;
		struct sample s;
		struct segment *seg;
		size_t n;

		sample_make(&s, k, sizes[k], 1 + k * 3);
		sample_write(&s);
		seg = opened(&s);
		assert_int_equal(segment_verify(seg, &err), 0);
		assert_int_equal(segment_totals(seg).paths, s.n);
		(void)segment_snaps(seg, &n);
		assert_int_equal(n, s.n_snaps);
		assert_int_equal(segment_cursor_new(&c, seg, &err), 0);
		for (size_t i = 0; i < s.n; i++) {
			assert_int_equal(segment_cursor_next(c, &it, &err), 0);
			same_item(&it, &s.path[i]);
		}
		assert_int_equal(segment_cursor_next(c, &it, &err), 1);
		segment_cursor_free(c);
		segment_close(seg);
		sample_done(&s);
	}
}

static void
an_empty_segment_is_one(void **state)
{
	struct sample s = { 0 };
	struct segment_cursor *c;
	struct segment_item it;
	struct segment *seg;

	(void)state;
	sample_write(&s);
	seg = opened(&s);
	assert_int_equal(segment_verify(seg, &err), 0);
	assert_int_equal(segment_cursor_new(&c, seg, &err), 0);
	assert_int_equal(segment_cursor_seek(c, "/a", 2, &err), 0);
	assert_int_equal(segment_cursor_next(c, &it, &err), 1);
	segment_cursor_free(c);
	segment_close(seg);
	sample_done(&s);
}

static size_t
lower_bound(const struct sample *s, size_t from, const char *p, size_t len)
{
	while (from < s->n &&
	    path_cmp(s->path[from].path, s->path[from].len, p, len) < 0)
		from++;
	return from;
}

static void
seeking_finds_the_next_path(void **state)
{
	struct segment *seg;
	struct sample s, probes;

	(void)state;
	sample_make(&s, 21, 6000, 4);
	sample_make(&probes, 22, 300, 1);
	sample_write(&s);
	seg = opened(&s);
	for (unsigned stride = 1; stride < 40; stride += 13) {
		struct segment_cursor *c;
		struct segment_item it;
		size_t at = 0;

		assert_int_equal(segment_cursor_new(&c, seg, &err), 0);
		for (size_t i = 0; i < probes.n; i += stride) {
			const struct sample_path *p = &probes.path[i];

			assert_int_equal(
			    segment_cursor_seek(c, p->path, p->len, &err), 0);
			at = lower_bound(&s, at, p->path, p->len);
			/* now and then without taking what is there */
			if (i % 3 == 0)
				continue;
			if (at == s.n) {
				assert_int_equal(
				    segment_cursor_next(c, &it, &err), 1);
				break;
			}
			assert_int_equal(segment_cursor_next(c, &it, &err), 0);
			same_item(&it, &s.path[at++]);
		}
		segment_cursor_free(c);
	}
	segment_close(seg);
	sample_done(&s);
	sample_done(&probes);
}

static void
a_filter_passes_only_wanted_events(void **state)
{
	uint8_t want[12] = { 0 };
	struct segment_cursor *c;
	struct segment_item it;
	struct segment *seg;
	struct sample s;

	(void)state;
	sample_make(&s, 5, 3000, 12);
	sample_write(&s);
	seg = opened(&s);
	want[3] = want[7] = 1;
	assert_int_equal(segment_cursor_new(&c, seg, &err), 0);
	segment_cursor_filter(c, want);
	for (size_t i = 0; i < s.n; i++) {
		struct sample_path left = s.path[i];

		left.n = 0;
		for (size_t k = 0; k < s.path[i].n; k++)
			if (want[s.path[i].events[k].snap])
				left.events[left.n++] = left.events[k];
		if (left.n == 0)
			continue;
		assert_int_equal(segment_cursor_next(c, &it, &err), 0);
		same_item(&it, &left);
	}
	assert_int_equal(segment_cursor_next(c, &it, &err), 1);
	segment_cursor_free(c);
	segment_close(seg);
	sample_done(&s);
}

/* Whether a block has a path that holds these bytes; ends with a NUL. */
static bool
block_has(struct segment *seg, size_t i, const char *lit, size_t len)
{
	struct block b = { 0 };
	bool found;

	assert_int_equal(segment_block_paths(seg, i, &b, &err), 0);
	found = memmem(b.text, b.off[b.n], lit, len) != NULL;
	block_done(&b);
	return found;
}

static void
the_index_never_leaves_out_a_match(void **state)
{
	struct segment *seg;
	struct sample s;
	size_t excluded = 0;

	(void)state;
	sample_make(&s, 9, 8000, 2);
	sample_write(&s);
	seg = opened(&s);
	srandom(9);
	for (int k = 0; k < 400; k++) {
		const struct sample_path *p = &s.path[(size_t)random() % s.n];
		size_t from = (size_t)random() % p->len;
		size_t len = 2 + (size_t)random() % 8;
		struct triquery q = { 0 };
		struct bitset found = { 0 };

		if (len > p->len + 1 - from)
			len = p->len + 1 - from;
		if (memchr(p->path + from, 0, len) != NULL && len < 3)
			continue;
		assert_int_equal(triquery_literal(&q, p->path + from, len), 0);
		assert_int_equal(segment_candidates(seg, &q, &found, &err), 0);
		for (size_t i = 0; i < found.n; i++) {
			if (bitset_has(&found, i))
				continue;
			excluded++;
			assert_false(block_has(seg, i, p->path + from, len));
		}
		bitset_done(&found);
		triquery_done(&q);
	}
	assert_true(excluded > 100);
	segment_close(seg);
	sample_done(&s);
}

/* Names of random bytes make far more trigrams than names do. */
static void
an_index_too_large_for_memory_comes_in_parts(void **state)
{
	struct event ev = { .kind = EVENT_PUT };
	struct sample s = { .n = 1500, .n_snaps = 1 };
	struct segment_snap snap = { 1, 1 };
	struct triquery q = { 0 };
	struct bitset found = { 0 };
	struct segment *seg;
	size_t set = 0;

	(void)state;
	s.path = calloc(s.n, sizeof(*s.path));
	s.snaps = &snap;
	srandom(77);
	for (size_t i = 0; i < s.n; i++) {
		char *p = malloc(4096);

		(void)snprintf(p, 32, "/%08zu", i);
		for (size_t k = 9; k < 4000; k++)
			p[k] = (char)(128 + random() % 128);
		s.path[i] = (struct sample_path){ p, 4000, &ev, 1 };
	}
	sample_write(&s);
	seg = opened(&s);
	assert_int_equal(segment_verify(seg, &err), 0);
	for (size_t i = 0; i < s.n; i += 100) {
		assert_int_equal(
		    triquery_literal(&q, s.path[i].path + 2000, 12), 0);
		assert_int_equal(segment_candidates(seg, &q, &found, &err), 0);
		for (size_t k = 0; k < found.n; k++)
			if (bitset_has(&found, k))
				set++;
			else
				assert_false(block_has(
				    seg, k, s.path[i].path + 2000, 12));
		bitset_done(&found);
		triquery_done(&q);
	}
	assert_in_range(set, 15, 30);
	segment_close(seg);
	for (size_t i = 0; i < s.n; i++)
		free(s.path[i].path);
	free(s.path);
	buf_done(&s.file);
}

/* Reads all that can be read; whatever it says, it must not fall over, and
 * what it accepts must be what was written. */
static bool
accepted(const struct sample *s, const struct segment_source *src)
{
	struct segment_cursor *c;
	struct segment_item it;
	struct segment *seg;
	size_t i = 0;
	int rc;

	if (segment_open(&seg, src, &err) != 0)
		return false;
	rc = segment_verify(seg, &err);
	if (rc == 0 && segment_cursor_new(&c, seg, &err) == 0) {
		while ((rc = segment_cursor_next(c, &it, &err)) == 0)
			same_item(&it, &s->path[i++]);
		segment_cursor_free(c);
	}
	segment_close(seg);
	return rc >= 0;
}

static void
every_flip_is_found(void **state)
{
	struct sample s;

	(void)state;
	sample_make(&s, 31, 700, 3);
	sample_write(&s);
	assert_true(accepted(&s, &s.source));
	for (size_t i = 0; i < s.file.len; i++) {
		s.file.data[i] ^= (uint8_t)(1u << (i % 8));
		if (accepted(&s, &s.source))
			fail_msg("byte %zu of %zu", i, s.file.len);
		s.file.data[i] ^= (uint8_t)(1u << (i % 8));
	}
	sample_done(&s);
}

static void
every_truncation_is_found(void **state)
{
	struct sample s;

	(void)state;
	sample_make(&s, 32, 700, 3);
	sample_write(&s);
	for (size_t len = 0; len < s.file.len; len++) {
		struct segment_source cut = s.source;

		cut.size = len;
		if (accepted(&s, &cut))
			fail_msg("%zu of %zu bytes", len, s.file.len);
	}
	sample_done(&s);
}

static void
a_newer_format_is_told(void **state)
{
	struct segment *seg;
	struct sample s;

	(void)state;
	sample_make(&s, 33, 10, 1);
	sample_write(&s);
	s.file.data[8] = 2;
	assert_int_equal(segment_open(&seg, &s.source, &err), ERR_VERSION);
	assert_non_null(strstr(err.cause, "newer"));
	sample_done(&s);
}

static void
a_path_of_a_megabyte_comes_back(void **state)
{
	struct event ev = { .kind = EVENT_PUT };
	struct buf file = { 0 };
	struct segment_sink sink = sink_into(&file);
	struct segment_snap snap = { 1, 1 };
	struct segment_totals totals;
	struct segment_writer *w;
	struct sample s = { 0 };
	struct sample_path paths[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		char *p = malloc(PATH_BYTES_MAX);

		memset(p, 'a' + i, PATH_BYTES_MAX);
		for (size_t k = 0; k < PATH_BYTES_MAX; k += 200)
			p[k] = '/';
		paths[i] = (struct sample_path){ p, PATH_BYTES_MAX, &ev, 1 };
	}
	assert_int_equal(segment_writer_new(&w, &sink, &snap, 1, &err), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(segment_writer_add(w, paths[i].path,
				     paths[i].len, &ev, 1, &err),
		    0);
	assert_int_equal(segment_writer_finish(w, &totals, &err), 0);
	segment_writer_free(w);
	s = (struct sample){ .path = paths, .n = 2 };
	s.source = source_of(&file);
	assert_true(accepted(&s, &s.source));
	free(paths[0].path);
	free(paths[1].path);
	buf_done(&file);
}

static int
full_disk(void *ctx, const void *p, size_t n, struct err *e)
{
	size_t *left = ctx;

	(void)p;
	if (n > *left)
		return err_set(e, ERR_SYS, "No space left on device");
	*left -= n;
	return 0;
}

static void
a_sink_that_fails_is_told_wherever(void **state)
{
	struct sample s;

	(void)state;
	sample_make(&s, 34, 900, 2);
	sample_write(&s);
	for (size_t room = 0; room < s.file.len; room += 97) {
		size_t left = room;
		struct segment_sink sink = { &left, full_disk };
		struct segment_totals totals;
		struct segment_writer *w = NULL;
		int rc = segment_writer_new(
		    &w, &sink, s.snaps, s.n_snaps, &err);

		for (size_t i = 0; i < s.n && rc == 0; i++)
			rc = segment_writer_add(w, s.path[i].path,
			    s.path[i].len, s.path[i].events, s.path[i].n, &err);
		if (rc == 0)
			rc = segment_writer_finish(w, &totals, &err);
		assert_int_equal(rc, ERR_SYS);
		segment_writer_free(w);
	}
	sample_done(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_comes_back_in_order),
		cmocka_unit_test(an_empty_segment_is_one),
		cmocka_unit_test(seeking_finds_the_next_path),
		cmocka_unit_test(a_filter_passes_only_wanted_events),
		cmocka_unit_test(the_index_never_leaves_out_a_match),
		cmocka_unit_test(an_index_too_large_for_memory_comes_in_parts),
		cmocka_unit_test(every_flip_is_found),
		cmocka_unit_test(every_truncation_is_found),
		cmocka_unit_test(a_newer_format_is_told),
		cmocka_unit_test(a_path_of_a_megabyte_comes_back),
		cmocka_unit_test(a_sink_that_fails_is_told_wherever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
