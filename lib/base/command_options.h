/*
 * The options of a command, as a table that is read in one place.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_COMMAND_OPTIONS_H
#define BASE_COMMAND_OPTIONS_H

#include <stdbool.h>

struct command_option {
	/* --NAME; "x,NAME" for -x too; "+NAME" may be given more than once; NULL
	 * ends the table. */
	const char *name;
	/* Its argument, the last one that is given; of "+NAME" all of them, in
	 * COMMAND_TEXTS_MAX places of which one more stays NULL; or */
	const char **text;
	bool *flag; /* it takes none, and sets this */
};

#define COMMAND_OPTIONS_MAX 16
#define COMMAND_TEXTS_MAX 64

/* The exit statuses that all our programs share. */
enum command_status { COMMAND_DONE = 0, COMMAND_WRONG = 2 };

/* Read the command line of the command; --help and -h print `help`. What is no
 * option begins at argv[*ret_first]; where that is NULL, it is a mistake. 0 to
 * go on, else 1 with the exit status; what is wrong was told. The status is
 * COMMAND_WRONG then as well as for what the caller finds wrong itself. */
int command_options(const struct command_option *, const char *help, int argc,
    char **argv, int *ret_first, int *ret_status);

#endif
