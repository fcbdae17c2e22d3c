/*
 * What a recorder makes of observations.
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
what_is_pruned_now_is_unseen_and_comes_back_as_a_put(void **state)
{
	static const struct line without[] = {
		{ "/", 0, 'd', NULL },
		{ "/etc", 0, 'd', NULL },
		{ "/etc/hosts", 100, 0, NULL },
		{ "/etc/passwd", 200, 0, NULL },
		{ "/tmp", 0, 'd', NULL },
		{ NULL, 0, 0, NULL },
	};
	struct scope pruned = { 0 };
	struct record_result r;

	(void)state;
	assert_int_equal(strlist_add(&pruned.prunepaths, "/tmp", 4), 0);
	r = record_lines(store, "web01", 1000, NULL, small_tree);
	r = record_lines(store, "web01", 2000, &pruned, without);
	assert_int_equal(r.unseen, 1);
	assert_int_equal(r.entries, 5);
	expect_digest(store, &r);
	expect_listing(store, "web01", 0,
	    "/ 0\n/etc 0\n/etc/hosts 100\n/etc/passwd 200\n/tmp 0\n"
	    "/tmp/a 1 unseen\n");
	/* Still pruned: nothing new. */
	r = record_lines(store, "web01", 3000, &pruned, without);
	assert_int_equal(r.puts + r.gone + r.unseen, 0);
	r = record_lines(store, "web01", 4000, NULL, small_tree);
	assert_int_equal(r.puts, 1);
	expect_changes(store, "web01", r.snap, "put /tmp/a 1\n");
	expect_digest(store, &r);
	scope_done(&pruned);
}

static void
what_was_unseen_and_is_not_there_is_gone(void **state)
{
	static const struct line without[] = {
		{ "/", 0, 'd', NULL },
		{ "/tmp", 0, 'd', NULL },
		{ NULL, 0, 0, NULL },
	};
	static const struct line all[] = {
		{ "/", 0, 'd', NULL },
		{ "/tmp", 0, 'd', NULL },
		{ "/tmp/a", 1, 0, NULL },
		{ NULL, 0, 0, NULL },
	};
	struct scope pruned = { 0 };
	struct record_result r;

	(void)state;
	assert_int_equal(strlist_add(&pruned.prunepaths, "/tmp", 4), 0);
	r = record_lines(store, "web01", 1000, NULL, all);
	r = record_lines(store, "web01", 2000, &pruned, without);
	r = record_lines(store, "web01", 3000, NULL, without);
	assert_int_equal(r.gone, 1);
	assert_int_equal(r.entries, 2);
	expect_listing(store, "web01", 0, "/ 0\n/tmp 0\n");
	expect_digest(store, &r);
	scope_done(&pruned);
}

/* "/", and of this source what is mounted on /mnt (NULL: nothing is). */
static struct scope
with_mnt(const char *source)
{
	struct scope s = { 0 };

	assert_int_equal(scope_add_mount(&s, "/", "ext4", "sda1", "/"), 0);
	if (source != NULL)
		assert_int_equal(
		    scope_add_mount(&s, "/mnt", "ext4", source, "/"), 0);
	return s;
}

/* One night: what /mnt holds, and what becomes of /mnt/a by that. */
static void
night(int date_ns, const char *source, bool a, bool b, const char *want)
{
	struct scope s = with_mnt(source);
	struct line lines[] = { { "/", 0, 'd', NULL }, { "/mnt", 0, 'd', NULL },
		{ NULL, 0, 0, NULL }, { NULL, 0, 0, NULL },
		{ NULL, 0, 0, NULL } };
	struct record_result r;
	size_t n = 2;

	if (a)
		lines[n++] = (struct line){ "/mnt/a", 1, 0, NULL };
	if (b)
		lines[n++] = (struct line){ "/mnt/b", 2, 0, NULL };
	r = record_lines(store, "web01", date_ns, &s, lines);
	expect_changes(store, "web01", r.snap, want);
	expect_digest(store, &r);
	scope_done(&s);
}

