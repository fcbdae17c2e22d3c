/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/wall.h"
#include "base/when.h"

#include <stdio.h>
#include <stdlib.h>

static const char *
put_wall(int64_t ns, char separator, bool seconds, char text[static WHEN_TEXT])
{
	int64_t rest, sec = wall_seconds(ns, &rest);
	struct wall w = wall_at(sec, NULL);
	int n = snprintf(text, WHEN_TEXT, "%04d-%02d-%02d%c%02d:%02d", w.year,
	    w.month, w.day, separator, w.hour, w.minute);

	if (seconds && n > 0)
		(void)snprintf(
		    text + n, WHEN_TEXT - (size_t)n, ":%02d", w.second);
	return text;
}

const char *
when_text(int64_t ns, char text[static WHEN_TEXT])
{
	return put_wall(ns, ' ', true, text);
}

const char *
when_text_min(int64_t ns, char text[static WHEN_TEXT])
{
	return put_wall(ns, ' ', false, text);
}

const char *
when_rfc3339(int64_t ns, char text[static WHEN_TEXT])
{
	int64_t rest, sec = wall_seconds(ns, &rest);
	int offset, n, digits = 9;
	struct wall w = wall_at(sec, &offset);

	/* RFC 3339 has no zones of odd seconds, as there were before 1940. */
	if (offset % 60 != 0) {
		w = wall_of_utc(sec);
		offset = 0;
	}
	n = snprintf(text, WHEN_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d", w.year,
	    w.month, w.day, w.hour, w.minute, w.second);
	if (rest != 0) {
		for (; rest % 10 == 0; rest /= 10)
			digits--;
		n += snprintf(text + n, WHEN_TEXT - (size_t)n, ".%0*lld",
		    digits, (long long)rest);
	}
	if (offset == 0)
		(void)snprintf(text + n, WHEN_TEXT - (size_t)n, "Z");
	else
		(void)snprintf(text + n, WHEN_TEXT - (size_t)n, "%c%02d:%02d",
		    offset < 0 ? '-' : '+', abs(offset) / 3600,
		    abs(offset) / 60 % 60);
	return text;
}

const char *
when_age(int64_t ns, char text[static WHEN_TEXT])
{
	static const struct {
		int64_t least, size; /* seconds: from, one of it */
		const char *name;
	} unit[] = {
		{ 2 * 365 * 86400, 365 * 86400, "years" },
		{ 60 * 86400, 30 * 86400, "months" },
		{ 2 * 86400, 86400, "days" },
		{ 3600, 3600, "h" },
		{ 60, 60, "min" },
		{ 0, 1, "s" },
	};
	int64_t sec = ns / NS_PER_S, size = sec < 0 ? -sec : sec;
	size_t i = 0;

	while (size < unit[i].least)
		i++;
	(void)snprintf(text, WHEN_TEXT, "%s%lld %s", sec < 0 ? "-" : "",
	    (long long)(size / unit[i].size), unit[i].name);
	return text;
}
