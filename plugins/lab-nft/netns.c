/*
 * Namespaces and where the calling thread is.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "port.h"
#include "program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PLACE "/run/netns"
/* The thread's: the process may have others, which are elsewhere. */
#define OWN "/proc/thread-self/ns/net"

int
netns_begin(struct job *job)
{
	job->home.fd = open(OWN, O_RDONLY | O_CLOEXEC);
	job->at = &job->home;
	return job->home.fd < 0 ?
	    job_why(job, errno, OWN ": %s", strerror(errno)) :
	    0;
}

void
netns_close(struct netns *ns)
{
	for (size_t i = 0; i < N_BUSES; i++) {
		if (ns->bus[i] != NULL)
			(void)mnl_socket_close(ns->bus[i]);
		ns->bus[i] = NULL;
	}
	if (ns->fd >= 0)
		(void)close(ns->fd);
	ns->fd = -1;
	seen_forget(&ns->seen);
}

void
netns_end(struct job *job)
{
	(void)netns_leave(job);
	for (size_t i = 0; i < job->n_spaces; i++) {
		netns_close(job->spaces[i]);
		free(job->spaces[i]->name);
		free(job->spaces[i]);
	}
	free(job->spaces);
	netns_close(&job->home);
}

int
netns_more_files(struct job *job)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur >= limit.rlim_max)
		return -EMFILE;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0 ?
	    0 :
	    job_why(job, errno, "more files: %s", strerror(errno));
}

int
netns_enter(struct job *job, const struct netns *ns)
{
	if (job->at == ns)
		return 0;
	if (setns(ns->fd, CLONE_NEWNET) != 0)
		return job_why(job, errno, "setns: %s", strerror(errno));
	job->at = ns;
	return 0;
}

int
netns_leave(struct job *job)
{
	return netns_enter(job, &job->home);
}

/* Names come from a plan; none leads out of the directory. */
static int
path_of(struct job *job, char path[static PATH_MAX], const char *name)
{
	if (*name == '\0' || *name == '.' || strchr(name, '/') != NULL ||
	    strlen(name) > NAME_MAX)
		return job_why(
		    job, EINVAL, "no name for a namespace: %s", name);
	(void)snprintf(path, PATH_MAX, PLACE "/%s", name);
	return 0;
}

/* A descriptor; -ENOENT also for a name that nothing is mounted on, which is
 * what a kill between the two leaves. */
static int
open_named(struct job *job, const char *name)
{
	char path[PATH_MAX];
	struct statfs fs;
	int rc = path_of(job, path, name), fd;

	if (rc != 0)
		return rc;
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return job_why(job, errno, "%s: %s", path, strerror(errno));
	if (fstatfs(fd, &fs) == 0 && fs.f_type == NSFS_MAGIC)
		return fd;
	(void)close(fd);
	return job_why(job, ENOENT, "%s: no namespace", path);
}

