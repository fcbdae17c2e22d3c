/*
 * A script's keeper, a process of its own between us and the script. What the
 * script starts may leave its process group and its session, but not its
 * ancestors: whose parent ends becomes a child of the keeper, which ends its
 * children until there is none.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "verify_private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Rounds of killing, and between two of them: what the kernel holds does not
 * end at once, or at all. */
#define ROUNDS 160
#define PAUSE_NS 5000000

/* 0: there is none, or it ended meanwhile. */
static pid_t
parent_of(int proc, const char *pid)
{
	char path[64], text[512];
	const char *end;
	int fd;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%.32s/stat", pid);
	if ((fd = openat(proc, path, O_RDONLY | O_CLOEXEC)) < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	/* The name may hold anything, but the last bracket is its end. Behind it
	 * stand the state and the parent. */
	end = strrchr(text, ')');
	return end != NULL && strlen(end) > 4 ?
	    (pid_t)strtol(end + 4, NULL, 10) :
	    0;
}

static void
kill_children(void)
{
	DIR *dir = opendir("/proc");
	const struct dirent *d;

	while (dir != NULL && (d = readdir(dir)) != NULL)
		if (parent_of(dirfd(dir), d->d_name) == getpid())
			(void)kill((pid_t)strtol(d->d_name, NULL, 10), SIGKILL);
	if (dir != NULL)
		(void)closedir(dir);
}

/* A child that was killed leaves us its own. */
static void
kill_all(pid_t script)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	pid_t ended;

	(void)kill(-script, SIGKILL);
	for (int i = 0; i < ROUNDS; i++) {
		while ((ended = waitpid(-1, NULL, WNOHANG)) > 0)
			continue;
		if (ended < 0)
			return;
		kill_children();
		(void)nanosleep(&pause, NULL);
	}
}

/* False: we are asked to end it. */
static bool
await(pid_t script, const sigset_t *signals, int *ret_status)
{
	pid_t ended;

	for (;;) {
		while ((ended = waitpid(-1, ret_status, WNOHANG)) > 0)
			if (ended == script)
				return true;
		if (sigwaitinfo(signals, NULL) == SIGTERM)
			return false;
	}
}

/* As the script ended. */
__attribute__((noreturn)) static void
end_as(int status)
{
	const struct rlimit none = { 0 };
	sigset_t all;

	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)signal(WTERMSIG(status), SIG_DFL);
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_UNBLOCK, &all, NULL);
	(void)raise(WTERMSIG(status));
	_exit(127);
}

__attribute__((noreturn)) static void
become(char *const *argv)
{
	sigset_t none;

	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execv(argv[0], argv);
	(void)dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static int
set_up(pid_t parent, int out, const sigset_t *signals)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	/* The terminal's signals are ours to see to. */
	(void)setpgid(0, 0);
	if (dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0 ||
	    dup2(null, STDIN_FILENO) < 0 || chdir("/") != 0 ||
	    /* Those of other checks. */
	    close_range(STDERR_FILENO + 1, ~0U, 0) != 0 ||
	    sigprocmask(SIG_SETMASK, signals, NULL) != 0 ||
	    prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGTERM) != 0)
		return -1;
	/* It may have ended before. */
	if (getppid() != parent)
		_exit(127);
	return 0;
}

void
verify_keep(pid_t parent, char *const *argv, int out)
{
	int status = 0;
	sigset_t signals;
	pid_t script;
	bool ended;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGCHLD);
	if (set_up(parent, out, &signals) != 0 || (script = fork()) < 0) {
		(void)dprintf(out, "%s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	if (script == 0)
		become(argv);
	(void)setpgid(script, script);
	ended = await(script, &signals, &status);
	kill_all(script);
	if (ended)
		end_as(status);
	_exit(127);
}
