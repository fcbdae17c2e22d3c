/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/lock.h"

#include "base/interrupt.h"
#include "base/when.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* flock has no time-out, and a signal would disturb the caller's program. */
#define TRY_EVERY_MS 1
#define HOLDER_BYTES_MAX 512

static long
ms_since(const struct timespec *start)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000 +
	    (now.tv_nsec - start->tv_nsec) / 1000000;
}

static int
flock_within(int fd, int wait_ms)
{
	const struct timespec nap = { 0, TRY_EVERY_MS * 1000000L };
	struct timespec start;

	if (wait_ms == LOCK_FOREVER) {
		while (flock(fd, LOCK_EX) != 0)
			if (errno != EINTR)
				return -1;
		return 0;
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &start);
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK || ms_since(&start) >= wait_ms)
			return -1;
		if (interrupt_asked() != 0) {
			errno = EINTR;
			return -1;
		}
		(void)nanosleep(&nap, NULL);
	}
	return 0;
}

/* Whether the file locked is still the one that has this name: its last holder
 * may have taken it away. */
static bool
is_current(int fd, int dirfd, const char *name)
{
	struct stat locked, named;

	return fstat(fd, &locked) == 0 &&
	    fstatat(dirfd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

/* One try: 1 when the file that was locked had gone. */
static int
try_lock(int *ret, int dirfd, const char *name, int wait_ms, struct err *err)
{
	int fd, rc, flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;

	if ((fd = openat(dirfd, name, flags)) < 0 && errno == ENOENT) {
		fd = openat(dirfd, name, flags | O_CREAT, 0640);
		if (fd >= 0 &&
		    (rc = file_adopt(fd, dirfd, 0640, name, err)) != 0)
			goto fail;
	}
	if (fd < 0)
		return err_sys(err, "%s: cannot open", name);
	if (flock_within(fd, wait_ms) != 0) {
		rc = errno == EWOULDBLOCK ?
		    err_set(
			err, ERR_BUSY, "%s is held by another process", name) :
		    err_sys(err, "%s: cannot lock", name);
		goto fail;
	}
	if (!is_current(fd, dirfd, name)) {
		rc = 1;
		goto fail;
	}
	*ret = fd;
	return 0;
fail:
	(void)close(fd);
	return rc;
}

int
lock_take(int *ret, int dirfd, const char *name, int wait_ms, struct err *err)
{
	int rc;

	while ((rc = try_lock(ret, dirfd, name, wait_ms, err)) == 1)
		;
	return rc;
}

/* A lock whose file could not be written is a lock. */
void
lock_sign(int fd, const char *what)
{
	struct err ignored = ERR_INIT;
	struct buf text = { 0 };
	char since[WHEN_TEXT];

	if (ftruncate(fd, 0) == 0 &&
	    buf_printf(&text, "process %ld (%s), since %s", (long)getpid(),
		what, when_text(when_now(), since)) == 0)
		(void)file_write(fd, text.data, text.len, "the lock", &ignored);
	buf_done(&text);
}

void
lock_holder(struct buf *ret, int dirfd, const char *name)
{
	struct err ignored = ERR_INIT;

	/* Empty: it took the lock just now. */
	if (file_read_all(dirfd, name, HOLDER_BYTES_MAX, ret, &ignored) != 0 ||
	    ret->len == 0)
		(void)buf_add_str(ret, "another process");
}