/* Where the name is, or would be. */
static size_t
index_of(const struct job *job, const char *name, bool *found)
{
	size_t low = 0, high = job->n_spaces;

	*found = false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = strcmp(job->spaces[mid]->name, name);

		*found |= c == 0;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The one of this name, which may not exist. */
static int
slot_of(struct job *job, const char *name, struct netns **ret)
{
	struct netns **more, *ns;
	bool found;
	size_t i = index_of(job, name, &found);

	if (found) {
		*ret = job->spaces[i];
		return 0;
	}
	if ((more = reallocarray(job->spaces, job->n_spaces + 1,
		 sizeof(struct netns *))) == NULL)
		return job_why(job, ENOMEM, "out of memory");
	job->spaces = more;
	if ((ns = calloc(1, sizeof(*ns))) == NULL ||
	    (ns->name = strdup(name)) == NULL) {
		free(ns);
		return job_why(job, ENOMEM, "out of memory");
	}
	memmove(more + i + 1, more + i,
	    (job->n_spaces - i) * sizeof(struct netns *));
	more[i] = ns;
	job->n_spaces++;
	ns->fd = open_named(job, name);
	if (ns->fd == -EMFILE && netns_more_files(job) == 0)
		ns->fd = open_named(job, name);
	*ret = ns;
	return 0;
}

int
netns_get(struct job *job, const char *name, struct netns **ret)
{
	int rc;

	*ret = &job->home;
	if (name == NULL)
		return 0;
	if ((rc = slot_of(job, name, ret)) != 0 || (*ret)->fd >= 0)
		return rc;
	if ((*ret)->fd == -ENOENT)
		return job_why(job, ENOENT, PLACE "/%s: no namespace", name);
	return (*ret)->fd;
}

int
netns_each(struct job *job, int (*fn)(struct job *, const char *name, void *),
    void *ctx)
{
	DIR *dir = opendir(PLACE);
	const struct dirent *d;
	int rc = 0;

	if (dir == NULL)
		return errno == ENOENT ?
		    0 :
		    job_why(job, errno, PLACE ": %s", strerror(errno));
	while (rc == 0 && (d = readdir(dir)) != NULL)
		rc = fn(job, d->d_name, ctx);
	(void)closedir(dir);
	return rc;
}

/* As ip-netns(8): shared, so that a namespace that is deleted goes in all mount
 * namespaces, and lives in none of them on. */
static int
make_dir(struct job *job)
{
	if (mkdir(PLACE, 0755) != 0 && errno != EEXIST)
		return job_why(job, errno, PLACE ": %s", strerror(errno));
	if (mount("", PLACE, "none", MS_SHARED | MS_REC, NULL) == 0)
		return 0;
	if (errno != EINVAL ||
	    mount(PLACE, PLACE, "none", MS_BIND | MS_REC, NULL) != 0 ||
	    mount("", PLACE, "none", MS_SHARED | MS_REC, NULL) != 0)
		return job_why(
		    job, errno, "mount " PLACE ": %s", strerror(errno));
	return 0;
}

int
netns_make(struct job *job, const char *name)
{
	char path[PATH_MAX];
	struct netns *ns;
	int rc, fd;

	if ((rc = netns_get(job, name, &ns)) != -ENOENT)
		return rc;
	if ((rc = make_dir(job)) != 0 || (rc = path_of(job, path, name)) != 0)
		return rc;
	if ((fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0)) < 0)
		return job_why(job, errno, "%s: %s", path, strerror(errno));
	(void)close(fd);
	job->at = NULL;
	if (unshare(CLONE_NEWNET) != 0)
		rc = job_why(job, errno, "unshare: %s", strerror(errno));
	else if (mount(OWN, path, "none", MS_BIND, NULL) != 0)
		rc = job_why(job, errno, "mount %s: %s", path, strerror(errno));
	else if ((ns->fd = open_named(job, name)) >= 0)
		job->at = ns;
	else if (ns->fd != -EMFILE || netns_more_files(job) != 0 ||
	    (ns->fd = open_named(job, name)) < 0)
		rc = ns->fd;
	if (rc != 0) {
		(void)netns_leave(job);
		(void)umount2(path, MNT_DETACH);
		(void)unlink(path);
	}
	return rc == 0 ? 1 : rc;
}

int
netns_make_nameless(struct job *job, struct netns *ret)
{
	int rc, err = 0;

	memset(ret, 0, sizeof(*ret));
	job->at = NULL;
	if (unshare(CLONE_NEWNET) != 0)
		return job_why(job, errno, "unshare: %s", strerror(errno));
	if ((ret->fd = open(OWN, O_RDONLY | O_CLOEXEC)) < 0)
		err = errno;
	if ((rc = netns_leave(job)) == 0 && err != 0)
		rc = job_why(job, err, OWN ": %s", strerror(err));
	if (rc != 0)
		netns_close(ret);
	return rc;
}

int
netns_delete(struct job *job, const char *name)
{
	char path[PATH_MAX];
	struct netns *ns;
	int rc = path_of(job, path, name);
	bool found;
	size_t i;

	if (rc != 0 || (rc = netns_leave(job)) != 0)
		return rc;
	if ((rc = netns_get(job, name, &ns)) == 0)
		rc = port_return_all(job, ns);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	/* A program in it would keep it alive, whichever plan started that. */
	programs_end_in(job, path);
	/* A descriptor would keep it alive. */
	if ((i = index_of(job, name, &found), found)) {
		netns_close(job->spaces[i]);
		job->spaces[i]->fd = -ENOENT;
	}
	if (umount2(path, MNT_DETACH) != 0 && errno != EINVAL &&
	    errno != ENOENT)
		return job_why(
		    job, errno, "umount %s: %s", path, strerror(errno));
	if (unlink(path) == 0)
		return 1;
	return errno == ENOENT ?
	    0 :
	    job_why(job, errno, "%s: %s", path, strerror(errno));
}
