/*
 * Where a version may still lie: which snapshots' sources, and in which order.
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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/places.h"
#include "store/store_private.h"

/* One snapshot of one series, at this time, from this origin. */
static void
night(const char *series, int64_t date, const char *origin,
    const struct line *lines)
{
	struct recorder *r = record_begin(store, date,
	    (struct record_head){ .series = series,
		.origin = origin,
		.additive = strstr(origin, "additive") != NULL });

	for (; lines->path != NULL; lines++)
		record_see(r, *lines);
	(void)record_finish(r);
}

static void
one(const char *series, int64_t date, const char *origin, const char *path,
    uint64_t size)
{
	const struct line lines[] = { { path, size, 0, NULL },
		{ NULL, 0, 0, NULL } };

	night(series, date, origin, lines);
}

static const struct moment last = { MOMENT_LAST, 0 };

/* The places as text: "ORIGIN PATH", a line each. */
static char *
places_text(
    const char *series, const char *path, const struct moment *m, bool own)
{
	const struct place *list;
	struct places *p;
	struct wanted w;
	struct view *v;
	struct buf text = { 0 };
	size_t n;
	char *ret;
	int rc;

	assert_int_equal(view_open(&v, store, &err), 0);
	assert_int_equal(places_open(&p, store, v, &err), 0);
	rc = places_find(p, catalog_series(&v->cat, series), path, strlen(path),
	    m, &w, &err);
	assert_true(rc >= 0);
	if (rc == 1)
		assert_int_equal(buf_add_str(&text, "none"), 0);
	else if (own)
		assert_int_equal(places_own(p, &w, &list, &n, &err), 0);
	else
		assert_int_equal(places_list(p, &w, &list, &n, &err), 0);
	for (size_t i = 0; rc == 0 && i < n; i++)
		assert_int_equal(
		    buf_printf(&text, "%s %.*s\n", list[i].origin->text,
			(int)list[i].len, list[i].path),
		    0);
	ret = strdup(buf_str(&text));
	buf_done(&text);
	places_close(p);
	view_close(v);
	return ret;
}

static void
expect_at(const char *series, const char *path, const struct moment *m,
    const char *want)
{
	char *got = places_text(series, path, m, false);

	assert_string_equal(got, want);
	free(got);
}

static void
expect(const char *series, const char *path, const char *want)
{
	expect_at(series, path, &last, want);
}

static void
what_lives_is_taken_live_first(void **state)
{
	(void)state;
	one("web01/backup/etc", 1, "archive://b1/1.tar", "/etc/a", 5);
	one("web01", 2, "file://web01/", "/etc/a", 5);
	one("web01", 3, "file://web01/", "/etc/a", 5);
	expect("web01", "/etc/a",
	    "file://web01/ /etc/a\narchive://b1/1.tar /etc/a\n");
	/* Also where the archive was asked for. */
	expect("web01/backup/etc", "/etc/a",
	    "file://web01/ /etc/a\narchive://b1/1.tar /etc/a\n");
}

static void
an_old_version_is_not_live(void **state)
{
	const struct moment then = { MOMENT_AT, 2 };

	(void)state;
	one("web01/backup/etc", 1, "archive://b1/1.tar", "/etc/a", 5);
	one("web01", 2, "file://web01/", "/etc/a", 5);
	one("web01", 3, "file://web01/", "/etc/a", 6);
	expect_at("web01", "/etc/a", &then, "archive://b1/1.tar /etc/a\n");
	expect("web01", "/etc/a", "file://web01/ /etc/a\n");
}

static void
of_archives_the_one_of_the_time_comes_first(void **state)
{
	const struct moment then = { MOMENT_AT, 3 };

	(void)state;
	for (int i = 1; i <= 5; i++) {
		char origin[64];

		(void)snprintf(origin, sizeof(origin), "archive://b1/%d", i);
		one("web01/backup/etc", i, origin, "/a", i < 5 ? 1 : 2);
	}
	expect_at("web01/backup/etc", "/a", &then,
	    "archive://b1/3 /a\narchive://b1/2 /a\narchive://b1/1 /a\n"
	    "archive://b1/4 /a\n");
	expect("web01/backup/etc", "/a", "archive://b1/5 /a\n");
}

