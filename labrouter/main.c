/*
 * labrouter: isolated networks for restored machines. This file only names the
 * commands.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command.h"
#include "commands.h"

#include <stddef.h>

static const struct command commands[] = {
	{ "check", labrouter_check, "find what is wrong in lab files" },
	{ "plan", labrouter_plan, "print what starting a lab would do" },
	{ "start", labrouter_start, "make a lab stand" },
	{ "stop", labrouter_stop, "take a lab away" },
	{ "reload", labrouter_reload, "bring a changed file to a lab" },
	{ "status", labrouter_status, "say what stands of a lab" },
	{ "route", labrouter_route, "print or set the routes to the masks" },
	{ "attach", labrouter_attach, "hang a machine on a network" },
	{ "detach", labrouter_detach, "take a machine off" },
	{ "trace", labrouter_trace, "say where a packet goes" },
	{ "prove", labrouter_prove, "attack from inside, and listen outside" },
	{ "verify", labrouter_verify, "ask whether the machines are alive" },
	{ NULL, NULL, NULL },
};

int
main(int argc, char **argv)
{
	static const struct program labrouter = { "labrouter", commands,
		LABROUTER_ERROR };

	return program_main(&labrouter, argc, argv);
}
