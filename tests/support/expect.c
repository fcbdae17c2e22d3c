/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

void
expect_text_at(const char *file, int line, const char *got, const char *want)
{
	if (strcmp(got, want) == 0)
		return;
	(void)fprintf(
	    stderr, "%s:%d: \"%s\" instead of \"%s\"\n", file, line, got, want);
	exit(1);
}

void
expect_failed_at(const char *file, int line, const char *why)
{
	(void)fprintf(stderr, "%s:%d: %s\n", file, line, why);
	exit(1);
}

void
expect_strings(const struct strlist *list, const char *want)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < list->n; i++)
		expect(buf_printf(&b, "%s ", list->item[i]) == 0);
	expect_text(buf_str(&b), want);
	buf_done(&b);
}
