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

/* Open `dir` (--store). NULL: the central store of server.conf if it is there,
 * else the host's own of lindex.conf. */
int upkeep_open(
    struct store **ret, const char *dir, enum store_mode, struct err *);

/* What decides about a series' snapshots. */
struct upkeep_rules {
	bool given;		       /* by --keep-*: for every series */
	struct retention keep;	       /* then */
	bool central;		       /* the store is server.conf's */
	struct server_settings server; /* for what was pushed to us, and for
					* backups */
	struct settings local;	       /* for what we record ourselves */
};

/* Read the settings that count for this store. `config`: instead of
 * server.conf where hosts push to this store or it holds backups, else instead
 * of lindex.conf. */
int upkeep_rules_load(
    struct upkeep_rules *ret, struct store *, const char *config, struct err *);
/* The same in two steps: each of its own file, NULL: the usual one; and then the
 * store. */
int upkeep_rules_read(struct upkeep_rules *ret, const char *server,
    const char *local, struct err *);
void upkeep_rules_for(struct upkeep_rules *, const struct store *);
void upkeep_rules_done(struct upkeep_rules *);
/* Whether it is one that `lindex repo` records. */
bool upkeep_is_backup(const char *series);
/* For struct prune_request; ctx is a struct upkeep_rules. */
struct prune_rule upkeep_rule(
    void *ctx, const struct series_row *, const struct snapshot_row *newest);

/* Whether they would keep a snapshot of a date beside a series' kept ones, of
 * which it is older than the newest; `series` NULL: there are none. What they
 * would not is either long indexed and pruned, or not worth indexing. */
int upkeep_would_keep(const struct upkeep_rules *, const struct catalog *,
    const struct series_row *series, int64_t date_ns, bool *ret, struct err *);

/* Merge, with progress on a terminal, and print what was done. A merge by
 * somebody else is noted and is no error. */
int upkeep_merge(struct store *, enum merge_what, struct err *);

/* After recording: the snapshots are there, and keeping the store small is a
 * bonus. A failure is told, and put off to the next time. */
void upkeep_merge_after(struct store *);

/* What a command shows that only shows. */
enum upkeep_what {
	UPKEEP_STORE, /* the store as a whole */
	UPKEEP_HOSTS, /* hosts: all, or those that --host GLOB matches */
};
struct upkeep_shown {
	const char *host; /* NULL: all */
	bool jsonl;
};
/* Such a command: parse its options, open the store for reading, read the
 * catalogue, let `show` print, flush. Returns the exit status. */
int upkeep_show(enum upkeep_what, const char *help, int argc, char **argv,
    int (*show)(const struct upkeep_shown *, struct store *,
	const struct catalog *, struct err *));

/* Whether the series belongs to a host that matches the glob (NULL: any). */
bool upkeep_wants(const char *series, const char *host_glob);

#endif
