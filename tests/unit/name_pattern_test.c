/*
 * What the names of backups say.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "indexer/name_pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/when.h"

/* "host|set|date" of a path, "no" where the pattern does not match. */
static const char *
said(const char *pattern, const char *path)
{
	static char text[256];
	struct err err = ERR_INIT;
	struct name_match m;
	char when[WHEN_TEXT] = "-";

	assert_int_equal(name_pattern_check(pattern, &err), 0);
	if (!name_pattern_match(pattern, path, &m))
		return "no";
	if (m.has_date)
		(void)when_text(m.date_ns, when);
	(void)snprintf(text, sizeof(text), "%.*s|%.*s|%s|%.*s", (int)m.host.len,
	    path + m.host.at, (int)m.set.len, path + m.set.at, when,
	    (int)m.date.len, path + m.date.at);
	return text;
}

static void
host_set_and_date_are_told_apart(void **state)
{
	(void)state;
	assert_string_equal(
	    said("{host}/{date}.tar.*", "web01/2026-11-20.tar.zst"),
	    "web01||2026-11-20 00:00:00|2026-11-20");
	assert_string_equal(said("%y%m%d-{host}.db", "131120-web-01.x.db"),
	    "web-01.x||2013-11-20 00:00:00|131120");
	assert_string_equal(said("{host}/{set}-%Y%m%d-%H%M.qcow2",
				"a/root-fs-20261120-0130.qcow2"),
	    "a|root-fs|2026-11-20 01:30:00|20261120-0130");
	assert_string_equal(
	    said("**/{host}/*/{set}.tar", "x/y/h/z/etc.tar"), "h|etc|-|");
	assert_string_equal(said("{host}-%s.img", "h-86400.img"),
	    "h||1970-01-02 00:00:00|86400");
	assert_string_equal(said("{host}.%d%b%Y", "h.01Nov2026"),
	    "h||2026-11-01 00:00:00|01Nov2026");
	assert_string_equal(said("{host}-%Y-%j", "h-2024-366"),
	    "h||2024-12-31 00:00:00|2024-366");
	assert_string_equal(said("100%%-{host}?x", "100%-hx"), "no");
	assert_string_equal(said("100%%-{host}?x", "100%-h1x"), "h||-|");
}

static void
a_date_is_as_long_as_it_can_be(void **state)
{
	(void)state;
	assert_string_equal(
	    said("{host}-{date}.img", "web-20261120-013005.img"),
	    "web||2026-11-20 01:30:05|20261120-013005");
	assert_string_equal(said("{host}-{date}.img", "web-01-2026-11-20.img"),
	    "web-01||2026-11-20 00:00:00|2026-11-20");
	assert_string_equal(said("{date}.img", "2026-11-20T01:30.img"),
	    "||2026-11-20 01:30:00|2026-11-20T01:30");
	assert_string_equal(
	    said("{date}*", "2026112099"), "||2026-11-20 00:00:00|20261120");
	assert_string_equal(
	    said("{date}", "261120"), "||2026-11-20 00:00:00|261120");
}

static void
what_does_not_match_says_nothing(void **state)
{
	char many[200];

	(void)state;
	assert_string_equal(said("{host}.tar", "a/b.tar"), "no");
	assert_string_equal(said("*.tar", "a/b.tar"), "no");
	assert_string_equal(said("?", "/"), "no");
	assert_string_equal(said("{date}", "2026-02-30"), "no");
	assert_string_equal(said("{date}", "2026-13-01"), "no");
	assert_string_equal(said("%Y%m%d%H%M", "202611202460"), "no");
	assert_string_equal(said("%Y-%j", "2026-366"), "no");
	assert_string_equal(said("{host}", "-x"), "no");
	assert_string_equal(said("{host}x", "x"), "no");
	assert_string_equal(said("", "x"), "no");
	/* Many stars on a long name come to an end. */
	memset(many, 'a', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	assert_string_equal(said("*a*a*a*a*a*a*a*a*a*a*a*b", many), "no");
}

static void
wrong_patterns_are_refused(void **state)
{
	static const char *const wrong[] = { "{hots}", "{host}{host}", "%Q",
		"%", "%Y-%m", "%H", "{date}%Y%m%d", "%Y%m%d{date}", "%y%Y%m%d",
		"{", "a}" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(name_pattern_check(wrong[i], &err), ERR_USAGE);
		assert_non_null(strstr(err.cause, wrong[i]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_set_and_date_are_told_apart),
		cmocka_unit_test(a_date_is_as_long_as_it_can_be),
		cmocka_unit_test(what_does_not_match_says_nothing),
		cmocka_unit_test(wrong_patterns_are_refused),
	};

	(void)setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
