/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

static void
the_common_prefix_is_that_of_a_byte_by_byte_look(void **state)
{
	char a[40], b[40];

	(void)state;
	for (size_t alen = 0; alen <= sizeof(a); alen++)
		for (size_t blen = 0; blen <= sizeof(b); blen++)
			for (size_t differ = 0; differ <= sizeof(a); differ++) {
				size_t n = alen < blen ? alen : blen;

				memset(a, 'x', sizeof(a));
				memset(b, 'x', sizeof(b));
				if (differ < sizeof(a))
					b[differ] = 'y';
				assert_int_equal(path_common(a, alen, b, blen),
				    differ < n ? differ : n);
			}
}

static void
the_slash_comes_before_every_other_byte(void **state)
{
	static const char *const sorted[] = { "/", "/a", "/a/\x01", "/a/b",
		"/a/b/\x01", "/a\x01", "/a!", "/a-b", "/a-b/c", "/aa", "/b",
		"/\xff" };
	size_t n = sizeof(sorted) / sizeof(sorted[0]);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			int c = path_cmp(sorted[i], strlen(sorted[i]),
			    sorted[k], strlen(sorted[k]));

			assert_true((c < 0) == (i < k));
			assert_true((c == 0) == (i == k));
		}
}

static void
parents_and_what_lies_below(void **state)
{
	(void)state;
	assert_int_equal(path_parent_len("/", 1), 0);
	assert_int_equal(path_parent_len("/a", 2), 1);
	assert_int_equal(path_parent_len("/a/b", 4), 2);
	assert_true(path_below("/a", 2, "/", 1));
	assert_false(path_below("/", 1, "/", 1));
	assert_true(path_below("/a/b", 4, "/a", 2));
	assert_false(path_below("/a", 2, "/a", 2));
	assert_false(path_below("/ab", 3, "/a", 2));
}

static void
only_paths_are_valid(void **state)
{
	static const struct {
		const char *path;
		size_t len;
		bool valid;
	} cases[] = { { "/", 1, true }, { "/a", 2, true }, { "", 0, false },
		{ "a", 1, false }, { "/a/", 3, false }, { "//", 2, false },
		{ "/a//b", 5, false }, { "/a\0b", 4, false },
		{ "/\xff\x01", 3, true }, { "/..", 3, true } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    path_is_valid(cases[i].path, cases[i].len), cases[i].valid);
}

static void
slashes_at_the_end_are_left_off(void **state)
{
	(void)state;
	assert_int_equal(path_trim("/a//", 4), 2);
	assert_int_equal(path_trim("/a", 2), 2);
	assert_int_equal(path_trim("/", 1), 1);
	assert_int_equal(path_trim("///", 3), 1);
	assert_int_equal(path_trim("", 0), 0);
}

static void
names_become_paths(void **state)
{
	static const char *const cases[][2] = { { "", "/" }, { ".", "/" },
		{ "/", "/" }, { "./", "/" }, { "///", "/" }, { "/./.", "/" },
		{ "a", "/a" }, { "./a", "/a" }, { "/a", "/a" }, { "a/", "/a" },
		{ ".//a//b///", "/a/b" }, { "a/./b/.", "/a/b" },
		{ "../a", "/../a" }, { "a/..", "/a/.." }, { "..", "/.." },
		{ ".a", "/.a" }, { "a.", "/a." }, { "...", "/..." },
		{ "\xff/\x01", "/\xff/\x01" } };
	char to[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i][0]);
		size_t n = path_normalise(to, cases[i][0], len);

		assert_true(n <= len + 1);
		assert_int_equal(n, strlen(cases[i][1]));
		assert_memory_equal(to, cases[i][1], n);
		assert_true(path_is_valid(to, n));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_common_prefix_is_that_of_a_byte_by_byte_look),
		cmocka_unit_test(the_slash_comes_before_every_other_byte),
		cmocka_unit_test(parents_and_what_lies_below),
		cmocka_unit_test(only_paths_are_valid),
		cmocka_unit_test(slashes_at_the_end_are_left_off),
		cmocka_unit_test(names_become_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
