/*
 * What the files of lib/store share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include "format/segment.h"
#include "store/store.h"
#include "sys/file.h"

#include <sqlite3.h>

struct store {
	char *dir; /* owned */
	enum store_mode mode;
	sqlite3 *db;		/* owned */
	sqlite3_stmt *rollback; /* owned; made while there is memory */
	int dirfd, segfd, tmpfd, seriesfd; /* -1: none */
	uint8_t id[STORE_ID_SIZE];
};

#define SEGMENT_NAME 24
/* "N.seg", its name in store->segfd. Returns name. */
const char *segment_name(uint32_t id, char name[static SEGMENT_NAME]);

/* The segments whose files are there, in any order, to `take`, which may
 * return an error to stop. */
int segments_list(struct store *,
    int (*take)(void *ctx, uint32_t id, struct err *), void *ctx, struct err *);

/* Append the name of a series' file in store->seriesfd. 0, -1. */
int series_file(const char *series, const char *suffix, struct buf *ret);

/* ---- SQL: all of it goes through these (sql.c) ---- */

/* The error of a call that gave this result. SQLite's codes become ours: a
 * busy manifest ERR_BUSY, a damaged one ERR_FORMAT, a hot journal ERR_BUSY with
 * the command that mends it. */
int sql_error(struct store *, int result, struct err *);
int sql_exec(struct store *, const char *sql, struct err *);
int sql_prepare(
    struct store *, sqlite3_stmt **ret, const char *sql, struct err *);
/* 0 with a row, 1 at the end, or an error. */
int sql_step(struct store *, sqlite3_stmt *, struct err *);
/* Step a statement without rows to its end, and finalize it. */
int sql_run(struct store *, sqlite3_stmt *, struct err *);
/* The first column of the first row as a number: 0, 1 without a row, or an
 * error. Finalizes. */
int sql_number(struct store *, sqlite3_stmt *, int64_t *ret, struct err *);
/* A short read transaction. */
int sql_begin_read(struct store *, struct err *);
int sql_commit(struct store *, struct err *);
/* End whatever transaction is open; needs no memory. */
void sql_rollback(struct store *);
/* A column as a number within [min, max], as NUL-free text, as bytes of a
 * length; false when it is anything else. */
bool sql_column_int(
    sqlite3_stmt *, int col, int64_t min, int64_t max, int64_t *ret);
const char *sql_column_text(sqlite3_stmt *, int col, size_t max);
const void *sql_column_bytes(sqlite3_stmt *, int col, size_t len);

/* ---- the manifest's schema (schema.c) ---- */

/* Read the version and the store's id. */
int schema_open(struct store *, struct err *);
/* Make the manifest, unless somebody else just did; nobody sees half of one.
 * Refused where there are segments: a new one would give them up. */
int manifest_make(struct store *, struct err *);

/* ---- its connection (store.c) ---- */

#define MANIFEST "manifest.db"

/* To the manifest, under this name in the store's directory. */
int manifest_connect(struct store *, const char *name, struct err *);
void manifest_disconnect(struct store *);

/* ---- writing (reserve.c, commit.c) ---- */

/* The commit lock and a write transaction. Every transaction that writes is
 * made by these: writers queue at the lock, so that SQLite's own busy handler
 * only ever waits for readers. */
struct write_lock {
	int fd;
};
int write_lock_take(struct write_lock *, struct store *, struct err *);
/* ERR_BUSY at once when somebody else has it. */
int write_lock_try(struct write_lock *, struct store *, struct err *);
void write_lock_release(struct write_lock *);
/* BEGIN IMMEDIATE, for manifest_begin. */
int sql_begin_write(struct store *, struct err *);

/* ---- the sum of the manifest's rows (row_sum.c) ---- */

enum { ROWS_META, ROWS_SERIES, ROWS_SEGMENT, ROWS_SNAPSHOT, N_ROWS };
/* The rows that count; what each_row of the catalogue reads. */
extern const char *const row_sum_sql[];
struct row_sum {
	uint64_t total;
	struct buf row; /* scratch */
};
int row_sum_add(struct row_sum *, sqlite3_stmt *, struct err *);
/* Adds the rows of meta. ERR_FORMAT when it is not the sum that was written. */
int row_sum_compare(struct row_sum *, struct store *, struct err *);
void row_sum_done(struct row_sum *);

