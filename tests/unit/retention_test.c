/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/maintain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/when.h"

#define N_MAX 64
#define DAY (24 * 3600 * NS_PER_S)

/* "2026-11-01 13:00" in the zone of the test. */
static int64_t
at(const char *text)
{
	struct tm tm = { .tm_isdst = -1 };

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M", &tm));
	return (int64_t)mktime(&tm) * NS_PER_S;
}

/* The snapshots' dates, oldest first, and a line of the same length: 'k' for
 * those to keep, '-' for the others. */
static void
check(const struct retention *r, const char *const *date, const char *expect)
{
	struct snapshot_row snaps[N_MAX];
	bool keep[N_MAX];
	char got[N_MAX + 1] = "";
	size_t n = strlen(expect);

	memset(snaps, 0, sizeof(snaps));
	for (size_t i = 0; i < n; i++) {
		snaps[i].date_ns = at(date[i]);
		snaps[i].received_ns = snaps[i].date_ns;
	}
	retention_select(r, snaps, n, keep);
	for (size_t i = 0; i < n; i++)
		got[i] = keep[i] ? 'k' : '-';
	assert_string_equal(got, expect);
}

static const char *const nights[] = {
	"2026-10-28 02:00",
	"2026-10-29 02:00",
	"2026-10-30 02:00",
	"2026-10-30 14:00",
	"2026-10-31 02:00",
	"2026-11-01 02:00",
	"2026-11-02 02:00",
	"2026-11-02 23:59",
	"2026-11-03 00:00",
	"2026-11-05 02:00",
};

static void
an_empty_policy_keeps_everything(void **state)
{
	struct retention r = { 0 };

	(void)state;
	assert_true(retention_is_empty(&r));
	check(&r, nights, "kkkkkkkkkk");
	r.keep_yearly = 1;
	assert_false(retention_is_empty(&r));
	retention_select(&r, NULL, 0, NULL);
}

static void
keep_last_counts_snapshots(void **state)
{
	struct retention r = { .keep_last = 3 };

	(void)state;
	check(&r, nights, "-------kkk");
	r.keep_last = 10;
	check(&r, nights, "kkkkkkkkkk");
	r.keep_last = 99;
	check(&r, nights, "kkkkkkkkkk");
	r.keep_last = -1;
	check(&r, nights, "kkkkkkkkkk");
}

static void
keep_daily_keeps_the_newest_of_each_day_that_has_one(void **state)
{
	struct retention r = { .keep_daily = 4 };

	(void)state;
	/* The 4th has no snapshot and does not count. */
	check(&r, nights, "-----k-kkk");
	r.keep_daily = -1;
	check(&r, nights, "kk-kkk-kkk");
}

static void
the_oldest_fills_a_bucket_that_is_not_full(void **state)
{
	static const char *const date[] = {
		"2026-10-30 02:00",
		"2026-10-30 14:00",
		"2026-10-31 02:00",
	};
	struct retention r = { .keep_daily = 2 };

	(void)state;
	check(&r, date, "-kk");
	/* Two days, room for three: the oldest of the first day stays. */
	r.keep_daily = 3;
	check(&r, date, "kkk");
	r.keep_daily = 0;
	r.keep_yearly = 5;
	check(&r, nights, "k--------k");
	/* And is dropped once the bucket is full. */
	r.keep_yearly = 1;
	check(&r, nights, "---------k");
}

static void
weeks_are_iso_weeks(void **state)
{
	static const char *const date[] = {
		"2025-12-28 02:00", /* Sunday, 2025-W52 */
		"2025-12-29 02:00", /* Monday, 2026-W01 */
		"2025-12-31 02:00", /* 2026-W01 */
		"2026-01-04 02:00", /* Sunday, 2026-W01 */
		"2026-01-05 02:00", /* Monday, 2026-W02 */
		"2026-12-31 02:00", /* Thursday, 2026-W53 */
		"2027-01-03 02:00", /* Sunday, 2026-W53 */
		"2027-01-04 02:00", /* Monday, 2027-W01 */
	};
	struct retention r = { .keep_weekly = 4 };

	(void)state;
	check(&r, date, "---kk-kk");
	r.keep_weekly = -1;
	check(&r, date, "k--kk-kk");
}

