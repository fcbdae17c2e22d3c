/*
 * What measuring helpers share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_STOPWATCH_H
#define SUPPORT_STOPWATCH_H

#include <stddef.h>

/* Seconds since no matter when. */
double stopwatch_now(void);
/* The one in the middle; sorts them. */
double stopwatch_median(double *values, size_t n);

#endif
