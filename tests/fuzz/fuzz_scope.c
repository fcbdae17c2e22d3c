/*
 * A scope from outside: what decodes encodes to the same bytes, and answers.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/scope.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char path[] = "/srv/p/.git/objects/aa";
	struct scope s;
	struct buf again = { 0 };
	struct err err = ERR_INIT;
	char text[32];

	if (scope_decode(&s, data, len, &err) != 0)
		return 0;
	if (scope_encode(&s, &again) != 0 || again.len != len ||
	    memcmp(again.data, data, len) != 0)
		abort();
	if (scope_prunes(&s, path, strlen(path), text, sizeof(text)) != NULL &&
	    scope_absence_is_gone(NULL, &s, path, strlen(path)))
		abort();
	/* Its own mounts are those that were walked before. */
	if (scope_prunes(&s, path, strlen(path), text, sizeof(text)) == NULL &&
	    !scope_absence_is_gone(&s, &s, path, strlen(path)))
		abort();
	buf_done(&again);
	scope_done(&s);
	return 0;
}
