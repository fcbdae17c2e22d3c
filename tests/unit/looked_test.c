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

/* Each has a list of nearly 1 MiB, which is over 4 MiB of memory: they are not
 * kept all at once. */
#define SNAPS 12
#define UNREAD 40000

/* Snapshot n could not read /n, and much else. */
static void
record(int n)
{
	struct recorder *r = record_begin(
	    store, n + 1, (struct record_head){ .events = true });
	char path[32];

	for (int i = 0; i <= UNREAD; i++) {
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
	for (int n = 0; n < SNAPS; n++)
		for (size_t i = 0; i < SNAPS; i++) {
			char path[32];

			(void)snprintf(path, sizeof(path), "/%d/x", n);
			assert_int_equal(looked_at(l, &c->snaps[i], path,
					     strlen(path), &err),
			    (size_t)n != i);
		}
}

static void
lists_that_are_not_kept_are_read_again(void **state)
{
	struct looked *l;
	struct catalog c;

	(void)state;
	for (int n = 0; n < SNAPS; n++)
		record(n);
	assert_int_equal(catalog_read(&c, store, &err), 0);
	assert_int_equal(looked_new(&l, store, &err), 0);
	ask_all(l, &c);
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
		TEST(a_snapshot_that_is_gone_did_not_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
