/*
 * Directories, links and fifos, for which the index is enough.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/target_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "sys/beneath.h"

int
target_make_dir(
    const struct target *t, const char *rel, bool shared, struct err *err)
{
	const char *name;
	int fd, dir, rc;

	if ((rc = target_parent(t, rel, &fd, &name, err)) != 0)
		return rc;
	if (mkdirat(fd, name, 0700) != 0) {
		if (errno != EEXIST)
			rc = err_sys(err, "%s", rel);
		else if (!shared && !t->force)
			rc = err_set(
			    err, ERR_REFUSED, "%s is there already", rel);
		else if ((dir = beneath_open(fd, name, strlen(name),
			      O_RDONLY | O_DIRECTORY)) >= 0)
			(void)close(dir);
		else
			rc = err_set(err, ERR_REFUSED,
			    "%s is there and no directory that we can enter",
			    rel);
	}
	(void)close(fd);
	return rc;
}

int
target_settle_dir(const struct target *t, const char *rel,
    const struct entry *e, struct err *err)
{
	struct timespec times[2];
	int fd = beneath_open(
		t->dirfd, rel, strlen(rel), O_RDONLY | O_DIRECTORY),
	    rc = 0;

	if (fd < 0)
		return err_sys(err, "%s", rel);
	target_times(e, times);
	if ((rc = target_own(t, fd, "", e, rel, err)) == 0 &&
	    (fchmod(fd, target_mode(t, e, 0777)) != 0 ||
		futimens(fd, times) != 0))
		rc = err_sys(err, "%s", rel);
	(void)close(fd);
	return rc;
}

/* What was made beside its place takes its name; or it goes. */
static int
place(const struct target *t, int fd, const char *temp, const char *name,
    const char *rel, const struct entry *e, struct err *err)
{
	struct timespec times[2];
	int rc;

	target_times(e, times);
	if ((rc = target_own(t, fd, temp, e, rel, err)) == 0 &&
	    utimensat(fd, temp, times, AT_SYMLINK_NOFOLLOW) != 0)
		rc = err_sys(err, "%s", rel);
	if (rc == 0)
		rc = target_rename(t, fd, temp, name, rel, err);
	if (rc != 0)
		(void)unlinkat(fd, temp, 0);
	return rc;
}

int
target_make_link(const struct target *t, const char *rel, const struct entry *e,
    struct err *err)
{
	char to[PATH_MAX], temp[TEMP_NAME];
	const char *name;
	int fd, rc;

	if (!(e->fields & ENTRY_TARGET))
		return err_set(err, ERR_NOTFOUND,
		    "%s: nobody knows where this link leads", rel);
	if (e->target_len == 0 || e->target_len >= sizeof(to) ||
	    memchr(e->target, '\0', e->target_len) != NULL)
		return err_set(err, ERR_USAGE,
		    "%s: the link leads to no path that one can have here",
		    rel);
	memcpy(to, e->target, e->target_len);
	to[e->target_len] = '\0';
	if ((rc = temp_name(temp, err)) != 0 ||
	    (rc = target_parent(t, rel, &fd, &name, err)) != 0)
		return rc;
	rc = symlinkat(to, fd, temp) != 0 ?
	    err_sys(err, "%s", rel) :
	    place(t, fd, temp, name, rel, e, err);
	(void)close(fd);
	return rc;
}

int
target_make_fifo(const struct target *t, const char *rel, const struct entry *e,
    struct err *err)
{
	char temp[TEMP_NAME];
	const char *name;
	int fd, rc;

	if ((rc = temp_name(temp, err)) != 0 ||
	    (rc = target_parent(t, rel, &fd, &name, err)) != 0)
		return rc;
	if (mkfifoat(fd, temp, 0600) != 0)
		rc = err_sys(err, "%s", rel);
	else if (fchmodat(fd, temp, target_mode(t, e, 0666), 0) != 0) {
		rc = err_sys(err, "%s", rel);
		(void)unlinkat(fd, temp, 0);
	} else
		rc = place(t, fd, temp, name, rel, e, err);
	(void)close(fd);
	return rc;
}
