/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plocate.h"

#include <string.h>

#define IN_BYTES ((size_t)64 * 1024)
#define OUT_BYTES ((size_t)64 * 1024)
#define TIME_SIZE 13

int
plocate_times_open(struct plocate_times *t, int fd, uint64_t len, uint64_t off,
    struct err *err)
{
	*t = (struct plocate_times){ .in.fd = fd, .left = len };
	if (len == 0)
		return 0;
	db_input_seek(&t->in, off);
	if ((t->z = zunpack_new()) == NULL)
		return err_nomem(err);
	return 0;
}

void
plocate_times_done(struct plocate_times *t)
{
	zunpack_free(t->z);
	db_input_done(&t->in);
	buf_done(&t->out);
	*t = (struct plocate_times){ 0 };
}

static int
damaged(const struct plocate_times *t, struct err *err)
{
	return err_set(err, ERR_FORMAT,
	    "directory times that cannot be read, before byte %llu",
	    (unsigned long long)db_input_tell(&t->in));
}

/* More of them behind those at hand. */
static int
unpack(struct plocate_times *t, struct err *err)
{
	const uint8_t *p;
	struct reader from;
	size_t n, was;
	int rc;

	if (t->at > 0) {
		t->out.len -= t->at;
		memmove(t->out.data, t->out.data + t->at, t->out.len);
		t->at = 0;
	}
	if (t->out.cap == 0 && buf_reserve(&t->out, OUT_BYTES) != 0)
		return err_nomem(err);
	if ((rc = db_input_peek(&t->in,
		 t->left < IN_BYTES ? (size_t)t->left : IN_BYTES, &p, &n,
		 err)) != 0)
		return rc;
	if (n > t->left)
		n = (size_t)t->left;
	from = reader_of(p, n);
	was = t->out.len;
	if (!zunpack_part(t->z, &from, &t->out))
		return damaged(t, err);
	n -= reader_left(&from);
	db_input_skip(&t->in, n);
	t->left -= n;
	/* There is room for some, so nothing at all is the end of it. */
	return n == 0 && t->out.len == was ? damaged(t, err) : 0;
}

static int
need(struct plocate_times *t, size_t n, struct err *err)
{
	int rc = 0;

	while (rc == 0 && t->out.len - t->at < n)
		rc = unpack(t, err);
	return rc;
}

int
plocate_times_next(struct plocate_times *t, enum db_name *ret, struct err *err)
{
	static const uint8_t nothing[TIME_SIZE - 1];
	int rc;

	*ret = DB_UNKNOWN;
	if (t->z == NULL)
		return 0;
	if ((rc = need(t, 1, err)) != 0)
		return rc;
	*ret = DB_NO_DIR;
	if (t->out.data[t->at] == 0) {
		t->at++;
		return 0;
	}
	if (t->out.data[t->at] != 1)
		return damaged(t, err);
	if ((rc = need(t, TIME_SIZE, err)) != 0)
		return rc;
	*ret = memcmp(t->out.data + t->at + 1, nothing, sizeof(nothing)) == 0 ?
	    DB_DIR :
	    DB_LOOKED;
	t->at += TIME_SIZE;
	return 0;
}
