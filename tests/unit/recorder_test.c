/*
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
#include <stdlib.h>
#include <string.h>

#include "store/store_private.h"

static void
assert_listing(const char *series, uint32_t at, const char *want)
{
	char *text = listing_text(store, series, at);

	assert_string_equal(text, want);
	free(text);
}

static void
assert_changes(const char *series, uint32_t snap, const char *want)
{
	char *text = changes_text(store, series, snap);

	assert_string_equal(text, want);
	free(text);
}

/* The digest and number of entries of the newest listing, from scratch. */
static void
assert_digest(const struct record_result *r)
{
	struct digest d = { 0 };
	struct listing_item item;
	struct listing *l;
	struct view *v;
	uint64_t n = 0;

	assert_int_equal(view_open(&v, store, &err), 0);
	assert_int_equal(listing_open(&l, v, 1, 0, &err), 0);
	while (listing_next(l, &item, &err) == 0) {
		if (item.kind != EVENT_PUT)
			continue;
		digest_add(&d, item.path, item.len, &item.entry);
		n++;
	}
	assert_true(digest_equal(&d, &r->digest));
	assert_int_equal(n, r->entries);
	listing_close(l);
	view_close(v);
}

static struct recorder *
begin(int64_t date, struct record_head head)
{
	static const struct scope all;
	struct recorder *r;

	head.series = "web01";
	head.origin = "test:";
	if (head.scope == NULL)
		head.scope = &all;
	head.fields = ENTRY_ALL;
	head.clock_ns = head.date_ns = date;
	if (recorder_begin(&r, store, &head, &err) != 0)
		fail_msg("%s", told(&err));
	return r;
}

static void
see(struct recorder *r, struct line line)
{
	struct entry e = line_entry(&line);

	if (recorder_observe(r, line.path, strlen(line.path), &e, &err) != 0)
		fail_msg("%s", told(&err));
}

static struct record_result
finish(struct recorder *r)
{
	struct record_result result;

	if (recorder_finish(r, &result, &err) != 0)
		fail_msg("%s", told(&err));
	recorder_free(r);
	return result;
}

static const struct line night[] = {
	{ "/", 0, 'd', NULL },
	{ "/etc", 0, 'd', NULL },
	{ "/etc/hosts", 100, 0, NULL },
	{ "/etc/passwd", 200, 0, NULL },
	{ "/tmp", 0, 'd', NULL },
	{ "/tmp/a", 1, 0, NULL },
	{ NULL, 0, 0, NULL },
};

static void
the_first_snapshot_is_all_puts(void **state)
{
	struct record_result r = record_lines(
	    store, "web01", 1000, NULL, night);

	(void)state;
	assert_int_equal(r.number, 1);
	assert_int_equal(r.entries, 6);
	assert_int_equal(r.puts, 6);
	assert_int_equal(r.gone + r.unseen, 0);
	assert_true(r.complete);
	assert_false(r.clock_back);
	assert_int_equal(r.date_ns, 1000);
	assert_true(r.bytes > 0);
	assert_listing("web01", 0,
	    "/ 0\n/etc 0\n/etc/hosts 100\n/etc/passwd 200\n/tmp 0\n/tmp/a 1\n");
	assert_digest(&r);
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
	    store, "web01", 1000, NULL, night);
	struct record_result b = record_lines(store, "web01", 2000, NULL, next);

	(void)state;
	assert_int_equal(b.number, 2);
	assert_true(b.snap > a.snap);
	assert_int_equal(b.puts, 2);
	assert_int_equal(b.gone, 1);
	assert_int_equal(b.entries, 6);
	assert_listing("web01", 0,
	    "/ 0\n/etc 0\n/etc/hosts 101\n/etc/motd 7\n/tmp 0\n/tmp/a 1\n");
	assert_listing("web01", a.snap,
	    "/ 0\n/etc 0\n/etc/hosts 100\n/etc/passwd 200\n/tmp 0\n/tmp/a 1\n");
	assert_changes("web01", b.snap,
	    "put /etc/hosts 101\nput /etc/motd 7\ngone /etc/passwd\n");
	assert_digest(&b);
}

static void
no_change_makes_a_snapshot_and_no_segment(void **state)
{
	struct record_result a = record_lines(
	    store, "web01", 1000, NULL, night);
	struct record_result b = record_lines(
	    store, "web01", 2000, NULL, night);
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
	assert_changes("web01", b.snap, "");
}

