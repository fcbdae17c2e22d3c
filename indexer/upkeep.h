/*
 * What the commands share that look after a store: which store, and what is
 * kept in it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_UPKEEP_H
#define INDEXER_UPKEEP_H

#include "server_settings.h"
#include "settings.h"
#include "store/maintain.h"

/* The options of the commands that do not select snapshots to drop. */
enum upkeep_option {
	UPKEEP_HOST = 1, /* --host GLOB */
	UPKEEP_JSONL = 2,
	UPKEEP_TIERED = 4,
};
struct upkeep_options {
	const char *store; /* NULL: not given */
	const char *host;
	bool jsonl, tiered;
};
/* `takes`: those besides --store and --help, which prints `help`. 0; 1 when
 * that was all; -1 with a message. */
int upkeep_options(struct upkeep_options *ret, unsigned takes, const char *help,
    int argc, char **argv);

/* Open `dir` (--store). NULL: the central store of server.conf if it is there,
 * else the host's own of lindex.conf. */
int upkeep_open(
    struct store **ret, const char *dir, enum store_mode, struct err *);

/* What decides about a series' snapshots. */
struct upkeep_rules {
	bool given; /* by --keep-*: for every series */
	struct retention keep;
	bool central;		       /* the store is server.conf's */
	struct server_settings server; /* for what was pushed to us */
	struct settings local;	       /* for what we record ourselves */
};

/* Read the settings that count for this store. `config`: instead of
 * server.conf where hosts push to this store, else instead of lindex.conf. */
int upkeep_rules_load(
    struct upkeep_rules *ret, struct store *, const char *config, struct err *);
void upkeep_rules_done(struct upkeep_rules *);
/* For struct prune_request; ctx is a struct upkeep_rules. */
struct prune_rule upkeep_rule(
    void *ctx, const struct series_row *, const struct snapshot_row *newest);

/* Merge, with progress on a terminal, and print what was done. A merge by
 * somebody else is noted and is no error. */
int upkeep_merge(struct store *, enum merge_what, struct err *);

/* A command that only shows: parse its options, open the store for reading,
 * read the catalogue, let `show` print, flush. Returns the exit status. */
int upkeep_show(unsigned takes, const char *help, int argc, char **argv,
    int (*show)(const struct upkeep_options *, struct store *,
	const struct catalog *, struct err *));

/* Whether the series belongs to a host that matches the glob (NULL: any). */
bool upkeep_wants(const char *series, const char *host_glob);

#endif
