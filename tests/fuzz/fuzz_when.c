/*
 * A time from a command line: its first nanosecond is not after its last, and
 * both come back from their own text.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/when.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
comes_back(int64_t ns)
{
	struct err err = ERR_INIT;
	char text[WHEN_TEXT];
	int64_t again;

	if (when_parse(when_rfc3339(ns, text), 0, WHEN_START, &again, &err) !=
		0 ||
	    again != ns)
		abort();
	(void)when_text(ns, text);
	(void)when_age(ns, text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const int64_t now = INT64_C(1795266005500000000);
	struct err err = ERR_INIT;
	int64_t first, last, length;
	char *text;

	(void)setenv("TZ", "America/St_Johns", 1);
	if ((text = malloc(len + 1)) == NULL)
		return 0;
	if (len > 0)
		memcpy(text, data, len);
	text[len] = '\0';
	if (when_parse(text, now, WHEN_START, &first, &err) == 0) {
		if (when_parse(text, now, WHEN_END, &last, &err) == 0) {
			if (first > last)
				abort();
			comes_back(last);
		}
		comes_back(first);
	}
	if (duration_parse(text, &length, &err) == 0 && length < 0)
		abort();
	free(text);
	return 0;
}
