/*
 * Whatever fails in the middle of a commit: it is told, nothing is half
 * committed, the store opens, and what was committed is there.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
/* wrap: malloc calloc realloc reallocarray strdup write pread64 fsync flock renameat2 linkat unlinkat openat64 sqlite3_step */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fault/faults.h"
#include "tests/fault/sqlite_faults.h"
#include "tests/support/fixture.h"
#include "tests/support/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_private.h"

FAULT(int, sqlite3_step, (sqlite3_stmt * st), (st), SQLITE_IOERR_WRITE, EIO)

/* ---- a store, and what is done to it ---- */

static int
teardown(void **state)
{
	faults_disarm();
	return fixture_done(state);
}

static const struct line before[] = { { "/a", 1, 0, NULL },
	{ "/b", 2, 0, NULL }, { "/l", 3, 0, "/a" }, { NULL, 0, 0, NULL } };
#define BEFORE "/a 1\n/b 2\n/l 3\n"
#define AFTER "/a 9\n/b 2\n/c 4\n/l 3\n"

/* A store with a snapshot in it, as new. */
static void
fresh_store(void)
{
	struct store *s;

	fixture_renew();
	s = open_or_fail(dir, STORE_CREATE);
	(void)record_lines(s, "web01", 1, NULL, before);
	store_close(s);
}

static int
feed(struct recorder *r)
{
	static const struct line lines[] = { { "/a", 9, 0, NULL },
		{ "/c", 4, 0, NULL } };

	for (size_t i = 0; i < 2; i++) {
		struct entry e = line_entry(&lines[i]);

		if (i == 1 && recorder_unread(r, "/b", 2, true, EIO, &err) != 0)
			return err.code;
		if (recorder_observe(r, lines[i].path, 2, &e, &err) != 0)
			return err.code;
	}
	return recorder_unread(r, "/l", 2, false, EACCES, &err);
}

static int
record(struct store *s)
{
	const struct scope all = { 0 };
	const struct record_head head = { .series = "web01",
		.origin = "test:",
		.scope = &all,
		.fields = ENTRY_ALL,
		.date_ns = 2 };
	struct record_result result;
	struct recorder *r;
	int rc;

	if (recorder_begin(&r, s, &head, &err) != 0)
		return err.code;
	if ((rc = feed(r)) == 0)
		rc = recorder_finish(r, &result, &err);
	recorder_free(r);
	return rc;
}

/* As a merge does: the old segment goes, one with the same goes in. */
static int
replace_segment(struct store *s)
{
	const struct segment_snap snap = { 1, 1 };
	const struct event e = { .entry = { .fields = ENTRY_SIZE, .size = 9 } };
	struct commit c = { .old_segments = &(uint32_t){ 1 },
		.n_old_segments = 1,
		.log_kind = "merge",
		.log_text = "one" };
	int rc;

	if (segment_file_open(&c.file, s, &snap, 1, &err) != 0)
		return err.code;
	if ((rc = segment_writer_add(c.file->writer, "/a", 2, &e, 1, &err)) ==
		0 &&
	    (rc = segment_file_finish(c.file, &err)) == 0)
		rc = store_commit(s, &c, &err);
	segment_file_close(c.file);
	return rc;
}

static int
note(struct store *s)
{
	return store_log(s, "push", "web01", "text", &err);
}

static int
acknowledge(struct store *s)
{
	return store_ack(s, "web01", 1, &err);
}

static int
lock_and_read(struct store *s)
{
	struct series_lock *l;
	struct listing_item item;
	struct listing *listing;
	struct scope scope = { 0 };
	struct view *v;
	int rc;

	if (series_lock_take(&l, s, "web01", "test", 0, &err) != 0)
		return err.code;
	series_lock_release(l);
	if (view_open(&v, s, &err) != 0)
		return err.code;
	if ((rc = snapshot_scope(&scope, s, &v->cat.snaps[0], &err)) == 0)
		scope_done(&scope);
	if (rc == 0 && (rc = listing_open(&listing, v, 1, 0, &err)) == 0) {
		while ((rc = listing_next(listing, &item, &err)) == 0)
			;
		listing_close(listing);
		rc = rc == 1 ? 0 : rc;
	}
	view_close(v);
	return rc;
}

