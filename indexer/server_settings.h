/*
 * The settings of the central server: lookback-server.conf(5).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_SERVER_SETTINGS_H
#define INDEXER_SERVER_SETTINGS_H

#include "base/setting.h"
#include "repo_settings.h"
#include "store/maintain.h"

#define SERVER_SETTINGS_FILE "/etc/lookback/server.conf"

/* What one host may push. */
struct quota {
	uint64_t max_bytes;		/* received in one push */
	uint64_t max_entries;		/* in one snapshot */
	uint64_t max_path_length;	/* bytes */
	uint64_t max_snapshots_per_day; /* received */
	uint64_t max_expansion_ratio;	/* inflated to received bytes */
	int64_t idle_timeout_ns; /* the client says nothing for so long */
};

enum server_rule_kind { RULE_RETENTION, RULE_QUOTA, RULE_REPOSITORY };

/* A `[Retention "GLOB"]`, `[Quota "GLOB"]` or `[Repository "DIR"]`: what it gives
 * replaces what the section without a name gives. */
struct server_rule {
	enum server_rule_kind kind;
	char *name;    /* the glob, the directory; owned */
	uint64_t seen; /* rows given */
	struct retention retention;
	struct quota quota;
	struct repo_settings repository;
};

struct server_settings {
	char *store;	       /* owned */
	char *authorized_keys; /* owned */
	struct retention retention;
	struct quota quota;
	struct repo_settings repository;
	struct server_rule **rules; /* in the order of the file; owned */
	size_t n_rules;
	uint64_t seen; /* rows given in sections without a name */
};

/* Read `file`; NULL: SERVER_SETTINGS_FILE, which may be missing. On failure
 * nothing is left to free. */
int server_settings_load(
    struct server_settings *ret, const char *file, struct err *);
/* The same from text, for tests. */
int server_settings_load_text(struct server_settings *ret, const char *file,
    const char *text, size_t len, struct err *);
void server_settings_done(struct server_settings *);

/* What counts for this series, this host: of each key, what the last section
 * gives whose glob matches, else what the section without a name gives. */
struct retention server_retention(
    const struct server_settings *, const char *series);
struct quota server_quota(const struct server_settings *, const char *host);
/* The i-th repository of the file: false when there are no more. What *ret holds
 * stays the settings' own. */
bool server_repository(
    const struct server_settings *, size_t i, struct repo_settings *ret);

/* The keys, for the tests of manual and sample. */
extern const struct settings_table server_settings_keys;

#endif