static void
what_an_absent_mount_held_is_unseen_until_it_is_back(void **state)
{
	(void)state;
	night(1, "sdb1", true, true,
	    "put / 0\nput /mnt 0\nput /mnt/a 1\nput /mnt/b 2\n");
	night(2, NULL, false, false, "unseen /mnt/a\nunseen /mnt/b\n");
	night(3, NULL, false, false, "");
	/* Nobody looked at sdb1. */
	night(4, "sdc1", false, false, "");
	night(5, "sdc1", false, false, "");
	night(6, NULL, false, false, "");
	/* Now it is known what it holds. */
	night(7, "sdb1", false, true, "gone /mnt/a\nput /mnt/b 2\n");
}

static void
what_a_mount_covers_is_unseen_until_it_is_away(void **state)
{
	(void)state;
	night(1, NULL, true, false, "put / 0\nput /mnt 0\nput /mnt/a 1\n");
	night(2, "sdb1", false, true, "unseen /mnt/a\nput /mnt/b 2\n");
	night(3, "sdb1", false, true, "");
	night(4, NULL, false, false, "gone /mnt/a\nunseen /mnt/b\n");
	night(5, "sdb1", false, false, "gone /mnt/b\n");
}

static void
what_could_not_be_read_stays(void **state)
{
	struct recorder *r;
	struct record_result result;
	struct unread_list list;
	struct catalog c;

	(void)state;
	(void)record_lines(store, "web01", 1000, NULL, small_tree);
	r = record_begin(store, 2000, (struct record_head){ 0 });
	record_see(r, (struct line){ "/", 0, 'd', NULL });
	record_see(r, (struct line){ "/etc", 0, 'd', NULL });
	assert_int_equal(recorder_unread(r, "/etc", 4, true, EACCES, &err), 0);
	record_see(r, (struct line){ "/tmp", 0, 'd', NULL });
	assert_int_equal(recorder_unread(r, "/tmp/a", 6, false, EIO, &err), 0);
	result = record_finish(r);
	assert_false(result.complete);
	assert_int_equal(result.n_unread, 2);
	assert_int_equal(result.puts + result.gone + result.unseen, 0);
	assert_int_equal(result.entries, 6);
	assert_int_equal(catalog_read(&c, store, &err), 0);
	assert_true(c.snaps[0].complete);
	assert_int_equal(c.snaps[0].unread, 0);
	assert_int_equal(snapshot_unread(&list, store, &c.snaps[0], &err), 0);
	assert_int_equal(list.n, 0);
	assert_false(c.snaps[1].complete);
	assert_int_equal(snapshot_unread(&list, store, &c.snaps[1], &err), 0);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.item[0].path, "/etc");
	assert_int_equal(list.item[0].error, EACCES);
	assert_true(list.item[0].below);
	assert_string_equal(list.item[1].path, "/tmp/a");
	assert_false(list.item[1].below);
	unread_list_done(&list);
	catalog_done(&c);
}

/* In any order, as a peer may send them; and of one path both. */
static void
a_list_of_what_could_not_be_read_hides_what_is_below(void **state)
{
	static const struct {
		const char *path;
		bool below;
	} unread[] = { { "/var/lib", true }, { "/etc/x", false },
		{ "/srv", true }, { "/srv", false }, { "/etc", true } };
	static const struct {
		const char *path;
		bool hidden;
	} asked[] = { { "/", false }, { "/etc", false }, { "/etc/x", true },
		{ "/etc/y/z", true }, { "/etcetera", false }, { "/srv", true },
		{ "/srv/a", true }, { "/var", false }, { "/var/lib", false },
		{ "/var/lib/a/b", true }, { "/var/libx", false },
		{ "/zzz", false } };
	struct recorder *r = record_begin(
	    store, 1, (struct record_head){ .events = true });
	struct unread_list list;
	struct catalog c;

	(void)state;
	for (size_t i = 0; i < sizeof(unread) / sizeof(unread[0]); i++)
		assert_int_equal(
		    recorder_note_unread(r, unread[i].path,
			strlen(unread[i].path), unread[i].below, EIO, &err),
		    0);
	(void)record_finish(r);
	assert_int_equal(catalog_read(&c, store, &err), 0);
	assert_int_equal(snapshot_unread(&list, store, &c.snaps[0], &err), 0);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		if (unread_list_hides(&list, asked[i].path,
			strlen(asked[i].path)) != asked[i].hidden)
			fail_msg("%s", asked[i].path);
	unread_list_done(&list);
	catalog_done(&c);
}

