/*
 * labrouter status: what stands of a lab, and what hangs on it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command_options.h"
#include "commands.h"
#include "labs.h"
#include "status.h"

static const char help[] =
    "usage: labrouter status [-v] [--json] [LAB...]\n"
    "\n"
    "Say what stands of labs: each step of the plan that is missing or "
    "differs, what\n"
    "is there besides, and what hangs on each isolated switch. Nothing is "
    "changed.\n"
    "\n"
    "  -v, --verbose  also what the rules counted since they were loaded\n"
    "      --json     one JSON object a lab\n"
    "  -h, --help     show this and exit\n"
    "\n"
    "Exit status: 0 it stands as planned; 1 it does not, or its file has "
    "errors;\n"
    "2 it cannot be said.\n"
    "\n" LABS_HELP;

int
labrouter_status(int argc, char **argv)
{
	struct status_order order = { 0 };
	const struct command_option options[] = { { "json", NULL, &order.json },
		{ "v,verbose", NULL, &order.verbose }, { NULL, NULL, NULL } };
	int first, status;

	if (command_options(options, help, argc, argv, &first, &status) != 0)
		return status;
	return labs_each(argv + first, status_file, &order);
}
