/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/wall.h"
#include "base/when.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* 2026-11-21 13:00:05.5 UTC */
#define NOW INT64_C(1795266005500000000)

static void
zone_is(const char *tz)
{
	assert_int_equal(setenv("TZ", tz, 1), 0);
	tzset();
}

static int64_t
parsed(const char *text, enum when_edge edge)
{
	struct err err = ERR_INIT;
	int64_t ns = 0;

	if (when_parse(text, NOW, edge, &ns, &err) != 0)
		fail_msg("%s: %s", text, err.cause);
	return ns;
}

static void
assert_span(const char *text, const char *first, const char *last)
{
	char got[WHEN_TEXT];

	assert_string_equal(when_rfc3339(parsed(text, WHEN_START), got), first);
	assert_string_equal(when_rfc3339(parsed(text, WHEN_END), got), last);
}

static void
assert_refused(const char *text, const char *reason)
{
	struct err err = ERR_INIT;
	int64_t ns = 42;

	assert_int_equal(
	    when_parse(text, NOW, WHEN_START, &ns, &err), ERR_USAGE);
	assert_int_equal(ns, 42);
	if (strstr(err.cause, reason) == NULL)
		fail_msg("%s: %s, not %s", text, err.cause, reason);
}

static void
a_time_stands_for_its_first_or_last_nanosecond(void **state)
{
	(void)state;
	zone_is("UTC");
	assert_span("2026-11-01", "2026-11-01T00:00:00Z",
	    "2026-11-01T23:59:59.999999999Z");
	assert_span(" 2026-11-01 13:00 ", "2026-11-01T13:00:00Z",
	    "2026-11-01T13:00:59.999999999Z");
	assert_span("2026-11-01 13:00:05", "2026-11-01T13:00:05Z",
	    "2026-11-01T13:00:05.999999999Z");
	assert_span("2026-11-01T13:00:05.25Z", "2026-11-01T13:00:05.25Z",
	    "2026-11-01T13:00:05.259999999Z");
	assert_span("2026-11-01T13:00:05.123456789+01:30",
	    "2026-11-01T11:30:05.123456789Z", "2026-11-01T11:30:05.123456789Z");
	assert_span("2026-11-01 13:00 -0130", "2026-11-01T14:30:00Z",
	    "2026-11-01T14:30:59.999999999Z");
	assert_span("2024-02-29", "2024-02-29T00:00:00Z",
	    "2024-02-29T23:59:59.999999999Z");
	assert_span(
	    "@0", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.999999999Z");
	assert_span(
	    "@1.5", "1970-01-01T00:00:01.5Z", "1970-01-01T00:00:01.599999999Z");
	assert_span(
	    "@-1", "1969-12-31T23:59:59Z", "1969-12-31T23:59:59.999999999Z");
	assert_span("@-1.25", "1969-12-31T23:59:58.75Z",
	    "1969-12-31T23:59:58.759999999Z");
	assert_span(
	    "today", "2026-11-21T00:00:00Z", "2026-11-21T23:59:59.999999999Z");
	assert_span("Yesterday", "2026-11-20T00:00:00Z",
	    "2026-11-20T23:59:59.999999999Z");
	assert_span("now", "2026-11-21T13:00:05.5Z", "2026-11-21T13:00:05.5Z");
}

static void
times_ago_go_back_on_the_calendar(void **state)
{
	(void)state;
	zone_is("UTC");
	assert_span(
	    "3 days ago", "2026-11-18T13:00:05.5Z", "2026-11-18T13:00:05.5Z");
	assert_span(
	    "2h ago", "2026-11-21T11:00:05.5Z", "2026-11-21T11:00:05.5Z");
	assert_span("1w", "2026-11-14T13:00:05.5Z", "2026-11-14T13:00:05.5Z");
	assert_span(
	    "1 month ago", "2026-10-21T13:00:05.5Z", "2026-10-21T13:00:05.5Z");
	assert_span(
	    "1y9mo", "2025-02-21T13:00:05.5Z", "2025-02-21T13:00:05.5Z");
	assert_span(
	    "90 sec", "2026-11-21T12:58:35.5Z", "2026-11-21T12:58:35.5Z");
	assert_span("5 Minutes Ago", "2026-11-21T12:55:05.5Z",
	    "2026-11-21T12:55:05.5Z");
	assert_span("0d", "2026-11-21T13:00:05.5Z", "2026-11-21T13:00:05.5Z");
	/* Across the end of summer time the time of day stays. */
	zone_is("Europe/Berlin");
	assert_span("1mo", "2026-10-21T14:00:05.5+02:00",
	    "2026-10-21T14:00:05.5+02:00");
	assert_span("720h", "2026-10-22T15:00:05.5+02:00",
	    "2026-10-22T15:00:05.5+02:00");
}

static int64_t
ago(const char *now, const char *text)
{
	struct err err = ERR_INIT;
	int64_t ns = 0;

	assert_int_equal(
	    when_parse(text, parsed(now, WHEN_START), WHEN_START, &ns, &err),
	    0);
	return ns;
}

static void
a_month_back_from_the_31st_is_the_last_of_a_month(void **state)
{
	(void)state;
	zone_is("Europe/Berlin");
	assert_int_equal(ago("2026-03-31 12:00", "1 month"),
	    parsed("2026-02-28 12:00", WHEN_START));
	assert_int_equal(ago("2024-03-31 12:00", "1 month"),
	    parsed("2024-02-29 12:00", WHEN_START));
	assert_int_equal(ago("2024-02-29 12:00", "1 year"),
	    parsed("2023-02-28 12:00", WHEN_START));
	/* 02:30 of that day never was: the first moment after the gap. */
	assert_int_equal(ago("2026-03-30 02:30", "1 day"),
	    parsed("2026-03-29 03:00", WHEN_START));
}

static void
a_bare_m_is_refused_with_the_reason(void **state)
{
	(void)state;
	assert_refused("5m", "minutes to some programs and months to others");
	assert_refused("5M", "minutes to some programs and months to others");
	assert_refused("1h 30m ago", "\"min\" or \"mo\"");
}

static void
what_is_no_time_is_refused(void **state)
{
	(void)state;
	zone_is("UTC");
	assert_refused("", "not a time");
	assert_refused("noon", "not a time");
	assert_refused("2026-11", "not a time");
	assert_refused("2026-11-1", "not a time");
	assert_refused("2026-11-01x", "not a time");
	assert_refused("2026-11-01T", "not a time");
	assert_refused("2026-11-01 13", "not a time");
	assert_refused("2026-11-01 13:00:00.", "not a time");
	assert_refused("2026-11-01 13:00:00.1234567890", "not a time");
	assert_refused("2026-11-01 13:00+1", "not a time");
	assert_refused("2026-11-01 13:00+24:00", "not a time");
	assert_refused("@", "not a time");
	assert_refused("@1x", "not a time");
	assert_refused("@1.", "not a time");
	assert_refused("2026-02-29", "no such date");
	assert_refused("2026-13-01", "no such date");
	assert_refused("2026-00-10", "no such date");
	assert_refused("2026-04-31 10:00", "no such date");
	assert_refused("2026-04-30 24:00", "no such date or time");
	assert_refused("2026-04-30 10:60", "no such date or time");
	assert_refused("2026-04-30 10:00:60", "no such date or time");
	assert_refused("1600-01-01", "outside the years");
	assert_refused("2263-01-01", "outside the years");
	assert_refused("9999-01-01", "outside the years");
	assert_refused("@99999999999999999999", "outside the years");
	assert_refused("@9999999999", "outside the years");
	assert_refused("999 years ago", "outside the years");
	assert_refused("99999999999 s ago", "outside the years");
	assert_refused("5", "is not a time: want 2026-11-01");
	assert_refused("2026", "is not a time: want 2026-11-01");
	assert_refused("20261101", "is not a time: want 2026-11-01");
	assert_refused("12:00", "is not a time: want 2026-11-01");
	assert_refused("01.11.2026", "is not a time: want 2026-11-01");
	assert_refused("5 ago", "lacks a unit");
	assert_refused("5 parsecs", "unknown unit \"parsecs\"");
	assert_refused("3 days agony", "cannot read");
	assert_refused("3 days, 4 hours", "cannot read");
	assert_refused("99999999999999999999 days", "too long");
}

static void
changes_of_the_clocks_are_minded(void **state)
{
	(void)state;
	zone_is("Europe/Berlin");
	/* 02:00 became 03:00. */
	assert_refused("2026-03-29 02:30", "never was");
	assert_refused("2026-03-29 02:00", "never was");
	assert_span("2026-03-29 01:59", "2026-03-29T01:59:00+01:00",
	    "2026-03-29T01:59:59.999999999+01:00");
	assert_span("2026-03-29", "2026-03-29T00:00:00+01:00",
	    "2026-03-29T23:59:59.999999999+02:00");
	/* 03:00 became 02:00: shown twice. */
	assert_span("2026-10-25 02:30", "2026-10-25T02:30:00+02:00",
	    "2026-10-25T02:30:59.999999999+01:00");
	/* Midnight became 01:00, so the day begins there. */
	zone_is("America/Sao_Paulo");
	assert_span("2018-11-04", "2018-11-04T01:00:00-02:00",
	    "2018-11-04T23:59:59.999999999-02:00");
	assert_refused("2018-11-04 00:30", "never was");
	/* 23:30 became 00:30: one day ends early, the next begins late. */
	zone_is("XXX0YYY,M3.5.0/23:30,M10.5.0/2");
	assert_span("2026-03-29", "2026-03-29T00:00:00Z",
	    "2026-03-29T23:29:59.999999999Z");
	assert_span("2026-03-30", "2026-03-30T00:30:00+01:00",
	    "2026-03-30T23:59:59.999999999+01:00");
	/* One minute past midnight became 23:01 of the day before. */
	zone_is("America/St_Johns");
	assert_span("2010-11-06", "2010-11-06T00:00:00-02:30",
	    "2010-11-06T23:59:59.999999999-03:30");
	assert_span("2010-11-07", "2010-11-07T00:00:00-02:30",
	    "2010-11-07T23:59:59.999999999-03:30");
	/* Samoa went over the date line and had no such Friday. */
	zone_is("Pacific/Apia");
	assert_refused("2011-12-30", "never was");
	assert_span("2011-12-29", "2011-12-29T00:00:00-10:00",
	    "2011-12-29T23:59:59.999999999-10:00");
	assert_span("2011-12-31", "2011-12-31T00:00:00+14:00",
	    "2011-12-31T23:59:59.999999999+14:00");
}

static const char *const zones[] = { "UTC", "Europe/Berlin", "America/New_York",
	"America/St_Johns", "America/Sao_Paulo", "Asia/Kathmandu",
	"Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati",
	"Africa/Casablanca", "Europe/Amsterdam", "Asia/Tehran", "Europe/Dublin",
	"Antarctica/Troll" };
#define N_ZONES (sizeof(zones) / sizeof(zones[0]))

static int64_t
random_time(void)
{
	uint64_t bits = 0;
	int64_t ns;

	for (int i = 0; i < 5; i++)
		bits = bits << 15 ^ (uint64_t)rand();
	ns = (int64_t)bits;
	/* Half of them around the changes of the clocks of one century. */
	if (rand() % 2)
		ns = (ns & INT64_MAX) % (INT64_C(4000000000) * NS_PER_S);
	if (rand() % 2)
		ns = ns / NS_PER_S * NS_PER_S;
	return ns;
}

static void
each_time_comes_back_from_its_text(void **state)
{
	char text[WHEN_TEXT], again[WHEN_TEXT];

	(void)state;
	srand(3);
	for (size_t z = 0; z < N_ZONES; z++) {
		zone_is(zones[z]);
		for (int i = 0; i < 1000; i++) {
			int64_t ns = random_time(), first, last;

			(void)when_rfc3339(ns, text);
			assert_true(parsed(text, WHEN_START) == ns);
			(void)when_text(ns, text);
			if (strncmp(text, "1677", 4) == 0 ||
			    strncmp(text, "2262", 4) == 0)
				continue;
			first = parsed(text, WHEN_START);
			last = parsed(text, WHEN_END);
			assert_true(first <= ns && ns <= last);
			assert_string_equal(when_text(first, again), text);
			assert_string_equal(when_text(last, again), text);
			(void)when_text_min(ns, text);
			assert_true(parsed(text, WHEN_START) <= first);
			assert_true(parsed(text, WHEN_END) >= last);
		}
	}
}

static void
days_follow_one_another(void **state)
{
	(void)state;
	for (size_t z = 0; z < N_ZONES; z++) {
		int64_t last = 0;

		zone_is(zones[z]);
		for (int64_t d = 14000; d < 17000; d++) {
			struct wall w = wall_of_utc(d * 86400);
			struct err err = ERR_INIT;
			char day[16], text[WHEN_TEXT];
			int64_t from, to;

			(void)snprintf(day, sizeof(day), "%04d-%02d-%02d",
			    w.year, w.month, w.day);
			if (when_parse(day, NOW, WHEN_START, &from, &err) != 0)
				continue;
			to = parsed(day, WHEN_END);
			assert_memory_equal(when_text(from, text), day, 10);
			assert_memory_equal(when_text(to, text), day, 10);
			assert_true(
			    memcmp(when_text(from - 1, text), day, 10) < 0);
			assert_true(
			    memcmp(when_text(to + 1, text), day, 10) > 0);
			if (d > 14000)
				assert_true(from <= last + 1);
			last = to;
		}
	}
}

static void
lengths_of_time_are_read(void **state)
{
	static const int64_t day = 86400 * NS_PER_S;
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = {
		{ "14 days", 14 * day },
		{ "36h", 36 * 3600 * NS_PER_S },
		{ "1y6mo", 545 * day },
		{ "1 year 6 months", 545 * day },
		{ "2w 1d", 15 * day },
		{ "90min", 5400 * NS_PER_S },
		{ "0 s", 0 },
		{ "10000000000s", -1 },
		{ "300 years", -1 },
		{ "14", -1 },
		{ "", -1 },
		{ "days", -1 },
		{ "-1d", -1 },
		{ "1m", -1 },
		{ "1 day ago", -1 },
		{ "99999999999999999999d", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct err err = ERR_INIT;
		int64_t ns = -1;
		int rc = duration_parse(good[i].text, &ns, &err);

		assert_int_equal(rc, good[i].ns < 0 ? ERR_USAGE : 0);
		assert_true(ns == good[i].ns);
	}
}

static void
ages_are_short(void **state)
{
	static const int64_t s = NS_PER_S;
	char t[WHEN_TEXT];

	(void)state;
	assert_string_equal(when_age(0, t), "0 s");
	assert_string_equal(when_age(59 * s, t), "59 s");
	assert_string_equal(when_age(300 * s, t), "5 min");
	assert_string_equal(when_age(3600 * s, t), "1 h");
	assert_string_equal(when_age(47 * 3600 * s, t), "47 h");
	assert_string_equal(when_age(3 * 86400 * s, t), "3 days");
	assert_string_equal(when_age(70 * 86400 * s, t), "2 months");
	assert_string_equal(when_age(800 * 86400 * s, t), "2 years");
	assert_string_equal(when_age(-300 * s, t), "-5 min");
}

static void
the_clock_goes(void **state)
{
	(void)state;
	assert_true(when_now() > INT64_C(1700000000) * NS_PER_S);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_time_stands_for_its_first_or_last_nanosecond),
		cmocka_unit_test(times_ago_go_back_on_the_calendar),
		cmocka_unit_test(
		    a_month_back_from_the_31st_is_the_last_of_a_month),
		cmocka_unit_test(a_bare_m_is_refused_with_the_reason),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(changes_of_the_clocks_are_minded),
		cmocka_unit_test(each_time_comes_back_from_its_text),
		cmocka_unit_test(days_follow_one_another),
		cmocka_unit_test(lengths_of_time_are_read),
		cmocka_unit_test(ages_are_short),
		cmocka_unit_test(the_clock_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
