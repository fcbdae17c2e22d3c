/*
 * labrouter status: what stands of a lab, and what hangs on it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "commands.h"
#include "labs.h"
#include "status.h"

static const char help[] =
    "usage: labrouter status [--json] [LAB...]\n"
    "\n"
    "Say what stands of labs: each step of the plan that is missing or "
    "differs, what\n"
    "is there besides, and what hangs on each isolated switch. Nothing is "
    "changed.\n"
    "\n"
    "      --json   one JSON object a lab\n"
    "  -h, --help   show this and exit\n"
    "\n"
    "Exit status: 0 it stands as planned; 1 it does not, or its file has "
    "errors;\n"
    "2 it cannot be said.\n"
    "\n" LABS_HELP;

int
labrouter_status(int argc, char **argv)
{
	return labs_each_json(argc, argv, help, status_file);
}