/* A write transaction on a manifest that is as it was written; ended by
 * manifest_commit or sql_rollback. */
int manifest_begin(struct store *, struct err *);
int manifest_commit(struct store *, struct err *);

/* The next number of a kind ("next_segment"), inside a write transaction and
 * taken when that commits; or looked at, which the commit lock keeps ours. */
int sql_take_number(
    struct store *, const char *key, uint32_t *ret, struct err *);
int sql_peek_number(
    struct store *, const char *key, uint32_t *ret, struct err *);

/* Ids for a snapshot to be, and for its series where `series` is not there
 * yet. No other writer gets them while this machine is up; a snapshot's id that
 * came to nothing may be given again after a crash of the machine. */
int store_reserve(struct store *, const char *series, uint32_t *ret_series,
    uint32_t *ret_snap, struct err *);

/* A segment on its way: a temporary that a writer fills. Close it at any
 * time; what was not committed goes. */
struct segment_file {
	struct temp temp;
	struct segment_writer *writer; /* feed this */
	struct segment_totals totals;  /* after finish */
	struct buf pending;
};
int segment_file_open(struct segment_file **ret, struct store *,
    const struct segment_snap *, size_t n, struct err *);
/* Everything written, not yet synced. */
int segment_file_finish(struct segment_file *, struct err *);
void segment_file_close(struct segment_file *);

/* A snapshot to be committed. */
struct new_snapshot {
	const struct snapshot_row *row; /* id, series from store_reserve */
	const char *series;		/* its name */
	const char *origin;
	const struct snapshot_row *previous; /* must still be the newest;
						   NULL: the first */
	struct buf scope;		     /* scope_encode's bytes */
	struct buf unread; /* unread_encode's bytes; empty: none */
};

/* Everything that one commit does, all or nothing. Zeroed is nothing. */
struct commit {
	/* A new segment; finished. NULL: none. Its id comes back in
	 * new_segment. A segment without paths is not committed. */
	struct segment_file *file;
	uint32_t new_segment;
	/* Segments that go; ERR_BUSY when one is not live any more. Their
	 * files are removed once the transaction stands. */
	const uint32_t *old_segments;
	size_t n_old_segments;
	const struct new_snapshot *snap; /* NULL: none */
	/* Snapshots that go, by id; some may have gone. ERR_BUSY where that
	 * would drop a series' newest. Scopes and unread lists that nothing names go with them. */
	const uint32_t *old_snaps;
	size_t n_old_snaps;
	/* A line for the log; NULL: none. */
	const char *log_kind, *log_series, *log_text;
};

/* fsync the segment; then under the commit lock: are the inputs still live,
 * rename the segment into place, fsync the directory, one transaction. On
 * failure nothing of it has happened, and the segment's temporary is gone or
 * still the caller's to close. */
int store_commit(struct store *, struct commit *, struct err *);

/* A line of the log, inside a write transaction (journal.c). */
int log_add(struct store *, const char *kind, const char *series,
    const char *text, struct err *);

/* ---- unread lists (unread.c) ---- */

int unread_decode(struct unread_list *, const void *, size_t, struct err *);

/* One being collected. Past UNREAD_BYTES_MAX, what comes is folded into one
 * directory above all of it: less exact, never wrong. */
#define UNREAD_BYTES_MAX ((size_t)1024 * 1024)
struct unread_writer {
	struct buf bytes; /* encoded */
	size_t n;
	struct buf fold; /* the directory; empty: none yet */
	int fold_error;
};
int unread_add(struct unread_writer *, const char *path, size_t len, bool below,
    int error); /* 0, -1 */
/* Encoded, the folded one last. The writer is then empty. 0, -1. */
int unread_finish(struct unread_writer *, struct buf *ret, size_t *ret_n);
void unread_writer_done(struct unread_writer *);

#endif