static void
of_incremental_archives_only_the_one_that_brought_it(void **state)
{
	(void)state;
	one("web01/backup/etc", 1, "archive://b1/1", "/a", 1);
	one("web01/backup/etc", 2, "archive://b1/2?additive=yes", "/b", 1);
	one("web01/backup/etc", 3, "archive://b1/3?additive=yes", "/c", 1);
	expect("web01/backup/etc", "/a", "archive://b1/1 /a\n");
	expect("web01/backup/etc", "/b", "archive://b1/2?additive=yes /b\n");
}

static void
a_deleted_file_comes_from_before(void **state)
{
	const struct moment after = { MOMENT_AT, 3 },
			    until = { MOMENT_UNTIL, 3 };

	(void)state;
	one("web01/backup/etc", 1, "archive://b1/1", "/a", 1);
	one("web01/backup/etc", 2, "archive://b1/2", "/a", 1);
	one("web01/backup/etc", 3, "archive://b1/3", "/b", 1);
	expect(
	    "web01/backup/etc", "/a", "archive://b1/2 /a\narchive://b1/1 /a\n");
	expect_at("web01/backup/etc", "/a", &after, "none");
	expect_at("web01/backup/etc", "/a", &until,
	    "archive://b1/2 /a\narchive://b1/1 /a\n");
	expect("web01/backup/etc", "/nowhere", "none");
}

static void
other_hosts_and_other_files_are_no_places(void **state)
{
	(void)state;
	one("web01", 1, "file://web01/", "/a", 1);
	one("web02", 1, "file://web02/", "/a", 1);
	one("web01-old/backup/x", 1, "archive://b1/1", "/a", 1);
	one("web01/backup/x", 1, "archive://b1/2", "/a", 2);
	expect("web01", "/a", "file://web01/ /a\n");
}

static void
images_hold_it_below_their_volumes(void **state)
{
	const struct line disk[] = { { "/p1", 0, 'd', NULL },
		{ "/p1/etc/a", 5, 0, NULL }, { "/p2", 0, 'd', NULL },
		{ "/p2/etc/a", 6, 0, NULL }, { NULL, 0, 0, NULL } };

	(void)state;
	one("web01", 1, "file://web01/", "/etc/a", 5);
	night("web01/disk", 2, "image://b1/d.qcow2", disk);
	one("web01/lab", 2, "sftp://root@192.168.150.36/", "/etc/a", 5);
	expect("web01", "/etc/a",
	    "file://web01/ /etc/a\nimage://b1/d.qcow2 /p1/etc/a\n"
	    "sftp://root@192.168.150.36/ /etc/a\n");
	expect("web01/disk", "/p1/etc/a",
	    "file://web01/ /etc/a\nimage://b1/d.qcow2 /p1/etc/a\n"
	    "sftp://root@192.168.150.36/ /etc/a\n");
	expect("web01/disk", "/p2/etc/a", "image://b1/d.qcow2 /p2/etc/a\n");
}

static void
names_alone_are_told_last(void **state)
{
	char *own;

	(void)state;
	one("web01/import", 1, "locatedb://b1/x.db", "/a", 5);
	one("web01", 2, "file://web01/", "/a", 5);
	expect(
	    "web01/import", "/a", "file://web01/ /a\nlocatedb://b1/x.db /a\n");
	expect("web01", "/a", "file://web01/ /a\n");
	own = places_text("web01/import", "/a", &last, true);
	assert_string_equal(own, "locatedb://b1/x.db /a\n");
	free(own);
}

static void
copies_lie_in_each_of_their_directories_once(void **state)
{
	(void)state;
	one("web01/copy", 1, "file://b1/b/1", "/a", 5);
	one("web01/copy", 2, "file://b1/b/2", "/a", 5);
	one("web01/copy", 3, "file://b1/b/2", "/a", 5);
	expect("web01/copy", "/a", "file://b1/b/2 /a\nfile://b1/b/1 /a\n");
}

