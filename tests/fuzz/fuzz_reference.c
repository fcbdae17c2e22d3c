/*
 * Any bytes as a line for lget. What is taken is a series and a path that a store
 * can hold.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "fetch/reference.h"
#include "tests/support/expect.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reference r;
	struct err err = ERR_INIT;
	int rc = reference_parse(&r, (const char *)data, size, 0, &err);

	if (rc == 0) {
		if (!series_name_is_valid(r.series) ||
		    !path_is_valid(r.path, r.len) ||
		    (r.unquoted != NULL &&
			!path_is_valid(r.unquoted, r.unquoted_len)))
			expect_failed("no reference of a store");
		reference_done(&r);
	} else if (rc != 1 && (rc != ERR_USAGE || err.cause[0] == '\0'))
		expect_failed("a failure without words");
	return 0;
}
