/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "clock.h"
#include "program.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READY "ready"

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

/* An address of the device of this number, 0 as long as none was seen. */
struct sought {
	int index;
	uint32_t addr;
};

static int
see_any_address(const struct nlmsghdr *h, void *data)
{
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *a = rtnl_find(h, sizeof(*m), IFA_LOCAL);
	struct sought *sought = data;

	if (m->ifa_family == AF_INET && (int)m->ifa_index == sought->index &&
	    a != NULL && mnl_attr_get_payload_len(a) == sizeof(sought->addr))
		sought->addr = ntohl(mnl_attr_get_u32(a));
	return MNL_CB_OK;
}

/* 1: dev has an address. 0: it has none, or is not there. */
static int
has_address(
    struct job *job, struct netns *ns, const char *dev, uint32_t *ret_addr)
{
	struct sought sought = { 0 };
	struct request r;
	struct ifaddrmsg *a;
	struct link link;
	int rc;

	if ((rc = link_find(job, ns, dev, &link)) != 1)
		return rc;
	sought.index = link.index;
	rtnl_begin(&r, RTM_GETADDR, NLM_F_DUMP);
	a = mnl_nlmsg_put_extra_header(r.h, sizeof(*a));
	a->ifa_family = AF_INET;
	rc = rtnl_talk(job, ns, &r, see_any_address, &sought);
	*ret_addr = sought.addr;
	return rc != 0 ? rc : sought.addr != 0;
}

/* A line of proc_tcp(5): number, own address:port, the other's, state. */
static bool
says_listening(char *line, unsigned port)
{
	char *rest, *own, *state;

	(void)strtok_r(line, " ", &rest);
	own = strtok_r(NULL, " ", &rest);
	(void)strtok_r(NULL, " ", &rest);
	state = strtok_r(NULL, " ", &rest);
	return state != NULL && strcmp(state, "0A") == 0 &&
	    (own = strchr(own, ':')) != NULL &&
	    strtoul(own + 1, NULL, 16) == port;
}

/* In the right namespace already. */
static bool
is_listening(unsigned port)
{
	FILE *f = fopen("/proc/thread-self/net/tcp", "re");
	bool found = false;
	char line[256];

	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = says_listening(line, port);
	(void)fclose(f);
	return found;
}

static int
is_ready(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	char path[PATH_MAX];
	uint32_t addr;
	int rc = 1;

	(void)snprintf(path, sizeof(path), "%s/" READY, s->u.run.dir);
	if (s->dev != NULL && access(path, F_OK) != 0)
		return 0;
	if (s->dev != NULL && (rc = has_address(job, ns, s->dev, &addr)) != 1)
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
	if (!program_read(s->u.run.dir, &p, &sum) || !process_runs(&p))
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

/* What the plan has a route to, such as a mask, is not to be had by a lease. */
static int
check_lease(struct job *job, struct netns *ns, const struct lookback_step *s)
{
	char text[INET_ADDRSTRLEN], net[INET_ADDRSTRLEN];
	uint32_t addr, in;
	int rc = has_address(job, ns, s->dev, &addr);

	for (size_t i = 0; rc == 1 && i < job->plan->n_steps; i++) {
		const struct lookback_step *r = &job->plan->steps[i];

		if (r->type != LOOKBACK_ROUTE || r->remove || r->len == 0 ||
		    r->netns == NULL || strcmp(r->netns, s->netns) != 0 ||
		    (r->addr ^ addr) >> (32 - r->len) != 0)
			continue;
		in = htonl(r->addr);
		addr = htonl(addr);
		return job_why(job, EADDRINUSE,
		    "the DHCP server gave %s the address %s, which is the "
		    "lab's own, of %s/%u in line %d",
		    s->dev, inet_ntop(AF_INET, &addr, text, sizeof(text)),
		    inet_ntop(AF_INET, &in, net, sizeof(net)), r->len, r->line);
	}
	return rc < 0 ? rc : 0;
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
		bool runs = program_read(s->u.run.dir, &p, &sum) &&
		    process_runs(&p);

		if ((rc = runs ? is_ready(job, ns, s) : 0) < 0)
			return rc;
		if (rc == 1)
			return s->dev == NULL ? 0 : check_lease(job, ns, s);
		if (!runs) {
			last_words(s->u.run.dir, words, sizeof(words));
			return job_why(
			    job, ECHILD, "%s ended at once%s", name, words);
		}
		if (now_ns() >= until)
			break;
		if ((rc = job_go_on(job)) != 0)
			return rc;
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
	    (rc = program_make_dir(job, l.dir)) != 0)
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

int
program_do(struct job *job, struct netns *ns, const struct lookback_step *s,
    const struct look *look)
{
	int rc;

	(void)look;
	program_end(s->u.run.dir);
	if ((rc = start(job, ns, s)) != 0)
		return rc;
	if (s->dev == NULL && s->u.run.port == 0)
		return 1;
	if ((rc = await(job, ns, s)) != 0)
		program_end(s->u.run.dir);
	/* It sets addresses and routes by itself. */
	seen_forget(&ns->seen);
	return rc == 0 ? 1 : rc;
}
