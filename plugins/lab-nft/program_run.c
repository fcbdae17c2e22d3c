/*
 * A program is started: in its namespace, its directory and its session, as
 * whom it shall be, with nothing of ours but a log.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOG_MAX (1 << 20) /* /run is memory */
#define REPORT 3	  /* the child's descriptor, closed by exec */

/* In the child: why it did not become the program. */
static void __attribute__((noreturn)) give_up(const char *what)
{
	char text[160];
	int n = snprintf(text, sizeof(text), "%s: %s", what, strerror(errno));

	if (n > 0)
		(void)!write(REPORT, text, (size_t)n);
	_exit(127);
}

/* Before there is a program, so that none is ever unknown. */
static void
put_pid(uint64_t sum)
{
	char text[96];
	int fd,
	    n = snprintf(text, sizeof(text), "%d %" PRIu64 " %" PRIx64 "\n",
		(int)getpid(), process_began(getpid()), sum);

	fd = open("pid.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, text, (size_t)n) != n || close(fd) != 0 ||
	    rename("pid.new", "pid") != 0)
		give_up("pid");
}

static void
redirect(void)
{
	int null, log;

	null = open("/dev/null", O_RDONLY);
	if (null < 0 || dup2(null, 0) < 0)
		give_up("/dev/null");
	log = open("log", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	if (log < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
		give_up("log");
	if (close_range(REPORT + 1, ~0U, 0) != 0)
		give_up("close_range");
}

static void
reset_signals(void)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_DFL);
	/* A log that may not grow is no reason to end. */
	(void)signal(SIGXFSZ, SIG_IGN);
}

static void
limit(const struct launch *l)
{
	const struct rlimit log = { LOG_MAX, LOG_MAX };

	if (setrlimit(RLIMIT_FSIZE, &log) != 0)
		give_up("RLIMIT_FSIZE");
	if (l->drop &&
	    (setgroups(0, NULL) != 0 ||
		setresgid(l->gid, l->gid, l->gid) != 0 ||
		setresuid(l->uid, l->uid, l->uid) != 0))
		give_up("cannot become its user");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		give_up("no_new_privs");
}

/* Mounts that end elsewhere end here as well; a namespace's name among them
 * would else keep it. */
static void
mount_resolv(const char *resolv)
{
	if (unshare(CLONE_NEWNS) != 0 ||
	    mount("", "/", "none", MS_SLAVE | MS_REC, NULL) != 0 ||
	    mount(resolv, "/etc/resolv.conf", "none", MS_BIND, NULL) != 0)
		give_up("/etc/resolv.conf");
}

static void __attribute__((noreturn)) become(const struct launch *l, int report)
{
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *const env[] = { path, NULL };

	if (report != REPORT && dup3(report, REPORT, O_CLOEXEC) < 0)
		_exit(127);
	if (chdir(l->dir) != 0)
		give_up(l->dir);
	if (setns(l->netns, CLONE_NEWNET) != 0)
		give_up("setns");
	redirect();
	if (setsid() < 0)
		give_up("setsid");
	reset_signals();
	(void)umask(022);
	if (l->resolv != NULL)
		mount_resolv(l->resolv);
	put_pid(l->sum);
	limit(l);
	(void)execve(l->path, l->argv, env);
	give_up(l->path);
}

/* The parent of the program is gone when this returns, so nobody here has to
 * wait for its end. */
static int
fork_twice(const struct launch *l, int report[2])
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		pid_t grandchild = fork();

		if (grandchild == 0)
			become(l, report[1]);
		_exit(grandchild < 0);
	}
	if (child < 0)
		return -errno;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EAGAIN;
}

int
program_launch(struct job *job, const struct launch *l)
{
	char words[192];
	int report[2], rc;
	ssize_t n = 0;

	if (pipe2(report, O_CLOEXEC) != 0)
		return job_why(job, errno, "pipe: %s", strerror(errno));
	rc = fork_twice(l, report);
	(void)close(report[1]);
	if (rc == 0)
		while ((n = read(report[0], words, sizeof(words) - 1)) < 0 &&
		    errno == EINTR)
			continue;
	(void)close(report[0]);
	if (rc != 0)
		return job_why(job, -rc, "fork: %s", strerror(-rc));
	if (n > 0) {
		words[n] = '\0';
		return job_why(job, EIO, "%s", words);
	}
	return 0;
}

/* ---- names ---- */

/* Does the file name a server that is not this host? */
static bool
names_others(const char *path)
{
	char line[512], server[64];
	bool found = false;
	FILE *f = fopen(path, "re");

	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = sscanf(line, " nameserver %63s", server) == 1 &&
		    strncmp(server, "127.", 4) != 0 &&
		    strchr(server, ':') == NULL;
	(void)fclose(f);
	return found;
}

const char *
program_resolv(struct job *job, const char *etc, const char *stub)
{
	if (names_others(etc))
		return NULL;
	if (names_others(stub))
		return stub;
	job->host->log(job->host->ctx, LOOKBACK_WARN,
	    "%s names no server that is not this host itself, so programs of "
	    "%s find no names",
	    etc, job->plan->lab);
	return NULL;
}
