/*
 * labrouter stop: a lab is taken away.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command_options.h"
#include "base/interrupt.h"
#include "commands.h"
#include "labs.h"
#include "record.h"
#include "standing.h"

#include <stdio.h>

static const char help[] =
    "usage: labrouter stop [-v] [LAB...]\n"
    "\n"
    "Take labs away, as they were started, whatever their files say now; a "
    "file\n"
    "need not be there any more.\n"
    "\n"
    "  -v, --verbose  print each change as a command of ip\n"
    "  -h, --help     show this and exit\n"
    "\n"
    "Exit status: 0 it does not stand; 1 it is not known, and its file has "
    "errors;\n"
    "2 it could not be done.\n"
    "\n" LABS_HELP;

static int
stop_file(const char *file, void *ctx, struct err *err)
{
	struct deed deed = { .verbose = *(const bool *)ctx };
	char name[LAB_FILE_NAME_MAX + 1];
	struct record_lock lock;
	int rc;

	if ((rc = lab_file_name(name, file, err)) != 0)
		return rc;
	if ((rc = record_lock_lab(&lock, name, "labrouter stop", err)) != 0)
		return err_wrap(err, "%s", name);
	rc = standing_take_down(name, file, &deed, err);
	record_unlock(&lock);
	if (rc == 0)
		printf("%s: %s\n", name,
		    deed.n_changed > 0 ? "stopped" : "does not stand");
	return rc;
}

int
labrouter_stop(int argc, char **argv)
{
	bool verbose = false;
	const struct command_option options[] = {
		{ "v,verbose", NULL, &verbose }, { NULL, NULL, NULL }
	};
	int first, status;

	if (command_options(options, help, argc, argv, &first, &status) != 0)
		return status;
	interrupt_hold();
	return interrupt_end(labs_each(argv + first, stop_file, &verbose));
}
