/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#define GRACE_MS 3000 /* between being asked to end and having to */

uint64_t
process_began(pid_t pid)
{
	char path[64], text[1024];
	char *word, state;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	/* The name may hold anything, but the last bracket is its end. Behind it
	 * stand the state, field 3, and the beginning, field 22. */
	if ((word = strrchr(text, ')')) == NULL || word[1] != ' ')
		return 0;
	state = word[2];
	for (int field = 2; field < 22; field++)
		if ((word = strchr(word + 1, ' ')) == NULL)
			return 0;
	return state == 'Z' || state == 'X' ? 0 : strtoull(word, NULL, 10);
}

bool
process_runs(const struct process *p)
{
	return p->pid > 0 && p->began != 0 && process_began(p->pid) == p->began;
}

bool
process_is_in(const struct process *p, const struct stat *ns)
{
	char path[64];
	struct stat its;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)p->pid);
	return stat(path, &its) == 0 && its.st_dev == ns->st_dev &&
	    its.st_ino == ns->st_ino;
}

void
process_end(const struct process *p)
{
	struct pollfd end = { .events = POLLIN };

	if ((end.fd = pidfd_open(p->pid, 0)) < 0)
		return;
	/* From here on the number is held, whoever has it. */
	if (process_runs(p)) {
		(void)pidfd_send_signal(end.fd, SIGTERM, NULL, 0);
		/* Forced, it cannot see to its children itself: a name server
		 * has one for each talk, which would keep the namespace. */
		if (poll(&end, 1, GRACE_MS) == 0 && kill(-p->pid, SIGKILL) == 0)
			(void)poll(&end, 1, GRACE_MS);
	}
	(void)close(end.fd);
}

void
process_pause(void)
{
	(void)poll(NULL, 0, 5);
}
