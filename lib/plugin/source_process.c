/*
 * A source's process, from outside.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plugin/source_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIPE_BYTES (1024 * 1024)
/* From the end of its pipe to its own. */
#define END_MS 1000

static void
become_child(const struct source_task *task, pid_t parent, int out)
{
	static const int ours[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD };
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || null < 0)
		_exit(1);
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		(void)signal(ours[i], SIG_DFL);
	/* Ctrl-C is for who started us: that one ends us. */
	(void)signal(SIGINT, SIG_IGN);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	/* Locks that we hold would be held by it as well. */
	for (int fd = 0; fd < 3; fd++)
		(void)dup2(null, fd);
	if (dup2(out, 3) < 0 || close_range(4, ~0u, 0) != 0 ||
	    fcntl(3, F_SETFD, FD_CLOEXEC) != 0)
		_exit(1);
	source_child(task, 3);
}

int
process_start(pid_t *ret_pid, int *ret_in, const struct source_task *task,
    struct err *err)
{
	pid_t pid, parent = getpid();
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) != 0)
		return err_sys(err, "pipe");
	/* Fewer turns between the two; as it is where that is too much. */
	(void)fcntl(fd[1], F_SETPIPE_SZ, PIPE_BYTES);
	if ((pid = fork()) == 0)
		become_child(task, parent, fd[1]);
	(void)close(fd[1]);
	if (pid < 0) {
		(void)err_sys(err, "fork");
		(void)close(fd[0]);
		return ERR_SYS;
	}
	*ret_pid = pid;
	*ret_in = fd[0];
	return 0;
}

int
process_died(pid_t pid, struct err *err)
{
	struct pollfd p = { .events = POLLIN };
	int status = 0;

	if (pid > 0) {
		/* Its own end is to be told of, not ours: it has a moment. */
		p.fd = pidfd_open(pid, 0);
		if (p.fd < 0 || poll(&p, 1, END_MS) <= 0)
			(void)kill(pid, SIGKILL);
		if (p.fd >= 0)
			(void)close(p.fd);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(err, "its process");
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		return err_set(err, ERR_REFUSED,
		    "took more processor time than a source may");
	if (WIFSIGNALED(status))
		return err_set(err, ERR_FORMAT, "its process died: %s",
		    strsignal(WTERMSIG(status)));
	return err_set(err, ERR_FORMAT, "its process ended early");
}

void
process_end(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