/* Paths in any order, and many look-ups of one. */
static void
look_ups_go_back_as_well(void **state)
{
	static const char *const paths[] = { "/n009", "/n001", "/a", "/b", "/b",
		"/n002", "/zzz", "/a" };
	struct places *p;
	struct wanted w;
	struct view *v;

	(void)state;
	for (int i = 1; i <= 9; i++)
		record_nth_night(store, "web01", i);
	assert_int_equal(view_open(&v, store, &err), 0);
	assert_int_equal(places_open(&p, store, v, &err), 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int rc = places_find(p, &v->cat.series[0], paths[i],
		    strlen(paths[i]), &last, &w, &err);

		assert_int_equal(rc, strcmp(paths[i], "/zzz") == 0);
		if (rc == 0)
			assert_int_equal(w.version.entry.size,
			    strcmp(paths[i], "/a") == 0	    ? 1 :
				strcmp(paths[i], "/b") == 0 ? 9 :
							      3);
	}
	places_close(p);
	view_close(v);
}

static void
times_agree_as_far_as_they_are_known(void **state)
{
	const struct entry exact = { .mtime = 101, .mtime_ns = 5 };
	const struct entry other = { .mtime = 101, .mtime_ns = 6 };
	const struct entry second = { .mtime = 101 }, two = { .mtime = 100 },
			   before = { .mtime = 99 };

	(void)state;
	assert_true(mtime_agrees(&exact, &exact));
	assert_false(mtime_agrees(&exact, &other));
	assert_true(mtime_agrees(&exact, &second));
	assert_true(mtime_agrees(&two, &exact));
	assert_false(mtime_agrees(&exact, &before));
	assert_false(mtime_agrees(
	    &exact, &(struct entry){ .mtime = INT64_MIN, .mtime_ns = 1 }));
	assert_false(mtime_agrees(&two, &(struct entry){ .mtime = INT64_MIN }));
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, fixture_store, fixture_done)

/* Which one is dropped behind the back of who has a view. */
static void
live_files_stay_live_when_their_snapshot_is_dropped(void **state)
{
	struct commit drop = { .n_old_snaps = 1 };
	const struct origin *origin;
	struct places *p;
	struct view *v;

	(void)state;
	one("web01", 2, "file://web01/", "/etc/a", 5);
	one("web01", 3, "file://web01/", "/etc/a", 5);
	one("web01/archive", 2, "archive://b1/1.tar", "/etc/a", 5);
	one("web01/archive", 3, "archive://b1/2.tar", "/etc/a", 5);
	assert_int_equal(view_open(&v, store, &err), 0);
	assert_int_equal(places_open(&p, store, v, &err), 0);
	one("web01", 4, "file://web01/", "/etc/a", 5);
	for (size_t i = 0; i < 3; i++) {
		drop.old_snaps = &v->cat.snaps[i].id;
		assert_int_equal(store_commit(store, &drop, &err), 0);
	}
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(
		    places_origin(p, &v->cat.snaps[i], &origin, &err), 0);
		assert_int_equal(origin->kind, PLACE_LIVE);
		assert_string_equal(origin->text, "file://web01/");
	}
	assert_int_equal(places_origin(p, &v->cat.snaps[2], &origin, &err), 0);
	assert_int_equal(origin->kind, PLACE_NONE);
	assert_string_equal(origin->text, "");
	places_close(p);
	view_close(v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_lives_is_taken_live_first),
		TEST(live_files_stay_live_when_their_snapshot_is_dropped),
		TEST(an_old_version_is_not_live),
		TEST(of_archives_the_one_of_the_time_comes_first),
		TEST(of_incremental_archives_only_the_one_that_brought_it),
		TEST(a_deleted_file_comes_from_before),
		TEST(other_hosts_and_other_files_are_no_places),
		TEST(images_hold_it_below_their_volumes),
		TEST(names_alone_are_told_last),
		TEST(copies_lie_in_each_of_their_directories_once),
		TEST(look_ups_go_back_as_well),
		cmocka_unit_test(times_agree_as_far_as_they_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
