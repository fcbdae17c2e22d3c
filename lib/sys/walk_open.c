/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/walk_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DIR_FLAGS (O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

int
open_child(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_NOATIME | DIR_FLAGS);

	/* Only the owner and root may leave the access time alone. */
	if (fd < 0 && errno == EPERM)
		fd = openat(dirfd, name, O_RDONLY | DIR_FLAGS);
	return fd;
}

/* A component, or a few of them, in PATH_MAX bytes. */
static int
open_piece(int dirfd, const char *path, size_t len, int flags, bool steps)
{
	char piece[PATH_MAX];
	struct open_how how = {
		.flags = (__u64)(flags | DIR_FLAGS),
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	if (len >= sizeof(piece)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(piece, path, len);
	piece[len] = '\0';
	if (steps && flags == O_RDONLY)
		return open_child(dirfd, piece);
	if (steps)
		return openat(dirfd, piece, flags | DIR_FLAGS);
	if (flags == O_RDONLY)
		how.flags |= O_NOATIME;
	fd = (int)syscall(SYS_openat2, dirfd, piece, &how, sizeof(how));
	if (fd < 0 && errno == EPERM && flags == O_RDONLY) {
		how.flags &= ~(__u64)O_NOATIME;
		fd = (int)syscall(SYS_openat2, dirfd, piece, &how, sizeof(how));
	}
	return fd;
}

/* Piece by piece, each as long as it may be. */
static int
open_pieces(int dirfd, const char *path, size_t len, int flags, bool steps)
{
	size_t max = steps ? 0 : PATH_MAX - 1;
	int at = dirfd;

	if (len == 0) {
		path = ".";
		len = 1;
	}
	for (;;) {
		size_t n = len;
		const char *slash = NULL;
		int fd, saved;

		if (len > max) {
			slash = memrchr(path, '/', max);
			if (slash == NULL)
				slash = memchr(path, '/', len);
		}
		if (slash != NULL)
			n = (size_t)(slash - path);
		fd = open_piece(
		    at, path, n, slash != NULL ? O_PATH : flags, steps);
		saved = errno;
		if (at != dirfd)
			(void)close(at);
		errno = saved;
		if (fd < 0 || slash == NULL)
			return fd;
		at = fd;
		path += n + 1;
		len -= n + 1;
	}
}

int
open_steps(int dirfd, const char *path, size_t len, int flags)
{
	return open_pieces(dirfd, path, len, flags, true);
}

int
open_below(int dirfd, const char *path, size_t len, int flags)
{
	int fd = open_pieces(dirfd, path, len, flags, false);

	/* Older kernels say ENOSYS, older jails EPERM. */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = open_steps(dirfd, path, len, flags);
	return fd;
}
