/*
 * A look at a store with its segments open.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/fixture.h"
#include "tests/support/lines.h"

#include <string.h>
#include <unistd.h>

#include "store/store_private.h"

static const struct line lines[] = { { "/a", 1, 0, NULL }, { "/b", 2, 0, NULL },
	{ NULL, 0, 0, NULL } };

static void
a_view_outlives_what_a_merge_takes_away(void **state)
{
	struct commit gone = { .n_old_segments = 1,
		.old_segments = &(uint32_t){ 1 } };
	struct listing_item item;
	struct listing *l;
	struct view *v;

	(void)state;
	(void)record_lines(store, "web01", 1, NULL, lines);
	assert_int_equal(view_open(&v, store, &err), 0);
	assert_int_equal(store_commit(store, &gone, &err), 0);
	assert_int_equal(scratch_count(&scratch, "store/seg"), 0);
	assert_int_equal(store_commit(store, &gone, &err), ERR_BUSY);
	assert_int_equal(listing_open(&l, v, 1, 0, &err), 0);
	assert_int_equal(listing_next(l, &item, &err), 0);
	assert_int_equal(listing_next(l, &item, &err), 0);
	assert_int_equal(listing_next(l, &item, &err), 1);
	listing_close(l);
	view_close(v);
}

static void
a_missing_or_cut_segment_is_named(void **state)
{
	static const struct line more[] = { { "/c", 1, 0, NULL },
		{ NULL, 0, 0, NULL } };
	struct view *v;

	(void)state;
	(void)record_lines(store, "web01", 1, NULL, lines);
	(void)record_lines(store, "web01", 2, NULL, more);
	assert_int_equal(unlink(scratch_path(&scratch, "store/seg/1.seg")), 0);
	assert_int_equal(
	    truncate(scratch_path(&scratch, "store/seg/2.seg"), 10), 0);
	assert_int_equal(view_open(&v, store, &err), 0);
	assert_null(v->segments[0]);
	assert_int_equal(v->error[0].code, ERR_NOTFOUND);
	assert_non_null(strstr(told(&v->error[0]), "1.seg"));
	assert_null(v->segments[1]);
	assert_int_equal(v->error[1].code, ERR_FORMAT);
	assert_non_null(strstr(told(&v->error[1]), "2.seg"));
	view_close(v);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_store, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(a_view_outlives_what_a_merge_takes_away),
		TEST(a_missing_or_cut_segment_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
