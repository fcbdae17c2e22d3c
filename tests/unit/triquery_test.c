/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/triquery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/needs.h"

static uint32_t
tri(const char *s)
{
	return (uint32_t)(uint8_t)s[0] << 16 | (uint32_t)(uint8_t)s[1] << 8 |
	    (uint8_t)s[2];
}

static struct triquery
literal(const char *s, size_t len)
{
	struct triquery q;

	assert_int_equal(triquery_literal(&q, s, len), 0);
	return q;
}

static void
a_literal_needs_each_of_its_trigrams_once(void **state)
{
	struct triquery q = literal("AAAAb", 5);

	(void)state;
	assert_int_equal(q.kind, TRIQ_AND);
	assert_int_equal(q.n, 2);
	assert_int_equal(q.child[0].lo, tri("aaa"));
	assert_int_equal(q.child[1].lo, tri("aab"));
	triquery_done(&q);
	assert_int_equal(q.kind, TRIQ_ALL);
}

static void
two_bytes_are_a_range_and_one_says_nothing(void **state)
{
	struct triquery q = literal("zQ", 2);

	(void)state;
	assert_int_equal(q.kind, TRIQ_RANGE);
	assert_int_equal(q.lo, 'z' << 16 | 'q' << 8);
	assert_int_equal(q.hi, 'z' << 16 | 'q' << 8 | 0xff);
	assert_int_equal(literal("z", 1).kind, TRIQ_ALL);
	assert_int_equal(literal("", 0).kind, TRIQ_ALL);
	/* "z" at the end: any byte may stand before it, or none. */
	assert_int_equal(literal("z\0", 2).kind, TRIQ_ALL);
	assert_int_equal(literal("yz\0", 3).lo, 'y' << 16 | 'z' << 8);
}

static void
every_substring_of_a_path_is_no_excuse_to_leave_it_out(void **state)
{
	const char path[] = "/usr/Share\xc3\xa4/\xff\xfe.Gz";
	size_t len = sizeof(path); /* with the end */

	(void)state;
	for (size_t i = 0; i < len; i++)
		for (size_t n = 0; n <= len - i; n++) {
			struct triquery q = literal(path + i, n);

			assert_true(needs_hold(&q, path));
			triquery_done(&q);
		}
}

static void
all_and_false_are_absorbed(void **state)
{
	struct triquery and = { .kind = TRIQ_ALL };
	struct triquery or = { .kind = TRIQ_OR }, q, f = { .kind = TRIQ_OR };

	(void)state;
	q = literal("abc", 3);
	assert_int_equal(triquery_join(&and, TRIQ_AND, &q), 0);
	assert_int_equal(and.kind, TRIQ_RANGE);
	q = literal("", 0);
	assert_int_equal(triquery_join(&and, TRIQ_AND, &q), 0);
	assert_int_equal(and.kind, TRIQ_RANGE);

	q = literal("abcd", 4);
	assert_int_equal(triquery_join(& or, TRIQ_OR, &q), 0);
	assert_int_equal(or.kind, TRIQ_AND);
	q = literal("xyz", 3);
	assert_int_equal(triquery_join(& or, TRIQ_OR, &q), 0);
	assert_int_equal(or.kind, TRIQ_OR);
	assert_int_equal(or.n, 2);
	q = f;
	assert_int_equal(triquery_join(& or, TRIQ_OR, &q), 0);
	assert_int_equal(or.n, 2);

	assert_int_equal(triquery_join(&and, TRIQ_AND, & or), 0);
	assert_int_equal(and.n, 2);
	assert_true(needs_hold(&and, "/abc/xyz"));
	assert_true(needs_hold(&and, "/abcd"));
	assert_false(needs_hold(&and, "/abc"));
	q = literal("", 0);
	assert_int_equal(triquery_join(&and, TRIQ_OR, &q), 0);
	assert_int_equal(and.kind, TRIQ_ALL);
	assert_int_equal(triquery_join(&and, TRIQ_AND, &f), 0);
	assert_false(needs_hold(&and, "/abc"));
	q = literal("abc", 3);
	assert_int_equal(triquery_join(&and, TRIQ_AND, &q), 0);
	assert_false(needs_hold(&and, "/abc"));
	triquery_done(&and);
}

static void
joins_of_one_kind_stay_flat(void **state)
{
	struct triquery and = { .kind = TRIQ_ALL }, q;

	(void)state;
	for (int i = 0; i < 3; i++) {
		q = literal("abcde", 5);
		assert_int_equal(triquery_join(&and, TRIQ_AND, &q), 0);
	}
	assert_int_equal(and.n, 9);
	triquery_done(&and);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_literal_needs_each_of_its_trigrams_once),
		cmocka_unit_test(two_bytes_are_a_range_and_one_says_nothing),
		cmocka_unit_test(
		    every_substring_of_a_path_is_no_excuse_to_leave_it_out),
		cmocka_unit_test(all_and_false_are_absorbed),
		cmocka_unit_test(joins_of_one_kind_stay_flat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
