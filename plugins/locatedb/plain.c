/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plain.h"

#include "base/path.h"

#include <string.h>

/* Where there is a NUL in these, paths end with one. */
#define LOOK ((size_t)1024 * 1024)

int
plain_open(struct plain *l, int fd, bool gnu, struct err *err)
{
	const uint8_t *p;
	size_t n;
	int rc;

	*l = (struct plain){ .in.fd = fd, .gnu = gnu, .end = '\0' };
	if ((rc = db_input_peek(&l->in, LOOK, &p, &n, err)) != 0)
		return rc;
	if (gnu)
		db_input_skip(&l->in, GNU_MAGIC_SIZE);
	else if (n == 0 || memchr(p, '\0', n < LOOK ? n : LOOK) == NULL)
		l->end = '\n';
	return 0;
}

void
plain_done(struct plain *l)
{
	db_input_done(&l->in);
	buf_done(&l->text);
	buf_done(&l->path);
}

/* How much the next one takes from the one before: 1 at the end. */
static int
take_common(struct plain *l, struct err *err)
{
	uint64_t off = db_input_tell(&l->in);
	const uint8_t *p;
	long common = (long)l->common;
	size_t n, size = 1;
	int rc;

	if ((rc = db_input_peek(&l->in, 3, &p, &n, err)) != 0)
		return rc;
	if (n == 0)
		return 1;
	if (*p == 0x80) {
		size = 3;
		if (n < size)
			return db_cut_short(&l->in, err);
		common += (int16_t)(p[1] << 8 | p[2]);
	} else
		common += (int8_t)*p;
	db_input_skip(&l->in, size);
	if (common < 0 || (size_t)common > l->text.len)
		return err_set(err, ERR_FORMAT, "no path at byte %llu",
		    (unsigned long long)off);
	l->common = (size_t)common;
	return 0;
}

static int
next_gnu(struct plain *l, const char **ret, size_t *ret_len, struct err *err)
{
	const char *rest;
	size_t len;
	int rc;

	if ((rc = take_common(l, err)) != 0)
		return rc;
	rc = db_input_until(&l->in, '\0', PATH_BYTES_MAX, &rest, &len, err);
	if (rc != 0)
		return rc < 0 ? rc : db_cut_short(&l->in, err);
	if (len > PATH_BYTES_MAX - l->common)
		return err_set(err, ERR_FORMAT, "too long a path at byte %llu",
		    (unsigned long long)db_input_tell(&l->in));
	l->text.len = l->common;
	if (buf_add(&l->text, rest, len) != 0)
		return err_nomem(err);
	*ret = (const char *)l->text.data;
	*ret_len = l->text.len;
	return 0;
}

/* The last line may have no end. */
static int
next_line(struct plain *l, const char **ret, size_t *ret_len, struct err *err)
{
	int rc = db_input_until(
	    &l->in, l->end, PATH_BYTES_MAX, ret, ret_len, err);

	return rc == 1 && *ret_len > 0 ? 0 : rc;
}

int
plain_next(struct plain *l, const char **ret, size_t *ret_len, struct err *err)
{
	const char *name;
	size_t len = 0;
	int rc;

	do
		rc = l->gnu ? next_gnu(l, &name, &len, err) :
			      next_line(l, &name, &len, err);
	while (rc == 0 && len == 0);
	if (rc != 0)
		return rc;
	if (memchr(name, '\0', len) != NULL)
		return err_set(err, ERR_FORMAT,
		    "lines, and a NUL before byte %llu",
		    (unsigned long long)db_input_tell(&l->in));
	buf_clear(&l->path);
	if (buf_reserve(&l->path, len + 1) != 0)
		return err_nomem(err);
	l->path.len = path_normalise((char *)l->path.data, name, len);
	*ret = (const char *)l->path.data;
	*ret_len = l->path.len;
	return 0;
}
