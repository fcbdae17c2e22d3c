/*
 * "1 year 6 months", "3d", "2h30min": numbers with units, as read by
 * when_parse and duration_parse.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct duration {
	int64_t months, days, seconds; /* each 0..2^50 */
	bool ago;		       /* the word stood behind it */
};

/* What `text` says. ERR_NOTFOUND when it does not begin with a number, so is
 * none at all; ERR_USAGE with the reason when it is a wrong one. */
int duration_read(const char *text, struct duration *ret, struct err *);

#endif
