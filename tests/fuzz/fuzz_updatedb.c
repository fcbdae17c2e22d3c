/*
 * updatedb.conf: whatever is read makes a scope that a store can hold.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct scope s = { 0 }, again = { 0 };
	struct buf b = { 0 };
	struct err err = ERR_INIT;
	unsigned set = 0;

	if (updatedb_parse("f", (const char *)data, len, &s, &set, &err) != 0) {
		if (err.cause[0] == '\0' || strncmp(err.where, "f:", 2) != 0)
			abort();
	} else if (scope_encode(&s, &b) == 0 &&
	    scope_decode(&again, b.data, b.len, &err) != 0)
		abort();
	scope_done(&s);
	scope_done(&again);
	buf_done(&b);
	return 0;
}
