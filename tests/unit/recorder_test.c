/*
 * Snapshots as a whole: their numbers, dates and names, and what is refused.
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

#include <errno.h>
#include <string.h>

#include "store/store_private.h"

static void
the_first_snapshot_is_all_puts(void **state)
{
	struct record_result r = record_lines(
	    store, "web01", 1000, NULL, small_tree);

	(void)state;
	assert_int_equal(r.number, 1);
	assert_int_equal(r.entries, 6);
	assert_int_equal(r.puts, 6);
	assert_int_equal(r.gone + r.unseen, 0);
	assert_true(r.complete);
	assert_false(r.clock_back);
	assert_int_equal(r.date_ns, 1000);
	assert_true(r.bytes > 0);
	expect_listing(store, "web01", 0,
	    "/ 0\n/etc 0\n/etc/hosts 100\n/etc/passwd 200\n/tmp 0\n/tmp/a 1\n");
	expect_digest(store, &r);
}

static void
only_changes_are_recorded(void **state)
{
	static const struct line next[] = {
		{ "/", 0, 'd', NULL },
		{ "/etc", 0, 'd', NULL },
		{ "/etc/hosts", 101, 0, NULL },
		{ "/etc/motd", 7, 0, NULL },
		{ "/tmp", 0, 'd', NULL },
		{ "/tmp/a", 1, 0, NULL },
		{ NULL, 0, 0, NULL },
	};
	struct record_result a = record_lines(
	    store, "web01", 1000, NULL, small_tree);
	struct record_result b = record_lines(store, "web01", 2000, NULL, next);

	(void)state;
	assert_int_equal(b.number, 2);
	assert_true(b.snap > a.snap);
	assert_int_equal(b.puts, 2);
	assert_int_equal(b.gone, 1);
	assert_int_equal(b.entries, 6);
	expect_listing(store, "web01", 0,
	    "/ 0\n/etc 0\n/etc/hosts 101\n/etc/motd 7\n/tmp 0\n/tmp/a 1\n");
	expect_listing(store, "web01", a.snap,
	    "/ 0\n/etc 0\n/etc/hosts 100\n/etc/passwd 200\n/tmp 0\n/tmp/a 1\n");
	expect_changes(store, "web01", b.snap,
	    "put /etc/hosts 101\nput /etc/motd 7\ngone /etc/passwd\n");
	expect_digest(store, &b);
}

static void
no_change_makes_a_snapshot_and_no_segment(void **state)
{
	struct record_result a = record_lines(
	    store, "web01", 1000, NULL, small_tree);
	struct record_result b = record_lines(
	    store, "web01", 2000, NULL, small_tree);
	struct catalog c;

	(void)state;
	assert_int_equal(b.bytes, 0);
	assert_true(digest_equal(&a.digest, &b.digest));
	assert_int_equal(catalog_read(&c, store, &err), 0);
	assert_int_equal(c.n_snaps, 2);
	assert_int_equal(c.n_segments, 1);
	catalog_done(&c);
	assert_int_equal(scratch_count(&scratch, "store/seg"), 1);
	assert_int_equal(scratch_count(&scratch, "store/tmp"), 0);
	expect_changes(store, "web01", b.snap, "");
}

static void
dates_never_fall(void **state)
{
	struct record_result a = record_lines(
	    store, "web01", 5000, NULL, small_tree);
	struct record_result b = record_lines(
	    store, "web01", 4000, NULL, small_tree);
	struct record_result c = record_lines(
	    store, "web01", 5001, NULL, small_tree);
	struct catalog cat;

	(void)state;
	assert_false(a.clock_back);
	assert_true(b.clock_back);
	assert_int_equal(b.date_ns, 5001);
	assert_true(c.clock_back);
	assert_int_equal(c.date_ns, 5002);
	assert_int_equal(catalog_read(&cat, store, &err), 0);
	assert_int_equal(cat.snaps[1].clock_ns, 4000);
	catalog_done(&cat);
}

static void
the_last_possible_date_ends_a_series(void **state)
{
	const struct scope all = { 0 };
	const struct record_head head = {
		.series = "web01", .origin = "", .scope = &all
	};
	struct recorder *r;

	(void)state;
	(void)record_lines(store, "web01", INT64_MAX, NULL, small_tree);
	assert_int_equal(recorder_begin(&r, store, &head, &err), ERR_REFUSED);
}

static void
what_the_catalogue_could_not_read_is_not_recorded(void **state)
{
	static char origin[STORE_ORIGIN_MAX + 2];
	const struct scope all = { 0 };
	struct record_head head = {
		.series = "web01", .origin = origin, .scope = &all
	};
	struct recorder *r;

	(void)state;
	memset(origin, 'o', sizeof(origin) - 1);
	assert_int_equal(recorder_begin(&r, store, &head, &err), ERR_USAGE);
	head.origin = "";
	head.fields = ENTRY_ALL + 1;
	assert_int_equal(recorder_begin(&r, store, &head, &err), ERR_USAGE);
	head.fields = ENTRY_ALL;
	assert_int_equal(recorder_begin(&r, store, &head, &err), 0);
	recorder_free(r);
}

static void
bad_names_of_series_are_refused(void **state)
{
	static const char *const bad[] = { "", "-a", ".a", "a/", "/a", "a//b",
		"a@b", "a:b", "a/../b", "a b", "a\n" };
	const struct scope all = { 0 };
	struct recorder *r;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct record_head head = {
			.series = bad[i], .origin = "", .scope = &all
		};

		assert_int_equal(
		    recorder_begin(&r, store, &head, &err), ERR_USAGE);
	}
}

static void
a_series_that_moved_on_is_busy(void **state)
{
	struct recorder *one = record_begin(
	    store, 1, (struct record_head){ 0 });
	struct recorder *two = record_begin(
	    store, 1, (struct record_head){ 0 });
	struct record_result result;

	(void)state;
	record_see(one, (struct line){ "/a", 1, 0, NULL });
	record_see(two, (struct line){ "/b", 1, 0, NULL });
	(void)record_finish(one);
	assert_int_equal(recorder_finish(two, &result, &err), ERR_BUSY);
	recorder_free(two);
	expect_listing(store, "web01", 0, "/a 1\n");
	assert_int_equal(scratch_count(&scratch, "store/seg"), 1);
	assert_int_equal(scratch_count(&scratch, "store/tmp"), 0);
}

static void
what_is_not_finished_was_never_there(void **state)
{
	struct recorder *r = record_begin(store, 1, (struct record_head){ 0 });
	struct catalog c;

	(void)state;
	record_see(r, (struct line){ "/a", 1, 0, NULL });
	recorder_free(r);
	assert_int_equal(catalog_read(&c, store, &err), 0);
	assert_int_equal(c.n_series, 0);
	assert_int_equal(c.n_snaps, 0);
	catalog_done(&c);
	assert_int_equal(scratch_count(&scratch, "store/tmp"), 0);
}

static void
a_peer_is_remembered(void **state)
{
	const struct digest d = { 3, 4 };
	const uint8_t id[STORE_ID_SIZE] = { 1, 2 };
	struct recorder *r = record_begin(
	    store, 1, (struct record_head){ .events = true });
	struct record_result result;
	struct unread_list list;
	struct catalog c;

	(void)state;
	recorder_set_peer(r, id, 17, &d);
	assert_int_equal(
	    recorder_note_unread(r, "/root", 5, true, EACCES, &err), 0);
	assert_int_equal(recorder_seal(r, &result, &err), 0);
	assert_false(result.complete);
	(void)record_finish(r);
	assert_int_equal(catalog_read(&c, store, &err), 0);
	assert_true(c.snaps[0].has_peer);
	assert_memory_equal(c.snaps[0].peer_store, id, STORE_ID_SIZE);
	assert_int_equal(c.snaps[0].peer_number, 17);
	assert_true(digest_equal(&c.snaps[0].peer_digest, &d));
	assert_int_equal(snapshot_unread(&list, store, &c.snaps[0], &err), 0);
	assert_int_equal(list.n, 1);
	unread_list_done(&list);
	catalog_done(&c);
}

static void
a_peer_number_that_no_row_can_hold_is_refused(void **state)
{
	const struct digest d = { 0, 0 };
	struct recorder *r = record_begin(
	    store, 1, (struct record_head){ .events = true });
	struct record_result result;
	struct catalog c;

	(void)state;
	recorder_set_peer(r, store_id(store), UINT64_MAX, &d);
	assert_int_equal(recorder_finish(r, &result, &err), ERR_FORMAT);
	recorder_free(r);
	r = record_begin(store, 1, (struct record_head){ .events = true });
	recorder_set_peer(r, store_id(store), INT64_MAX, &d);
	(void)record_finish(r);
	assert_int_equal(catalog_read(&c, store, &err), 0);
	assert_int_equal(c.snaps[0].peer_number, INT64_MAX);
	catalog_done(&c);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_store, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(the_first_snapshot_is_all_puts),
		TEST(only_changes_are_recorded),
		TEST(no_change_makes_a_snapshot_and_no_segment),
		TEST(dates_never_fall),
		TEST(the_last_possible_date_ends_a_series),
		TEST(what_the_catalogue_could_not_read_is_not_recorded),
		TEST(bad_names_of_series_are_refused),
		TEST(a_series_that_moved_on_is_busy),
		TEST(what_is_not_finished_was_never_there),
		TEST(a_peer_is_remembered),
		TEST(a_peer_number_that_no_row_can_hold_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