static void
dates_never_fall(void **state)
{
	struct record_result a = record_lines(
	    store, "web01", 5000, NULL, night);
	struct record_result b = record_lines(
	    store, "web01", 4000, NULL, night);
	struct record_result c = record_lines(
	    store, "web01", 5001, NULL, night);
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
	(void)record_lines(store, "web01", INT64_MAX, NULL, night);
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
	r = record_lines(store, "web01", 1000, NULL, night);
	r = record_lines(store, "web01", 2000, &pruned, without);
	assert_int_equal(r.unseen, 1);
	assert_int_equal(r.entries, 5);
	assert_digest(&r);
	assert_listing("web01", 0,
	    "/ 0\n/etc 0\n/etc/hosts 100\n/etc/passwd 200\n/tmp 0\n"
	    "/tmp/a 1 unseen\n");
	/* Still pruned: nothing new. */
	r = record_lines(store, "web01", 3000, &pruned, without);
	assert_int_equal(r.puts + r.gone + r.unseen, 0);
	r = record_lines(store, "web01", 4000, NULL, night);
	assert_int_equal(r.puts, 1);
	assert_changes("web01", r.snap, "put /tmp/a 1\n");
	assert_digest(&r);
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
	assert_listing("web01", 0, "/ 0\n/tmp 0\n");
	assert_digest(&r);
	scope_done(&pruned);
}

static void
what_could_not_be_read_stays(void **state)
{
	struct recorder *r;
	struct record_result result;
	struct unread_list list;
	struct catalog c;

	(void)state;
	(void)record_lines(store, "web01", 1000, NULL, night);
	r = begin(2000, (struct record_head){ 0 });
	see(r, (struct line){ "/", 0, 'd', NULL });
	see(r, (struct line){ "/etc", 0, 'd', NULL });
	assert_int_equal(recorder_unread(r, "/etc", 4, true, EACCES, &err), 0);
	see(r, (struct line){ "/tmp", 0, 'd', NULL });
	assert_int_equal(recorder_unread(r, "/tmp/a", 6, false, EIO, &err), 0);
	result = finish(r);
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
	struct recorder *r = begin(1, (struct record_head){ .events = true });
	struct unread_list list;
	struct catalog c;

	(void)state;
	for (size_t i = 0; i < sizeof(unread) / sizeof(unread[0]); i++)
		assert_int_equal(
		    recorder_note_unread(r, unread[i].path,
			strlen(unread[i].path), unread[i].below, EIO, &err),
		    0);
	(void)finish(r);
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
	(void)record_lines(store, "web01", 1000, NULL, night);
	r = begin(2000, (struct record_head){ 0 });
	see(r, (struct line){ "/", 0, 'd', NULL });
	see(r, (struct line){ "/etc", 0, 'd', NULL });
	assert_int_equal(recorder_unread(r, "/etc", 4, true, EIO, &err), 0);
	see(r, (struct line){ "/etc/issue", 5, 0, NULL });
	result = finish(r);
	assert_changes(
	    "web01", result.snap, "put /etc/issue 5\ngone /tmp\ngone /tmp/a\n");
	assert_digest(&result);
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
	r = begin(2000, (struct record_head){ 0 });
	see(r, (struct line){ "/", 0, 'd', NULL });
	assert_int_equal(recorder_unchanged(r, "/", 1, &err), 0);
	see(r, (struct line){ "/a", 0, 'd', NULL });
	assert_int_equal(recorder_unchanged(r, "/a", 2, &err), 0);
	see(r, (struct line){ "/a/b", 0, 'd', NULL });
	assert_int_equal(recorder_unchanged(r, "/a/b", 4, &err), 0);
	/* /a/c was read and is empty now; /a/d is not given: not there. */
	see(r, (struct line){ "/a/c", 0, 'd', NULL });
	result = finish(r);
	assert_changes("web01", result.snap, "gone /a/c/3\ngone /a/d\n");
	assert_digest(&result);
}

static void
an_additive_source_takes_nothing_away(void **state)
{
	struct recorder *r;
	struct record_result result;

	(void)state;
	(void)record_lines(store, "web01", 1000, NULL, night);
	r = begin(2000, (struct record_head){ .additive = true });
	see(r, (struct line){ "/new", 1, 0, NULL });
	result = finish(r);
	assert_changes("web01", result.snap, "put /new 1\n");
	assert_int_equal(result.entries, 7);
}