static const struct deed {
	const char *name;
	int (*run)(struct store *);
	const char *listing; /* afterwards */
} deeds[] = {
	{ "record", record, AFTER },
	{ "replace a segment", replace_segment, "/a 9\n" },
	{ "log", note, BEFORE },
	{ "acknowledge", acknowledge, BEFORE },
	{ "lock and read", lock_and_read, BEFORE },
};

/* Everything of a run, the opening too, with the faults that are armed. */
static int
run(const struct deed *d)
{
	struct store *s;
	int rc;

	err_clear(&err);
	faults_hit = false;
	if ((rc = store_open(&s, dir, STORE_WRITE, &err)) == 0) {
		rc = d->run(s);
		store_close(s);
	}
	faults_disarm();
	late_deletes_left = -1;
	return rc;
}

/* What the manifest names is what lies there, and nothing else does. */
static void
check_store(const struct deed *d, long n, int rc)
{
	struct store *s = open_or_fail(dir, STORE_WRITE);
	struct catalog c;
	char *text = listing_text(s, "web01", 0);

	if (rc == 0 && strcmp(text, d->listing) != 0)
		fail_msg("%s, call %ld: done, but: %s", d->name, n, text);
	if (rc != 0 && strcmp(text, BEFORE) != 0)
		fail_msg("%s, call %ld: failed (%s), but: %s", d->name, n,
		    told(&err), text);
	free(text);
	assert_int_equal(catalog_read(&c, s, &err), 0);
	assert_int_equal(scratch_count(&scratch, "store/seg"), c.n_segments);
	assert_int_equal(scratch_count(&scratch, "store/tmp"), 0);
	/* And it goes on. */
	if (rc != 0 && d->run(s) != 0)
		fail_msg("%s, after call %ld: %s", d->name, n, told(&err));
	catalog_done(&c);
	store_close(s);
}

static void
fail_each_call(const struct deed *d, long *counter, long at_least)
{
	long n = 0;

	do {
		int rc;

		fresh_store();
		*counter = n;
		rc = run(d);
		if (rc != 0 && err.code != rc)
			fail_msg(
			    "%s, call %ld: %d is not told", d->name, n, rc);
		if (!faults_hit && rc != 0)
			fail_msg("%s: %s", d->name, told(&err));
		check_store(d, n, rc);
	} while (faults_hit && n++ < 100000);
	/* There were calls to fail. */
	assert_true(n >= at_least);
}

static void
each_call_may_fail(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		fail_each_call(&deeds[i], &faults_left, 10);
}

static void
each_call_of_sqlite_may_fail(void **state)
{
	(void)state;
	sqlite_faults = true;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		fail_each_call(&deeds[i], &faults_left, 10);
	sqlite_faults = false;
}

static void
a_transaction_may_fail_after_it_stands(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		fail_each_call(&deeds[i], &late_deletes_left,
		    deeds[i].run != lock_and_read);
}

static void
a_store_may_fail_to_be_made(void **state)
{
	long n = 0;

	(void)state;
	sqlite_faults = true;
	do {
		struct store *s;

		fixture_renew();
		faults_arm(n);
		if (store_open(&s, dir, STORE_CREATE, &err) == 0)
			store_close(s);
		else
			assert_true(err.code < 0);
		faults_disarm();
		s = open_or_fail(dir, STORE_CREATE);
		(void)record_lines(s, "web01", 1, NULL, before);
		store_close(s);
	} while (faults_hit && n++ < 100000);
	sqlite_faults = false;
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_dir, teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_call_may_fail),
		TEST(each_call_of_sqlite_may_fail),
		TEST(a_transaction_may_fail_after_it_stands),
		TEST(a_store_may_fail_to_be_made),
	};

	return cmocka_run_group_tests(tests, sqlite_faults_install, NULL);
}
