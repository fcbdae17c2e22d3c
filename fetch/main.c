/*
 * lget: bring back what lsearch found.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <signal.h>
#include <stdio.h>

#include "base/command.h"
#include "base/log.h"
#include "base/stop.h"
#include "fetch/fetch.h"

int
main(int argc, char **argv)
{
	volatile const int *stop;
	struct request options;
	int status;

	program_begin("lget");
	if (request_read(&options, argc, argv, &status) != 0)
		return fflush(stdout) == 0 ? status : LGET_ERROR;
	/* Nothing is half done then, and "| head" is an end like any other. */
	if (options.to_stdout)
		(void)signal(SIGPIPE, SIG_DFL);
	stop = stop_on_signals();
	status = (int)fetch_run(&options, stop);
	if (fflush(stdout) != 0) {
		log_error("cannot write");
		status = LGET_ERROR;
	}
	/* The end that a shell expects of it. */
	if (*stop != 0)
		(void)raise(*stop);
	return status;
}
