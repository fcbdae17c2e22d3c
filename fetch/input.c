/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/input.h"

#include <errno.h>
#include <unistd.h>

#define INPUT_MAX ((size_t)128 * 1024 * 1024)
#define STEP ((size_t)64 * 1024)

int
input_read(struct buf *ret, struct err *err)
{
	ssize_t n;

	do {
		if (buf_reserve(ret, STEP) != 0)
			return err_nomem(err);
		n = read(STDIN_FILENO, ret->data + ret->len, STEP);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "stdin");
		ret->len += (size_t)n;
		if (ret->len > INPUT_MAX)
			return err_set(err, ERR_REFUSED,
			    "stdin: more than %zu MiB of references",
			    INPUT_MAX / (1024 * 1024));
	} while (n != 0);
	return 0;
}

bool
input_next(const struct buf *b, size_t *at, const char **ret, size_t *ret_len)
{
	const char *text = (const char *)b->data;
	const char *end;
	int by;

	if (*at >= b->len)
		return false;
	by = memchr(text, '\0', b->len) != NULL ? '\0' : '\n';
	end = memchr(text + *at, by, b->len - *at);
	*ret = text + *at;
	*ret_len = end != NULL ? (size_t)(end - *ret) : b->len - *at;
	*at += *ret_len + 1;
	return true;
}
