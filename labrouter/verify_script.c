/*
 * A script of the administrator's, which does not outlive its time, and none of
 * what it started outlives it: its keeper sees to that.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "verify_private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The end of what it says; twice as much before the begin is dropped. */
#define OUTPUT_KEPT 4096
#define AT_ONCE 16
#define KILL_WAIT_MS 1000

/* 0 at the end, or where there is nothing now. */
static int
read_some(struct verify_check *c)
{
	char text[4096];
	ssize_t n = c->out < 0 ? 0 : read(c->out, text, sizeof(text));

	if (n == 0)
		verify_close(&c->out);
	if (n <= 0)
		return 0;
	if (c->output.len > 2 * OUTPUT_KEPT) {
		const size_t drop = c->output.len - OUTPUT_KEPT;

		memmove(c->output.data, c->output.data + drop, OUTPUT_KEPT);
		c->output.len = OUTPUT_KEPT;
	}
	for (ssize_t i = 0; i < n; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	/* Without memory for it, the report lacks it. */
	(void)buf_add(&c->output, text, (size_t)n);
	return 1;
}

static bool
has_ended(const struct verify_check *c, int wait_ms)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };

	return poll(&p, 1, wait_ms) == 1;
}

/* Not yet waited for, the keeper's number is still its own. What no signal ends
 * at once, since the kernel holds it, is left to that. */
static int
end_keeper(struct verify_check *c, int wait_ms)
{
	int status = 0;

	(void)kill(c->pid, SIGTERM);
	if (c->fd < 0 || !has_ended(c, wait_ms))
		(void)kill(c->pid, SIGKILL);
	(void)waitpid(c->pid, &status, 0);
	for (int i = 0; i < AT_ONCE && read_some(c); i++)
		continue;
	verify_close(&c->out);
	verify_close(&c->fd);
	c->pid = 0;
	return status;
}

static void
end(struct verify_check *c)
{
	if (c->pid == 0)
		return;
	(void)end_keeper(c, KILL_WAIT_MS);
	verify_say(c, "killed, since the time is over");
}

static void
ready(struct verify_check *c)
{
	int status;

	for (int i = 0; i < AT_ONCE && read_some(c); i++)
		continue;
	if (!has_ended(c, 0))
		return;
	status = end_keeper(c, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		c->passed = true;
	else if (WIFEXITED(status))
		verify_say(c, "status %d", WEXITSTATUS(status));
	else
		verify_say(c, "ended by signal %d", WTERMSIG(status));
}

/* Its argument is the lowest port, where any is. */
static void
begin(struct verify_check *c, const struct verify_machine *m)
{
	char *path = m->machine->script;
	const uint32_t a = m->addr;
	const pid_t parent = getpid();
	char addr[16], port[8];
	char *argv[] = { path, addr, m->machine->tcp.n != 0 ? port : NULL,
		NULL };
	int out[2] = { -1, -1 };

	buf_clear(&c->output);
	if (access(path, X_OK) != 0) {
		verify_say(c, "%s", strerror(errno));
		c->hopeless = true;
		return;
	}
	(void)snprintf(addr, sizeof(addr), "%u.%u.%u.%u", a >> 24,
	    a >> 16 & 255, a >> 8 & 255, a & 255);
	(void)snprintf(port, sizeof(port), "%u",
	    m->machine->tcp.n != 0 ? m->machine->tcp.range[0].first : 0U);
	c->pid = -1;
	if (pipe2(out, O_CLOEXEC) != 0 ||
	    fcntl(out[0], F_SETFL, O_NONBLOCK) != 0 || (c->pid = fork()) < 0)
		verify_say(c, "%s", strerror(errno));
	if (c->pid == 0)
		verify_keep(parent, argv, out[1]);
	verify_close(&out[1]);
	c->out = out[0];
	if (c->pid < 0) {
		c->pid = 0;
		verify_close(&c->out);
		return;
	}
	if ((c->fd = pidfd_open(c->pid, 0)) < 0) {
		verify_say(c, "%s", strerror(errno));
		(void)end_keeper(c, 0);
	}
}

const struct verify_way verify_script = {
	.events = POLLIN,
	.begin = begin,
	.ready = ready,
	.end = end,
};
