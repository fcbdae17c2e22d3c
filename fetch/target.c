/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/target_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "sys/beneath.h"

int
target_open(struct target *t, const char *name, struct err *err)
{
	t->name = name;
	t->dirfd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return t->dirfd < 0 ? err_sys(err, "%s", name) : 0;
}

int
target_open_spool(struct target *t, struct err *err)
{
	const char *dir = getenv("TMPDIR");

	if (dir == NULL || dir[0] == '\0')
		dir = "/tmp";
	t->spool = open(dir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	return t->spool < 0 ? err_sys(err, "%s", dir) : 0;
}

void
target_close(struct target *t)
{
	if (t->dirfd >= 0)
		(void)close(t->dirfd);
	if (t->spool >= 0)
		(void)close(t->spool);
	t->dirfd = t->spool = -1;
}

int
target_check_name(const char *rel, size_t len, struct err *err)
{
	for (size_t at = 0, n; at <= len; at += n + 1) {
		const char *p = rel + at;
		const char *slash = memchr(p, '/', len - at);

		n = slash != NULL ? (size_t)(slash - p) : len - at;
		if (n == 0 ||
		    (p[0] == '.' && (n == 1 || (n == 2 && p[1] == '.'))))
			return err_set(err, ERR_USAGE,
			    "its name has a part \"%.*s\", and such names are "
			    "not brought back",
			    (int)n, p);
	}
	return 0;
}

int
target_parent(const struct target *t, const char *rel, int *ret_fd,
    const char **ret_name, struct err *err)
{
	const char *slash = strrchr(rel, '/');
	size_t len = slash != NULL ? (size_t)(slash - rel) : 0;
	int rc;

	if ((rc = target_check_name(rel, strlen(rel), err)) != 0)
		return rc;
	*ret_fd = beneath_open(t->dirfd, rel, len, O_RDONLY | O_DIRECTORY);
	*ret_name = slash != NULL ? slash + 1 : rel;
	if (*ret_fd >= 0)
		return 0;
	return errno == ELOOP ?
	    err_set(err, ERR_REFUSED,
		"%s: a link stands on the way, and none is followed", rel) :
	    err_sys(err, "%s", rel);
}

bool
target_is_the_end(const struct err *err)
{
	switch (err->code) {
	case ERR_SYS:
		return err->sys == ENOSPC || err->sys == EDQUOT ||
		    err->sys == EROFS || err->sys == EIO || err->sys == EPIPE ||
		    err->sys == EBADF;
	case ERR_NOMEM:
	case ERR_CANCELLED:
		return true;
	default:
		return false;
	}
}

static int
is_there(const char *rel, struct err *err)
{
	return err_set(err, ERR_REFUSED, "%s is there already", rel);
}

int
target_is_free(const struct target *t, const char *rel, struct err *err)
{
	const char *name;
	struct stat st;
	int fd, rc;

	if ((rc = target_parent(t, rel, &fd, &name, err)) != 0)
		return rc;
	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		if (S_ISDIR(st.st_mode))
			rc = err_set(err, ERR_REFUSED,
			    "%s is a directory, and none is replaced", rel);
		else if (!t->force)
			rc = is_there(rel, err);
	} else if (errno != ENOENT)
		rc = err_sys(err, "%s", rel);
	(void)close(fd);
	return rc;
}

int
temp_name(char ret[static TEMP_NAME], struct err *err)
{
	unsigned long long random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return err_sys(err, "random bytes");
	(void)snprintf(ret, TEMP_NAME, ".lget-%016llx.partial", random);
	return 0;
}

