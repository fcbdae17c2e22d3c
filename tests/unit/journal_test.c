/*
 * The log of a store, and what was acknowledged.
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

#include "store/store_private.h"

static void
acknowledgements_are_kept(void **state)
{
	uint64_t n = 99;

	(void)state;
	assert_int_equal(store_acked(store, "web01", &n, &err), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_ack(store, "web01", 1, &err), ERR_NOTFOUND);
	(void)record_lines(store, "web01", 1, NULL, small_tree);
	assert_int_equal(store_ack(store, "web01", 7, &err), 0);
	assert_int_equal(store_acked(store, "web01", &n, &err), 0);
	assert_int_equal(n, 7);
	/* The server lost some. */
	assert_int_equal(store_ack(store, "web01", 3, &err), 0);
	assert_int_equal(store_acked(store, "web01", &n, &err), 0);
	assert_int_equal(n, 3);
}

static void
the_log_is_bounded(void **state)
{
	sqlite3_stmt *st;
	int64_t n;

	(void)state;
	fixture_sql(
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
	    "WHERE i < 10050) INSERT INTO log(at_ns, kind, text) "
	    "SELECT i, 'old', '' FROM n");
	assert_int_equal(store_log(store, "push", "web01", "hello", &err), 0);
	assert_int_equal(
	    store_log(store, "merge", NULL, "3 segments", &err), 0);
	assert_int_equal(
	    sql_prepare(store, &st, "SELECT count(*) FROM log", &err), 0);
	assert_int_equal(sql_number(store, st, &n, &err), 0);
	assert_int_equal(n, 10000);
	assert_int_equal(sql_prepare(store, &st,
			     "SELECT count(*) FROM log WHERE series = 'web01' "
			     "AND kind = 'push' AND text = 'hello'",
			     &err),
	    0);
	assert_int_equal(sql_number(store, st, &n, &err), 0);
	assert_int_equal(n, 1);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_store, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(acknowledgements_are_kept),
		TEST(the_log_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
