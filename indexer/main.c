/*
 * lindex: keeps a store. This file only finds the command.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/log.h"
#include "base/version.h"
#include "commands.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "check", cmd_check, "compare a store with what was recorded" },
	{ "compact", cmd_compact, "merge a store's segments" },
	{ "enrol", cmd_enrol, "let a host push with its key" },
	{ "hosts", cmd_hosts, "show how each host's series stand" },
	{ "prune", cmd_prune, "drop old snapshots" },
	{ "push", cmd_push, "send new snapshots to the central server" },
	{ "receive", cmd_receive, "what a host's key runs on the server" },
	{ "run", cmd_run, "scan, push, drop what is old" },
	{ "scan", cmd_scan, "record the live file system" },
	{ "snapshots", cmd_snapshots, "show all snapshots" },
	{ "stats", cmd_stats, "show the size of a store" },
	{ NULL, NULL, NULL },
};

static void
print_help(FILE *out)
{
	fputs("usage: lindex COMMAND [OPTION]...\n"
	      "       lindex --help | --version\n\n",
	    out);
	for (const struct command *c = commands; c->name != NULL; c++)
		fprintf(out, "  %-10s %s\n", c->name, c->help);
	fputs(
	    "\n'lindex COMMAND --help' lists the options of a command.\n", out);
}

/* What nobody could read was not done whole. */
static int
flushed(int status)
{
	if (status != LINDEX_DONE || (fflush(stdout) == 0 && !ferror(stdout)))
		return status;
	log_error("standard output: cannot write all of it");
	return LINDEX_PARTLY;
}

int
main(int argc, char **argv)
{
	char name[32];

	/* A reader that goes away is a failed write, told like any other. */
	(void)signal(SIGPIPE, SIG_IGN);
	log_program("lindex");
	if (argc < 2) {
		print_help(stderr);
		return LINDEX_ERROR;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(stdout);
		return LINDEX_DONE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts("lindex (Lookback) " LOOKBACK_VERSION);
		return LINDEX_DONE;
	}
	for (const struct command *c = commands; c->name != NULL; c++) {
		if (strcmp(argv[1], c->name) != 0)
			continue;
		/* So that getopt's messages begin as ours do. */
		(void)snprintf(name, sizeof(name), "lindex %s", c->name);
		argv[1] = name;
		return flushed(c->run(argc - 1, argv + 1));
	}
	fprintf(stderr,
	    "lindex: unknown command \"%s\"; 'lindex --help' lists them\n",
	    argv[1]);
	return LINDEX_ERROR;
}
