/*
 * lindex: keeps a store. This file only names the commands.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/command.h"
#include "commands.h"

#include <stddef.h>

static const struct command commands[] = {
	{ "check", cmd_check, "compare a store with what was recorded" },
	{ "compact", cmd_compact, "merge a store's segments" },
	{ "enrol", cmd_enrol, "let a host push with its key" },
	{ "hosts", cmd_hosts, "show how each host's series stand" },
	{ "import", cmd_import, "record old databases of locate" },
	{ "prune", cmd_prune, "drop old snapshots" },
	{ "push", cmd_push, "send new snapshots to the central server" },
	{ "receive", cmd_receive, "what a host's key runs on the server" },
	{ "repo", cmd_repo, "index backup repositories" },
	{ "run", cmd_run, "scan, push, drop what is old" },
	{ "scan", cmd_scan, "record the live file system, or another source" },
	{ "snapshots", cmd_snapshots, "show all snapshots" },
	{ "stats", cmd_stats, "show the size of a store" },
	{ NULL, NULL, NULL },
};

int
main(int argc, char **argv)
{
	static const struct program lindex = { "lindex", commands,
		LINDEX_PARTLY };

	return program_main(&lindex, argc, argv);
}
