/*
 * lindex compact: merge the segments of a store.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "commands.h"

#include "base/log.h"
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
	struct upkeep_options o;
	struct err err = ERR_INIT;
	struct store *s;
	int rc;

	if ((rc = upkeep_options(&o, UPKEEP_TIERED, help, argc, argv)) != 0)
		return rc > 0 ? LINDEX_DONE : LINDEX_ERROR;
	if ((rc = upkeep_open(&s, o.store, STORE_WRITE, &err)) == 0) {
		rc = upkeep_merge(s, o.tiered ? MERGE_TIERED : MERGE_ALL, &err);
		store_close(s);
	}
	if (rc != 0) {
		log_err(&err);
		return LINDEX_ERROR;
	}
	return LINDEX_DONE;
}
