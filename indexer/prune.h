/*
 * What a scan leaves out: updatedb.conf, what lindex.conf says instead, and
 * the command line, which spells it as updatedb(8) does.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_PRUNE_H
#define INDEXER_PRUNE_H

#include "settings.h"

#include <getopt.h>

/* Values of options that have no letter, for getopt_long. */
enum prune_letter {
	PRUNE_SINGLE_PATH = 0x200,
	PRUNE_BIND,
	PRUNE_FS,
	PRUNE_NAMES,
	PRUNE_PATHS,
};

/* To go into a command's own getopt strings and tables. */
#define PRUNE_SHORT_OPTIONS "e:f:n:"
/* clang-format off */
#define PRUNE_LONG_OPTIONS \
	{ "add-prunefs", required_argument, NULL, 'f' }, \
	{ "add-prunenames", required_argument, NULL, 'n' }, \
	{ "add-prunepaths", required_argument, NULL, 'e' }, \
	{ "add-single-prunepath", required_argument, NULL, PRUNE_SINGLE_PATH }, \
	{ "prune-bind-mounts", required_argument, NULL, PRUNE_BIND }, \
	{ "prunefs", required_argument, NULL, PRUNE_FS }, \
	{ "prunenames", required_argument, NULL, PRUNE_NAMES }, \
	{ "prunepaths", required_argument, NULL, PRUNE_PATHS }
/* clang-format on */

/* What the command line gave. Zeroed is nothing. */
struct prune_options {
	struct scope words;	  /* given to replace or to add */
	unsigned replaced, given; /* masks of enum updatedb_var */
};
/* Takes an option: 0; 1 where it is none of these; ERR_USAGE for a wrong value
 * and, as in updatedb, for a replacing one after another of its variable. */
int prune_option(
    struct prune_options *, int option, const char *value, struct err *);
void prune_options_done(struct prune_options *);

/* Put the effective prune settings into the scope (its root and mounts are
 * left alone): updatedb.conf's, or where there is none Debian's prunefs and
 * prunenames; over them the settings', over them the command line's. Makes
 * nothing: what is wrong is told before a store is there. */
int prune_settings(struct scope *, const struct settings *,
    const struct prune_options *, struct err *);

/* After that, leave out in any case both default stores, that of server.conf,
 * the settings' store and `store` (NULL: no other); those that are there also
 * by their real paths. */
int prune_stores(
    struct scope *, const struct settings *, const char *store, struct err *);

#endif
