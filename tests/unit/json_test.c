/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
an_empty_object_is_a_line(void **state)
{
	struct buf b = { 0 };
	struct json j = json_begin(&b);

	(void)state;
	assert_int_equal(json_end(&j), 0);
	assert_string_equal(buf_str(&b), "{}\n");
	buf_done(&b);
}

static void
members_of_all_kinds_follow_one_another(void **state)
{
	struct buf b = { 0 };
	struct json j = json_begin(&b);

	(void)state;
	json_string(&j, "s", "a\"b\n");
	json_text(&j, "t", "abc", 2);
	json_int(&j, "i", INT64_MIN);
	json_uint(&j, "u", UINT64_MAX);
	json_open(&j, "o");
	json_bool(&j, "yes", true);
	json_open(&j, "empty");
	json_close(&j);
	json_close(&j);
	json_null(&j, "n");
	assert_int_equal(json_end(&j), 0);
	assert_string_equal(buf_str(&b),
	    "{\"s\":\"a\\\"b\\n\",\"t\":\"ab\",\"i\":-9223372036854775808,"
	    "\"u\":18446744073709551615,\"o\":{\"yes\":true,\"empty\":{}},"
	    "\"n\":null}\n");
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_object_is_a_line),
		cmocka_unit_test(members_of_all_kinds_follow_one_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
