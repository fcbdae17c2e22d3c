/*
 * The clock on the wall: years to seconds in the local time zone, which may
 * show a time twice (clocks set back) or never (clocks set forward).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_WALL_H
#define BASE_WALL_H

#include <stdbool.h>
#include <stdint.h>

struct wall {
	int year, month, day; /* 2026, 1..12, 1..31 */
	int hour, minute, second;
};

/* What the local clock shows at this second since 1970, and the zone's seconds
 * east of Greenwich in *ret_offset, which may be NULL. */
struct wall wall_at(int64_t sec, int *ret_offset);

/* Whether this is a date of the calendar and a time of a day. */
bool wall_is_valid(const struct wall *);

/* <0, 0, >0. */
int wall_cmp(const struct wall *, const struct wall *);

/* Seconds since 1970 at which a clock in Greenwich shows this, and back. */
int64_t wall_utc(const struct wall *);
struct wall wall_of_utc(int64_t sec);

/* Nanoseconds as whole seconds, rounded down, and the rest above them. */
int64_t wall_seconds(int64_t ns, int64_t *ret_rest);

/* The first and the last second at which the local clock shows this; false
 * when it never does, and then both are the first second after the gap. */
bool wall_local(const struct wall *, int64_t *ret_first, int64_t *ret_last);

#endif
