/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/words.h"

#include <inttypes.h>
#include <string.h>

#define SERIES_SHOWN 3

int
words_no_series(struct buf *b, const struct catalog *cat, const char *series)
{
	size_t len = strcspn(series, "/"), n = 0;
	int rc = buf_add_str(b, "the store has no such series");

	for (size_t i = 0; i < cat->n_series && rc == 0; i++) {
		const char *name = cat->series[i].name;

		if (strncmp(name, series, len) != 0 ||
		    (name[len] != '\0' && name[len] != '/') ||
		    ++n > SERIES_SHOWN)
			continue;
		rc = buf_printf(
		    b, "%s%s", n == 1 ? "; of that host it has " : ", ", name);
	}
	if (rc == 0 && n > SERIES_SHOWN)
		rc = buf_add_str(b, " and others");
	return rc;
}

int
words_version(
    struct buf *b, const char *series, const char *path, const struct entry *e)
{
	const uint8_t known = ENTRY_TYPE | ENTRY_SIZE | ENTRY_MTIME;

	if (e->type != 'f' || (e->fields & known) != known)
		return 0;
	return buf_printf(b, "%.*s %" PRIu64 " %" PRId64 " %s",
	    (int)strcspn(series, "/"), series, e->size, e->mtime, path);
}
