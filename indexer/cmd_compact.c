/*
 * lindex compact: merge the segments of a store.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "commands.h"

#include "base/log.h"
#include "base/command_options.h"
#include "upkeep.h"

static const char help[] =
    "usage: lindex compact [OPTION]...\n"
    "\n"
    "Merges all segments of a store into one, which takes the least place and\n"
    "the shortest searches.\n"
    "\n"
    "  --tiered     only as much as is worth its writing: for every night\n"
    "  --store DIR  the store; default: the central one, else the local\n"
    "  -h, --help   print this\n";

int
cmd_compact(int argc, char **argv)
{
	const char *dir = NULL;
	bool tiered = false;
	const struct command_option options[] = {
		{ "store", &dir, NULL },
		{ "tiered", NULL, &tiered },
		{ NULL, NULL, NULL },
	};
	struct err err = ERR_INIT;
	struct store *s;
	int status, rc;

	if (command_options(options, help, argc, argv, NULL, &status) != 0)
		return status;
	if ((rc = upkeep_open(&s, dir, STORE_WRITE, &err)) == 0) {
		rc = upkeep_merge(s, tiered ? MERGE_TIERED : MERGE_ALL, &err);
		store_close(s);
	}
	if (rc != 0) {
		log_err(&err);
		return LINDEX_ERROR;
	}
	return LINDEX_DONE;
}
