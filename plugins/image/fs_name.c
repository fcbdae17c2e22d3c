/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_tree.h"

#include <string.h>

int
fs_name_cmp(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen)
{
	int c = memcmp(a, b, alen < blen ? alen : blen);

	return c != 0 ? c : (alen > blen) - (alen < blen);
}

bool
fs_name_is_valid(const uint8_t *name, size_t len)
{
	return len > 0 && len <= FS_NAME_MAX &&
	    memchr(name, '/', len) == NULL && memchr(name, '\0', len) == NULL;
}

bool
fs_name_is_dots(const uint8_t *name, size_t len)
{
	return (len == 1 || len == 2) && name[0] == '.' && name[len - 1] == '.';
}
