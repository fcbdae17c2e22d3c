/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"
#include "sys/lock.h"

#define WAIT_MS 10000 /* a check takes milliseconds */

static const char *const folders[] = {
	[RECORD_STARTING] = RECORD_DIR "/starting.d",
	[RECORD_STANDS] = RECORD_DIR "/labs.d",
};
#define N_FOLDERS (sizeof(folders) / sizeof(*folders))

const char *
record_path(
    enum record_kind kind, const char *lab, char path[static RECORD_PATH])
{
	(void)snprintf(path, RECORD_PATH, "%s/%.32s.lab", folders[kind], lab);
	return path;
}

bool
record_is_there(enum record_kind kind, const char *lab)
{
	char path[RECORD_PATH];

	return access(record_path(kind, lab, path), F_OK) == 0;
}

/* What was there is replaced whole, or stays: it may be what stands. */
int
record_begin(const char *lab, const struct buf *text, struct err *err)
{
	char path[RECORD_PATH], new[RECORD_PATH];
	int fd, rc;

	(void)record_path(RECORD_STARTING, lab, path);
	(void)snprintf(
	    new, sizeof(new), "%s/%.32s.new", folders[RECORD_STARTING], lab);
	fd = open(
	    new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return err_sys(err, "%s: cannot write", new);
	rc = file_write(fd, text->data, text->len, new, err);
	(void)close(fd);
	if (rc == 0 && rename(new, path) != 0)
		rc = err_sys(err, "%s: cannot be renamed", new);
	if (rc != 0)
		(void)unlink(new);
	return rc;
}

int
record_finish(const char *lab, struct err *err)
{
	char from[RECORD_PATH], to[RECORD_PATH];

	if (rename(record_path(RECORD_STARTING, lab, from),
		record_path(RECORD_STANDS, lab, to)) == 0)
		return 0;
	return err_sys(err, "%s: cannot be renamed", from);
}

void
record_drop(enum record_kind kind, const char *lab)
{
	char path[RECORD_PATH];

	(void)unlink(record_path(kind, lab, path));
}

static int
add_others(
    struct strlist *ret, const char *folder, const char * not, struct err *err)
{
	DIR *dir = opendir(folder);
	const struct dirent *d;
	int rc = 0;

	if (dir == NULL)
		return errno == ENOENT ? 0 : err_sys(err, "%s", folder);
	while (rc == 0 && (d = readdir(dir)) != NULL) {
		struct buf path = { 0 };
		size_t len = strlen(d->d_name);

		if (len <= 4 || strcmp(d->d_name + len - 4, ".lab") != 0 ||
		    (len - 4 == strlen(not ) &&
			memcmp(d->d_name, not, len - 4) == 0))
			continue;
		if (buf_printf(&path, "%s/%s", folder, d->d_name) != 0 ||
		    strlist_add(ret, (const char *)path.data, path.len) != 0)
			rc = err_nomem(err);
		buf_done(&path);
	}
	(void)closedir(dir);
	return rc;
}

int
record_others(struct strlist *ret, const char *lab, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < N_FOLDERS && rc == 0; i++)
		rc = add_others(ret, folders[i], lab, err);
	return rc;
}

/* ---- locks ---- */

static int
make_dir(const char *path, struct err *err)
{
	return mkdir(path, 0755) == 0 || errno == EEXIST ?
	    0 :
	    err_sys(err, "%s: cannot be made", path);
}

static int
take(struct record_lock *lock, int wait_ms, struct err *err)
{
	int rc = make_dir(RECORD_DIR, err);

	for (size_t i = 0; i < N_FOLDERS && rc == 0; i++)
		rc = make_dir(folders[i], err);
	if (rc != 0)
		return rc;
	lock->dirfd = open(RECORD_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock->dirfd < 0)
		return err_sys(err, RECORD_DIR);
	rc = lock_take(&lock->fd, lock->dirfd, lock->name, wait_ms, err);
	if (rc != 0 && rc != ERR_BUSY)
		rc = err_wrap(err, RECORD_DIR);
	return rc;
}

int
record_lock_lab(struct record_lock *lock, const char *lab, const char *what,
    struct err *err)
{
	int rc;

	*lock = (struct record_lock){ .dirfd = -1, .fd = -1 };
	(void)snprintf(lock->name, sizeof(lock->name), "%.32s.lock", lab);
	if ((rc = take(lock, 0, err)) == 0) {
		lock_sign(lock->fd, what);
		return 0;
	}
	if (rc == ERR_BUSY) {
		struct buf who = { 0 };

		lock_holder(&who, lock->dirfd, lock->name);
		(void)err_set(
		    err, ERR_BUSY, "%s is at work on it", buf_str(&who));
		buf_done(&who);
	}
	record_unlock(lock);
	return rc;
}

int
record_lock_all(struct record_lock *lock, struct err *err)
{
	int rc;

	*lock = (struct record_lock){ .dirfd = -1, .fd = -1, .name = ".lock" };
	if ((rc = take(lock, WAIT_MS, err)) != 0)
		record_unlock(lock);
	return rc;
}

void
record_unlock(struct record_lock *lock)
{
	if (lock->fd >= 0) {
		(void)unlinkat(lock->dirfd, lock->name, 0);
		(void)close(lock->fd);
	}
	if (lock->dirfd >= 0)
		(void)close(lock->dirfd);
	lock->dirfd = lock->fd = -1;
}
