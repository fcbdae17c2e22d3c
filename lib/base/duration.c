/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/duration.h"
#include "base/when.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LIMIT (INT64_C(1) << 50)

struct unit {
	const char *name; /* also with an s */
	int months, days, seconds;
};

static const struct unit units[] = {
	{ "s", 0, 0, 1 },
	{ "sec", 0, 0, 1 },
	{ "second", 0, 0, 1 },
	{ "min", 0, 0, 60 },
	{ "minute", 0, 0, 60 },
	{ "h", 0, 0, 3600 },
	{ "hour", 0, 0, 3600 },
	{ "d", 0, 1, 0 },
	{ "day", 0, 1, 0 },
	{ "w", 0, 7, 0 },
	{ "week", 0, 7, 0 },
	{ "mo", 1, 0, 0 },
	{ "month", 1, 0, 0 },
	{ "y", 12, 0, 0 },
	{ "year", 12, 0, 0 },
};

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *
spaces(const char *p)
{
	while (is_space(*p))
		p++;
	return p;
}

static const struct unit *
unit_find(const char *word, size_t len)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		const char *name = units[i].name;
		size_t n = strlen(name);

		if (strncasecmp(word, name, n) == 0 &&
		    (len == n ||
			(n > 1 && len == n + 1 && strchr("sS", word[n]))))
			return &units[i];
	}
	return NULL;
}

/* sum += n * factor, within the limit. */
static bool
add(int64_t *sum, int64_t n, int factor)
{
	return !__builtin_mul_overflow(n, factor, &n) &&
	    !__builtin_add_overflow(*sum, n, sum) && *sum <= LIMIT;
}

int
duration_read(const char *text, struct duration *ret, struct err *err)
{
	struct duration d = { 0 };
	const char *p = spaces(text);

	if (*p < '0' || *p > '9')
		return err_set(
		    err, ERR_NOTFOUND, "\"%.64s\" has no number", text);
	while (*p >= '0' && *p <= '9') {
		const struct unit *unit;
		const char *word;
		int64_t n = 0;
		size_t len;

		for (; *p >= '0' && *p <= '9'; p++)
			if (n <= LIMIT)
				n = n * 10 + (*p - '0');
		word = p = spaces(p);
		while (is_letter(*p))
			p++;
		len = (size_t)(p - word);
		if (len == 1 && (*word == 'm' || *word == 'M'))
			return err_set(err, ERR_USAGE,
			    "\"%.64s\": \"%c\" is minutes to some programs and "
			    "months to others: write \"min\" or \"mo\"",
			    text, *word);
		if (len == 0 || (len == 3 && strncasecmp(word, "ago", 3) == 0))
			return err_set(err, ERR_USAGE,
			    "\"%.64s\" lacks a unit: s, min, h, d, w, mo or y",
			    text);
		if ((unit = unit_find(word, len)) == NULL)
			return err_set(err, ERR_USAGE,
			    "\"%.64s\": unknown unit \"%.*s\": want s, min, h, "
			    "d, w, mo or y",
			    text, len < 32 ? (int)len : 32, word);
		if (!add(&d.months, n, unit->months) ||
		    !add(&d.days, n, unit->days) ||
		    !add(&d.seconds, n, unit->seconds))
			return err_set(err, ERR_USAGE,
			    "\"%.64s\" is too long a time", text);
		p = spaces(p);
	}
	if (strncasecmp(p, "ago", 3) == 0) {
		d.ago = true;
		p = spaces(p + 3);
	}
	if (*p != '\0')
		return err_set(err, ERR_USAGE,
		    "\"%.64s\": cannot read \"%.32s\"", text, p);
	*ret = d;
	return 0;
}

int
duration_parse(const char *text, int64_t *ret_ns, struct err *err)
{
	struct duration d;
	int64_t ns, part;
	int rc;

	if ((rc = duration_read(text, &d, err)) == ERR_NOTFOUND)
		return err_set(err, ERR_USAGE,
		    "\"%.64s\" is no length of time: want \"14 days\", \"36h\" "
		    "or \"1y6mo\"",
		    text);
	if (rc != 0)
		return rc;
	if (d.ago)
		return err_set(err, ERR_USAGE,
		    "\"%.64s\" is a time, not a length of time", text);
	/* Twelve months are a year of 365 days. */
	d.days += d.months / 12 * 365 + d.months % 12 * 30;
	if (__builtin_mul_overflow(d.days, 86400 * NS_PER_S, &ns) ||
	    __builtin_mul_overflow(d.seconds, NS_PER_S, &part) ||
	    __builtin_add_overflow(ns, part, &ns))
		return err_set(
		    err, ERR_USAGE, "\"%.64s\" is too long a time", text);
	*ret_ns = ns;
	return 0;
}
