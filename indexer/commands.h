/*
 * The commands of lindex: one file cmd_NAME.c each. A command parses its own
 * options (argv[0] is "lindex NAME", so that getopt's messages begin with it)
 * and returns the exit status.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_COMMANDS_H
#define INDEXER_COMMANDS_H

enum lindex_status {
	LINDEX_DONE = 0,
	LINDEX_DIFFERS = 1, /* check found differences */
	LINDEX_ERROR = 2,   /* nothing was committed */
	LINDEX_PARTLY = 3,  /* incomplete, or committed and not pushed */
};

int cmd_check(int argc, char **argv);
int cmd_compact(int argc, char **argv);
int cmd_enrol(int argc, char **argv);
int cmd_hosts(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_prune(int argc, char **argv);
int cmd_push(int argc, char **argv);
int cmd_receive(int argc, char **argv);
int cmd_repo(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_scan(int argc, char **argv);
int cmd_snapshots(int argc, char **argv);
int cmd_stats(int argc, char **argv);

#endif
