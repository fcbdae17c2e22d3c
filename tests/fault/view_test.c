/*
 * Merges that come between a reader's look at the manifest and its opening of
 * the segments.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
/* wrap: openat64 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/fixture.h"
#include "tests/support/lines.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "store/store_private.h"

static struct store *reader;
static int merges_left; /* one before each open of a segment */

int __real_openat64(int dirfd, const char *path, int flags, ...);
int __wrap_openat64(int dirfd, const char *path, int flags, ...);

/* Another segment with the same in the place of the one that is there. */
static void
merge(void)
{
	const struct segment_snap snap = { 1, 1 };
	const struct event e = { .entry = { .fields = ENTRY_SIZE, .size = 1 } };
	struct catalog cat;
	struct commit c = { .n_old_segments = 1 };

	assert_int_equal(catalog_read(&cat, store, &err), 0);
	c.old_segments = &cat.segments[0].id;
	assert_int_equal(segment_file_open(&c.file, store, &snap, 1, &err), 0);
	assert_int_equal(
	    segment_writer_add(c.file->writer, "/a", 2, &e, 1, &err), 0);
	assert_int_equal(segment_file_finish(c.file, &err), 0);
	assert_int_equal(store_commit(store, &c, &err), 0);
	segment_file_close(c.file);
	catalog_done(&cat);
}

int
__wrap_openat64(int dirfd, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	if (merges_left > 0 && strstr(path, ".seg") != NULL) {
		int left = merges_left - 1;

		merges_left = 0;
		merge();
		merges_left = left;
	}
	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	return __real_openat64(dirfd, path, flags, mode);
}

static int
setup(void **state)
{
	static const struct line lines[] = { { "/a", 1, 0, NULL },
		{ NULL, 0, 0, NULL } };

	(void)fixture_store(state);
	reader = open_or_fail(dir, STORE_READ);
	(void)record_lines(store, "web01", 1, NULL, lines);
	return 0;
}

static int
teardown(void **state)
{
	merges_left = 0;
	store_close(reader);
	return fixture_done(state);
}

static void
a_view_starts_again_after_a_merge(void **state)
{
	struct view *v;

	(void)state;
	merges_left = 3;
	assert_int_equal(view_open(&v, reader, &err), 0);
	assert_int_equal(merges_left, 0);
	assert_int_equal(v->cat.n_segments, 1);
	assert_int_equal(v->cat.segments[0].id, 4);
	assert_non_null(v->segments[0]);
	view_close(v);
}

static void
a_view_does_not_start_again_for_ever(void **state)
{
	struct view *v;

	(void)state;
	merges_left = 1000;
	assert_int_equal(view_open(&v, reader, &err), 0);
	assert_true(merges_left > 900);
	assert_null(v->segments[0]);
	assert_int_equal(v->error[0].code, ERR_NOTFOUND);
	view_close(v);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_view_starts_again_after_a_merge),
		TEST(a_view_does_not_start_again_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
