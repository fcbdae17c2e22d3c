/*
 * The settings of a host: lindex.conf(5).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_SETTINGS_H
#define INDEXER_SETTINGS_H

#include "base/setting.h"
#include "store/here.h"
#include "store/maintain.h"

#define SETTINGS_FILE HERE_FILE
#define UPDATEDB_FILE "/etc/updatedb.conf"

struct settings {
	char *host;  /* NULL: the short host name; owned */
	char *store; /* owned */

	/* [Scan] */
	bool names_only;
	char *updatedb_conf; /* owned */
	bool updatedb_named; /* by the file: then it must be there */
	struct scope prune;  /* the prune settings that override it */
	unsigned prune_set;  /* which: enum updatedb_var */

	/* [Server]; NULL or 0: not given */
	char *server; /* name, address or ssh_config alias; owned */
	int port;
	char *user;	   /* owned */
	char *key;	   /* file; owned */
	char *known_hosts; /* file; owned */

	/* [Local] */
	struct retention keep;

	uint64_t seen; /* rows that the file gave */
};

/* Read `file`; NULL: SETTINGS_FILE, which may be missing. On failure nothing
 * is left to free. */
int settings_load(struct settings *ret, const char *file, struct err *);
/* The same from text, for tests. */
int settings_load_text(struct settings *ret, const char *file, const char *text,
    size_t len, struct err *);
void settings_done(struct settings *);

/* The name under which this host records: `option` (--host) or the file's, or
 * the short host name. */
int settings_host(const struct settings *, const char *option,
    char ret[static HOST_NAME_SIZE], struct err *);

/* The keys, for the tests of manual and sample. */
extern const struct settings_table settings_keys;

#endif
