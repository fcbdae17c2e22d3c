/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
a_cause_is_wrapped_in_where_it_happened(void **state)
{
	struct err err = ERR_INIT;
	char text[1600];

	(void)state;
	errno = EACCES;
	assert_int_equal(err_sys(&err, "open %s", "x"), ERR_SYS);
	assert_int_equal(err.sys, EACCES);
	assert_int_equal(err_wrap(&err, "segment %d", 4), ERR_SYS);
	assert_int_equal(err_wrap(&err, "store /a"), ERR_SYS);
	assert_string_equal(err_text(&err, text, sizeof(text)),
	    "store /a: segment 4: open x: Permission denied");
	assert_int_equal(err_set(&err, ERR_BUSY, "again"), ERR_BUSY);
	assert_int_equal(err.sys, 0);
	assert_string_equal(err_text(&err, text, sizeof(text)), "again");
	assert_int_equal(err_nomem(&err), ERR_NOMEM);
	err_clear(&err);
	assert_string_equal(err_text(&err, text, sizeof(text)), "");
}

static void
the_cause_is_never_pushed_out(void **state)
{
	struct err err = ERR_INIT;
	char text[1600], big[3000];

	(void)state;
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(err_set(&err, ERR_FORMAT, "the cause"), ERR_FORMAT);
	assert_int_equal(err_wrap(&err, "inner"), ERR_FORMAT);
	for (int i = 0; i < 3; i++)
		assert_int_equal(err_wrap(&err, "%s", big), ERR_FORMAT);
	(void)err_text(&err, text, sizeof(text));
	assert_non_null(strstr(text, "inner: the cause"));
	errno = ENOSPC;
	(void)err_sys(&err, "%s", big);
	assert_non_null(strstr(err.cause, "xxx...: No space left on device"));
	assert_int_equal(strlen(err.cause), sizeof(err.cause) - 1);
	(void)err_set(&err, ERR_FORMAT, "%s", big);
	assert_int_equal(strlen(err.cause), sizeof(err.cause) - 1);
}

static void
control_bytes_do_not_pass(void **state)
{
	struct err err = ERR_INIT;
	char text[16];

	(void)state;
	(void)err_set(&err, ERR_FORMAT, "a\n\033[2J\177b\xc3\xbc");
	assert_string_equal(
	    err_text(&err, text, sizeof(text)), "a??[2J?b\xc3\xbc");
	assert_string_equal(err_text(&err, text, 3), "a?");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cause_is_wrapped_in_where_it_happened),
		cmocka_unit_test(the_cause_is_never_pushed_out),
		cmocka_unit_test(control_bytes_do_not_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
