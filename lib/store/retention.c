/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/maintain.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/when.h"

/* The period of a snapshot: two of the same period share a bucket. */

static int64_t
period_each(const struct tm *tm, size_t nr)
{
	(void)tm;
	return (int64_t)nr;
}

static int64_t
period_day(const struct tm *tm, size_t nr)
{
	(void)nr;
	return ((int64_t)tm->tm_year * 12 + tm->tm_mon) * 31 + tm->tm_mday;
}

static int64_t
period_week(const struct tm *tm, size_t nr)
{
	char text[32];

	(void)nr;
	/* ISO 8601: the days around new year may belong to a week of the
	 * other year, so the year is the week's too. */
	if (strftime(text, sizeof(text), "%G%V", tm) == 0)
		return 0;
	return strtoll(text, NULL, 10);
}

static int64_t
period_month(const struct tm *tm, size_t nr)
{
	(void)nr;
	return (int64_t)tm->tm_year * 12 + tm->tm_mon;
}

static int64_t
period_year(const struct tm *tm, size_t nr)
{
	(void)nr;
	return tm->tm_year;
}

struct bucket {
	int left; /* -1: without bound */
	int64_t (*period)(const struct tm *, size_t nr);
	int64_t last; /* the period kept last */
};

#define N_BUCKETS 5

static struct tm
date_local(int64_t ns)
{
	time_t s = (time_t)(ns / NS_PER_S - (ns % NS_PER_S < 0));
	struct tm tm;

	/* Cannot fail: 64 bits of nanoseconds end in the year 2262. */
	if (localtime_r(&s, &tm) == NULL)
		assert(!"a date out of range");
	return tm;
}

/* The newest snapshot that does not lie in the future, which is what
 * keep-within counts from; now is when the last one was received. */
static int64_t
date_latest(const struct snapshot_row *snaps, size_t n)
{
	int64_t now = snaps[n - 1].received_ns;

	for (size_t i = n; i-- > 0;) {
		if (snaps[i].date_ns <= now)
			return snaps[i].date_ns;
	}
	return INT64_MIN;
}

bool
retention_is_empty(const struct retention *r)
{
	return r->keep_last == 0 && r->keep_daily == 0 && r->keep_weekly == 0 &&
	    r->keep_monthly == 0 && r->keep_yearly == 0 &&
	    r->keep_within_ns == 0;
}

void
retention_select(const struct retention *r, const struct snapshot_row *snaps,
    size_t n, bool *keep)
{
	struct bucket bucket[N_BUCKETS] = {
		{ r->keep_last, period_each, INT64_MIN },
		{ r->keep_daily, period_day, INT64_MIN },
		{ r->keep_weekly, period_week, INT64_MIN },
		{ r->keep_monthly, period_month, INT64_MIN },
		{ r->keep_yearly, period_year, INT64_MIN },
	};
	int64_t latest, after = INT64_MIN;

	for (size_t i = 0; i < n; i++)
		keep[i] = retention_is_empty(r);
	if (n == 0 || retention_is_empty(r))
		return;
	latest = date_latest(snaps, n);
	if (__builtin_sub_overflow(latest, r->keep_within_ns, &after))
		after = INT64_MIN;
	keep[n - 1] = true;
	for (size_t nr = 0; nr < n; nr++) {
		size_t i = n - 1 - nr;
		struct tm tm = date_local(snaps[i].date_ns);

		if (r->keep_within_ns != 0 && snaps[i].date_ns > after)
			keep[i] = true;
		for (size_t b = 0; b < N_BUCKETS; b++) {
			int64_t period = bucket[b].period(&tm, nr);

			if (bucket[b].left == 0 ||
			    (period == bucket[b].last && i != 0))
				continue;
			keep[i] = true;
			bucket[b].last = period;
			if (bucket[b].left > 0)
				bucket[b].left--;
		}
	}
}
