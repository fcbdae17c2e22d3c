/*
 * Names of hosts and series, and of the files that belong to them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store_private.h"

#include <stdio.h>
#include <string.h>

#define NAME_BYTES_MAX 253
#define SERIES_BYTES_MAX 1024
#define FILE_BYTES_MAX 255 /* NAME_MAX of the file systems we know */

/* The length of the host name that text begins with; 0 for none. */
static size_t
name_len(const char *text)
{
	static const char alnum[] = "0123456789"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz";
	size_t n = strspn(text, alnum);

	/* One of them first, then also some punctuation. */
	while (n > 0 && text[n] != '\0' &&
	    (strchr("._-", text[n]) != NULL || strchr(alnum, text[n]) != NULL))
		n++;
	return n <= NAME_BYTES_MAX ? n : 0;
}

bool
host_name_is_valid(const char *name)
{
	size_t n = name_len(name);

	return n > 0 && name[n] == '\0';
}

bool
series_name_is_valid(const char *name)
{
	const char *p = name;
	size_t n;

	while ((n = name_len(p)) > 0 && p[n] == '/')
		p += n + 1;
	return n > 0 && p[n] == '\0' &&
	    (size_t)(p - name) + n <= SERIES_BYTES_MAX;
}

int
series_file(const char *series, const char *suffix, struct buf *ret)
{
	size_t start = ret->len, len = strlen(series);
	struct digest d = { 0 };
	char hex[DIGEST_HEX];

	if (buf_add(ret, series, len) != 0)
		return -1;
	for (size_t i = start; i < ret->len; i++)
		if (ret->data[i] == '/')
			ret->data[i] = '+';
	if (len + strlen(suffix) > FILE_BYTES_MAX) {
		/* Too long for a file: its beginning and a hash of all; '='
		 * is in no name. */
		digest_add(&d, series, len, &(struct entry){ 0 });
		ret->len = start + 200;
		if (buf_printf(ret, "=%s", digest_hex(&d, hex)) != 0)
			return -1;
	}
	return buf_add_str(ret, suffix);
}

int
series_path(const struct store *s, const char *series, const char *suffix,
    struct buf *ret)
{
	if (buf_printf(ret, "%s/series/", s->dir) != 0)
		return -1;
	return series_file(series, suffix, ret);
}

const char *
segment_name(uint32_t id, char name[static SEGMENT_NAME])
{
	(void)snprintf(name, SEGMENT_NAME, "%lu.seg", (unsigned long)id);
	return name;
}
