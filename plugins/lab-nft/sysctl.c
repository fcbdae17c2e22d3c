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
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* By namespace and key, and then as they come in the plan. */
static int
compare(const void *x, const void *y)
{
	const struct lookback_step *a = *(const struct lookback_step *const *)x,
				   *b = *(const struct lookback_step *const *)y;
	int c;

	if ((a->netns == NULL) != (b->netns == NULL))
		return a->netns == NULL ? -1 : 1;
	c = a->netns == NULL ? 0 : strcmp(a->netns, b->netns);
	if (c == 0)
		c = strcmp(a->u.sysctl.key, b->u.sysctl.key);
	return c != 0 ? c : a < b ? -1 : a > b;
}

/* What the plan sets last under each step's key; forwarding is closed at the
 * begin and opened at the end, and a lab that stands must not be closed by an
 * apply. */
static int
find_last(struct job *job)
{
	const struct lookback_plan *plan = job->plan;
	const struct lookback_step **of;
	size_t n = 0;

	if (job->last != NULL)
		return 0;
	job->last = calloc(plan->n_steps, sizeof(*job->last));
	of = calloc(plan->n_steps, sizeof(*of));
	if (job->last == NULL || of == NULL) {
		free(of);
		return job_why(job, ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].type == LOOKBACK_SYSCTL)
			of[n++] = &plan->steps[i];
	if (n > 1)
		qsort(of, n, sizeof(*of), compare);
	for (size_t i = n; i-- > 0;) {
		const struct lookback_step *s = of[i];
		bool more = i + 1 < n &&
		    strcmp(s->u.sysctl.key, of[i + 1]->u.sysctl.key) == 0 &&
		    (s->netns == of[i + 1]->netns ||
			(s->netns != NULL && of[i + 1]->netns != NULL &&
			    strcmp(s->netns, of[i + 1]->netns) == 0));

		job->last[s - plan->steps] = more ?
		    job->last[of[i + 1] - plan->steps] :
		    s->u.sysctl.value;
	}
	free(of);
	return 0;
}

static void
path_of(char path[static PATH_MAX], const char *key)
{
	const size_t begin = strlen("/proc/sys/");

	(void)snprintf(path, PATH_MAX, "/proc/sys/%s", key);
	/* As sysctl(8): a key with slashes has dots in its names. */
	if (path[begin + strcspn(path + begin, "./")] == '.')
		for (char *c = path + begin; *c != '\0'; c++)
			if (*c == '.')
				*c = '/';
}

/* -ENOENT: there is none, and need not be. */
static int
open_key(
    struct job *job, struct netns *ns, const struct lookback_step *s, int flags)
{
	char path[PATH_MAX];
	int rc = netns_enter(job, ns), fd;

	if (rc != 0)
		return rc;
	path_of(path, s->u.sysctl.key);
	if ((fd = open(path, flags | O_CLOEXEC)) >= 0)
		return fd;
	return job_why(job, errno, "%s: %s", path, strerror(errno));
}

int
sysctl_look(struct job *job, struct netns *ns, const struct lookback_step *s,
    struct look *look)
{
	char now[192];
	ssize_t n;
	int rc = find_last(job), fd, err;

	if (rc != 0)
		return rc;
	if ((fd = open_key(job, ns, s, O_RDONLY)) == -ENOENT) {
		if (s->u.sysctl.may_lack)
			look_is(look, LOOKBACK_STANDS, "%s", "");
		else
			look_is(look, LOOKBACK_MISSING, "%s", job->why);
		return 0;
	}
	if (fd < 0)
		return fd;
	n = read(fd, now, sizeof(now) - 1);
	err = errno;
	(void)close(fd);
	if (n < 0)
		return job_why(
		    job, err, "%s: %s", s->u.sysctl.key, strerror(err));
	now[n] = '\0';
	now[strcspn(now, "\n")] = '\0';
	if (strcmp(now, s->u.sysctl.value) == 0 ||
	    strcmp(now, job->last[s - job->plan->steps]) == 0)
		look_is(look, LOOKBACK_STANDS, "%s", "");
	else
		look_is(look, LOOKBACK_DIFFERS, "it is %s", now);
	return 0;
}

int
sysctl_do(struct job *job, struct netns *ns, const struct lookback_step *s,
    const struct look *look)
{
	const char *value = s->u.sysctl.value;
	int fd = open_key(job, ns, s, O_WRONLY), err = 0;

	(void)look;
	if (fd < 0)
		return fd;
	if (write(fd, value, strlen(value)) < 0)
		err = errno;
	(void)close(fd);
	return err == 0 ?
	    1 :
	    job_why(job, err, "%s: %s", s->u.sysctl.key, strerror(err));
}
