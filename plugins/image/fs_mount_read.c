/*
 * Content of files that the kernel reads for us.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_mount_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sum.h"

#define PIECE ((size_t)1024 * 1024)

/* The next data from off on, up to a hole or a piece's end. */
static void
read_piece(int fd, uint64_t off, uint64_t size, uint8_t *buf,
    struct lookback_piece *ret)
{
	off_t from = lseek(fd, (off_t)off, SEEK_DATA), to;
	size_t len = PIECE;
	ssize_t n = 0;

	*ret = (struct lookback_piece){ .size = sizeof(*ret), .data = buf };
	/* Nothing but a hole is left: the size alone. */
	if (from < 0)
		from = (off_t)(errno == ENXIO ? size : off);
	if ((uint64_t)from > size)
		from = (off_t)size;
	to = lseek(fd, from, SEEK_HOLE);
	if (to > from && (uint64_t)(to - from) < len)
		len = (size_t)(to - from);
	ret->offset = (uint64_t)from;
	if (ret->offset < size && (n = pread(fd, buf, len, from)) < 0) {
		ret->error = errno;
		ret->why = strerror(errno);
	} else {
		ret->len = (size_t)n;
	}
	ret->last = n <= 0 || ret->offset + ret->len >= size;
}

/* What give returned. */
static int
read_file(int fd, size_t i, uint8_t *buf, lookback_piece_fn *give, void *ctx)
{
	struct lookback_piece piece = { .last = false };
	struct stat st;
	int rc = 0;

	/* What is no file has no content. */
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return 0;
	while (rc == 0 && !piece.last) {
		read_piece(fd, piece.offset + piece.len, (uint64_t)st.st_size,
		    buf, &piece);
		piece.has_mtime = piece.last;
		piece.mtime = st.st_mtim.tv_sec;
		piece.mtime_ns = (uint32_t)st.st_mtim.tv_nsec;
		if (st.st_nlink > 1)
			piece.same = sum_pair(st.st_dev, st.st_ino);
		rc = give(ctx, i, &piece);
	}
	return rc;
}

int
fs_mount_read(struct fs *fs, const struct lookback_want *want, size_t n,
    lookback_piece_fn *give, void *ctx, int *ret_stop, struct err *err)
{
	struct fs_mount *m = (struct fs_mount *)fs;
	uint8_t *buf = malloc(PIECE);
	int rc = 0;

	if (buf == NULL)
		return err_nomem(err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		int fd = fs_mount_at(m->root, want[i].path, want[i].len,
		    O_RDONLY | O_NONBLOCK | O_NOCTTY);

		if (fd >= 0) {
			rc = read_file(fd, i, buf, give, ctx);
			(void)close(fd);
		} else if (errno != ENOENT && errno != ENOTDIR &&
		    errno != ELOOP) {
			const struct lookback_piece piece = {
				.size = sizeof(piece),
				.last = true,
				.why = strerror(errno),
				.error = errno,
			};
			rc = give(ctx, i, &piece);
		}
	}
	free(buf);
	*ret_stop = rc;
	return rc != 0 ? 1 : 0;
}
