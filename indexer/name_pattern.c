/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "name_pattern.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#include "base/when.h"

/* A hostile name could else keep many stars busy for ever. */
#define STEPS_MAX 100000

/* What the digits say; those not met are -1. */
enum field { YEAR, MONTH, DAY, YEAR_DAY, HOUR, MINUTE, SECOND, EPOCH, FIELDS };

struct state {
	const char *path;
	long long field[FIELDS];
	struct name_match match;
	unsigned steps;
};

/* ---- words of a pattern ---- */

enum word { PLAIN, HOST, SET, DATE, CONVERSION, PERCENT, ONE, STAR, STARS };

/* What it begins with; *ret_len bytes of it. */
static enum word
next_word(const char *p, size_t *ret_len)
{
	static const struct {
		const char *text;
		enum word word;
	} words[] = {
		{ "{host}", HOST },
		{ "{set}", SET },
		{ "{date}", DATE },
		{ "%%", PERCENT },
		{ "**", STARS },
		{ "*", STAR },
		{ "?", ONE },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		*ret_len = strlen(words[i].text);
		if (strncmp(p, words[i].text, *ret_len) == 0)
			return words[i].word;
	}
	*ret_len = *p == '%' && p[1] != '\0' ? 2 : 1;
	return *p == '%' ? CONVERSION : PLAIN;
}

static const struct conversion {
	char letter;
	enum field field;
	unsigned digits; /* 0: as many as there are */
} conversions[] = {
	{ 'Y', YEAR, 4 },
	{ 'y', YEAR, 2 },
	{ 'm', MONTH, 2 },
	{ 'b', MONTH, 0 },
	{ 'd', DAY, 2 },
	{ 'j', YEAR_DAY, 3 },
	{ 'H', HOUR, 2 },
	{ 'M', MINUTE, 2 },
	{ 'S', SECOND, 2 },
	{ 's', EPOCH, 0 },
};

static const struct conversion *
find_conversion(char letter)
{
	for (size_t i = 0; i < sizeof(conversions) / sizeof(conversions[0]);
	     i++)
		if (conversions[i].letter == letter)
			return &conversions[i];
	return NULL;
}

static int
check_fields(const char *pattern, const bool *has, bool date, struct err *err)
{
	bool day = has[YEAR] && (has[YEAR_DAY] || (has[MONTH] && has[DAY]));
	bool any = false;

	for (int i = 0; i < FIELDS; i++)
		any = any || has[i];
	if (any && date)
		return err_set(err, ERR_USAGE,
		    "pattern \"%.128s\": {date} says it all, no other %%X",
		    pattern);
	if (any && !day && !has[EPOCH])
		return err_set(err, ERR_USAGE,
		    "pattern \"%.128s\": half a date: year, month and day make "
		    "one",
		    pattern);
	return 0;
}

int
name_pattern_check(const char *pattern, struct err *err)
{
	bool has[FIELDS] = { false }, host = false, set = false, date = false;
	size_t len;

	for (const char *p = pattern; *p != '\0'; p += len) {
		const struct conversion *c;
		bool *seen = NULL;

		switch (next_word(p, &len)) {
		case HOST:
			seen = &host;
			break;
		case SET:
			seen = &set;
			break;
		case DATE:
			seen = &date;
			break;
		case CONVERSION:
			if ((c = find_conversion(p[1])) == NULL)
				return err_set(err, ERR_USAGE,
				    "pattern \"%.128s\": unknown %.2s", pattern,
				    p);
			seen = &has[c->field];
			break;
		case PLAIN:
			if (*p == '{' || *p == '}')
				return err_set(err, ERR_USAGE,
				    "pattern \"%.128s\": {host}, {set} and "
				    "{date} are all there is in braces",
				    pattern);
			break;
		case PERCENT:
		case ONE:
		case STAR:
		case STARS:
			break;
		}
		if (seen != NULL && *seen)
			return err_set(err, ERR_USAGE,
			    "pattern \"%.128s\": %.*s twice", pattern, (int)len,
			    p);
		if (seen != NULL)
			*seen = true;
	}
	return check_fields(pattern, has, date, err);
}

