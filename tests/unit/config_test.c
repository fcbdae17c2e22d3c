/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Writes down what it is told, one line each. */
static int
note(void *ctx, const struct config_item *item, struct err *err)
{
	struct buf *b = ctx;

	(void)err;
	assert_string_equal(item->file, "f.conf");
	if (item->key == NULL) {
		assert_null(item->value);
		return buf_printf(
		    b, "%d [%s|%s]\n", item->line, item->section, item->name);
	}
	return buf_printf(b, "%d %s|%s|%s=%s;\n", item->line, item->section,
	    item->name, item->key, item->value);
}

static void
assert_items(const char *text, const char *want)
{
	struct buf b = { 0 };
	struct err err = ERR_INIT;

	if (config_parse("f.conf", text, strlen(text), note, &b, &err) != 0)
		fail_msg("%s", err.cause);
	assert_string_equal(buf_str(&b), want);
	buf_done(&b);
}

static void
assert_error(const char *text, size_t len, const char *want)
{
	struct buf b = { 0 };
	struct err err = ERR_INIT;
	char got[1600];

	assert_int_equal(
	    config_parse("f.conf", text, len, note, &b, &err), ERR_FORMAT);
	assert_string_equal(err_text(&err, got, sizeof(got)), want);
	buf_done(&b);
}

static void
keys_come_with_section_and_line(void **state)
{
	(void)state;
	assert_items("", "");
	assert_items("\n\n", "");
	assert_items("a=1", "1 ||a=1;\n");
	assert_items("host = web01\n\n[Scan]\nprune-fs = a b \r\nempty =\n"
		     "[Quota \"db*\"]\n\tK_1\t=\tx = y\n",
	    "1 ||host=web01;\n3 [Scan|]\n4 Scan||prune-fs=a b;\n"
	    "5 Scan||empty=;\n6 [Quota|db*]\n7 Quota|db*|K_1=x = y;\n");
	assert_items("k = 1\nk = 2\n", "1 ||k=1;\n2 ||k=2;\n");
	assert_items("k = \xff\xc3", "1 ||k=\xff\xc3;\n");
}

static void
comments_begin_a_line_or_follow_white_space(void **state)
{
	(void)state;
	assert_items("# all\n; of it\n  # this\n", "");
	assert_items("a = b#c ; d\ne = #\nf = g\t# h\n[S] # i\n",
	    "1 ||a=b#c;\n2 ||e=;\n3 ||f=g;\n4 [S|]\n");
	assert_items("a = b;c\n", "1 ||a=b;c;\n");
}