int
target_own(const struct target *t, int fd, const char *name,
    const struct entry *e, const char *rel, struct err *err)
{
	if (!t->owner || !(e->fields & ENTRY_OWNER) ||
	    fchownat(fd, name, e->uid, e->gid,
		AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return err_sys(err, "%s: cannot give it to %u:%u, its owner", rel,
	    (unsigned)e->uid, (unsigned)e->gid);
}

mode_t
target_mode(const struct target *t, const struct entry *e, mode_t dflt)
{
	mode_t mask;

	if (!(e->fields & ENTRY_MODE)) {
		mask = umask(0);
		(void)umask(mask);
		return dflt & ~mask;
	}
	return t->owner && (e->fields & ENTRY_OWNER) ?
	    e->mode :
	    e->mode & ~(mode_t)(S_ISUID | S_ISGID);
}

void
target_times(const struct entry *e, struct timespec ret[static 2])
{
	ret[0] = (struct timespec){ .tv_nsec = UTIME_OMIT };
	ret[1] = e->fields & ENTRY_MTIME ?
	    (struct timespec){ .tv_sec = e->mtime,
		    .tv_nsec = (long)e->mtime_ns } :
	    (struct timespec){ .tv_nsec = UTIME_OMIT };
}

/* ---- names for what is whole ---- */

int
target_rename(const struct target *t, int parent, const char *temp,
    const char *name, const char *rel, struct err *err)
{
	if (t->force) {
		/* It fails on a directory. */
		if (renameat2(parent, temp, parent, name, 0) == 0) {
			/* Of two names of one file it leaves both. */
			(void)unlinkat(parent, temp, 0);
			return 0;
		}
		return errno == EISDIR || errno == ENOTEMPTY ?
		    err_set(err, ERR_REFUSED,
			"%s is a directory, and none is replaced", rel) :
		    err_sys(err, "%s", rel);
	}
	if (renameat2(parent, temp, parent, name, RENAME_NOREPLACE) == 0)
		return 0;
	/* A file system that cannot say so; a link is as careful. */
	if (errno == EINVAL && linkat(parent, temp, parent, name, 0) == 0) {
		(void)unlinkat(parent, temp, 0);
		return 0;
	}
	return errno == EEXIST ? is_there(rel, err) : err_sys(err, "%s", rel);
}

int
target_place(const struct target *t, const char *rel, const char *temp,
    bool sync, struct err *err)
{
	const char *name;
	int fd, rc;

	if ((rc = target_parent(t, rel, &fd, &name, err)) != 0)
		return rc;
	rc = target_rename(t, fd, temp, name, rel, err);
	if (rc == 0 && sync && fsync(fd) != 0 && errno != EINVAL)
		rc = err_sys(err, "%s", rel);
	(void)close(fd);
	return rc;
}

int
target_keep(const struct target *t, const char *rel, const char *temp,
    struct buf *ret, struct err *err)
{
	static const char partial[] = ".partial";
	struct target careful = *t;
	struct err ignored = ERR_INIT;
	struct buf as = { 0 };
	const char *name;
	int fd, rc;

	if ((rc = target_parent(t, rel, &fd, &name, err)) != 0)
		return rc;
	/* What has that name may be anything, also of this run. */
	careful.force = false;
	if (buf_add(ret, rel, (size_t)(name - rel)) != 0 ||
	    buf_add_str(&as, name) != 0 || buf_add_str(&as, partial) != 0)
		rc = err_nomem(err);
	else if (target_rename(&careful, fd, temp, buf_str(&as), buf_str(&as),
		     &ignored) == 0)
		rc = buf_add_str(ret, buf_str(&as)) != 0 ? err_nomem(err) : 0;
	else
		rc = buf_add_str(ret, temp) != 0 ? err_nomem(err) : 0;
	buf_done(&as);
	(void)close(fd);
	return rc;
}

void
target_remove(const struct target *t, const char *rel, const char *temp)
{
	struct err ignored = ERR_INIT;
	const char *name;
	int fd;

	if (target_parent(t, rel, &fd, &name, &ignored) != 0)
		return;
	(void)unlinkat(fd, temp, 0);
	(void)close(fd);
}

int
target_sync(const struct target *t, struct err *err)
{
	return !t->nameless && syncfs(t->dirfd) != 0 ?
	    err_sys(err, "%s", t->name) :
	    0;
}
