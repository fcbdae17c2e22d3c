/*
 * Times as people write and read them. Inside, a time is nanoseconds since
 * 1970 in an int64_t. Local time zone, proleptic Gregorian.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

#define NS_PER_S INT64_C(1000000000)

enum when_edge {
	WHEN_START, /* "2026-11-01" is its first nanosecond (--since) */
	WHEN_END,   /* "2026-11-01" is its last nanosecond (--at, --until) */
};

/* "2026-11-01", "2026-11-01 13:00[:05[.25]]", RFC 3339 ("2026-11-01T13:00:00Z",
 * "+01:00"), "@EPOCH[.frac]", "now", "today", "yesterday", "3 days ago",
 * "2h ago", "1w" ... with the units s, sec, min, h, hour, d, day, w, week, mo,
 * month, y, year and their plurals. A bare "m" or "M" is refused, with the
 * reason (minutes for some tools, months for others). A time of less
 * precision than a nanosecond stands for its first or last one, by `edge`. */
int when_parse(const char *text, int64_t now_ns, enum when_edge, int64_t *ret,
    struct err *);

/* A length of time: "14 days", "36h", "1y6mo" (a month is 30 days, a year
 * 365). For --keep-within and config values. */
int duration_parse(const char *text, int64_t *ret_ns, struct err *);

#define WHEN_TEXT 48
/* "2026-11-01 13:00:05" in local time; returns text. */
const char *when_text(int64_t ns, char text[static WHEN_TEXT]);
/* "2026-11-01 13:00": the short column of lsearch. */
const char *when_text_min(int64_t ns, char text[static WHEN_TEXT]);
/* "2026-11-01T13:00:05.123456789+01:00": RFC 3339, the fraction as short as it
 * can be, parsed back by when_parse to the same nanosecond. */
const char *when_rfc3339(int64_t ns, char text[static WHEN_TEXT]);
/* "3 days", "5 min": an age for people. */
const char *when_age(int64_t ns, char text[static WHEN_TEXT]);

/* The clock. */
int64_t when_now(void);

/* Whether it is more than a day ahead: a clock may be wrong, and a name be in
 * another time zone. */
bool when_is_to_come(int64_t ns);

#endif
