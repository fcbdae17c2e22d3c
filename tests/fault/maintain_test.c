/*
 * A merge or a prune that fails or dies at any of its calls: the store is as
 * before or as after, opens, and is found clean.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
/* wrap: malloc calloc realloc reallocarray strdup write pread fsync flock renameat2 linkat unlinkat openat sqlite3_step */
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
#include <sys/wait.h>

#include "store/maintain.h"
#include "store/store_private.h"

FAULT(int, sqlite3_step, (sqlite3_stmt * st), (st), SQLITE_IOERR_WRITE, EIO)

static int
teardown(void **state)
{
	faults_disarm();
	sqlite_faults = faults_kill = false;
	return fixture_done(state);
}

/* ---- the store, and what is done to it ---- */

static struct prune_rule
keep_one(void *ctx, const struct series_row *series,
    const struct snapshot_row *newest)
{
	(void)ctx;
	(void)series;
	(void)newest;
	return (struct prune_rule){ .keep = { .keep_last = 1 } };
}

static int
prune(struct store *s)
{
	const struct prune_request request = { .rule = keep_one };
	struct prune_result res;

	return store_prune(s, &request, &res, &err);
}

static int
merge(struct store *s)
{
	struct merge_result res;

	return store_merge(s, MERGE_ALL, &res, NULL, NULL, &err);
}

/* Two nights of two hosts; web02's are dropped but for the last. */
static void
fresh_store(void)
{
	struct store *s;

	fixture_renew();
	s = open_or_fail(dir, STORE_CREATE);
	for (int n = 1; n <= 2; n++) {
		record_nth_night(s, "web01", n);
		record_nth_night(s, "web02", n);
	}
	assert_int_equal(manifest_begin(s, &err), 0);
	assert_int_equal(
	    sql_exec(s,
		"DELETE FROM snapshot WHERE number < 2 AND "
		"series = (SELECT id FROM series WHERE name = 'web02')",
		&err),
	    0);
	assert_int_equal(manifest_commit(s, &err), 0);
	store_close(s);
}

static const struct deed {
	const char *name;
	int (*run)(struct store *);
} deeds[] = { { "prune", prune }, { "merge", merge } };

/* ---- before or after, nothing between ---- */

static void
differs(void *ctx, const char *text)
{
	(void)ctx;
	print_error("check: %s\n", text);
}

/* Clean, and says what was recorded. Whether the deed was done. */
static bool
look(const struct deed *d, long call)
{
	static const char *const series[] = { "web01", "web02" };
	struct store *s = open_or_fail(dir, STORE_WRITE);
	struct check_result check;
	struct catalog cat;
	bool done;

	assert_int_equal(store_check(s, &check, differs, NULL, &err), 0);
	if (check.differences > 0)
		fail_msg("%s: after call %ld", d->name, call);
	for (int i = 0; i < 2; i++)
		expect_listing(s, series[i], 0, "/a 1\n/b 2\n/n002 3\n");
	assert_int_equal(catalog_read(&cat, s, &err), 0);
	assert_int_equal(scratch_count(&scratch, "store/seg"), cat.n_segments);
	assert_int_equal(scratch_count(&scratch, "store/tmp"), 0);
	if (d->run == prune) {
		assert_true(cat.n_snaps == 3 || cat.n_snaps == 2);
		done = cat.n_snaps == 2;
	} else {
		assert_true(cat.n_segments == 4 || cat.n_segments == 1);
		done = cat.n_segments == 1;
	}
	catalog_done(&cat);
	store_close(s);
	return done;
}

static void
fail_each_call(const struct deed *d)
{
	long call = 0;
	bool done = true;

	do {
		struct store *s;
		int rc;

		if (done)
			fresh_store();
		s = open_or_fail(dir, STORE_WRITE);
		err_clear(&err);
		faults_arm(call);
		rc = d->run(s);
		faults_disarm();
		store_close(s);
		if (rc == 0 && !faults_hit)
			break;
		assert_true(rc == 0 || err.cause[0] != '\0');
		done = look(d, call);
		/* What was told to be done is. */
		assert_true(done || rc != 0);
	} while (call++ < 100000);
	assert_true(look(d, call));
	assert_true(call > 10);
}

static void
each_call_may_fail(void **state)
{
	(void)state;
	sqlite_faults = true;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		fail_each_call(&deeds[i]);
}

/* A fork costs a sanitizer's build dearly, and shows it nothing new. */
#ifdef __SANITIZE_ADDRESS__
#define KILL_STEP 9
#else
#define KILL_STEP 1
#endif

static bool
kill_at(const struct deed *d, long call)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct store *s;

		faults_kill = sqlite_faults = true;
		faults_arm(call);
		_exit(store_open(&s, dir, STORE_WRITE, &err) != 0 ||
		    d->run(s) != 0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		return true;
	assert_int_equal(status, 0);
	return false;
}

static void
each_call_may_be_the_last(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		bool done = true;
		long call = 0;

		for (;; call += KILL_STEP) {
			if (done)
				fresh_store();
			if (!kill_at(&deeds[i], call))
				break;
			done = look(&deeds[i], call);
		}
		assert_true(look(&deeds[i], call));
		assert_true(call > 10);
	}
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_dir, teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_call_may_fail),
		TEST(each_call_may_be_the_last),
	};

	return cmocka_run_group_tests(tests, sqlite_faults_install, NULL);
}
