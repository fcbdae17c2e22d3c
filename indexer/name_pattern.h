/*
 * What the name of a file in a backup repository says: of which host it is, of
 * which date, and of what. For lindex import and lindex repo.
 *
 *	{host}/{date}.tar.*		web01/2026-11-20.tar.zst
 *	{host}/{set}-%Y%m%d-%H%M.qcow2	web01/root-20261120-0130.qcow2
 *	%y%m%d-{host}.db		261120-web01.db
 *
 *	{host}	a host name; {set}: letters, digits and . _ -
 *	{date}	2026-11-20, 20261120 or 261120, and a time behind it where there
 *		is one: 0130, 01:30, 013005, after nothing, T, _, - or a space
 *	%Y %y %m %d %j %H %M %S %b %s	as in strptime(3), always with all
 *		their digits; %b is Jan to Dec, %s seconds since 1970; %% is %
 *	*	any characters but a slash, ?: one; **: slashes as well
 *
 * The whole path must match. {host}, {set} and the stars are as short as they
 * can be, dates as long, and only dates that there are match. Times are local.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_NAME_PATTERN_H
#define INDEXER_NAME_PATTERN_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A part of the path; len 0: the pattern has none. */
struct name_part {
	size_t at, len;
};

struct name_match {
	struct name_part host, set;
	struct name_part date; /* from its first to its last digit */
	bool has_date;
	int64_t date_ns; /* since 1970 */
	bool has_time;	 /* more exact than the day */
};

/* ERR_USAGE where the pattern itself is wrong: an unknown {word} or %X, one of
 * them twice, half a date. */
int name_pattern_check(const char *pattern, struct err *);
/* The pattern must have passed the check. */
bool name_pattern_match(
    const char *pattern, const char *path, struct name_match *ret);

#endif