static void
below_what_could_not_be_read_a_part_may_be_observed(void **state)
{
	struct recorder *r;
	struct record_result result;

	(void)state;
	(void)record_lines(store, "web01", 1000, NULL, small_tree);
	r = record_begin(store, 2000, (struct record_head){ 0 });
	record_see(r, (struct line){ "/", 0, 'd', NULL });
	record_see(r, (struct line){ "/etc", 0, 'd', NULL });
	assert_int_equal(recorder_unread(r, "/etc", 4, true, EIO, &err), 0);
	record_see(r, (struct line){ "/etc/issue", 5, 0, NULL });
	result = record_finish(r);
	expect_changes(store, "web01", result.snap,
	    "put /etc/issue 5\ngone /tmp\ngone /tmp/a\n");
	expect_digest(store, &result);
}

static void
what_nobody_wanted_to_look_at_is_unseen(void **state)
{
	struct recorder *r;
	struct record_result result;

	(void)state;
	(void)record_lines(store, "web01", 1000, NULL, small_tree);
	for (int64_t date = 2000; date <= 3000; date += 1000) {
		r = record_begin(store, date, (struct record_head){ 0 });
		record_see(r, (struct line){ "/", 0, 'd', NULL });
		record_see(r, (struct line){ "/etc", 0, 'd', NULL });
		assert_int_equal(recorder_outside(r, "/etc", 4, &err), 0);
		/* A part of it was met all the same. */
		record_see(r, (struct line){ "/etc/hosts", 100, 0, NULL });
		record_see(r, (struct line){ "/etc/issue", 5, 0, NULL });
		assert_int_equal(recorder_outside(r, "/etc/x", 6, &err), 0);
		record_see(r, (struct line){ "/tmp", 0, 'd', NULL });
		result = record_finish(r);
		assert_true(result.complete);
		assert_int_equal(result.n_unread, 0);
		expect_changes(store, "web01", result.snap,
		    date == 2000 ?
			"put /etc/issue 5\nunseen /etc/passwd\ngone /tmp/a\n" :
			"");
		expect_digest(store, &result);
	}
	/* Looked at again, it is not there. */
	r = record_begin(store, 4000, (struct record_head){ 0 });
	record_see(r, (struct line){ "/", 0, 'd', NULL });
	record_see(r, (struct line){ "/etc", 0, 'd', NULL });
	result = record_finish(r);
	expect_changes(store, "web01", result.snap,
	    "gone /etc/hosts\ngone /etc/issue\ngone /etc/passwd\ngone /tmp\n");
	expect_digest(store, &result);
}

static void
what_could_not_be_read_stays_also_where_nobody_wanted(void **state)
{
	struct recorder *r;
	struct record_result result;

	(void)state;
	(void)record_lines(store, "web01", 1000, NULL, small_tree);
	r = record_begin(store, 2000, (struct record_head){ 0 });
	record_see(r, (struct line){ "/", 0, 'd', NULL });
	assert_int_equal(recorder_outside(r, "/", 1, &err), 0);
	record_see(r, (struct line){ "/etc", 0, 'd', NULL });
	assert_int_equal(recorder_unread(r, "/etc", 4, true, EIO, &err), 0);
	assert_int_equal(recorder_outside(r, "/etc", 4, &err), 0);
	result = record_finish(r);
	assert_false(result.complete);
	expect_changes(
	    store, "web01", result.snap, "unseen /tmp\nunseen /tmp/a\n");
	expect_digest(store, &result);
}

