/*
 * Calls that fail: the Nth of those that a test's "wrap:" line names. The
 * wrappers of others are never called.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FAULT_FAULTS_H
#define FAULT_FAULTS_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* Calls left before the one that fails; -1: none fails. */
static long faults_left = -1;
static bool faults_hit;	 /* one has failed */
static bool faults_kill; /* instead of failing, the process is killed */

static inline void
faults_arm(long n)
{
	faults_left = n;
	faults_hit = false;
}

static inline void
faults_disarm(void)
{
	faults_left = -1;
}

/* Threads that call at the same time may fail together. */
static inline bool
faults_now(int error)
{
	if (__atomic_load_n(&faults_left, __ATOMIC_RELAXED) < 0 ||
	    __atomic_fetch_sub(&faults_left, 1, __ATOMIC_RELAXED) > 0)
		return false;
	if (faults_kill)
		(void)kill(getpid(), SIGKILL);
	__atomic_store_n(&faults_hit, true, __ATOMIC_RELAXED);
	errno = error;
	return true;
}

/* All our code is built with _FILE_OFFSET_BITS=64, which makes openat and pread
 * openat64 and pread64 to the linker. */
/* clang-format off */
#define FAULT(type, name, params, args, failed, error)		\
	type __real_##name params __attribute__((weak));	\
	type __wrap_##name params;				\
	type __wrap_##name params				\
	{							\
		return faults_now(error) ? (failed) : __real_##name args; \
	}

FAULT(void *, malloc, (size_t n), (n), NULL, ENOMEM)
FAULT(void *, calloc, (size_t n, size_t size), (n, size), NULL, ENOMEM)
FAULT(void *, realloc, (void *p, size_t n), (p, n), NULL, ENOMEM)
FAULT(void *, reallocarray, (void *p, size_t n, size_t size), (p, n, size),
    NULL, ENOMEM)
FAULT(char *, strdup, (const char *s), (s), NULL, ENOMEM)
FAULT(char *, strndup, (const char *s, size_t n), (s, n), NULL, ENOMEM)
FAULT(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n), -1,
    ENOSPC)
FAULT(ssize_t, pread64, (int fd, void *p, size_t n, off_t off),
    (fd, p, n, off), -1, EIO)
FAULT(int, flock, (int fd, int how), (fd, how), -1, ENOLCK)
FAULT(int, renameat2, (int a, const char *b, int c, const char *d,
    unsigned flags), (a, b, c, d, flags), -1, EIO)
FAULT(int, linkat, (int a, const char *b, int c, const char *d, int flags),
    (a, b, c, d, flags), -1, EIO)
FAULT(int, unlinkat, (int dirfd, const char *name, int flags),
    (dirfd, name, flags), -1, EIO)

/* Without the disk: what a test kills is the process, not the machine. */
int __wrap_fsync(int fd);
int
__wrap_fsync(int fd)
{
	(void)fd;
	return faults_now(EIO) ? -1 : 0;
}

/* Variadic; the mode is passed on whether it counts or not. */
int __real_openat64(int dirfd, const char *path, int flags, ...)
    __attribute__((weak));
int __wrap_openat64(int dirfd, const char *path, int flags, ...);
int
__wrap_openat64(int dirfd, const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode = 0;

	if (faults_now(EMFILE))
		return -1;
	va_start(ap, flags);
	if (flags & O_CREAT)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	return __real_openat64(dirfd, path, flags, mode);
}
/* clang-format on */

#endif
