/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/interrupt.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
#define N_SIGNALS ((int)(sizeof(signals) / sizeof(*signals)))

static bool holding;
static sigset_t held, before;
static int fd = -1;
static int first; /* that was found waiting */

/* One that waits is kept even where it is ignored, so those stay out. */
void
interrupt_hold(void)
{
	struct sigaction is;

	(void)sigprocmask(SIG_BLOCK, NULL, &before);
	(void)sigemptyset(&held);
	for (int i = 0; i < N_SIGNALS; i++)
		if (sigaction(signals[i], NULL, &is) == 0 &&
		    is.sa_handler != SIG_IGN &&
		    sigismember(&before, signals[i]) == 0)
			(void)sigaddset(&held, signals[i]);
	(void)sigprocmask(SIG_BLOCK, &held, NULL);
	fd = signalfd(-1, &held, SFD_CLOEXEC);
	holding = true;
}

int
interrupt_asked(void)
{
	sigset_t waiting;

	if (!holding || first != 0 || sigpending(&waiting) != 0)
		return first;
	for (int i = 0; i < N_SIGNALS && first == 0; i++)
		if (sigismember(&held, signals[i]) == 1 &&
		    sigismember(&waiting, signals[i]) == 1)
			first = signals[i];
	return first;
}

int
interrupt_fd(void)
{
	return fd;
}

int
interrupt_end(int status)
{
	const struct timespec now = { 0 };
	const int asked = interrupt_asked();

	if (asked != 0)
		(void)fflush(stdout);
	if (fd >= 0)
		(void)close(fd);
	fd = -1;
	while (asked != 0 && sigtimedwait(&held, NULL, &now) > 0)
		continue;
	holding = false;
	first = 0;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (asked == 0)
		return status;
	(void)raise(asked);
	/* The first process of a namespace has no such end. */
	return 128 + asked;
}
