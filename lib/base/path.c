/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/path.h"

#include <stdint.h>
#include <string.h>

size_t
path_common(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t n = alen < blen ? alen : blen, i = 0;

	for (; i + 8 <= n; i += 8) {
		uint64_t x, y;

		memcpy(&x, a + i, 8);
		memcpy(&y, b + i, 8);
		if (x != y)
			break;
	}
	while (i < n && a[i] == b[i])
		i++;
	return i;
}

int
path_cmp(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t i = path_common(a, alen, b, blen);
	int x, y;

	if (i == alen || i == blen)
		return (alen > blen) - (alen < blen);
	x = a[i] == '/' ? 0 : (unsigned char)a[i];
	y = b[i] == '/' ? 0 : (unsigned char)b[i];
	return x - y;
}

bool
path_below(const char *path, size_t len, const char *dir, size_t dlen)
{
	if (dlen == 1 && dir[0] == '/')
		return len > 1;
	return len > dlen && path[dlen] == '/' && memcmp(path, dir, dlen) == 0;
}

size_t
path_parent_len(const char *path, size_t len)
{
	if (len <= 1)
		return 0;
	while (path[len - 1] != '/')
		len--;
	return len == 1 ? 1 : len - 1;
}

bool
path_is_valid(const char *path, size_t len)
{
	if (len == 0 || len > PATH_BYTES_MAX || path[0] != '/' ||
	    memchr(path, '\0', len) != NULL)
		return false;
	return len == 1 ||
	    (path[len - 1] != '/' && memmem(path, len, "//", 2) == NULL);
}
