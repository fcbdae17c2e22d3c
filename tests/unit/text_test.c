/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
assert_quoted(const char *in, size_t len, const char *want)
{
	struct buf b = { 0 };

	assert_int_equal(text_quote(&b, in, len), 0);
	assert_string_equal(buf_str(&b), want);
	buf_done(&b);
}

static void
hostile_bytes_are_quoted(void **state)
{
	(void)state;
	assert_quoted("", 0, "");
	assert_quoted("/a b/c.txt", 10, "/a b/c.txt");
	assert_quoted("a\nb\tc\\d\r\0e", 10, "a\\nb\\tc\\\\d\\x0d\\x00e");
	assert_quoted("\033[2J\177", 5, "\\x1b[2J\\x7f");
	assert_quoted("gr\xc3\xbc\xc3\x9f", 6, "gr\xc3\xbc\xc3\x9f");
	assert_quoted("\xf0\x9f\x98\x80", 4, "\xf0\x9f\x98\x80");
	/* C1 control, right-to-left override, zero width space, BOM, tag */
	assert_quoted("\xc2\x9b", 2, "\\xc2\\x9b");
	assert_quoted("\xe2\x80\xae", 3, "\\xe2\\x80\\xae");
	assert_quoted("\xe2\x80\x8b", 3, "\\xe2\\x80\\x8b");
	assert_quoted("\xef\xbb\xbf", 3, "\\xef\\xbb\\xbf");
	assert_quoted("\xf3\xa0\x81\x81", 4, "\\xf3\\xa0\\x81\\x81");
	/* overlong, surrogate, above U+10FFFF, cut, lone continuation */
	assert_quoted("\xc0\xaf", 2, "\\xc0\\xaf");
	assert_quoted("\xe0\x80\xaf", 3, "\\xe0\\x80\\xaf");
	assert_quoted("\xed\xa0\x80", 3, "\\xed\\xa0\\x80");
	assert_quoted("\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80");
	assert_quoted("\xc3", 1, "\\xc3");
	assert_quoted("\xe2\x82z", 3, "\\xe2\\x82z");
	assert_quoted("\x80z", 2, "\\x80z");
}

static void
messages_keep_their_backslashes(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(text_tame(&b, "a\\x1b \033", 7), 0);
	assert_string_equal(buf_str(&b), "a\\x1b \\x1b");
	buf_done(&b);
}

static void
utf8_is_told_from_other_bytes(void **state)
{
	(void)state;
	assert_true(text_is_utf8("", 0));
	assert_true(text_is_utf8("a\xc3\xbc\xe2\x82\xac", 6));
	assert_false(text_is_utf8("a\xff", 2));
	assert_false(text_is_utf8("a\xe2\x82", 3));
	assert_false(text_is_utf8("\xed\xbf\xbf", 3));
}

static void
json_strings_are_escaped(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(text_json(&b, "a\"b\\c\n\t\x01\x7f\xc3\xbc", 11), 0);
	assert_string_equal(
	    buf_str(&b), "\"a\\\"b\\\\c\\n\\t\\u0001\\u007f\xc3\xbc\"");
	buf_done(&b);
}

static void
base64_is_as_in_the_rfc(void **state)
{
	static const char *const vector[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xff\xfe\xfd", "//79" },
		{ "\xfb\xef\xbe", "++++" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vector) / sizeof(vector[0]); i++) {
		struct buf b = { 0 };

		assert_int_equal(
		    text_base64(&b, vector[i][0], strlen(vector[i][0])), 0);
		assert_string_equal(buf_str(&b), vector[i][1]);
		buf_done(&b);
	}
}

static void
sizes_have_at_most_five_characters(void **state)
{
	char t[TEXT_SIZE];

	(void)state;
	assert_string_equal(text_size(0, t), "0");
	assert_string_equal(text_size(999, t), "999");
	assert_string_equal(text_size(1000, t), "1.0K");
	assert_string_equal(text_size(1536, t), "1.5K");
	assert_string_equal(text_size(12 * 1024, t), "12K");
	assert_string_equal(text_size(999 * 1024, t), "999K");
	assert_string_equal(text_size(1023 * 1024, t), "1.0M");
	assert_string_equal(text_size(3650722202, t), "3.4G");
	assert_string_equal(text_size(UINT64_MAX, t), "16E");
	for (unsigned bit = 0; bit < 64; bit++)
		for (int d = -100; d <= 100; d++)
			assert_true(
			    strlen(text_size(
				(UINT64_C(1) << bit) + (uint64_t)d, t)) <= 5);
}

static void
integers_are_digits_within_bounds(void **state)
{
	long long v = -1;

	(void)state;
	assert_true(text_int("0", 0, 9, &v) && v == 0);
	assert_true(text_int("9223372036854775807", 0, INT64_MAX, &v) &&
	    v == INT64_MAX);
	assert_true(text_int("007", 0, 9, &v) && v == 7);
	v = -1;
	assert_false(text_int("", 0, 9, &v));
	assert_false(text_int("10", 0, 9, &v));
	assert_false(text_int("0", 1, 9, &v));
	assert_false(text_int("-1", -9, 9, &v));
	assert_false(text_int(" 1", 0, 9, &v));
	assert_false(text_int("1 ", 0, 9, &v));
	assert_false(text_int("0x1", 0, 9, &v));
	assert_false(text_int("9223372036854775808", 0, INT64_MAX, &v));
	assert_int_equal(v, -1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_bytes_are_quoted),
		cmocka_unit_test(messages_keep_their_backslashes),
		cmocka_unit_test(utf8_is_told_from_other_bytes),
		cmocka_unit_test(json_strings_are_escaped),
		cmocka_unit_test(base64_is_as_in_the_rfc),
		cmocka_unit_test(sizes_have_at_most_five_characters),
		cmocka_unit_test(integers_are_digits_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
