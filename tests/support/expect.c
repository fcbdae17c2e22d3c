/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/expect.h"

#include <stdio.h>
#include <stdlib.h>

void
expect_failed_at(const char *file, int line, const char *why)
{
	(void)fprintf(stderr, "%s:%d: %s\n", file, line, why);
	exit(1);
}
