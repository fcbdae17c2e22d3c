/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/path.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* The index of the first byte, in memory, in which two words differ. */
static size_t
first_difference(uint64_t x, uint64_t y)
{
	return (size_t)__builtin_ctzll(le64toh(x ^ y)) / 8;
}

size_t
path_common(const char *a, size_t alen, const char *b, size_t blen)
{
	size_t n = alen < blen ? alen : blen, i = 0;
	uint64_t x, y;

	while (i + 8 <= n) {
		memcpy(&x, a + i, 8);
		memcpy(&y, b + i, 8);
		if (x != y)
			return i + first_difference(x, y);
		i += 8;
	}
	if (n >= 8) {
		/* The last word once more, over bytes known to be equal. */
		memcpy(&x, a + n - 8, 8);
		memcpy(&y, b + n - 8, 8);
		return x == y ? n : n - 8 + first_difference(x, y);
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

size_t
path_trim(const char *path, size_t len)
{
	while (len > 1 && path[len - 1] == '/')
		len--;
	return len;
}

size_t
path_normalise(char *to, const char *name, size_t len)
{
	size_t n = 0, next;

	for (size_t at = 0; at < len; at = next + 1) {
		const char *part = name + at;
		const char *slash = memchr(part, '/', len - at);
		size_t part_len;

		next = slash != NULL ? (size_t)(slash - name) : len;
		part_len = next - at;
		if (part_len == 0 || (part_len == 1 && part[0] == '.'))
			continue;
		to[n++] = '/';
		memcpy(to + n, part, part_len);
		n += part_len;
	}
	if (n == 0)
		to[n++] = '/';
	return n;
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

unsigned
path_byte_rank(unsigned char c)
{
	/* By the files of Debian's packages. */
	static const unsigned char rank[256] = {
		['%'] = 1,
		[','] = 2,
		['@'] = 3,
		[' '] = 4,
		[':'] = 5,
		['+'] = 6,
		['7'] = 7,
		['9'] = 8,
		['q'] = 9,
		['z'] = 10,
		['5'] = 11,
		['8'] = 12,
		['j'] = 13,
		['4'] = 14,
		['3'] = 15,
		['6'] = 16,
		['w'] = 17,
		['0'] = 18,
		['2'] = 19,
		['1'] = 20,
		['v'] = 21,
		['k'] = 22,
		['y'] = 23,
		['x'] = 24,
		['f'] = 25,
		['\0'] = 26,
		['b'] = 27,
		['_'] = 28,
		['.'] = 29,
		['g'] = 30,
		['-'] = 31,
		['p'] = 32,
		['d'] = 33,
		['m'] = 34,
		['h'] = 35,
		['n'] = 36,
		['u'] = 37,
		['l'] = 38,
		['i'] = 39,
		['o'] = 40,
		['c'] = 41,
		['a'] = 42,
		['t'] = 43,
		['r'] = 44,
		['e'] = 45,
		['s'] = 46,
		['/'] = 47,
	};

	return rank[c];
}
