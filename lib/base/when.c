/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/when.h"
#include "base/duration.h"
#include "base/wall.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* A stretch of time: [first, last] nanoseconds. */
struct span {
	int64_t first, last;
};

static int
not_a_time(const char *text, struct err *err)
{
	return err_set(err, ERR_USAGE,
	    "\"%.64s\" is not a time: want 2026-11-01, \"2026-11-01 13:00\", "
	    "2026-11-01T13:00:00Z, @1793538000, yesterday or \"3 days ago\"",
	    text);
}

static int
out_of_range(const char *text, struct err *err)
{
	return err_set(err, ERR_USAGE,
	    "\"%.64s\" lies outside the years 1678 to 2261", text);
}

static const char *
spaces(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Exactly n digits at *p, which moves behind them. */
static bool
digits(const char **p, int n, int *ret)
{
	int v = 0;

	for (int i = 0; i < n; i++, (*p)++) {
		if (!is_digit(**p))
			return false;
		v = v * 10 + (**p - '0');
	}
	*ret = v;
	return true;
}

/* ".25" as the nanoseconds that it may stand for; without one, the whole
 * second. False on a point without digits or with more than nine. */
static bool
fraction(const char **p, struct span *ret)
{
	int64_t step = NS_PER_S, v = 0;

	if (**p == '.') {
		for ((*p)++; is_digit(**p) && step > 1; (*p)++) {
			step /= 10;
			v += (**p - '0') * step;
		}
		if (step == NS_PER_S || is_digit(**p))
			return false;
	}
	*ret = (struct span){ v, v + step - 1 };
	return true;
}

/* Seconds and the nanoseconds within as one number; false beyond an int64. */
static bool
join(int64_t first, int64_t last, const struct span *ns, struct span *ret)
{
	return !__builtin_mul_overflow(first, NS_PER_S, &ret->first) &&
	    !__builtin_add_overflow(ret->first, ns->first, &ret->first) &&
	    !__builtin_mul_overflow(last, NS_PER_S, &ret->last) &&
	    !__builtin_add_overflow(ret->last, ns->last, &ret->last);
}

static int64_t
pick(const struct span *s, enum when_edge edge)
{
	return edge == WHEN_START ? s->first : s->last;
}

/* ---- the forms ---- */

static int
parse_epoch(const char *text, struct span *ret, struct err *err)
{
	const char *p = spaces(text) + 1;
	bool negative = *p == '-';
	struct span ns;
	int64_t sec = 0;

	p += negative;
	if (!is_digit(*p))
		return not_a_time(text, err);
	for (; is_digit(*p); p++)
		if (__builtin_mul_overflow(sec, 10, &sec) ||
		    __builtin_add_overflow(sec, *p - '0', &sec))
			return out_of_range(text, err);
	if (!fraction(&p, &ns) || *spaces(p) != '\0')
		return not_a_time(text, err);
	if (negative) {
		sec = -sec;
		/* -1.25 is 0.75 above -2. */
		if (ns.first > 0) {
			int64_t length = ns.last - ns.first;

			sec--;
			ns.first = NS_PER_S - ns.first;
			ns.last = ns.first + length;
		}
	}
	return join(sec, sec, &ns, ret) ? 0 : out_of_range(text, err);
}

/* The local clock's [first, last] as times; what a change of the clocks leaves
 * out of them is left out. */
static int
span_local(const char *text, const struct wall *first, const struct wall *last,
    const struct span *ns, struct span *ret, struct err *err)
{
	int64_t from, to, other;
	struct wall shown;

	if (!wall_local(first, &from, &other)) {
		shown = wall_at(from, NULL);
		if (wall_cmp(&shown, last) > 0)
			return err_set(err, ERR_USAGE,
			    "\"%.64s\" never was: the clocks went forward over "
			    "it",
			    text);
	}
	if (!wall_local(last, &other, &to))
		to--;
	return join(from, to, ns, ret) ? 0 : out_of_range(text, err);
}

static int
span_utc(const char *text, const struct wall *first, const struct wall *last,
    int64_t offset, const struct span *ns, struct span *ret, struct err *err)
{
	return join(
		   wall_utc(first) - offset, wall_utc(last) - offset, ns, ret) ?
	    0 :
	    out_of_range(text, err);
}

/* "Z", "+01:00", "-0330" at *p: seconds east. False when malformed; none at
 * all leaves *ret_given false. */
static bool
zone(const char **p, bool *ret_given, int64_t *ret)
{
	int sign, hours, minutes;

	*ret_given = false;
	*ret = 0;
	if (**p == 'Z' || **p == 'z') {
		(*p)++;
		*ret_given = true;
		return true;
	}
	if (**p != '+' && **p != '-')
		return true;
	sign = **p == '-' ? -1 : 1;
	(*p)++;
	if (!digits(p, 2, &hours))
		return false;
	*p += **p == ':';
	if (!digits(p, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*ret_given = true;
	*ret = sign * (hours * 3600 + minutes * 60);
	return true;
}

static int
parse_date(const char *text, struct span *ret, struct err *err)
{
	const char *p = spaces(text), *after;
	struct span ns = { 0, NS_PER_S - 1 };
	struct wall first = { 0 }, last;
	bool timed = false, zoned = false, seconds = false;
	int64_t offset = 0;

	if (!digits(&p, 4, &first.year) || *p++ != '-' ||
	    !digits(&p, 2, &first.month) || *p++ != '-' ||
	    !digits(&p, 2, &first.day))
		return not_a_time(text, err);
	after = *p == 'T' || *p == 't' ? p + 1 : spaces(p);
	if (after > p && *after != '\0') {
		p = after;
		timed = true;
		if (!digits(&p, 2, &first.hour) || *p++ != ':' ||
		    !digits(&p, 2, &first.minute))
			return not_a_time(text, err);
		if (*p == ':') {
			p++;
			seconds = true;
			if (!digits(&p, 2, &first.second) || !fraction(&p, &ns))
				return not_a_time(text, err);
		}
		p = spaces(p);
		if (!zone(&p, &zoned, &offset))
			return not_a_time(text, err);
	}
	if (*spaces(p) != '\0')
		return not_a_time(text, err);
	if (!wall_is_valid(&first))
		return err_set(err, ERR_USAGE, "\"%.64s\": there is no such %s",
		    text, timed ? "date or time" : "date");
	if (first.year < 1677 || first.year > 2262)
		return out_of_range(text, err);
	last = first;
	if (!timed)
		last.hour = 23;
	if (!timed)
		last.minute = 59;
	if (!seconds)
		last.second = 59;
	if (zoned)
		return span_utc(text, &first, &last, offset, &ns, ret, err);
	return span_local(text, &first, &last, &ns, ret, err);
}

/* Today, or `back` days before. */
static int
parse_day(const char *text, int64_t now_ns, int back, struct span *ret,
    struct err *err)
{
	static const struct span second = { 0, NS_PER_S - 1 };
	int64_t rest, sec = wall_seconds(now_ns, &rest);
	struct wall first = wall_at(sec, NULL), last;

	/* A clock in Greenwich has no gaps to fall into. */
	first = wall_of_utc(wall_utc(&first) - back * INT64_C(86400));
	first.hour = first.minute = first.second = 0;
	last = first;
	last.hour = 23;
	last.minute = last.second = 59;
	return span_local(text, &first, &last, &second, ret, err);
}

/* Months and days go back on the calendar, at the same time of day; hours and
 * less on the clock. */
static int
parse_ago(const char *text, const struct duration *d, int64_t now_ns,
    int64_t *ret, struct err *err)
{
	int64_t rest, sec = wall_seconds(now_ns, &rest), back;

	if (d->months > 0 || d->days > 0) {
		int offset;
		struct wall w = wall_at(sec, &offset);
		int64_t month = w.year * INT64_C(12) + w.month - 1 - d->months;
		int64_t first, last;

		if (month < 1677 * 12 || d->days > 600 * 366)
			return out_of_range(text, err);
		w.year = (int)(month / 12);
		w.month = (int)(month % 12) + 1;
		/* A month back from the 31st is the 30th or the 28th. */
		while (!wall_is_valid(&w))
			w.day--;
		w = wall_of_utc(wall_utc(&w) - d->days * 86400);
		/* Of a time that was shown twice, that of today's zone. */
		(void)wall_local(&w, &first, &last);
		sec = wall_utc(&w) - offset == last ? last : first;
	}
	if (__builtin_mul_overflow(d->seconds, NS_PER_S, &back) ||
	    __builtin_mul_overflow(sec, NS_PER_S, ret) ||
	    __builtin_add_overflow(*ret, rest, ret) ||
	    __builtin_sub_overflow(*ret, back, ret))
		return out_of_range(text, err);
	return 0;
}

int
when_parse(const char *text, int64_t now_ns, enum when_edge edge, int64_t *ret,
    struct err *err)
{
	const char *p = spaces(text);
	struct duration d;
	struct span s;
	int rc;

	if (strcasecmp(p, "now") == 0) {
		*ret = now_ns;
		return 0;
	}
	if (strcasecmp(p, "today") == 0)
		rc = parse_day(text, now_ns, 0, &s, err);
	else if (strcasecmp(p, "yesterday") == 0)
		rc = parse_day(text, now_ns, 1, &s, err);
	else if (*p == '@')
		rc = parse_epoch(text, &s, err);
	else if (strspn(p, "0123456789") == 4 && p[4] == '-')
		rc = parse_date(text, &s, err);
	else if (p[strspn(p, "0123456789:./- ")] == '\0')
		return not_a_time(text, err); /* but meant for a date */
	else if ((rc = duration_read(text, &d, err)) == 0)
		return parse_ago(text, &d, now_ns, ret, err);
	else
		return rc == ERR_NOTFOUND ? not_a_time(text, err) : rc;
	if (rc == 0)
		*ret = pick(&s, edge);
	return rc;
}

int64_t
when_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

bool
when_is_to_come(int64_t ns)
{
	return ns > when_now() + INT64_C(24) * 3600 * NS_PER_S;
}