static struct record_result
observe_one(int64_t date, bool exact, struct entry e)
{
	struct recorder *r = begin(
	    date, (struct record_head){ .exact = exact });

	if (recorder_observe(r, "/f", 2, &e, &err) != 0)
		fail_msg("%s", told(&err));
	return finish(r);
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
	assert_digest(&r);
	/* A listing that is given as it is replaces. */
	r = observe_one(6, true, name);
	assert_int_equal(r.puts, 1);
	assert_int_equal(newest().fields, ENTRY_TYPE);
	r = observe_one(7, true, name);
	assert_int_equal(r.puts, 0);
	assert_digest(&r);
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
		struct recorder *r = begin(1, (struct record_head){ 0 });

		see(r, (struct line){ "/b", 1, 0, NULL });
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
	struct recorder *r = begin(1, (struct record_head){ 0 });

	(void)state;
	assert_int_equal(recorder_observe(r, "/b", 2, &e, &err), ERR_FORMAT);
	recorder_free(r);
}

/* ---- events ---- */

struct step {
	uint8_t kind;
	struct line line;
};

static int
push(
    int64_t date, const struct step *steps, size_t n, struct record_result *ret)
{
	struct recorder *r = begin(
	    date, (struct record_head){ .events = true });
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct entry e = line_entry(&steps[i].line);

		rc = recorder_event(r, steps[i].line.path,
		    strlen(steps[i].line.path), steps[i].kind, &e, &err);
	}
	if (rc == 0)
		rc = recorder_finish(r, ret, &err);
	recorder_free(r);
	return rc;
}

#define PUT(path, size)                     \
	{                                   \
		EVENT_PUT,                  \
		{                           \
			path, size, 0, NULL \
		}                           \
	}
#define GONE(path)                       \
	{                                \
		EVENT_GONE,              \
		{                        \
			path, 0, 0, NULL \
		}                        \
	}
#define UNSEEN(path)                     \
	{                                \
		EVENT_UNSEEN,            \
		{                        \
			path, 0, 0, NULL \
		}                        \
	}

static void
events_change_the_listing(void **state)
{
	static const struct step first[] = { PUT("/a", 1), PUT("/b", 2),
		PUT("/c", 3), PUT("/d", 4) };
	static const struct step second[] = { PUT("/a", 10), GONE("/b"),
		UNSEEN("/c"), PUT("/e", 5) };
	static const struct step third[] = { PUT("/b", 2), PUT("/c", 3),
		GONE("/d") };
	static const struct step fourth[] = { UNSEEN("/c") };
	static const struct step fifth[] = { GONE("/c") };
	struct record_result r;

	(void)state;
	assert_int_equal(push(1, first, 4, &r), 0);
	assert_int_equal(r.entries, 4);
	assert_int_equal(push(2, second, 4, &r), 0);
	assert_int_equal(r.entries, 3);
	assert_listing("web01", 0, "/a 10\n/c 3 unseen\n/d 4\n/e 5\n");
	assert_digest(&r);
	assert_int_equal(push(3, third, 3, &r), 0);
	assert_listing("web01", 0, "/a 10\n/b 2\n/c 3\n/e 5\n");
	assert_digest(&r);
	assert_int_equal(push(4, fourth, 1, &r), 0);
	assert_int_equal(push(5, fifth, 1, &r), 0);
	assert_listing("web01", 0, "/a 10\n/b 2\n/e 5\n");
	assert_digest(&r);
	/* A push of a night without changes. */
	assert_int_equal(push(6, NULL, 0, &r), 0);
	assert_int_equal(r.entries, 3);
	assert_digest(&r);
}

