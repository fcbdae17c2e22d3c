/*
 * The file authorized_keys. Its folder may belong to an account that is not
 * ours: no link in it is followed, and no foreign file is read or copied.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "authorized_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"

#define FILE_MAX ((size_t)16 * 1024 * 1024)
#define TEMP_NAME ".authorized_keys.lindex"

struct place {
	int dirfd;
	char *dir;	  /* owned */
	const char *name; /* of the file; into the caller's path */
};

static void
place_done(struct place *p)
{
	if (p->dirfd >= 0)
		(void)close(p->dirfd);
	free(p->dir);
}

/* A folder as sshd wants it, of whoever has the folder above. */
static int
make_dir(const char *dir, struct err *err)
{
	struct stat above;
	char *up = NULL;
	int rc = 0;

	if (asprintf(&up, "%s/..", dir) < 0)
		return err_nomem(err);
	if (mkdir(dir, 0700) != 0) {
		if (errno != EEXIST)
			rc = err_sys(err, "%s: cannot make it", dir);
	} else if (geteuid() == 0 &&
	    (stat(up, &above) != 0 ||
		lchown(dir, above.st_uid, above.st_gid) != 0))
		rc = err_sys(err, "%s: cannot set its owner", dir);
	free(up);
	return rc;
}

static int
place_open(struct place *ret, const char *file, bool make, struct err *err)
{
	struct place p = { .dirfd = -1 };
	const char *slash = strrchr(file, '/');
	int rc = 0;

	p.name = slash == NULL ? file : slash + 1;
	p.dir = slash == NULL ? strdup(".") :
				strndup(file, (size_t)(slash - file) + 1);
	if (p.dir == NULL)
		return err_nomem(err);
	if (slash != NULL && slash > file)
		p.dir[slash - file] = '\0';
	if (make)
		rc = make_dir(p.dir, err);
	if (rc == 0 &&
	    (p.dirfd = open(
		 p.dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
		rc = err_sys(err, "%s", p.dir);
	if (rc != 0)
		place_done(&p);
	else
		*ret = p;
	return rc;
}

/* 1 when there is none. */
static int
read_file(
    const struct place *p, struct buf *ret, struct stat *st, struct err *err)
{
	struct stat dir;
	int fd = openat(
	    p->dirfd, p->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	int rc = 0;

	if (fd < 0 && errno == ENOENT)
		return 1;
	if (fd < 0)
		return err_sys(err, "%s", p->name);
	if (fstat(fd, st) != 0 || fstat(p->dirfd, &dir) != 0)
		rc = err_sys(err, "%s", p->name);
	else if (!S_ISREG(st->st_mode) || st->st_nlink != 1 ||
	    (st->st_uid != 0 && st->st_uid != geteuid() &&
		st->st_uid != dir.st_uid))
		rc = err_set(err, ERR_REFUSED,
		    "%s: not a plain file of the account's own", p->name);
	else if ((uint64_t)st->st_size > FILE_MAX)
		rc = err_set(err, ERR_FORMAT, "%s: too long", p->name);
	else if (buf_reserve(ret, (size_t)st->st_size) != 0)
		rc = err_nomem(err);
	else if ((rc = file_read_at(fd, ret->data, (size_t)st->st_size, 0,
		      p->name, err)) == 0)
		ret->len = (size_t)st->st_size;
	(void)close(fd);
	return rc;
}

/* Nobody but the owner may write to what sshd believes. */
static int
tighten_dir(const struct place *p, struct err *err)
{
	size_t len = strlen(p->dir);
	struct stat st;

	if (fstat(p->dirfd, &st) != 0)
		return err_sys(err, "%s", p->dir);
	if ((st.st_mode & 022) == 0)
		return 0;
	if (len >= 5 && strcmp(p->dir + len - 5, "/.ssh") == 0 &&
	    fchmod(p->dirfd, st.st_mode & 07755) == 0)
		return 0;
	return err_set(err, ERR_REFUSED,
	    "%s: others can write there, and sshd would not believe a file "
	    "in it",
	    p->dir);
}

static int
write_temp(const struct place *p, const struct buf *text,
    const struct stat *old, struct err *err)
{
	mode_t mode = old != NULL ? old->st_mode & 0755 : 0600;
	int fd, rc;

	/* One that a crash left: the lock is ours. */
	(void)unlinkat(p->dirfd, TEMP_NAME, 0);
	if ((fd = openat(p->dirfd, TEMP_NAME,
		 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) <
	    0)
		return err_sys(err, "%s: cannot be made", TEMP_NAME);
	if ((rc = file_write(fd, text->data, text->len, p->name, err)) == 0 &&
	    (rc = file_adopt(fd, p->dirfd, mode, p->name, err)) == 0 &&
	    old != NULL && geteuid() == 0 &&
	    (fchown(fd, old->st_uid, old->st_gid) != 0 ||
		fchmod(fd, mode) != 0))
		rc = err_sys(err, "%s: cannot keep its owner", p->name);
	if (rc == 0)
		rc = file_sync(fd, p->name, err);
	(void)close(fd);
	return rc;
}

static int
replace_file(const struct place *p, const struct buf *text,
    const struct stat *old, struct err *err)
{
	int rc;

	if ((rc = tighten_dir(p, err)) != 0)
		return rc;
	if ((rc = write_temp(p, text, old, err)) == 0) {
		if (renameat(p->dirfd, TEMP_NAME, p->dirfd, p->name) != 0)
			rc = err_sys(err, "%s: cannot be replaced", p->name);
		else
			return file_sync(p->dirfd, p->dir, err);
	}
	(void)unlinkat(p->dirfd, TEMP_NAME, 0);
	return rc;
}

int
authorized_keys_read(const char *file, struct buf *ret, struct err *err)
{
	struct place p;
	struct stat st;
	int rc;

	if ((rc = place_open(&p, file, false, err)) != 0) {
		if (err->sys == ENOENT)
			return 0;
		return err_wrap(err, "%s", file);
	}
	rc = read_file(&p, ret, &st, err);
	place_done(&p);
	return rc < 0 ? err_wrap(err, "%s", file) : 0;
}

int
authorized_keys_edit(const char *file,
    int (*edit)(void *ctx, struct buf *text, struct err *), void *ctx,
    struct err *err)
{
	struct buf text = { 0 };
	struct place p;
	struct stat st;
	int found, rc;

	if ((rc = place_open(&p, file, true, err)) != 0)
		return err_wrap(err, "%s", file);
	/* The folder is the lock: nothing stays behind. */
	if (flock(p.dirfd, LOCK_EX) != 0)
		rc = err_sys(err, "%s: cannot be locked", p.dir);
	else if ((rc = found = read_file(&p, &text, &st, err)) >= 0 &&
	    (rc = edit(ctx, &text, err)) == 0)
		rc = replace_file(&p, &text, found == 0 ? &st : NULL, err);
	buf_done(&text);
	place_done(&p);
	return rc != 0 ? err_wrap(err, "%s", file) : 0;
}
