/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/rising.h"

#include "base/path.h"

#include <stdlib.h>

void
rising_next(struct rising *r, const char *path, size_t len, bool again)
{
	int cmp = 1;

	if (!path_is_valid(path, len))
		abort();
	if (r->last.len > 0)
		cmp = path_cmp(
		    path, len, (const char *)r->last.data, r->last.len);
	if (again ? cmp != 0 : cmp <= 0)
		abort();
	buf_clear(&r->last);
	if (buf_add(&r->last, path, len) != 0)
		abort();
}

void
rising_done(struct rising *r)
{
	buf_done(&r->last);
}
