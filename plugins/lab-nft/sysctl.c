/*
 * Settings of the kernel, which each namespace has of its own.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lab_nft.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the plan sets last under this key; forwarding is closed at the begin and
 * opened at the end, and a lab that stands must not be closed by an apply. */
static const char *
last_value(const struct job *job, const struct lookback_step *s)
{
	const struct lookback_step *end = job->plan->steps + job->plan->n_steps;
	const char *value = s->u.sysctl.value;

	for (const struct lookback_step *t = s; t < end; t++)
		if (t->type == LOOKBACK_SYSCTL &&
		    (t->netns == NULL) == (s->netns == NULL) &&
		    (t->netns == NULL || strcmp(t->netns, s->netns) == 0) &&
		    strcmp(t->u.sysctl.key, s->u.sysctl.key) == 0)
			value = t->u.sysctl.value;
	return value;
}

/* In the right namespace already. */
static int
set(struct job *job, const char *path, const struct lookback_step *s)
{
	const char *value = s->u.sysctl.value;
	char now[256];
	ssize_t n;
	int fd, err = 0;

	if ((fd = open(path, O_RDWR | O_CLOEXEC)) < 0) {
		if (errno == ENOENT && s->u.sysctl.may_lack)
			return 0;
		return job_why(job, errno, "%s: %s", path, strerror(errno));
	}
	if ((n = read(fd, now, sizeof(now) - 1)) < 0)
		err = errno;
	now[n < 0 ? 0 : n] = '\0';
	now[strcspn(now, "\n")] = '\0';
	if (err == 0 &&
	    (strcmp(now, value) == 0 || strcmp(now, last_value(job, s)) == 0)) {
		(void)close(fd);
		return 0;
	}
	if (err == 0 && pwrite(fd, value, strlen(value), 0) < 0)
		err = errno;
	(void)close(fd);
	return err == 0 ? 1 : job_why(job, err, "%s: %s", path, strerror(err));
}

int
sysctl_step(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	char path[PATH_MAX] = "/proc/sys/";
	const size_t begin = strlen(path);
	int rc, back;

	(void)snprintf(
	    path + begin, sizeof(path) - begin, "%s", s->u.sysctl.key);
	/* As sysctl(8): a key with slashes has dots in its names. */
	if (path[begin + strcspn(path + begin, "./")] == '.')
		for (char *c = path + begin; *c != '\0'; c++)
			if (*c == '.')
				*c = '/';
	if ((rc = netns_enter(job, ns)) != 0)
		return rc;
	rc = set(job, path, s);
	back = netns_leave(job);
	return back != 0 ? back : rc;
}
