/*
 * The commands of labrouter: one file cmd_NAME.c each. A command parses its
 * own options and returns the exit status.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_COMMANDS_H
#define LABROUTER_COMMANDS_H

enum labrouter_status {
	LABROUTER_DONE = 0,
	LABROUTER_PROBLEMS = 1, /* what was asked about is not as it must be */
	LABROUTER_ERROR = 2,	/* it could not be done */
};

int labrouter_check(int argc, char **argv);
int labrouter_attach(int argc, char **argv);
int labrouter_detach(int argc, char **argv);
int labrouter_plan(int argc, char **argv);
int labrouter_start(int argc, char **argv);
int labrouter_stop(int argc, char **argv);
int labrouter_reload(int argc, char **argv);
int labrouter_status(int argc, char **argv);
int labrouter_route(int argc, char **argv);
int labrouter_trace(int argc, char **argv);
int labrouter_prove(int argc, char **argv);
int labrouter_verify(int argc, char **argv);

#endif