/* ---- dates ---- */

/* Whether the fields are a date that there is. */
static bool
settle_date(struct state *s)
{
	const long long *f = s->field;
	struct tm tm = { .tm_isdst = -1 }, was;
	time_t t;

	if (f[EPOCH] >= 0) {
		s->match.has_date = s->match.has_time = true;
		s->match.date_ns = f[EPOCH] * NS_PER_S;
		return true;
	}
	if (f[YEAR] < 0)
		return true;
	tm.tm_year = (int)f[YEAR] - 1900;
	tm.tm_mon = f[YEAR_DAY] >= 0 ? 0 : (int)f[MONTH] - 1;
	tm.tm_mday = (int)(f[YEAR_DAY] >= 0 ? f[YEAR_DAY] : f[DAY]);
	tm.tm_hour = f[HOUR] >= 0 ? (int)f[HOUR] : 0;
	tm.tm_min = f[MINUTE] >= 0 ? (int)f[MINUTE] : 0;
	tm.tm_sec = f[SECOND] >= 0 ? (int)f[SECOND] : 0;
	was = tm;
	/* An hour that a change of clocks leaves out moves; a day does not. */
	if ((t = mktime(&tm)) == -1 || was.tm_hour > 23 || was.tm_min > 59 ||
	    was.tm_sec > 60 || tm.tm_year != was.tm_year ||
	    (f[YEAR_DAY] < 0 &&
		(tm.tm_mon != was.tm_mon || tm.tm_mday != was.tm_mday)) ||
	    (f[YEAR_DAY] >= 0 && tm.tm_yday != f[YEAR_DAY] - 1))
		return false;
	s->match.has_date = true;
	s->match.has_time = f[HOUR] >= 0;
	s->match.date_ns = (int64_t)t * NS_PER_S;
	return true;
}

/* So many digits; -1 where there are fewer. */
static long long
digits(const char *p, unsigned n)
{
	long long value = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!isdigit((unsigned char)p[i]))
			return -1;
		value = value * 10 + (p[i] - '0');
	}
	return value;
}

static long long
year_of_two(long long y)
{
	return y < 0 ? -1 : y + (y < 69 ? 2000 : 1900);
}

/* Bytes of the conversion at p; 0: it does not match. */
static size_t
take_conversion(struct state *s, const struct conversion *c, const char *p)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	long long *to = &s->field[c->field];
	unsigned n = c->digits;

	if (c->letter == 'b') {
		for (int i = 0; i < 12; i++)
			if (strncmp(p, months + (ptrdiff_t)3 * i, 3) == 0) {
				*to = i + 1;
				return 3;
			}
		return 0;
	}
	while (c->digits == 0 && n < 11 && isdigit((unsigned char)p[n]))
		n++;
	*to = n > 0 ? digits(p, n) : -1;
	if (c->letter == 'y')
		*to = year_of_two(*to);
	return *to >= 0 ? n : 0;
}

/* The day at p, in one of three ways. */
static size_t
take_day(struct state *s, unsigned way, const char *p)
{
	static const unsigned year[] = { 4, 4, 2 }, gap[] = { 1, 0, 0 };
	const char *month = p + year[way] + gap[way];
	const char *day = month + 2 + gap[way];
	long long *f = s->field;

	if ((f[YEAR] = digits(p, year[way])) < 0 ||
	    (gap[way] && p[year[way]] != '-') ||
	    (f[MONTH] = digits(month, 2)) < 0 ||
	    (gap[way] && month[2] != '-') || (f[DAY] = digits(day, 2)) < 0)
		return 0;
	if (year[way] == 2)
		f[YEAR] = year_of_two(f[YEAR]);
	return (size_t)(day + 2 - p);
}

