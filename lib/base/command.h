/*
 * A program of commands: `PROGRAM COMMAND [OPTION]...`, as a table.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_COMMAND_H
#define BASE_COMMAND_H

/* argv[0] is "PROGRAM NAME", so that getopt's messages begin with it. Returns
 * the exit status. */
struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help; /* what it does, in a few words */
};

struct program {
	const char *name;
	const struct command *commands; /* the last one has no name */
	int unread; /* the status where nobody could read what was done */
};

/* The beginning of a program: standard descriptors that are closed become
 * /dev/null, for reading alone; SIGPIPE is a failed write; the ends of children
 * are heard of; messages begin with the name. */
void program_begin(const char *name);

/* Begin, find the command and run it; returns the exit status for main. */
int program_main(const struct program *, int argc, char **argv);

#endif
