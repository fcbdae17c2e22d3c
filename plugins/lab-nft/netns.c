/*
 * Namespaces and where the calling thread is.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "port.h"
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define DIR "/run/netns"
/* The thread's: the process may have others, which are elsewhere. */
#define OWN "/proc/thread-self/ns/net"

int
netns_begin(struct job *job)
{
	job->home.fd = open(OWN, O_RDONLY | O_CLOEXEC);
	return job->home.fd < 0 ?
	    job_why(job, errno, OWN ": %s", strerror(errno)) :
	    0;
}

void
netns_close(struct netns *ns)
{
	if (ns->nl != NULL)
		(void)mnl_socket_close(ns->nl);
	if (ns->fd >= 0)
		(void)close(ns->fd);
	free(ns->name);
}

void
netns_end(struct job *job)
{
	for (size_t i = 0; i < job->n_spaces; i++) {
		netns_close(job->spaces[i]);
		free(job->spaces[i]);
	}
	free(job->spaces);
	netns_close(&job->home);
}

int
netns_enter(struct job *job, const struct netns *ns)
{
	return setns(ns->fd, CLONE_NEWNET) == 0 ?
	    0 :
	    job_why(job, errno, "setns: %s", strerror(errno));
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
	(void)snprintf(path, PATH_MAX, DIR "/%s", name);
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

static size_t
index_of(const struct job *job, const char *name)
{
	size_t i = 0;

	while (i < job->n_spaces && strcmp(job->spaces[i]->name, name) != 0)
		i++;
	return i;
}

int
netns_get(struct job *job, const char *name, struct netns **ret)
{
	struct netns **more, *ns;
	size_t i;

	*ret = &job->home;
	if (name == NULL)
		return 0;
	if ((i = index_of(job, name)) < job->n_spaces) {
		*ret = job->spaces[i];
		return 0;
	}
	if ((more = reallocarray(job->spaces, i + 1, sizeof(struct netns *))) ==
	    NULL)
		return job_why(job, ENOMEM, "out of memory");
	job->spaces = more;
	if ((ns = calloc(1, sizeof(*ns))) == NULL ||
	    (ns->name = strdup(name)) == NULL) {
		free(ns);
		return job_why(job, ENOMEM, "out of memory");
	}
	if ((ns->fd = open_named(job, name)) < 0) {
		int rc = ns->fd;

		free(ns->name);
		free(ns);
		return rc;
	}
	job->spaces[job->n_spaces++] = ns;
	*ret = ns;
	return 0;
}

/* As ip-netns(8): shared, so that a namespace that is deleted goes in all mount
 * namespaces, and lives in none of them on. */
static int
make_dir(struct job *job)
{
	if (mkdir(DIR, 0755) != 0 && errno != EEXIST)
		return job_why(job, errno, DIR ": %s", strerror(errno));
	if (mount("", DIR, "none", MS_SHARED | MS_REC, NULL) == 0)
		return 0;
	if (errno != EINVAL ||
	    mount(DIR, DIR, "none", MS_BIND | MS_REC, NULL) != 0 ||
	    mount("", DIR, "none", MS_SHARED | MS_REC, NULL) != 0)
		return job_why(
		    job, errno, "mount " DIR ": %s", strerror(errno));
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
	if (unshare(CLONE_NEWNET) != 0)
		rc = job_why(job, errno, "unshare: %s", strerror(errno));
	else if (mount(OWN, path, "none", MS_BIND, NULL) != 0)
		rc = job_why(job, errno, "mount %s: %s", path, strerror(errno));
	if (netns_leave(job) != 0 && rc == 0)
		rc = -EIO;
	if (rc != 0)
		(void)unlink(path);
	return rc == 0 ? 1 : rc;
}

int
netns_make_nameless(struct job *job, struct netns *ret)
{
	int rc, err = 0;

	memset(ret, 0, sizeof(*ret));
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
	size_t i;
	int rc = path_of(job, path, name);

	if (rc != 0)
		return rc;
	if ((rc = netns_get(job, name, &ns)) == 0)
		rc = port_return_all(job, ns);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	/* A descriptor would keep it alive, and so would a program in it,
	 * whichever plan started that. */
	programs_end_in(job, path);
	if ((i = index_of(job, name)) < job->n_spaces) {
		netns_close(job->spaces[i]);
		free(job->spaces[i]);
		job->spaces[i] = job->spaces[--job->n_spaces];
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