/* Hour and minute at p, with seconds if asked for. */
static size_t
take_time(struct state *s, bool seconds, const char *p)
{
	const char *q = p;
	long long *f = s->field;

	if (*q == 'T' || *q == '_' || *q == '-' || *q == ' ')
		q++;
	if ((f[HOUR] = digits(q, 2)) < 0)
		return 0;
	q += 2;
	if (*q == ':' || *q == '-' || *q == '.')
		q++;
	if ((f[MINUTE] = digits(q, 2)) < 0)
		return 0;
	q += 2;
	if (!seconds)
		return (size_t)(q - p);
	if (*q == ':' || *q == '-' || *q == '.')
		q++;
	return (f[SECOND] = digits(q, 2)) < 0 ? 0 : (size_t)(q + 2 - p);
}

/* ---- matching ---- */

static bool match(struct state *, const char *pattern, const char *p);

static void
note_date(struct state *s, const char *p, size_t len)
{
	struct name_part *date = &s->match.date;
	size_t at = (size_t)(p - s->path);

	if (date->len == 0)
		date->at = at;
	date->len = at + len - date->at;
}

/* The longest first. */
static bool
match_date(struct state *s, const char *rest, const char *p)
{
	const struct state was = *s;

	for (unsigned way = 0; way < 3; way++)
		for (int time = 2; time >= 0; time--) {
			size_t day, hour = 0;
			unsigned steps = s->steps;

			*s = was;
			s->steps = steps;
			if ((day = take_day(s, way, p)) == 0)
				break;
			if (time > 0 &&
			    (hour = take_time(s, time == 2, p + day)) == 0)
				continue;
			note_date(s, p, day + hour);
			if (settle_date(s) && match(s, rest, p + day + hour))
				return true;
		}
	return false;
}

static bool
match_conversion(
    struct state *s, const char *pattern, const char *rest, const char *p)
{
	size_t len = take_conversion(s, find_conversion(pattern[1]), p);

	if (len == 0)
		return false;
	note_date(s, p, len);
	return match(s, rest, p + len);
}

static bool
is_in_name(char c)
{
	return isalnum((unsigned char)c) || c == '.' || c == '_' || c == '-';
}

/* A run of as few characters as will do. */
static bool
match_run(struct state *s, enum word word, const char *rest, const char *p)
{
	const struct state was = *s;
	bool named = word == HOST || word == SET;

	if (named && !isalnum((unsigned char)*p))
		return false;
	for (size_t len = named; s->steps < STEPS_MAX; len++) {
		unsigned steps = s->steps;

		*s = was;
		s->steps = steps;
		if (named)
			*(word == HOST ? &s->match.host : &s->match.set) =
			    (struct name_part){ (size_t)(p - s->path), len };
		if (match(s, rest, p + len))
			return true;
		if (p[len] == '\0' || (word != STARS && p[len] == '/') ||
		    (named && !is_in_name(p[len])))
			return false;
	}
	return false;
}

static bool
match(struct state *s, const char *pattern, const char *p)
{
	size_t len;

	for (; *pattern != '\0'; pattern += len) {
		enum word word = next_word(pattern, &len);

		if (++s->steps > STEPS_MAX)
			return false;
		switch (word) {
		case PLAIN:
		case PERCENT:
			if (*p++ != *pattern)
				return false;
			break;
		case ONE:
			if (*p == '\0' || *p++ == '/')
				return false;
			break;
		case DATE:
			return match_date(s, pattern + len, p);
		case CONVERSION:
			return match_conversion(s, pattern, pattern + len, p);
		case HOST:
		case SET:
		case STAR:
		case STARS:
			return match_run(s, word, pattern + len, p);
		}
	}
	return *p == '\0' && settle_date(s);
}

bool
name_pattern_match(
    const char *pattern, const char *path, struct name_match *ret)
{
	struct state s = { .path = path };

	for (int i = 0; i < FIELDS; i++)
		s.field[i] = -1;
	if (!match(&s, pattern, path))
		return false;
	*ret = s.match;
	return true;
}