static void
what_comes_after_an_early_end_stays(void **state)
{
	struct recorder *r;
	struct record_result result;
	struct unread_list list;
	struct catalog c;

	(void)state;
	(void)record_lines(store, "web01", 1000, NULL, small_tree);
	r = record_begin(store, 2000, (struct record_head){ 0 });
	record_see(r, (struct line){ "/", 0, 'd', NULL });
	record_see(r, (struct line){ "/etc", 0, 'd', NULL });
	record_see(r, (struct line){ "/etc/issue", 5, 0, NULL });
	assert_int_equal(recorder_cut(r, EIO, &err), 0);
	result = record_finish(r);
	assert_false(result.complete);
	expect_changes(
	    store, "web01", result.snap, "gone /etc/hosts\nput /etc/issue 5\n");
	expect_digest(store, &result);
	assert_int_equal(catalog_read(&c, store, &err), 0);
	assert_int_equal(snapshot_unread(&list, store, &c.snaps[1], &err), 0);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.item[0].path, "/");
	unread_list_done(&list);
	catalog_done(&c);
}

static void
an_unchanged_directory_keeps_its_files(void **state)
{
	static const struct line tree[] = {
		{ "/", 0, 'd', NULL },
		{ "/a", 0, 'd', NULL },
		{ "/a/1", 1, 0, NULL },
		{ "/a/b", 0, 'd', NULL },
		{ "/a/b/2", 2, 0, NULL },
		{ "/a/c", 0, 'd', NULL },
		{ "/a/c/3", 3, 0, NULL },
		{ "/a/d", 0, 'd', NULL },
		{ "/a/z", 9, 0, NULL },
		{ "/b", 4, 0, NULL },
		{ NULL, 0, 0, NULL },
	};
	struct recorder *r;
	struct record_result result;

	(void)state;
	(void)record_lines(store, "web01", 1000, NULL, tree);
	r = record_begin(store, 2000, (struct record_head){ 0 });
	record_see(r, (struct line){ "/", 0, 'd', NULL });
	assert_int_equal(recorder_unchanged(r, "/", 1, &err), 0);
	record_see(r, (struct line){ "/a", 0, 'd', NULL });
	assert_int_equal(recorder_unchanged(r, "/a", 2, &err), 0);
	record_see(r, (struct line){ "/a/b", 0, 'd', NULL });
	assert_int_equal(recorder_unchanged(r, "/a/b", 4, &err), 0);
	/* /a/c was read and is empty now; /a/d is not given: not there. */
	record_see(r, (struct line){ "/a/c", 0, 'd', NULL });
	result = record_finish(r);
	expect_changes(store, "web01", result.snap, "gone /a/c/3\ngone /a/d\n");
	expect_digest(store, &result);
}

static void
an_additive_source_takes_nothing_away(void **state)
{
	struct recorder *r;
	struct record_result result;

	(void)state;
	(void)record_lines(store, "web01", 1000, NULL, small_tree);
	r = record_begin(store, 2000, (struct record_head){ .additive = true });
	record_see(r, (struct line){ "/new", 1, 0, NULL });
	result = record_finish(r);
	expect_changes(store, "web01", result.snap, "put /new 1\n");
	assert_int_equal(result.entries, 7);
}

static struct record_result
observe_one(int64_t date, bool exact, struct entry e)
{
	struct recorder *r = record_begin(
	    store, date, (struct record_head){ .exact = exact });

	if (recorder_observe(r, "/f", 2, &e, &err) != 0)
		fail_msg("%s", told(&err));
	return record_finish(r);
}

static struct entry
newest(void)
{
	struct listing_item item;
	struct listing *l;
	struct view *v;

	assert_int_equal(view_open(&v, store, &err), 0);
	assert_int_equal(listing_open(&l, v, 1, 0, &err), 0);
	assert_int_equal(listing_next(l, &item, &err), 0);
	listing_close(l);
	view_close(v);
	return item.entry;
}

