/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
open_piece(int dirfd, const char *path, size_t len, int flags)
{
	struct open_how how = {
		.flags = (__u64)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		    RESOLVE_NO_MAGICLINKS,
	};
	char piece[PATH_MAX];

	if (len >= sizeof(piece)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(piece, path, len);
	piece[len] = '\0';
	return (int)syscall(
	    SYS_openat2, dirfd, len == 0 ? "." : piece, &how, sizeof(how));
}

/* As much at a time as the kernel takes. */
int
beneath_open(int dirfd, const char *path, size_t len, int flags)
{
	int at = dirfd, fd, kept;

	while (len >= PATH_MAX) {
		const char *slash = memrchr(path, '/', PATH_MAX - 1);
		size_t n = slash != NULL ? (size_t)(slash - path) : len;

		fd = open_piece(at, path, n, O_PATH | O_DIRECTORY);
		kept = errno;
		if (at != dirfd)
			(void)close(at);
		errno = kept;
		if (fd < 0)
			return -1;
		at = fd;
		path += n + 1;
		len -= n + 1;
	}
	fd = open_piece(at, path, len, flags);
	kept = errno;
	if (at != dirfd)
		(void)close(at);
	errno = kept;
	return fd;
}
