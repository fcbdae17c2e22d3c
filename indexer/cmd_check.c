/*
 * lindex check: is everything there, and does it say what the hosts said.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "commands.h"

#include <stdio.h>

#include "base/log.h"
#include "base/command_options.h"
#include "upkeep.h"

static const char help[] =
    "usage: lindex check [OPTION]...\n"
    "\n"
    "Reads the whole store: every checksum, every listing against its\n"
    "recorded digest and number of entries, files against the manifest.\n"
    "Names what differs, one line each. Exit status: 0 nothing differs,\n"
    "1 something does, 2 the store cannot be read.\n"
    "\n"
    "  --store DIR  the store; default: the central one, else the local\n"
    "  -h, --help   print this\n";

static void
differs(void *ctx, const char *text)
{
	log_error("store %s: %s", store_dir(ctx), text);
}

int
cmd_check(int argc, char **argv)
{
	const char *dir = NULL;
	const struct command_option options[] = {
		{ "store", &dir, NULL },
		{ NULL, NULL, NULL },
	};
	struct check_result res;
	struct err err = ERR_INIT;
	struct store *s;
	int status, rc;

	if (command_options(options, help, argc, argv, NULL, &status) != 0)
		return status;
	/* For writing, so that what a crash left is put right first. */
	if ((rc = upkeep_open(&s, dir, STORE_WRITE, &err)) == 0) {
		if ((rc = store_check(s, &res, differs, s, &err)) != 0)
			(void)err_wrap(&err, "store %s", store_dir(s));
		store_close(s);
	}
	if (rc != 0) {
		log_err(&err);
		return LINDEX_ERROR;
	}
	(void)printf(
	    "%zu segments, %zu snapshots: ", res.segments, res.snapshots);
	if (res.differences == 0) {
		(void)puts("nothing differs");
		return LINDEX_DONE;
	}
	(void)printf("%zu differences\n", res.differences);
	return LINDEX_DIFFERS;
}
