/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "db_input.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART ((size_t)1024 * 1024)

void
db_input_seek(struct db_input *in, uint64_t off)
{
	uint64_t first = in->off - in->part.len;

	if (off >= first && off <= in->off) {
		in->at = (size_t)(off - first);
		return;
	}
	in->off = off;
	in->at = 0;
	buf_clear(&in->part);
}

uint64_t
db_input_tell(const struct db_input *in)
{
	return in->off - (in->part.len - in->at);
}

void
db_input_done(struct db_input *in)
{
	buf_done(&in->part);
}

static ssize_t
read_at(int fd, void *to, size_t len, uint64_t off)
{
	ssize_t n;

	do
		n = pread(fd, to, len, (off_t)off);
	while (n < 0 && errno == EINTR);
	return n;
}

/* One more part behind what is there. *ret: false at the end. */
static int
more(struct db_input *in, bool *ret, struct err *err)
{
	ssize_t n;

	if (in->at > 0) {
		in->part.len -= in->at;
		memmove(in->part.data, in->part.data + in->at, in->part.len);
		in->at = 0;
	}
	if (buf_reserve(&in->part, PART) != 0)
		return err_nomem(err);
	n = read_at(in->fd, in->part.data + in->part.len, PART, in->off);
	if (n < 0)
		return err_sys(
		    err, "at byte %llu", (unsigned long long)in->off);
	in->part.len += (size_t)n;
	in->off += (uint64_t)n;
	*ret = n > 0;
	return 0;
}

int
db_input_peek(struct db_input *in, size_t n, const uint8_t **ret, size_t *ret_n,
    struct err *err)
{
	static const uint8_t nothing[1];
	bool goes_on = true;
	int rc;

	while (in->part.len - in->at < n && goes_on)
		if ((rc = more(in, &goes_on, err)) != 0)
			return rc;
	*ret_n = in->part.len - in->at;
	*ret = *ret_n > 0 ? in->part.data + in->at : nothing;
	return 0;
}

void
db_input_skip(struct db_input *in, size_t n)
{
	in->at += n;
}

int
db_input_until(struct db_input *in, uint8_t end, size_t max, const char **ret,
    size_t *ret_len, struct err *err)
{
	size_t looked = 0, n = 0;
	const uint8_t *p, *found;
	int rc;

	for (;;) {
		if ((rc = db_input_peek(in, looked + 1, &p, &n, err)) != 0)
			return rc;
		found = n > looked ? memchr(p + looked, end, n - looked) : NULL;
		*ret = (const char *)p;
		*ret_len = found != NULL ? (size_t)(found - p) : n;
		if (*ret_len > max)
			return err_set(err, ERR_FORMAT,
			    "more than %zu bytes in a name at byte %llu", max,
			    (unsigned long long)db_input_tell(in));
		if (found != NULL) {
			db_input_skip(in, *ret_len + 1);
			return 0;
		}
		if (n == looked) {
			db_input_skip(in, n);
			return 1;
		}
		looked = n;
	}
}

int
db_cut_short(const struct db_input *in, struct err *err)
{
	struct stat st = { 0 };

	(void)fstat(in->fd, &st);
	return err_set(
	    err, ERR_FORMAT, "cut short at byte %lld", (long long)st.st_size);
}

int
db_read_at(const struct db_input *in, void *to, size_t len, uint64_t off,
    struct err *err)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = read_at(
		    in->fd, (uint8_t *)to + done, len - done, off + done);

		if (n < 0)
			return err_sys(
			    err, "at byte %llu", (unsigned long long)off);
		if (n == 0)
			return db_cut_short(in, err);
		done += (size_t)n;
	}
	return 0;
}
