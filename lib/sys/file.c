/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int
file_read_at(int fd, void *to, size_t len, uint64_t off, const char *name,
    struct err *err)
{
	char *p = to;

	while (len > 0) {
		ssize_t n = pread(fd, p, len, (off_t)off);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "%s: cannot read", name);
		if (n == 0)
			return err_set(err, ERR_FORMAT,
			    "%s: ends at byte %llu, where more should be", name,
			    (unsigned long long)off);
		p += n;
		off += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int
file_write(
    int fd, const void *from, size_t len, const char *name, struct err *err)
{
	const char *p = from;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "%s: cannot write", name);
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int
file_read_all(
    int dirfd, const char *name, size_t max, struct buf *ret, struct err *err)
{
	size_t start = ret->len;
	int fd, rc;

	if ((fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC)) < 0)
		return err_sys(err, "%s: cannot open", name);
	for (;;) {
		ssize_t n;

		if (buf_reserve(ret, 65536) != 0) {
			rc = err_nomem(err);
			goto fail;
		}
		n = read(fd, ret->data + ret->len, 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			rc = err_sys(err, "%s: cannot read", name);
			goto fail;
		}
		if (n == 0)
			break;
		ret->len += (size_t)n;
		if (ret->len - start > max) {
			rc = err_set(err, ERR_FORMAT,
			    "%s: longer than %zu bytes", name, max);
			goto fail;
		}
	}
	(void)close(fd);
	return 0;
fail:
	(void)close(fd);
	ret->len = start;
	return rc;
}

int
file_sync(int fd, const char *name, struct err *err)
{
	if (fsync(fd) != 0)
		return err_sys(err, "%s: cannot sync", name);
	return 0;
}

int
file_adopt(int fd, int dirfd, mode_t mode, const char *name, struct err *err)
{
	struct stat dir, st;
	uid_t uid = (uid_t)-1;

	if (fstat(dirfd, &dir) != 0 || fstat(fd, &st) != 0)
		return err_sys(err, "%s: cannot look at it", name);
	if (geteuid() == 0 && st.st_uid != dir.st_uid)
		uid = dir.st_uid;
	/* Not being in the group is no reason to stop: the owner can read. */
	if ((uid != (uid_t)-1 || st.st_gid != dir.st_gid) &&
	    fchown(fd, uid, dir.st_gid) != 0 && errno != EPERM)
		return err_sys(err, "%s: cannot set its owner", name);
	if ((st.st_mode & 07777) != mode && fchmod(fd, mode) != 0)
		return err_sys(err, "%s: cannot set its mode", name);
	return 0;
}

int
temp_open(struct temp *ret, int dirfd, mode_t mode, struct err *err)
{
	static _Atomic unsigned counter;
	struct temp t = { .fd = -1, .dirfd = dirfd };
	struct stat here, named;
	int rc;

	for (;;) {
		(void)snprintf(t.name, sizeof(t.name), "%ld.%u", (long)getpid(),
		    counter++);
		t.fd = openat(dirfd, t.name,
		    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (t.fd < 0 && errno == EEXIST)
			continue;
		if (t.fd < 0)
			return err_sys(err, "cannot make a temporary file");
		if (flock(t.fd, LOCK_EX) != 0 || fstat(t.fd, &here) != 0) {
			rc = err_sys(err, "cannot lock a temporary file");
			goto fail;
		}
		/* A sweep may have had the lock between open and flock. */
		if (fstatat(dirfd, t.name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
		    named.st_ino == here.st_ino)
			break;
		(void)close(t.fd);
	}
	if ((rc = file_adopt(t.fd, dirfd, mode, t.name, err)) != 0)
		goto fail;
	*ret = t;
	return 0;
fail:
	temp_done(&t);
	return rc;
}

int
temp_rename(struct temp *t, int dirfd, const char *name, struct err *err)
{
	int rc = renameat2(t->dirfd, t->name, dirfd, name, RENAME_NOREPLACE);

	/* A file system that cannot refuse to replace can refuse to link. */
	if (rc != 0 && errno == EINVAL &&
	    (rc = linkat(t->dirfd, t->name, dirfd, name, 0)) == 0)
		(void)unlinkat(t->dirfd, t->name, 0);
	if (rc != 0)
		return err_sys(err, "%s: cannot rename to it", name);
	(void)close(t->fd);
	*t = (struct temp){ 0 };
	return 0;
}

void
temp_done(struct temp *t)
{
	if (t->name[0] == '\0')
		return;
	(void)unlinkat(t->dirfd, t->name, 0);
	(void)close(t->fd);
	*t = (struct temp){ 0 };
}

int
file_unnamed(const char *dir, struct err *err)
{
	char path[4096];
	int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	/* Not every file system can. */
	if ((size_t)snprintf(path, sizeof(path), "%s/sort.XXXXXX", dir) >=
	    sizeof(path)) {
		errno = ENAMETOOLONG;
		return err_sys(err, "temporary in %s", dir);
	}
	if ((fd = mkostemp(path, O_CLOEXEC)) < 0)
		return err_sys(err, "temporary in %s", dir);
	(void)unlink(path);
	return fd;
}

int
temp_sweep(int dirfd, struct err *err)
{
	struct dirent *d;
	DIR *dir;
	int fd;

	if ((fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return err_sys(err, "cannot read the temporaries");
	if ((dir = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return err_sys(err, "cannot read the temporaries");
	}
	while ((d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		fd = openat(dirfd, d->d_name,
		    O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		if (fd < 0)
			continue;
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			(void)unlinkat(dirfd, d->d_name, 0);
		(void)close(fd);
	}
	(void)closedir(dir);
	return 0;
}
