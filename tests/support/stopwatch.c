/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "stopwatch.h"
#include "base/clock.h"

#include <stdlib.h>

double
stopwatch_now(void)
{
	return (double)clock_ns() / 1e9;
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

double
stopwatch_median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), by_value);
	return values[n / 2];
}
