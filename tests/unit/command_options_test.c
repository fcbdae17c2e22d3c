/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command_options.h"

#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "indexer/commands.h"

#define ARGS_MAX 8

static const char *file, *from, *each[COMMAND_TEXTS_MAX + 1];
static bool force;
static int status, first;

/* ret_first as command_options takes it. */
static int
parse_words(int *ret_first, int argc, char **argv)
{
	static const struct command_option options[] = {
		{ "file", &file, NULL },
		{ "x,force", NULL, &force },
		{ "f,from", &from, NULL },
		{ "+each", each, NULL },
		{ NULL, NULL, NULL },
	};

	file = from = NULL;
	memset(each, 0, sizeof(each));
	force = false;
	status = first = -1;
	optind = 0; /* a command line of its own */
	return command_options(
	    options, "help\n", argc, argv, ret_first, &status);
}

/* The words end with NULL. */
static int
parse(int *ret_first, ...)
{
	char *argv[ARGS_MAX + 2] = { (char *)(uintptr_t) "lindex test" };
	int argc = 1;
	va_list ap;

	va_start(ap, ret_first);
	while ((argv[argc] = va_arg(ap, char *)) != NULL)
		assert_true(argc++ < ARGS_MAX);
	va_end(ap);
	return parse_words(ret_first, argc, argv);
}

static void
what_is_given_is_set(void **state)
{
	(void)state;
	assert_int_equal(parse(NULL, NULL), 0);
	assert_null(file);
	assert_false(force);
	assert_int_equal(parse(NULL, "--force", "--file", "x", NULL), 0);
	assert_string_equal(file, "x");
	assert_true(force);
	assert_int_equal(parse(NULL, "-xf", "y", NULL), 0);
	assert_string_equal(from, "y");
	assert_true(force);
	assert_int_equal(parse(NULL, "--from", "z", NULL), 0);
	assert_string_equal(from, "z");
	assert_int_equal(parse(NULL, "--file=", NULL), 0);
	assert_string_equal(file, "");
}

static void
the_last_of_two_counts(void **state)
{
	(void)state;
	assert_int_equal(parse(NULL, "--file", "x", "--file=y", NULL), 0);
	assert_string_equal(file, "y");
}

static void
of_some_all_count(void **state)
{
	char word[] = "--each=x";
	char *argv[COMMAND_TEXTS_MAX + 3] = { (
	    char *)(uintptr_t) "lindex test" };

	(void)state;
	assert_int_equal(
	    parse(&first, "--each", "x", "--each=y", "--each", "x", "a", NULL),
	    0);
	assert_string_equal(each[0], "x");
	assert_string_equal(each[1], "y");
	assert_string_equal(each[2], "x");
	assert_null(each[3]);
	assert_int_equal(first, 6);
	for (int n = COMMAND_TEXTS_MAX; n <= COMMAND_TEXTS_MAX + 1; n++) {
		for (int i = 1; i <= n; i++)
			argv[i] = word;
		argv[n + 1] = NULL;
		assert_int_equal(
		    parse_words(NULL, n + 1, argv), n > COMMAND_TEXTS_MAX);
	}
	assert_non_null(each[COMMAND_TEXTS_MAX - 1]);
	assert_null(each[COMMAND_TEXTS_MAX]);
}

static void
arguments_are_for_who_wants_some(void **state)
{
	(void)state;
	assert_int_equal(parse(&first, "a", "--force", "b", NULL), 0);
	assert_int_equal(first, 2);
	assert_true(force);
	assert_int_equal(parse(&first, "--", "--force", NULL), 0);
	assert_int_equal(first, 2);
	assert_false(force);
	assert_int_equal(parse(NULL, "--force", "a", NULL), 1);
	assert_int_equal(status, LINDEX_ERROR);
}

static void
what_is_no_option_is_refused(void **state)
{
	(void)state;
	assert_int_equal(parse(&first, "--what", NULL), 1);
	assert_int_equal(status, LINDEX_ERROR);
	assert_int_equal(parse(&first, "--file", NULL), 1);
	assert_int_equal(status, LINDEX_ERROR);
	assert_int_equal(parse(&first, "--force=1", NULL), 1);
	assert_int_equal(status, LINDEX_ERROR);
	assert_int_equal(parse(&first, "-f", NULL), 1);
	assert_int_equal(status, LINDEX_ERROR);
}

static void
help_is_all_that_is_done(void **state)
{
	(void)state;
	assert_int_equal(parse(NULL, "--help", "--what", NULL), 1);
	assert_int_equal(status, LINDEX_DONE);
	assert_int_equal(parse(NULL, "-h", NULL), 1);
	assert_int_equal(status, LINDEX_DONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_given_is_set),
		cmocka_unit_test(the_last_of_two_counts),
		cmocka_unit_test(of_some_all_count),
		cmocka_unit_test(arguments_are_for_who_wants_some),
		cmocka_unit_test(what_is_no_option_is_refused),
		cmocka_unit_test(help_is_all_that_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