static void
months_and_years_keep_their_newest(void **state)
{
	static const char *const date[] = {
		"2024-05-01 02:00",
		"2024-12-31 23:59",
		"2025-01-01 00:00",
		"2025-11-30 02:00",
		"2026-10-31 02:00",
		"2026-11-01 02:00",
		"2026-11-15 02:00",
	};
	struct retention r = { .keep_monthly = 3 };

	(void)state;
	check(&r, date, "---kk-k");
	r.keep_monthly = 0;
	r.keep_yearly = 2;
	check(&r, date, "---k--k");
	r.keep_yearly = 3;
	check(&r, date, "-k-k--k");
	r.keep_yearly = 4;
	check(&r, date, "kk-k--k");
}

static void
keep_within_counts_from_the_newest(void **state)
{
	struct retention r = { .keep_within_ns = 3 * DAY };

	(void)state;
	/* After 2026-11-02 02:00, which itself is not younger. */
	check(&r, nights, "-------kkk");
	r.keep_within_ns = INT64_MAX;
	check(&r, nights, "kkkkkkkkkk");
	r.keep_within_ns = 1;
	check(&r, nights, "---------k");
}

static void
the_rules_are_a_union(void **state)
{
	struct retention r = {
		.keep_last = 1,
		.keep_daily = 2,
		.keep_weekly = 2,
		.keep_within_ns = 2 * DAY + 3 * 3600 * NS_PER_S,
	};

	(void)state;
	/* last: the 5th; daily: the 5th, the 3rd; weekly: the 5th, the 1st;
	 * within: after the 2nd, 23:00. */
	check(&r, nights, "-----k-kkk");
}

static void
a_date_in_the_future_is_not_the_newest(void **state)
{
	struct retention r = { .keep_within_ns = DAY };
	struct snapshot_row snaps[4];
	bool keep[4];

	(void)state;
	memset(snaps, 0, sizeof(snaps));
	for (int i = 0; i < 4; i++)
		snaps[i].date_ns = snaps[i].received_ns = (10 + i) * DAY;
	snaps[3].date_ns = 900 * DAY;
	retention_select(&r, snaps, 4, keep);
	assert_false(keep[0]);
	assert_false(keep[1]);
	assert_true(keep[2]);
	assert_true(keep[3]);
	/* All in the future: nothing can be said to be old. */
	snaps[3].received_ns = 0;
	retention_select(&r, snaps, 4, keep);
	assert_true(keep[0]);
}

static void
dates_before_1970_have_days_too(void **state)
{
	static const char *const date[] = {
		"1969-12-30 23:00",
		"1969-12-31 22:00",
		"1969-12-31 23:00",
		"1970-01-01 00:30",
	};
	struct retention r = { .keep_daily = 2 };

	(void)state;
	check(&r, date, "--kk");
}

static void
days_are_those_of_the_local_zone(void **state)
{
	/* 23:30 and 00:30 UTC are one day in Berlin. */
	struct retention r = { .keep_daily = 1 };
	struct snapshot_row snaps[3];
	bool keep[3];

	(void)state;
	memset(snaps, 0, sizeof(snaps));
	snaps[0].date_ns = at("2026-11-01 12:00");
	snaps[1].date_ns = at("2026-11-01 23:30");
	snaps[2].date_ns = at("2026-11-02 00:30");
	r.keep_daily = 2;
	retention_select(&r, snaps, 3, keep);
	assert_true(keep[1]);
	assert_int_equal(setenv("TZ", "Europe/Berlin", 1), 0);
	tzset();
	retention_select(&r, snaps, 3, keep);
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	tzset();
	assert_true(keep[0]);
	assert_false(keep[1]);
	assert_true(keep[2]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_policy_keeps_everything),
		cmocka_unit_test(keep_last_counts_snapshots),
		cmocka_unit_test(
		    keep_daily_keeps_the_newest_of_each_day_that_has_one),
		cmocka_unit_test(the_oldest_fills_a_bucket_that_is_not_full),
		cmocka_unit_test(weeks_are_iso_weeks),
		cmocka_unit_test(months_and_years_keep_their_newest),
		cmocka_unit_test(keep_within_counts_from_the_newest),
		cmocka_unit_test(the_rules_are_a_union),
		cmocka_unit_test(a_date_in_the_future_is_not_the_newest),
		cmocka_unit_test(dates_before_1970_have_days_too),
		cmocka_unit_test(days_are_those_of_the_local_zone),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
