/*
 * Names of hosts and series, and the files that are named for them.
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

#include <string.h>

#include "store/store.h"

static void
names_are_what_the_manual_says(void **state)
{
	char longest[260], series[1200];

	(void)state;
	assert_true(host_name_is_valid("web01"));
	assert_true(host_name_is_valid("0.a_b-c"));
	assert_false(host_name_is_valid(""));
	assert_false(host_name_is_valid("-a"));
	assert_false(host_name_is_valid(".."));
	assert_false(host_name_is_valid("a/b"));
	assert_false(host_name_is_valid("a b"));
	assert_false(host_name_is_valid("\xc3\xa4"));
	memset(longest, 'a', sizeof(longest));
	longest[254] = '\0';
	assert_false(host_name_is_valid(longest));
	longest[253] = '\0';
	assert_true(host_name_is_valid(longest));
	assert_true(series_name_is_valid("a/b/c.d"));
	assert_false(series_name_is_valid("a//b"));
	assert_false(series_name_is_valid("a/.b"));
	assert_false(series_name_is_valid("a/b/"));
	for (size_t i = 0; i < 1100; i++)
		series[i] = i % 2 == 0 ? 'a' : '/';
	series[1025] = '\0';
	assert_false(series_name_is_valid(series));
	series[1023] = '\0';
	assert_true(series_name_is_valid(series));
}

static void
long_series_have_files_too(void **state)
{
	char a[300], b[300];
	struct series_lock *one, *two;
	struct buf path = { 0 };

	(void)state;
	memset(a, 'a', sizeof(a));
	a[150] = '/';
	a[299] = '\0';
	memcpy(b, a, sizeof(b));
	b[298] = 'b';
	assert_int_equal(series_lock_take(&one, store, a, "x", 0, &err), 0);
	assert_int_equal(series_lock_take(&two, store, b, "x", 0, &err), 0);
	series_lock_release(one);
	series_lock_release(two);
	assert_int_equal(series_path(store, "web01/x", ".scan", &path), 0);
	assert_string_equal(buf_str(&path),
	    scratch_path(&scratch, "store/series/web01+x.scan"));
	buf_done(&path);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_store, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(names_are_what_the_manual_says),
		TEST(long_series_have_files_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
