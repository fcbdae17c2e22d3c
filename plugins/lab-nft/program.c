/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "program.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BASE "/run/lookback"
#define READY "ready"

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* ---- what it is ---- */

/* Where the shell would find it, and root: PATH may lack the latter's. */
static int
find_executable(const char *name, char ret[static PATH_MAX])
{
	const char *env = getenv("PATH");
	char all[4096], *rest = all, *dir;

	(void)snprintf(all, sizeof(all), "%s:/usr/sbin:/sbin:/usr/bin:/bin",
	    env == NULL ? "" : env);
	while ((dir = strsep(&rest, ":")) != NULL) {
		if (*dir != '/')
			continue;
		(void)snprintf(ret, PATH_MAX, "%s/%s", dir, name);
		if (access(ret, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

static int
find_user(struct job *job, const char *name, struct passwd *ret)
{
	static char room[4096]; /* nothing of it is looked at */
	struct passwd *found;
	int err = getpwnam_r(name, ret, room, sizeof(room), &found);

	if (found != NULL)
		return 0;
	return job_why(
	    job, err != 0 ? err : ENOENT, "there is no user %s", name);
}

int
program_check(struct job *job, const struct lookback_step *s)
{
	char path[PATH_MAX];
	struct passwd user;

	if (s->remove)
		return 0;
	if (find_executable(s->u.run.argv[0], path) != 0)
		return job_why(job, ENOENT,
		    "%s is not installed: apt-get install %s", s->u.run.argv[0],
		    s->u.run.package);
	return s->u.run.user == NULL ? 0 : find_user(job, s->u.run.user, &user);
}

static void
add_sum(uint64_t *sum, const char *text)
{
	do
		*sum = (*sum ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
	while (*text++ != '\0');
}

/* The same program, called the same, that reads the same. */
static uint64_t
sum_of(const struct job *job, const struct lookback_step *s)
{
	const char *dir = s->u.run.dir;
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; s->u.run.argv[i] != NULL; i++)
		add_sum(&sum, s->u.run.argv[i]);
	add_sum(&sum, s->u.run.user == NULL ? "" : s->u.run.user);
	for (size_t i = 0; i < job->plan->n_steps; i++) {
		const struct lookback_step *f = &job->plan->steps[i];

		if (f->type == LOOKBACK_FILE &&
		    strncmp(f->u.file.path, dir, strlen(dir)) == 0)
			add_sum(&sum, f->text);
	}
	return sum;
}

/* ---- how it stands ---- */

static bool
read_pid(const char *dir, struct process *p, uint64_t *ret_sum)
{
	char path[PATH_MAX];
	bool read;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/pid", dir);
	if ((f = fopen(path, "re")) == NULL)
		return false;
	read = fscanf(f, "%d %" SCNu64 " %" SCNx64, &p->pid, &p->began,
		   ret_sum) == 3;
	(void)fclose(f);
	return read;
}

static int
see_any_address(const struct nlmsghdr *h, void *data)
{
	const struct ifaddrmsg *a = mnl_nlmsg_get_payload(h);
	int *index = data;

	if (a->ifa_family == AF_INET && (int)a->ifa_index == *index)
		*index = 0;
	return MNL_CB_OK;
}

/* 1: dev has an address. 0: it has none, or is not there. */
static int
has_address(struct job *job, struct netns *ns, const char *dev)
{
	struct request r;
	struct ifaddrmsg *a;
	struct link link;
	int rc, index;

	if ((rc = link_find(job, ns, dev, &link)) != 1)
		return rc;
	index = link.index;
	rtnl_begin(&r, RTM_GETADDR, NLM_F_DUMP);
	a = mnl_nlmsg_put_extra_header(r.h, sizeof(*a));
	a->ifa_family = AF_INET;
	rc = rtnl_talk(job, ns, &r, see_any_address, &index);
	return rc != 0 ? rc : index == 0;
}

/* In the right namespace already. */
static bool
is_listening(unsigned port)
{
	FILE *f = fopen("/proc/thread-self/net/tcp", "re");
	unsigned local, state;
	char line[256];
	bool found = false;

	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = sscanf(line, "%*d: %*x:%x %*x:%*x %x", &local,
			    &state) == 2 &&
		    local == port && state == 10; /* TCP_LISTEN */
	(void)fclose(f);
	return found;
}

static int
is_ready(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	char path[PATH_MAX];
	int rc = 1;

	(void)snprintf(path, sizeof(path), "%s/" READY, s->u.run.dir);
	if (s->dev != NULL && access(path, F_OK) != 0)
		return 0;
	if (s->dev != NULL && (rc = has_address(job, ns, s->dev)) != 1)
		return rc;
	if (s->u.run.port == 0)
		return 1;
	if ((rc = netns_enter(job, ns)) != 0)
		return rc;
	rc = is_listening(s->u.run.port);
	return netns_leave(job) != 0 ? -EIO : rc;
}

enum lookback_state
program_look(struct job *job, struct netns *ns, const struct lookback_step *s,
    const char **ret_text)
{
	struct process p = { 0 };
	struct stat here;
	uint64_t sum;

	*ret_text = "does not run";
	if (!read_pid(s->u.run.dir, &p, &sum) || !process_runs(&p))
		return LOOKBACK_MISSING;
	*ret_text = "runs in a namespace that was";
	if (fstat(ns->fd, &here) != 0 || !process_is_in(&p, &here))
		return LOOKBACK_DIFFERS;
	*ret_text = "was started otherwise";
	if (sum != sum_of(job, s))
		return LOOKBACK_DIFFERS;
	*ret_text = s->dev != NULL ? "runs, without an address from it" :
				     "runs, and does not listen";
	if (is_ready(job, ns, s) != 1)
		return LOOKBACK_DIFFERS;
	*ret_text = "runs";
	return LOOKBACK_STANDS;
}

/* ---- it starts ---- */

static int
make_dirs(struct job *job, const char *path)
{
	char dir[PATH_MAX];

	(void)snprintf(dir, sizeof(dir), "%s/", path);
	for (char *c = dir + sizeof(BASE) - 1; c != NULL;
	     c = strchr(c + 1, '/')) {
		char was = *c;

		*c = '\0';
		if (mkdir(dir, 0755) != 0 && errno != EEXIST)
			return job_why(
			    job, errno, "%s: %s", dir, strerror(errno));
		*c = was;
	}
	return 0;
}

static uint64_t
now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The last of what it said, for people. */
static void
last_words(const char *dir, char *ret, size_t size)
{
	char path[PATH_MAX], line[256];
	FILE *f;

	*ret = '\0';
	(void)snprintf(path, sizeof(path), "%s/log", dir);
	if ((f = fopen(path, "re")) == NULL)
		return;
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '\0')
			(void)snprintf(ret, size, ": %.200s", line);
	}
	(void)fclose(f);
	for (char *c = ret; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
}

static int
await(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	const uint64_t until = now_ns() + s->number;
	const char *name = s->u.run.argv[0];
	char words[256];
	struct process p;
	uint64_t sum;
	int rc;

	for (;;) {
		bool runs = read_pid(s->u.run.dir, &p, &sum) &&
		    process_runs(&p);

		if ((rc = runs ? is_ready(job, ns, s) : 0) < 0)
			return rc;
		if (rc == 1)
			return 0;
		if (!runs) {
			last_words(s->u.run.dir, words, sizeof(words));
			return job_why(
			    job, ECHILD, "%s ended at once%s", name, words);
		}
		if (now_ns() >= until)
			break;
		process_pause();
	}
	last_words(s->u.run.dir, words, sizeof(words));
	if (s->dev != NULL)
		return job_why(job, ETIMEDOUT,
		    "no DHCP server gave %s an address in %" PRIu64 " s%s",
		    s->dev, s->number / 1000000000u, words);
	return job_why(job, ETIMEDOUT,
	    "%s does not listen on port %u after %" PRIu64 " s%s", name,
	    (unsigned)s->u.run.port, s->number / 1000000000u, words);
}

static int
start(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	struct launch l = {
		.dir = s->u.run.dir, .netns = ns->fd, .sum = sum_of(job, s)
	};
	char path[PATH_MAX], ready[PATH_MAX], **argv;
	struct passwd user;
	size_t n = 0;
	int rc;

	if ((rc = program_check(job, s)) != 0 ||
	    (rc = make_dirs(job, l.dir)) != 0)
		return rc;
	(void)find_executable(s->u.run.argv[0], path);
	l.path = path;
	/* It may be of the last one that ran. */
	(void)snprintf(ready, sizeof(ready), "%s/" READY, l.dir);
	(void)unlink(ready);
	if (s->u.run.user != NULL) {
		if ((rc = find_user(job, s->u.run.user, &user)) != 0)
			return rc;
		l.drop = true;
		l.uid = user.pw_uid;
		l.gid = user.pw_gid;
	}
	if (s->u.run.resolves)
		l.resolv = program_resolv(job, "/etc/resolv.conf",
		    "/run/systemd/resolve/resolv.conf");
	while (s->u.run.argv[n] != NULL)
		n++;
	if ((argv = calloc(n + 1, sizeof(*argv))) == NULL)
		return job_why(job, ENOMEM, "out of memory");
	memcpy(argv, s->u.run.argv, n * sizeof(*argv));
	l.argv = argv;
	rc = program_launch(job, &l);
	free(argv);
	return rc;
}

static void
stop(const char *dir)
{
	struct process p = { 0 };
	uint64_t sum;

	if (read_pid(dir, &p, &sum) && process_runs(&p))
		process_end(&p);
}

int
program_step(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	const char *text;
	int rc;

	if (program_look(job, ns, s, &text) == LOOKBACK_STANDS)
		return 0;
	stop(s->u.run.dir);
	if ((rc = start(job, ns, s)) != 0)
		return rc;
	if (s->dev == NULL && s->u.run.port == 0)
		return 1;
	if ((rc = await(job, ns, s)) != 0)
		stop(s->u.run.dir);
	return rc == 0 ? 1 : rc;
}

/* ---- files ---- */

enum lookback_state
file_look(const struct lookback_step *s)
{
	const size_t len = strlen(s->text);
	enum lookback_state state = LOOKBACK_DIFFERS;
	char *is;
	FILE *f;

	if ((f = fopen(s->u.file.path, "re")) == NULL)
		return LOOKBACK_MISSING;
	/* One byte more tells that it is longer. */
	if ((is = malloc(len + 1)) != NULL && fread(is, 1, len + 1, f) == len &&
	    memcmp(is, s->text, len) == 0)
		state = LOOKBACK_STANDS;
	free(is);
	(void)fclose(f);
	return state;
}

int
file_step(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	const char *path = s->u.file.path;
	char dir[PATH_MAX], other[PATH_MAX];
	int rc, err = 0;
	FILE *f;

	(void)ns;
	if (file_look(s) == LOOKBACK_STANDS)
		return 0;
	(void)snprintf(
	    dir, sizeof(dir), "%.*s", (int)(name_of(path) - path - 1), path);
	if ((rc = make_dirs(job, dir)) != 0)
		return rc;
	(void)snprintf(other, sizeof(other), "%.*s.new", PATH_MAX - 8, path);
	if ((f = fopen(other, "we")) == NULL)
		return job_why(job, errno, "%s: %s", other, strerror(errno));
	if (fputs(s->text, f) == EOF || fchmod(fileno(f), 0644) != 0)
		err = errno;
	if (fclose(f) != 0 && err == 0)
		err = errno;
	if (err == 0 && rename(other, path) != 0)
		err = errno;
	return err == 0 ? 1 : job_why(job, err, "%s: %s", path, strerror(err));
}

/* ---- the end ---- */

int
program_remove(const char *dir)
{
	char path[PATH_MAX];
	struct dirent *e;
	DIR *d;

	stop(dir);
	if ((d = opendir(dir)) == NULL)
		return 0;
	while ((e = readdir(d)) != NULL)
		if (e->d_type != DT_DIR)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	(void)closedir(d);
	(void)rmdir(dir);
	/* The lab's, if it was the last. */
	(void)snprintf(
	    path, sizeof(path), "%.*s", (int)(name_of(dir) - dir - 1), dir);
	(void)rmdir(path);
	return 1;
}

/* Each directory that may be a program's. */
static int
each(const struct job *job, program_extra_fn *fn, void *ctx)
{
	char lab[PATH_MAX], dir[PATH_MAX + NAME_MAX + 2];
	struct dirent *e;
	int rc = 0;
	DIR *d;

	(void)snprintf(lab, sizeof(lab), BASE "/%s", job->plan->lab);
	if ((d = opendir(lab)) == NULL)
		return 0;
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		(void)snprintf(dir, sizeof(dir), "%s/%s", lab, e->d_name);
		rc = fn(ctx, dir);
	}
	(void)closedir(d);
	return rc;
}

static int
end_if_in(void *ctx, const char *dir)
{
	struct process p = { 0 };
	uint64_t sum;

	if (read_pid(dir, &p, &sum) && process_runs(&p) &&
	    process_is_in(&p, ctx))
		(void)program_remove(dir);
	return 0;
}

void
programs_end_in(const struct job *job, const char *file)
{
	struct stat ns;

	if (stat(file, &ns) == 0)
		(void)each(job, end_if_in, &ns);
}

struct extra {
	const struct job *job;
	program_extra_fn *fn;
	void *ctx;
};

static int
tell_if_extra(void *ctx, const char *dir)
{
	const struct extra *x = ctx;
	const struct lookback_plan *plan = x->job->plan;

	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].type == LOOKBACK_RUN &&
		    strcmp(plan->steps[i].u.run.dir, dir) == 0)
			return 0;
	return x->fn(x->ctx, dir);
}

int
programs_extra(const struct job *job, program_extra_fn *fn, void *ctx)
{
	struct extra x = { job, fn, ctx };

	return each(job, tell_if_extra, &x);
}
