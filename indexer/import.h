/*
 * Importing old databases and lists, one snapshot a file: lindex import.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_IMPORT_H
#define INDEXER_IMPORT_H

#include "base/uri.h"
#include "upkeep.h"

#define IMPORT_PATTERN "%y%m%d-{host}.db"
#define IMPORT_SUFFIX "/import" /* series: HOST/import */

struct import_request {
	struct store *store;
	const struct upkeep_rules *rules; /* what of it is kept */
	const char *here;    /* the name of this machine, for origins */
	const char *host;    /* of all files; NULL: their names say it */
	const char *pattern; /* checked */
	bool has_date;	     /* of the file; else its name says it */
	int64_t date_ns;
	const char *format; /* NULL: by what they begin with */
	volatile const int *stop;
};

/* A file to import. */
struct import_file {
	const char *name; /* as given; borrowed */
	char *series;	  /* owned */
	struct uri origin;
	int64_t date_ns;
};

/* What is known of the file before it is opened. ERR_USAGE: its name does not
 * say host and date. On failure nothing is left to free. */
int import_file_init(struct import_file *, const struct import_request *,
    const char *name, struct err *);
void import_file_done(struct import_file *);
/* For qsort: by series and date, then name. */
int import_file_cmp(const void *, const void *);

/* What a series holds, oldest first. Zeroed: nothing. */
struct import_known {
	struct import_past *past; /* owned */
	size_t n;
	struct catalog cat; /* as it was read; owned */
	const struct series_row *series;
};

/* Of this series; a new one holds nothing. */
int import_known_read(
    struct import_known *, struct store *, const char *series, struct err *);
/* That was imported now. */
int import_known_add(
    struct import_known *, const struct import_file *, struct err *);
void import_known_done(struct import_known *);
enum import_is {
	IMPORT_NEW,
	IMPORT_THERE, /* the same file, or one of the same date and size */
	IMPORT_OTHER, /* of its date there is another one */
};
enum import_is import_known_find(
    const struct import_known *, const struct import_file *);

/* Import them in the order of their dates, tell which cannot be, and merge. The
 * exit status. */
int import_files(const struct import_request *, char **names, size_t n);

#endif
