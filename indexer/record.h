/*
 * Recording one source as one snapshot of a series: for lindex scan --source,
 * lindex import and lindex repo.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_RECORD_H
#define INDEXER_RECORD_H

#include "plugin/source.h"
#include "store/recorder.h"

struct record_request {
	struct store *store; /* open for writing */
	const char *series;  /* valid; its lock is taken here */
	struct uri origin;   /* whole, with host, size and mtime where it
				 * has any; borrowed */
	struct source_options source; /* .uri counts for nothing: origin does */
	struct source *attached;      /* by record_attach, or NULL; taken */
	bool has_date;
	int64_t date_ns; /* else the source's own, else its mtime, else now */
	bool additive;	 /* absence says nothing; or'ed with the source's */
	bool names_only; /* record types alone */
	/* Refuse (ERR_REFUSED) what has a date that is not newer than that of
	 * the series' newest snapshot, by name, in place of raising it; one of the
	 * same date only where that is complete. */
	bool in_order;
	bool verbose;	  /* print each path */
	bool told;	  /* tell how it went in any case */
	const char *part; /* begins the progress line: "3 of 30: "; or NULL */
};

/* Open the source, as record_source else does itself: what is wrong with it is
 * known before a store is made. Where that is not called after all, the caller
 * closes it. */
int record_attach(struct record_request *, struct err *);

/* Commit one snapshot and tell what is to be told of it: what could not be read,
 * the first few by name, and then, verbose or on a terminal, how it went.
 * `result->complete` is false where something could not be read. On failure
 * nothing is committed; one bad source leaves the store as it was. A source that
 * ends early is committed as far as it came, incomplete, if it gave any entry.
 * ERR_BUSY: somebody records this series. ERR_CANCELLED: request.source.stop.
 * No merge: the caller does that when it is done with all. */
int record_source(
    const struct record_request *, struct record_result *, struct err *);

/* Fill in what a person left out of a URI: the host (this machine's name), an
 * absolute path without links, and of a file its size and mtime. ERR_SYS where
 * the file is not there, ERR_USAGE where it is said to be on another host.
 * Nothing is done to sftp. */
int origin_complete(struct uri *, const char *host, struct err *);

/* What people know a source by, "archive:/b/etc.tar", in text; for messages. */
#define ORIGIN_TEXT 256
const char *origin_text(const struct uri *, char text[static ORIGIN_TEXT]);

#endif
