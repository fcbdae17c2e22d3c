/*
 * References as people and lsearch write them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "base/when.h"

#define NOW (INT64_C(1795300000) * NS_PER_S)

static struct err err;

static int
setup(void **state)
{
	(void)state;
	(void)setenv("TZ", "UTC", 1);
	err_clear(&err);
	return 0;
}

static int64_t
at(const char *text)
{
	int64_t ns;

	assert_int_equal(when_parse(text, NOW, WHEN_END, &ns, &err), 0);
	return ns;
}

/* What these bytes are a reference to. */
static void
is_bytes(const char *text, size_t len, const char *series, const char *path,
    enum moment_kind kind, const char *time)
{
	struct reference r;

	if (reference_parse(&r, text, len, NOW, &err) != 0)
		fail_msg("%s: %s", text, err.cause);
	assert_string_equal(r.series, series);
	assert_string_equal(r.path, path);
	assert_int_equal(r.len, strlen(path));
	assert_int_equal(r.moment.kind, kind);
	if (time != NULL)
		assert_int_equal(r.moment.ns, at(time));
	reference_done(&r);
}

static void
is(const char *text, const char *series, const char *path,
    enum moment_kind kind, const char *time)
{
	is_bytes(text, strlen(text), series, path, kind, time);
}

static void
a_reference_is_split_at_its_first_colon_and_slash(void **state)
{
	(void)state;
	is("web01:/etc/fstab", "web01", "/etc/fstab", MOMENT_LAST, NULL);
	is("web01/backup/etc:/a:/b", "web01/backup/etc", "/a:/b", MOMENT_LAST,
	    NULL);
	is("web01:/a@b", "web01", "/a@b", MOMENT_LAST, NULL);
	is("web01:/etc//", "web01", "/etc", MOMENT_LAST, NULL);
	is("web01:/", "web01", "/", MOMENT_LAST, NULL);
	is("web01@2026-11-20:/x", "web01", "/x", MOMENT_AT, "2026-11-20");
	is("web01@2026-11-20T13:00:05.25Z:/x", "web01", "/x", MOMENT_AT,
	    "2026-11-20T13:00:05.25Z");
	is("web01@3 days ago:/x", "web01", "/x", MOMENT_AT, "3 days ago");
}

#define DATES "2026-11-02 01:40:00\t2026-11-20 01:41:07\t"

static void
a_line_of_a_pipe_tells_when_it_was_seen(void **state)
{
	(void)state;
	is(DATES "deleted\t2\t743\tweb01:/etc/fstab", "web01", "/etc/fstab",
	    MOMENT_UNTIL, "2026-11-20 01:41:07");
	is(DATES "present\t1\t-\tweb01:/a\tb\tweb02:/c", "web01",
	    "/a\tb\tweb02:/c", MOMENT_UNTIL, "2026-11-20 01:41:07");
	is(DATES "present\t1\t5\tlive\tweb01:/a", "web01", "/a", MOMENT_UNTIL,
	    NULL);
	is(DATES "present\t1\t5\tarchive b1:/b/x:/y.tar (gone)\tweb01:/a",
	    "web01", "/a", MOMENT_UNTIL, NULL);
	is(DATES "present\t1\t5\tweb01@2026-11-19:/a\\n", "web01", "/a\\n",
	    MOMENT_AT, "2026-11-19");
}

static void
a_line_of_a_terminal_is_unquoted(void **state)
{
	(void)state;
	is("2026-11-02 01:40  2026-11-20 01:41  deleted   2    743  "
	   "web01:/a\\nb\\x1b\\\\\\xff  c",
	    "web01", "/a\nb\033\\\xff  c", MOMENT_UNTIL, "2026-11-20 01:41");
	is("2026-11-02 01:40  2026-11-20 01:41  \033[31mdeleted\033[0m   2    "
	   "743  web01:/a\r",
	    "web01", "/a", MOMENT_UNTIL, "2026-11-20 01:41");
	is("2026-11-02 01:40  2026-11-20 01:41  present   2    743  live      "
	   "web01:/a",
	    "web01", "/a", MOMENT_UNTIL, NULL);
	is("2026-11-02 01:40  2026-11-20 01:41  present   2      -  "
	   "archive /b/x\\x20y.tar (gone)  web01@2026-11-19:/a",
	    "web01", "/a", MOMENT_AT, "2026-11-19");
}

