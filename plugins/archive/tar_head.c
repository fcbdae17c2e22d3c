/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tar_head.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_AT 156u
#define SIZE_AT 124u
#define SIZE_LEN 12u

/* Octal digits, or big-endian behind a first byte of 0x80; too large for any
 * member here where it is neither. */
static uint64_t
size_of(const unsigned char *header)
{
	const unsigned char *p = header + SIZE_AT;
	uint64_t n = 0;

	if (p[0] == 0x80) {
		for (size_t i = SIZE_LEN - 8; i < SIZE_LEN; i++)
			n = n << 8 | p[i];
		return n;
	}
	for (size_t i = 0; i < SIZE_LEN; i++) {
		if (p[i] == ' ' || p[i] == '\0')
			continue;
		if (p[i] < '0' || p[i] > '7')
			return UINT64_MAX;
		n = n << 3 | (p[i] - (uint64_t)'0');
	}
	return n;
}

static bool
dumpdir_leaves_out(const char *p, size_t len)
{
	const char *end = p + len, *nul;

	while (p < end && (nul = memchr(p, '\0', (size_t)(end - p))) != NULL) {
		if (*p == 'N')
			return true;
		p = nul + 1;
	}
	return false;
}

/* The value of GNU.dumpdir among records "LENGTH KEY=VALUE\n"; NULL: none. */
static const char *
find_dumpdir(const char *p, size_t len, size_t *ret_len)
{
	static const char key[] = "GNU.dumpdir=";
	const size_t key_len = sizeof(key) - 1;

	while (len > 0) {
		size_t n = 0, i = 0;

		for (; i < len && i < 9 && p[i] >= '0' && p[i] <= '9'; i++)
			n = n * 10 + (size_t)(p[i] - '0');
		if (i == 0 || i == len || p[i] != ' ' || n > len || n < i + 2)
			return NULL;
		i++;
		if (n - i > key_len && memcmp(p + i, key, key_len) == 0) {
			*ret_len = n - i - key_len - 1;
			return p + i + key_len;
		}
		p += n;
		len -= n;
	}
	return NULL;
}

/* Look at one member's body; NULL where there is no memory, or it is cut off. */
static char *
read_body(tar_read_fn *get, void *ctx, size_t size)
{
	size_t whole = (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
	char *body = malloc(whole + 1);

	if (body != NULL && !get(ctx, body, whole)) {
		free(body);
		return NULL;
	}
	return body;
}

static bool
is_zero(const unsigned char *block)
{
	return block[0] == 0 && memcmp(block, block + 1, TAR_BLOCK - 1) == 0;
}

/* Behind a first block of zeros: nothing but a few more. */
static bool
is_empty(tar_read_fn *get, void *ctx)
{
	unsigned char block[TAR_BLOCK];

	for (size_t n = 0; get(ctx, block, sizeof(block)); n += TAR_BLOCK)
		if (n == TAR_EMPTY_MAX || !is_zero(block))
			return false;
	return true;
}

struct tar_head
tar_head_read(tar_read_fn *get, void *ctx)
{
	unsigned char header[TAR_BLOCK];
	struct tar_head head = { 0 };
	bool any = false; /* dumpdirs */

	for (size_t total = 0; total < TAR_HEAD_MAX;) {
		const char *dumpdir;
		size_t len;
		uint64_t size;
		char *body, type;

		if (!get(ctx, header, sizeof(header)))
			break;
		if (total == 0 && is_zero(header)) {
			head.no_tar = !is_empty(get, ctx);
			return head;
		}
		type = (char)header[TYPE_AT];
		if (total == 0 && type == 'M')
			head.later_volume = true;
		/* A directory, or what comes before one. */
		if (type == '\0' || strchr("D5xgLKV", type) == NULL)
			return head;
		if ((size = size_of(header)) > TAR_BODY_MAX ||
		    (body = read_body(get, ctx, (size_t)size)) == NULL)
			break;
		len = (size_t)size;
		dumpdir = type == 'D' ? body :
		    type == 'x'	      ? find_dumpdir(body, len, &len) :
					NULL;
		if (dumpdir != NULL) {
			any = true;
			head.leaves_out = dumpdir_leaves_out(dumpdir, len);
		}
		free(body);
		if (head.leaves_out)
			return head;
		total += sizeof(header) + len;
	}
	/* Not seen to the end. */
	head.leaves_out = any;
	return head;
}
