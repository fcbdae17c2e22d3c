/*
 * Scanning the live file system, for lindex scan and lindex run, and any other
 * source, for lindex scan --source.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_SCAN_H
#define INDEXER_SCAN_H

#include "prune.h"
#include "settings.h"

#include <lookback/plugin.h>

#define SCAN_SETTINGS 5 /* options that are settings of a plugin */

/* What the command line asks for, and the settings behind it. */
struct scan_request {
	struct settings settings;
	struct prune_options prune;
	char host[HOST_NAME_SIZE];
	const char *root;  /* as given; borrowed */
	const char *store; /* directory; borrowed */
	bool names_only;
	bool verbose;
	bool debug_pruning;

	/* Of a source that is not the live file system; all are borrowed. */
	const char *source; /* its URI as given; NULL: live */
	const char *series; /* NULL: by its name */
	struct lookback_setting setting[SCAN_SETTINGS + 1]; /* NULL key: end */
};

/* The options of scan and run: 0, or 1 with the exit status in *ret_status.
 * `help` begins the text of --help. */
int scan_request_parse(struct scan_request *ret, int argc, char **argv,
    const char *help, int *ret_status);
void scan_request_done(struct scan_request *);

/* Scan and commit one snapshot, then merge. Prints what is to be told and
 * returns the exit status. */
int scan_live(const struct scan_request *);
/* The same of request->source. */
int scan_source(const struct scan_request *);
/* What is asked for of the two. */
int scan_any(const struct scan_request *);

#endif
