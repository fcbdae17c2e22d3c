/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/hint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
asks(const char *root, const char *words, const char *want, bool names_only)
{
	struct buf path = { 0 };
	bool only = false;

	assert_int_equal(
	    hint_probe(&path, root, words, strlen(words), &only), want != NULL);
	if (want != NULL) {
		assert_string_equal(buf_str(&path), want);
		assert_int_equal(only, names_only);
	}
	buf_done(&path);
}

static void
an_absolute_path_is_asked_for_as_it_is(void **state)
{
	(void)state;
	asks("", "/tmp/x", "/tmp/x", false);
	asks("/srv", "/tmp/x", "/tmp/x", false);
	asks("", "/tmp/", "/tmp/x", false);
	asks("", "/tmp", "/tmp", false);
	asks("", "//tmp///a", "/tmp/a", false);
}

static void
a_directory_in_the_middle_is_asked_for_below_the_root(void **state)
{
	(void)state;
	asks("", ".git/config", "/.git/config", true);
	asks("/srv", ".git/", "/srv/.git/x", true);
}

static void
a_name_alone_asks_nothing(void **state)
{
	(void)state;
	asks("", "config", NULL, false);
	asks("", "/", NULL, false);
	asks("", "", NULL, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_absolute_path_is_asked_for_as_it_is),
		cmocka_unit_test(
		    a_directory_in_the_middle_is_asked_for_below_the_root),
		cmocka_unit_test(a_name_alone_asks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
