/*
 * labrouter check: what is wrong in lab files.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command_options.h"
#include "base/log.h"
#include "commands.h"
#include "labs.h"
#include "model.h"

#include <stdio.h>

static const char help[] =
    "usage: labrouter check [LAB...]\n"
    "\n"
    "Name what is wrong in lab files, each with its file and line. LAB is the\n"
    "name of one in /etc/lookback/labs, or a file where it holds a slash or\n"
    "ends in .lab; all there where none is given.\n"
    "\n"
    "  -h, --help   show this and exit\n"
    "\n"
    "Exit status: 0 nothing is wrong, 1 something is, 2 it cannot be read.\n";

static int
check_file(const char *file)
{
	struct err err = ERR_INIT;
	struct lab lab;

	if (lab_read(&lab, file, &err) != 0) {
		log_err(&err);
		return err.code == ERR_FORMAT ? LABROUTER_PROBLEMS :
						LABROUTER_ERROR;
	}
	printf("%s: nothing is wrong\n", lab.name);
	lab_done(&lab);
	return LABROUTER_DONE;
}

int
labrouter_check(int argc, char **argv)
{
	static const struct command_option none[] = { { NULL, NULL, NULL } };
	struct strlist files = { 0 };
	struct err err = ERR_INIT;
	int first, status;

	if (command_options(none, help, argc, argv, &first, &status) != 0)
		return status;
	if (labs_find(&files, LABS_DIR, argv + first, &err) != 0) {
		log_err(&err);
		strlist_done(&files);
		return LABROUTER_ERROR;
	}
	for (size_t i = 0; i < files.n; i++) {
		int one = check_file(files.item[i]);

		if (one > status || i == 0)
			status = one;
	}
	strlist_done(&files);
	return status;
}
