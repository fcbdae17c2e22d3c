/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/stop.h"

#include <signal.h>
#include <stddef.h>

static volatile int stopped;

static void
on_signal(int number)
{
	stopped = number;
}

volatile const int *
stop_on_signals(void)
{
	struct sigaction sa = { .sa_handler = on_signal,
		.sa_flags = (int)SA_RESETHAND };

	struct sigaction was;

	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	/* Who was started by nohup(1) outlives its terminal. */
	if (sigaction(SIGHUP, NULL, &was) == 0 && was.sa_handler != SIG_IGN)
		(void)sigaction(SIGHUP, &sa, NULL);
	return &stopped;
}