static void
a_line_of_json_is_taken_by_its_ref(void **state)
{
	(void)state;
	is("{\"v\":1,\"type\":\"hit\",\"path\":\"/no\",\"ref\":\"web01:/"
	   "a\\u00e9"
	   "\\ud83d\\ude00\\n\\\"\",\"last_seen\":\"2026-11-20T01:41:00Z\","
	   "\"versions\":[{\"ref\":\"web02:/b\",\"x\":[1,{}]},null],\"n\":-1}",
	    "web01", "/a\xc3\xa9\xf0\x9f\x98\x80\n\"", MOMENT_UNTIL,
	    "2026-11-20T01:41:00Z");
	is("{\"ref_b64\":\"d2ViMDE6L2H/\"}", "web01", "/a\xff", MOMENT_LAST,
	    NULL);
}

static void
what_a_terminal_may_have_quoted_is_known_both_ways(void **state)
{
	struct reference r;
	const char text[] = "web01:/a\\nb";

	(void)state;
	assert_int_equal(reference_parse(&r, text, strlen(text), NOW, &err), 0);
	assert_string_equal(r.path, "/a\\nb");
	assert_string_equal(r.unquoted, "/a\nb");
	assert_int_equal(r.unquoted_len, 4);
	reference_done(&r);
}

static void
any_bytes_come_back_from_a_terminal(void **state)
{
	(void)state;
	srandom(7);
	for (int i = 0; i < 300; i++) {
		char path[40] = "/";
		struct buf line = { 0 };
		size_t len = 1 + (size_t)random() % 30;

		for (size_t k = 1; k < len; k++)
			do
				path[k] = (char)random();
			while (path[k] == '\0' || path[k] == '/');
		assert_int_equal(
		    buf_add_str(&line,
			"2026-11-02 01:40  2026-11-20 01:41  present   1  "
			"    0  "),
		    0);
		assert_int_equal(text_quote(&line, "web01:", 6), 0);
		assert_int_equal(text_quote(&line, path, len), 0);
		is_bytes(buf_str(&line), line.len, "web01", path, MOMENT_UNTIL,
		    NULL);
		buf_done(&line);
	}
}

static void
lines_without_a_reference_are_passed_over(void **state)
{
	static const char *const lines[] = { "", "\r",
		"first seen        last seen         state   ver   size  where",
		"\033[2mfirst seen        last seen\033[0m\r",
		"{\"v\":1,\"type\":\"summary\",\"hits\":2}" };
	struct reference r;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_int_equal(
		    reference_parse(&r, lines[i], strlen(lines[i]), NOW, &err),
		    1);
}

static void
what_is_none_is_told(void **state)
{
	static const char *const wrong[] = { "fstab", "/etc/fstab", "web01:etc",
		":/etc", "we b:/etc", "../x:/etc", "web01:/a//b",
		"web01@nonsense:/x", "web01@:/x", DATES "deleted\t2",
		DATES "deleted\t2\t743\tnothing", "{", "{}", "{\"ref\":\"x\"}",
		"{\"ref\":\"web01:/a\"", "{\"ref_b64\":\"?\"}", "{\"a\":[[[[",
		"{\"ref\":\"\\ud800\"}",
		"2026-11-02 01:40  2026-11-20 01:41  present   1  5",
		"2026-11-02 01:40  2026-11-20 01:41  present  1  5  w:/\\q" };
	struct reference r;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (reference_parse(
			&r, wrong[i], strlen(wrong[i]), NOW, &err) != ERR_USAGE)
			fail_msg("%s is taken", wrong[i]);
		assert_true(err.cause[0] != '\0');
	}
	/* A NUL is in no path. */
	assert_int_equal(
	    reference_parse(&r, "web01:/a\0b", 10, NOW, &err), ERR_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_reference_is_split_at_its_first_colon_and_slash),
		cmocka_unit_test(a_line_of_a_pipe_tells_when_it_was_seen),
		cmocka_unit_test(a_line_of_a_terminal_is_unquoted),
		cmocka_unit_test(a_line_of_json_is_taken_by_its_ref),
		cmocka_unit_test(
		    what_a_terminal_may_have_quoted_is_known_both_ways),
		cmocka_unit_test(any_bytes_come_back_from_a_terminal),
		cmocka_unit_test(lines_without_a_reference_are_passed_over),
		cmocka_unit_test(what_is_none_is_told),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
