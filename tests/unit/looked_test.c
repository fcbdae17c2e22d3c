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
#include <stdio.h>
#include <string.h>

#include "search/looked.h"

/* Each has a list of nearly 1 MiB, which is nearly 2 MiB of memory: they are
 * not kept all at once. */
#define SNAPS 24
#define UNREAD 40000

/* Snapshot n could not read /n, and as much else. */
static void
record(int n, int unread)
{
	struct recorder *r = record_begin(
	    store, n + 1, (struct record_head){ .events = true });
	char path[32];

	for (int i = 0; i <= unread; i++) {
		(void)snprintf(
		    path, sizeof(path), i == 0 ? "/%d" : "/many/%d-%d", n, i);
		assert_int_equal(recorder_note_unread(
				     r, path, strlen(path), true, EIO, &err),
		    0);
	}
	(void)record_finish(r);
}

static void
ask_all(struct looked *l, const struct catalog *c)
{
	for (size_t i = 0; i < SNAPS; i++)
		for (size_t n = 0; n < SNAPS; n++) {
			char path[32];

			(void)snprintf(path, sizeof(path), "/%zu/x", n);
			assert_int_equal(looked_at(l, &c->snaps[i], path,
					     strlen(path), &err),
			    n != i);
		}
}

static void
lists_that_are_not_kept_are_read_again(void **state)
{
	struct looked *l;
	struct catalog c;

	(void)state;
	for (int n = 0; n < SNAPS; n++)
		record(n, UNREAD);
	assert_int_equal(catalog_read(&c, store, &err), 0);
	assert_int_equal(looked_new(&l, store, &err), 0);
	ask_all(l, &c);
	ask_all(l, &c);
	assert_int_equal(looked_gave_up(l), 0);
	looked_free(l);
	catalog_done(&c);
}

/* In the end it is said of a snapshot that it did not look; never that it did
 * where it did not. Short lists are not driven out by all the long ones. */
static void
long_lists_are_not_read_again_without_end(void **state)
{
	struct looked *l;
	struct catalog c;
	size_t asked = 0;

	(void)state;
	for (int n = 0; n < SNAPS; n++)
		record(n, n == 0 ? 0 : UNREAD);
	assert_int_equal(catalog_read(&c, store, &err), 0);
	assert_int_equal(looked_new(&l, store, &err), 0);
	assert_int_equal(looked_at(l, &c.snaps[0], "/x", 2, &err), 1);
	for (; looked_gave_up(l) == 0; asked++) {
		size_t i = 1 + asked % (SNAPS - 1);
		char path[32];
		int len = snprintf(path, sizeof(path), "/%zu/x", i);

		assert_int_equal(
		    looked_at(l, &c.snaps[i], path, (size_t)len, &err), 0);
		assert_int_equal(err.code, 0);
		assert_true(asked < 100000);
	}
	assert_true(asked > 100);
	assert_int_equal(looked_gave_up(l), c.series[0].id);
	assert_int_equal(looked_at(l, &c.snaps[0], "/x", 2, &err), 1);
	assert_int_equal(looked_at(l, &c.snaps[0], "/0/x", 4, &err), 0);
	looked_free(l);
	catalog_done(&c);
}

static void
a_snapshot_that_is_gone_did_not_look(void **state)
{
	struct snapshot_row row = { .id = 77, .unread = 1 };
	struct looked *l;

	(void)state;
	assert_int_equal(looked_new(&l, store, &err), 0);
	assert_int_equal(looked_at(l, &row, "/a", 2, &err), 0);
	assert_int_equal(err.code, 0);
	row.unread = 0;
	assert_int_equal(looked_at(l, &row, "/a", 2, &err), 1);
	looked_free(l);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_store, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(lists_that_are_not_kept_are_read_again),
		TEST(long_lists_are_not_read_again_without_end),
		TEST(a_snapshot_that_is_gone_did_not_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