static void
malformed_lines_are_named(void **state)
{
	static const struct {
		const char *text, *want;
	} bad[] = {
		{ "a\n", "f.conf:1: \"a\": want key = value" },
		{ "\n= b", "f.conf:2: \"= b\": want key = value" },
		{ "a b = c", "f.conf:1: \"a b = c\": want key = value" },
		{ "a#b = c", "f.conf:1: \"a#b = c\": want key = value" },
		{ "[S", "f.conf:1: \"[\" without its \"]\"" },
		{ "[S] a = b", "f.conf:1: a section stands alone in its line" },
		{ "[]", "f.conf:1: section name expected" },
		{ "[ S]", "f.conf:1: section name expected" },
		{ "[S x]",
		    "f.conf:1: section \"S x\": want [Section] or "
		    "[Section \"name\"]" },
		{ "[S \"\"]",
		    "f.conf:1: section \"S \"\"\": want [Section] or "
		    "[Section \"name\"]" },
		{ "[S \"a\"b\"]",
		    "f.conf:1: section name \"a\"b\" holds a "
		    "quote" },
		{ "[S \"a]",
		    "f.conf:1: section \"S \"a\": want [Section] or "
		    "[Section \"name\"]" },
		{ "a = b\na = \033[2J\n\033\n",
		    "f.conf:3: \"?\": want key = value" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_error(bad[i].text, strlen(bad[i].text), bad[i].want);
	assert_error("a = b\0c\n", 8, "f.conf:1: a NUL byte");
}

static int
refuse(void *ctx, const struct config_item *item, struct err *err)
{
	const char *key = ctx;

	if (item->key == NULL)
		return *key == '\0' ? config_unknown(item, err) : 0;
	if (strcmp(item->key, key) == 0)
		return config_unknown(item, err);
	return config_bad(item, err, "\"%s\" will not do", item->value);
}

static void
what_the_taker_refuses_is_named(void **state)
{
	static const struct {
		const char *text, *key, *want;
	} bad[] = {
		{ "x = 1", "x",
		    "f:1: unknown key \"x\" before the first section" },
		{ "[S]\nx = 1", "x", "f:2: unknown key \"x\" in [S]" },
		{ "[S]\n", "", "f:1: unknown section [S]" },
		{ "\n[S \"a\"]\n", "", "f:2: unknown section [S \"a\"]" },
		{ "[S]\n\ny = z", "x", "f:3: y: \"z\" will not do" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = ERR_INIT;
		char got[1600], key[2] = { bad[i].key[0], '\0' };

		assert_int_equal(config_parse("f", bad[i].text,
				     strlen(bad[i].text), refuse, key, &err),
		    ERR_FORMAT);
		assert_string_equal(
		    err_text(&err, got, sizeof(got)), bad[i].want);
	}
}

static struct config_item
item_of(const char *value)
{
	return (struct config_item){ "", "", "key", value, "f", 1 };
}

static void
values_are_booleans_numbers_and_sizes(void **state)
{
	static const struct {
		const char *text;
		int64_t size; /* -1: refused */
	} size[] = { { "0", 0 }, { "512", 512 }, { "64K", 65536 },
		{ "64k", 65536 }, { "10M", 10 << 20 }, { "1T", 1LL << 40 },
		{ "8388607T", 8388607LL << 40 }, { "8388608T", -1 }, { "", -1 },
		{ "K", -1 }, { "1P", -1 }, { "1 K", -1 }, { "-1", -1 },
		{ "1.5G", -1 }, { "1KB", -1 }, { "1\xcb", -1 },
		{ "111111111111111111111111111", -1 } };
	static const char *const yes[] = { "yes", "Yes", "1", "on", "true" };
	static const char *const no[] = { "no", "NO", "0", "off", "false" };
	struct err err = ERR_INIT;
	struct config_item item;
	long long n = 0;
	bool b;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		item = item_of(yes[i]);
		b = false;
		assert_int_equal(config_bool(&item, &b, &err), 0);
		assert_true(b);
		item = item_of(no[i]);
		assert_int_equal(config_bool(&item, &b, &err), 0);
		assert_false(b);
	}
	item = item_of("maybe");
	assert_int_equal(config_bool(&item, &b, &err), ERR_FORMAT);
	assert_string_equal(err.cause, "key: \"maybe\" is not yes or no");
	item = item_of("22");
	assert_int_equal(config_int(&item, 1, 65535, &n, &err), 0);
	assert_int_equal(n, 22);
	item = item_of("65536");
	assert_int_equal(config_int(&item, 1, 65535, &n, &err), ERR_FORMAT);
	assert_string_equal(
	    err.cause, "key: \"65536\" is not a number from 1 to 65535");
	for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		uint64_t v = 42;
		int rc;

		item = item_of(size[i].text);
		rc = config_size(&item, &v, &err);
		assert_int_equal(rc, size[i].size < 0 ? ERR_FORMAT : 0);
		assert_true(v == (rc == 0 ? (uint64_t)size[i].size : 42));
	}
}

static void
values_are_lists_of_words(void **state)
{
	struct strlist list = { 0 };
	struct err err = ERR_INIT;
	struct config_item item = item_of("a  bc\td ");

	(void)state;
	assert_int_equal(config_words(&item, &list, &err), 0);
	item = item_of("");
	assert_int_equal(config_words(&item, &list, &err), 0);
	item = item_of("e");
	assert_int_equal(config_words(&item, &list, &err), 0);
	assert_int_equal(list.n, 4);
	assert_string_equal(list.item[0], "a");
	assert_string_equal(list.item[1], "bc");
	assert_string_equal(list.item[2], "d");
	assert_string_equal(list.item[3], "e");
	strlist_done(&list);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_come_with_section_and_line),
		cmocka_unit_test(comments_begin_a_line_or_follow_white_space),
		cmocka_unit_test(malformed_lines_are_named),
		cmocka_unit_test(what_the_taker_refuses_is_named),
		cmocka_unit_test(values_are_booleans_numbers_and_sizes),
		cmocka_unit_test(values_are_lists_of_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
