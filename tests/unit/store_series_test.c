/*
 * Whole series: dropped, and in the place of another.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/maintain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/support/fixture.h"
#include "tests/support/lines.h"

static void
differs(void *ctx, const char *text)
{
	(void)ctx;
	fail_msg("%s", text);
}

static void
is_whole(size_t snapshots)
{
	struct check_result res;

	assert_int_equal(store_check(store, &res, differs, NULL, &err), 0);
	assert_int_equal(res.differences, 0);
	assert_int_equal(res.snapshots, snapshots);
}

static void
merge_all(void)
{
	struct merge_result res;

	assert_int_equal(
	    store_merge(store, MERGE_ALL, &res, NULL, NULL, &err), 0);
}

static size_t
segments_and_events(size_t *ret_events)
{
	struct catalog cat;
	size_t n;

	assert_int_equal(catalog_read(&cat, store, &err), 0);
	n = cat.n_segments;
	*ret_events = 0;
	for (size_t i = 0; i < n; i++)
		*ret_events += cat.segments[i].events;
	catalog_done(&cat);
	return n;
}

static void
two_series(void)
{
	for (int n = 1; n <= 3; n++) {
		record_nth_night(store, "web01", n);
		record_nth_night(store, "db1", n);
	}
}

static void
a_dropped_series_leaves_the_others_as_they_were(void **state)
{
	size_t before, after;

	(void)state;
	two_series();
	(void)segments_and_events(&before);
	assert_int_equal(store_drop_series(store, "web01", &err), 0);
	is_whole(3);
	expect_listing(store, "db1", 0, "/a 1\n/b 3\n/n003 3\n");
	merge_all();
	is_whole(3);
	expect_listing(store, "db1", 0, "/a 1\n/b 3\n/n003 3\n");
	(void)segments_and_events(&after);
	assert_int_equal(after * 2, before);
	/* One that is not there is none. */
	assert_int_equal(store_drop_series(store, "web01", &err), 0);
}

static void
the_last_series_takes_its_segments_with_it(void **state)
{
	size_t events;

	(void)state;
	record_nth_night(store, "web01", 1);
	record_nth_night(store, "web01", 2);
	assert_int_equal(store_drop_series(store, "web01", &err), 0);
	is_whole(0);
	merge_all();
	is_whole(0);
	assert_int_equal(segments_and_events(&events), 0);
	/* And begins anew. */
	record_nth_night(store, "web01", 1);
	is_whole(1);
}

static void
a_series_gets_the_place_of_another(void **state)
{
	(void)state;
	two_series();
	record_nth_night(store, "db1.rebuild", 7);
	assert_int_equal(
	    store_replace_series(store, "db1", "db1.rebuild", &err), 0);
	is_whole(4);
	expect_listing(store, "db1", 0, "/a 1\n/b 7\n/n007 3\n");
	merge_all();
	is_whole(4);
	expect_listing(store, "db1", 0, "/a 1\n/b 7\n/n007 3\n");
	expect_listing(store, "web01", 0, "/a 1\n/b 3\n/n003 3\n");
	/* It goes on under its new name. */
	record_nth_night(store, "db1", 8);
	is_whole(5);
	expect_listing(store, "db1", 0, "/a 1\n/b 8\n/n008 3\n");
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_store, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(a_dropped_series_leaves_the_others_as_they_were),
		TEST(the_last_series_takes_its_segments_with_it),
		TEST(a_series_gets_the_place_of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
