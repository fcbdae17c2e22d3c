/*
 * The content of files below the directory, and of nothing else: no link leads
 * out of it, and what is no regular file is not opened.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sum.h"
#include "sys/beneath.h"

#define PIECE ((size_t)256 * 1024)

/* A regular file's descriptor; -1 with errno, which is 0 where it is something
 * else. Opening a device can do something to it. */
static int
open_file(const struct fs *fs, const struct lookback_want *want)
{
	struct stat st;
	int fd = beneath_open(fs->fd, want->path + 1, want->len - 1, O_PATH);
	int rc;

	if (fd < 0)
		return -1;
	rc = fstat(fd, &st);
	(void)close(fd);
	if (rc != 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = 0;
		return -1;
	}
	return beneath_open(fs->fd, want->path + 1, want->len - 1,
	    O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

struct copy {
	lookback_piece_fn *give;
	void *ctx;
	size_t i;
	char *buf; /* PIECE bytes */
};

static int
give(const struct copy *c, off_t at, size_t len, int error)
{
	const struct lookback_piece piece = {
		.size = sizeof(piece),
		.offset = (uint64_t)at,
		.data = c->buf,
		.len = len,
		.last = error != 0,
		.why = error != 0 ? strerrordesc_np(error) : NULL,
		.error = error,
	};

	return c->give(c->ctx, c->i, &piece);
}

/* It ends there. Its time is asked for only now: who wrote into it meanwhile
 * changed that. */
static int
give_end(const struct copy *c, int fd, off_t at)
{
	struct lookback_piece piece = { .size = sizeof(piece),
		.offset = (uint64_t)at,
		.data = c->buf,
		.last = true };
	struct stat st;

	if (fstat(fd, &st) == 0) {
		piece.has_mtime = true;
		piece.mtime = st.st_mtim.tv_sec;
		piece.mtime_ns = (uint32_t)st.st_mtim.tv_nsec;
		if (st.st_nlink > 1)
			piece.same = sum_pair(st.st_dev, st.st_ino);
	}
	return c->give(c->ctx, c->i, &piece);
}

/* What the file holds from `at` up to the next hole, or the last of it. */
static int
give_data(const struct copy *c, int fd, off_t *at, bool *ret_last)
{
	off_t hole = lseek(fd, *at, SEEK_HOLE);

	for (;;) {
		size_t want = PIECE;
		ssize_t n;
		int rc;

		if (hole >= 0 && hole - *at < (off_t)want)
			want = (size_t)(hole - *at);
		if (want == 0)
			return 0;
		n = pread(fd, c->buf, want, *at);
		if (n < 0 && errno == EINTR)
			continue;
		*ret_last = n <= 0;
		if (n < 0)
			return give(c, *at, 0, errno);
		if (n == 0)
			return give_end(c, fd, *at);
		if ((rc = give(c, *at, (size_t)n, 0)) != 0)
			return rc;
		*at += n;
	}
}

static int
copy_file(const struct copy *c, int fd)
{
	off_t at = 0, data;
	bool last = false;
	int rc = 0;

	while (rc == 0 && !last) {
		data = lseek(fd, at, SEEK_DATA);
		if (data < 0 && errno == ENXIO) {
			/* A hole up to the end. */
			if ((data = lseek(fd, 0, SEEK_END)) < at)
				data = at;
			return give_end(c, fd, data);
		}
		at = data < 0 ? at : data;
		rc = give_data(c, fd, &at, &last);
	}
	return rc;
}

static int
read_one(
    const struct fs *fs, const struct lookback_want *want, const struct copy *c)
{
	int fd, rc;

	if (want->len < 2)
		return 0;
	fd = open_file(fs, want);
	if (fd < 0)
		switch (errno) {
		case 0:
		case ENOENT:
		case ENOTDIR:
		case ELOOP:
		case EXDEV:
			return 0;
		default:
			return give(c, 0, 0, errno);
		}
	rc = copy_file(c, fd);
	(void)close(fd);
	return rc;
}

int
fs_read(void *self, const struct lookback_want *want, size_t n,
    lookback_piece_fn *piece, void *ctx)
{
	const struct fs *fs = self;
	struct copy c = { .give = piece, .ctx = ctx, .buf = malloc(PIECE) };
	int rc = 0;

	if (c.buf == NULL)
		return fs->host->fail(fs->host->ctx, ENOMEM, "out of memory");
	for (c.i = 0; c.i < n && rc == 0; c.i++)
		rc = read_one(fs, &want[c.i], &c);
	free(c.buf);
	return rc;
}
