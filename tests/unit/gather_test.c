/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/gather.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

#define N_SEGMENTS 5
#define N_PATHS 3000

static struct buf bytes[N_SEGMENTS];
static struct segment_source source[N_SEGMENTS];
static struct segment *segment[N_SEGMENTS];

static int
mem_write(void *ctx, const void *p, size_t len, struct err *err)
{
	return buf_add(ctx, p, len) == 0 ? 0 : err_nomem(err);
}

static int
mem_read(void *ctx, void *to, size_t len, uint64_t off, struct err *err)
{
	const struct buf *b = ctx;

	(void)err;
	memcpy(to, b->data + off, len);
	return 0;
}

/* Path i of the pool stands in segment s. */
static bool
holds(size_t s, int i)
{
	return s == 0 ? i % 2 == 0 :
	    s == 1    ? i % 3 == 0 :
	    s == 2    ? i == N_PATHS - 1 :
	    s == 3    ? false :
			i > 1000;
}

static size_t
path_of(int i, char *to, size_t size)
{
	return (size_t)snprintf(to, size, "/dir/file%05d", i);
}

static int
make_segments(void **state)
{
	const struct segment_snap snap = { 1, 1 };
	struct err err = ERR_INIT;

	(void)state;
	for (size_t s = 0; s < N_SEGMENTS; s++) {
		const struct segment_sink sink = { &bytes[s], mem_write };
		struct segment_writer *w;
		struct segment_totals totals;

		assert_int_equal(
		    segment_writer_new(&w, &sink, &snap, 1, &err), 0);
		for (int i = 0; i < N_PATHS; i++) {
			struct event ev = { .kind = EVENT_PUT };
			char path[32];

			/* The entry tells which segment it came from. */
			ev.entry.fields = ENTRY_SIZE;
			ev.entry.size = s;
			if (holds(s, i))
				assert_int_equal(
				    segment_writer_add(w, path,
					path_of(i, path, sizeof(path)), &ev, 1,
					&err),
				    0);
		}
		assert_int_equal(segment_writer_finish(w, &totals, &err), 0);
		segment_writer_free(w);
		source[s] = (struct segment_source){
			&bytes[s],
			bytes[s].len,
			mem_read,
		};
		assert_int_equal(
		    segment_open(&segment[s], &source[s], &err), 0);
	}
	return 0;
}

static int
free_segments(void **state)
{
	(void)state;
	for (size_t s = 0; s < N_SEGMENTS; s++) {
		segment_close(segment[s]);
		buf_done(&bytes[s]);
	}
	return 0;
}

/* The item is path i with a part of each segment (of a mask) that holds it. */
static void
assert_item(const struct gather_item *item, int i, unsigned mask)
{
	char path[32];
	size_t n = 0;

	assert_int_equal(item->len, path_of(i, path, sizeof(path)));
	assert_memory_equal(item->path, path, item->len);
	for (size_t s = 0; s < N_SEGMENTS; s++) {
		if (!holds(s, i) || !(mask & 1u << s))
			continue;
		assert_true(n < item->n);
		assert_int_equal(item->parts[n].segment, s);
		assert_int_equal(item->parts[n].n, 1);
		assert_int_equal(item->parts[n].events[0].entry.size, s);
		n++;
	}
	assert_int_equal(item->n, n);
}

static bool
any_holds(int i, unsigned mask)
{
	for (size_t s = 0; s < N_SEGMENTS; s++) {
		if ((mask & 1u << s) && holds(s, i))
			return true;
	}
	return false;
}

static void
each_path_comes_once_with_all_its_parts(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	for (unsigned mask = 0; mask < 1u << N_SEGMENTS; mask++) {
		struct segment *some[N_SEGMENTS];
		struct gather *g;
		struct gather_item item;

		for (size_t s = 0; s < N_SEGMENTS; s++)
			some[s] = mask & 1u << s ? segment[s] : NULL;
		assert_int_equal(gather_new(&g, some, N_SEGMENTS, &err), 0);
		for (int i = 0; i < N_PATHS; i++) {
			if (!any_holds(i, mask))
				continue;
			assert_int_equal(gather_next(g, &item, &err), 0);
			assert_item(&item, i, mask);
		}
		assert_int_equal(gather_next(g, &item, &err), 1);
		assert_int_equal(gather_next(g, &item, &err), 1);
		gather_free(g);
	}
}

static void
seeking_goes_on_at_the_first_path_not_before(void **state)
{
	struct err err = ERR_INIT;
	struct gather_item item;
	struct gather *g;
	char path[32];
	int i = -1;

	(void)state;
	srand(4);
	assert_int_equal(gather_new(&g, segment, N_SEGMENTS, &err), 0);
	for (;;) {
		int to = i + 1 + rand() % 40;

		if (rand() % 2) {
			assert_int_equal(
			    gather_seek(
				g, path, path_of(to, path, sizeof(path)), &err),
			    0);
			i = to - 1;
		}
		for (i++; i < N_PATHS && !any_holds(i, ~0u); i++)
			;
		if (i >= N_PATHS)
			break;
		assert_int_equal(gather_next(g, &item, &err), 0);
		assert_item(&item, i, ~0u);
	}
	assert_int_equal(gather_next(g, &item, &err), 1);
	gather_free(g);
}

static void
a_damaged_segment_is_named(void **state)
{
	struct err err = ERR_INIT;
	struct gather_item item;
	struct gather *g;
	int rc;

	(void)state;
	bytes[1].data[200] ^= 1;
	assert_int_equal(gather_new(&g, segment, N_SEGMENTS, &err), 0);
	while ((rc = gather_next(g, &item, &err)) == 0)
		;
	bytes[1].data[200] ^= 1;
	assert_int_equal(rc, ERR_FORMAT);
	assert_int_equal(gather_failed(g), 1);
	gather_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_path_comes_once_with_all_its_parts),
		cmocka_unit_test(seeking_goes_on_at_the_first_path_not_before),
		cmocka_unit_test(a_damaged_segment_is_named),
	};

	return cmocka_run_group_tests(tests, make_segments, free_segments);
}