static void
observations_join_what_is_known(void **state)
{
	const struct entry name = { .fields = ENTRY_TYPE, .type = 'f' };
	const struct entry size = {
		.fields = ENTRY_TYPE | ENTRY_SIZE, .type = 'f', .size = 5
	};
	const struct entry time = {
		.fields = ENTRY_TYPE | ENTRY_MTIME, .type = 'f', .mtime = 7
	};
	const struct entry other = { .fields = ENTRY_SIZE, .size = 6 };
	struct record_result r;

	(void)state;
	r = observe_one(1, false, name);
	assert_int_equal(r.puts, 1);
	/* A field observed for the first time is added. */
	r = observe_one(2, false, size);
	assert_int_equal(r.puts, 1);
	/* What agrees and knows less changes nothing. */
	r = observe_one(3, false, name);
	assert_int_equal(r.puts, 0);
	/* The union of both. */
	r = observe_one(4, false, time);
	assert_int_equal(r.puts, 1);
	assert_int_equal(
	    newest().fields, ENTRY_TYPE | ENTRY_SIZE | ENTRY_MTIME);
	assert_int_equal(newest().size, 5);
	assert_int_equal(newest().mtime, 7);
	/* What disagrees stands alone. */
	r = observe_one(5, false, other);
	assert_int_equal(r.puts, 1);
	assert_int_equal(newest().fields, ENTRY_SIZE);
	assert_int_equal(newest().size, 6);
	expect_digest(store, &r);
	/* A listing that is given as it is replaces. */
	r = observe_one(6, true, name);
	assert_int_equal(r.puts, 1);
	assert_int_equal(newest().fields, ENTRY_TYPE);
	r = observe_one(7, true, name);
	assert_int_equal(r.puts, 0);
	expect_digest(store, &r);
}

static void
paths_out_of_order_are_refused(void **state)
{
	static const char *const bad[] = { "/b", "/a", "/a//b", "a", "/b/",
		"" };
	struct record_result result;
	struct entry e = line_entry(&(struct line){ "/b", 1, 0, NULL });

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct recorder *r = record_begin(
		    store, 1, (struct record_head){ 0 });

		record_see(r, (struct line){ "/b", 1, 0, NULL });
		assert_int_equal(
		    recorder_observe(r, bad[i], strlen(bad[i]), &e, &err),
		    ERR_FORMAT);
		/* And nothing of it can be committed any more. */
		assert_int_equal(recorder_finish(r, &result, &err), ERR_USAGE);
		recorder_free(r);
	}
	assert_int_equal(scratch_count(&scratch, "store/tmp"), 0);
	assert_int_equal(scratch_count(&scratch, "store/seg"), 0);
}

static void
entries_that_cannot_be_are_refused(void **state)
{
	const struct entry e = { .fields = ENTRY_TYPE, .type = 'x' };
	struct recorder *r = record_begin(store, 1, (struct record_head){ 0 });

	(void)state;
	assert_int_equal(recorder_observe(r, "/b", 2, &e, &err), ERR_FORMAT);
	recorder_free(r);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_store, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(what_is_pruned_now_is_unseen_and_comes_back_as_a_put),
		TEST(what_was_unseen_and_is_not_there_is_gone),
		TEST(what_an_absent_mount_held_is_unseen_until_it_is_back),
		TEST(what_a_mount_covers_is_unseen_until_it_is_away),
		TEST(what_could_not_be_read_stays),
		TEST(a_list_of_what_could_not_be_read_hides_what_is_below),
		TEST(below_what_could_not_be_read_a_part_may_be_observed),
		TEST(what_nobody_wanted_to_look_at_is_unseen),
		TEST(what_could_not_be_read_stays_also_where_nobody_wanted),
		TEST(what_comes_after_an_early_end_stays),
		TEST(an_unchanged_directory_keeps_its_files),
		TEST(an_additive_source_takes_nothing_away),
		TEST(observations_join_what_is_known),
		TEST(paths_out_of_order_are_refused),
		TEST(entries_that_cannot_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
