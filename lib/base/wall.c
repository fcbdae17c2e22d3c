/*
 * mktime() chooses silently where a time exists twice or never, so the local
 * zone's offsets are asked for instead.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/wall.h"

#include <time.h>

#define HOUR 3600
/* No zone was ever further from Greenwich, in hours. */
#define OFFSET_MAX 26

static struct tm
tm_of(const struct wall *w)
{
	struct tm tm = { 0 };

	tm.tm_year = w->year - 1900;
	tm.tm_mon = w->month - 1;
	tm.tm_mday = w->day;
	tm.tm_hour = w->hour;
	tm.tm_min = w->minute;
	tm.tm_sec = w->second;
	return tm;
}

static struct wall
wall_of(const struct tm *tm)
{
	return (struct wall){ tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday,
		tm->tm_hour, tm->tm_min, tm->tm_sec };
}

struct wall
wall_at(int64_t sec, int *ret_offset)
{
	time_t t = sec;
	struct tm tm = { 0 };

	/* Fails only for years beyond an int, which no time of ours has. */
	(void)localtime_r(&t, &tm);
	if (ret_offset != NULL)
		*ret_offset = (int)tm.tm_gmtoff;
	return wall_of(&tm);
}

struct wall
wall_of_utc(int64_t sec)
{
	time_t t = sec;
	struct tm tm = { 0 };

	(void)gmtime_r(&t, &tm);
	return wall_of(&tm);
}

int64_t
wall_seconds(int64_t ns, int64_t *ret_rest)
{
	int64_t sec = ns / 1000000000, rest = ns % 1000000000;

	if (rest < 0) {
		sec--;
		rest += 1000000000;
	}
	*ret_rest = rest;
	return sec;
}

static int
offset_at(int64_t sec)
{
	int offset;

	(void)wall_at(sec, &offset);
	return offset;
}

bool
wall_is_valid(const struct wall *w)
{
	struct tm tm = tm_of(w);

	if (w->hour > 23 || w->minute > 59 || w->second > 59)
		return false;
	/* What is no date comes back as another one. */
	(void)timegm(&tm);
	return tm.tm_mday == w->day && tm.tm_mon == w->month - 1;
}

int
wall_cmp(const struct wall *a, const struct wall *b)
{
	int64_t x = wall_utc(a), y = wall_utc(b);

	return (x > y) - (x < y);
}

int64_t
wall_utc(const struct wall *w)
{
	struct tm tm = tm_of(w);

	return timegm(&tm);
}

bool
wall_local(const struct wall *w, int64_t *ret_first, int64_t *ret_last)
{
	int64_t utc = wall_utc(w), first = INT64_MAX, last = INT64_MIN, lo, hi;
	int least = INT32_MAX, most = INT32_MIN;

	/* Every offset in force around it is a candidate; none ever was for
	 * less than two hours. */
	for (int h = -OFFSET_MAX; h <= OFFSET_MAX; h += 2) {
		int offset = offset_at(utc + (int64_t)h * HOUR);
		int64_t sec = utc - offset;

		least = offset < least ? offset : least;
		most = offset > most ? offset : most;
		if (offset_at(sec) != offset)
			continue;
		first = sec < first ? sec : first;
		last = sec > last ? sec : last;
	}
	if (first <= last) {
		*ret_first = first;
		*ret_last = last;
		return true;
	}
	/* The clock jumped over it: before `lo` it shows less, at `hi` more. */
	lo = utc - most;
	hi = utc - least;
	while (hi - lo > 1) {
		int64_t mid = lo + (hi - lo) / 2;

		if (mid + offset_at(mid) < utc)
			lo = mid;
		else
			hi = mid;
	}
	*ret_first = *ret_last = hi;
	return false;
}