static void
illegal_events_are_refused(void **state)
{
	static const struct step base[] = { PUT("/a", 1), PUT("/u", 2) };
	static const struct step unseen[] = { UNSEEN("/u") };
	static const struct step bad[] = { PUT("/a", 1), UNSEEN("/b"),
		UNSEEN("/u"), { 3, { "/a", 1, 0, NULL } } };
	struct record_result r;

	(void)state;
	assert_int_equal(push(1, base, 2, &r), 0);
	assert_int_equal(push(2, unseen, 1, &r), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(push(3, &bad[i], 1, &r), ERR_FORMAT);
	assert_listing("web01", 0, "/a 1\n/u 2 unseen\n");
}

static void
what_a_drop_made_us_forget_may_go(void **state)
{
	static const struct step none[] = { PUT("/a", 1) };
	static const struct step put[] = { PUT("/b", 2) };
	static const struct step unseen[] = { UNSEEN("/b") };
	static const struct step gone[] = { PUT("/a", 2), GONE("/b") };
	struct record_result r;
	struct commit drop = { .n_old_snaps = 1 };

	(void)state;
	assert_int_equal(push(1, none, 1, &r), 0);
	assert_int_equal(push(2, put, 1, &r), 0);
	drop.old_snaps = &(uint32_t){ r.snap };
	assert_int_equal(push(3, unseen, 1, &r), 0);
	assert_int_equal(store_commit(store, &drop, &err), 0);
	assert_listing("web01", 0, "/a 1\n");
	assert_int_equal(push(4, gone, 2, &r), 0);
	assert_int_equal(r.gone, 0);
	assert_listing("web01", 0, "/a 2\n");
	assert_digest(&r);
}

static void
a_peer_is_remembered(void **state)
{
	const struct digest d = { 3, 4 };
	const uint8_t id[STORE_ID_SIZE] = { 1, 2 };
	struct recorder *r = begin(1, (struct record_head){ .events = true });
	struct record_result result;
	struct unread_list list;
	struct catalog c;

	(void)state;
	recorder_set_peer(r, id, 17, &d);
	assert_int_equal(
	    recorder_note_unread(r, "/root", 5, true, EACCES, &err), 0);
	assert_int_equal(recorder_seal(r, &result, &err), 0);
	assert_false(result.complete);
	(void)finish(r);
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
a_series_that_moved_on_is_busy(void **state)
{
	struct recorder *one = begin(1, (struct record_head){ 0 });
	struct recorder *two = begin(1, (struct record_head){ 0 });
	struct record_result result;

	(void)state;
	see(one, (struct line){ "/a", 1, 0, NULL });
	see(two, (struct line){ "/b", 1, 0, NULL });
	(void)finish(one);
	assert_int_equal(recorder_finish(two, &result, &err), ERR_BUSY);
	recorder_free(two);
	assert_listing("web01", 0, "/a 1\n");
	assert_int_equal(scratch_count(&scratch, "store/seg"), 1);
	assert_int_equal(scratch_count(&scratch, "store/tmp"), 0);
}

static void
what_is_not_finished_was_never_there(void **state)
{
	struct recorder *r = begin(1, (struct record_head){ 0 });
	struct catalog c;

	(void)state;
	see(r, (struct line){ "/a", 1, 0, NULL });
	recorder_free(r);
	assert_int_equal(catalog_read(&c, store, &err), 0);
	assert_int_equal(c.n_series, 0);
	assert_int_equal(c.n_snaps, 0);
	catalog_done(&c);
	assert_int_equal(scratch_count(&scratch, "store/tmp"), 0);
}

static void
a_peer_number_that_no_row_can_hold_is_refused(void **state)
{
	const struct digest d = { 0, 0 };
	struct recorder *r = begin(1, (struct record_head){ .events = true });
	struct record_result result;
	struct catalog c;

	(void)state;
	recorder_set_peer(r, store_id(store), UINT64_MAX, &d);
	assert_int_equal(recorder_finish(r, &result, &err), ERR_FORMAT);
	recorder_free(r);
	r = begin(1, (struct record_head){ .events = true });
	recorder_set_peer(r, store_id(store), INT64_MAX, &d);
	(void)finish(r);
	assert_int_equal(catalog_read(&c, store, &err), 0);
	assert_int_equal(c.snaps[0].peer_number, INT64_MAX);
	catalog_done(&c);
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
		TEST(what_is_pruned_now_is_unseen_and_comes_back_as_a_put),
		TEST(what_was_unseen_and_is_not_there_is_gone),
		TEST(what_could_not_be_read_stays),
		TEST(a_list_of_what_could_not_be_read_hides_what_is_below),
		TEST(below_what_could_not_be_read_a_part_may_be_observed),
		TEST(an_unchanged_directory_keeps_its_files),
		TEST(an_additive_source_takes_nothing_away),
		TEST(observations_join_what_is_known),
		TEST(paths_out_of_order_are_refused),
		TEST(entries_that_cannot_be_are_refused),
		TEST(events_change_the_listing),
		TEST(illegal_events_are_refused),
		TEST(what_a_drop_made_us_forget_may_go),
		TEST(a_peer_is_remembered),
		TEST(a_series_that_moved_on_is_busy),
		TEST(what_is_not_finished_was_never_there),
		TEST(a_peer_number_that_no_row_can_hold_is_refused),
		TEST(bad_names_of_series_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
