/*
 * A store: a directory of immutable segments and a SQLite manifest that says
 * which of them, and which snapshots, count.
 *
 *   DIR/manifest.db      the manifest, journal mode DELETE
 *   DIR/seg/N.seg        segment number N
 *   DIR/tmp/             temporaries, each held by flock while it is written
 *   DIR/lock             the commit lock (flock)
 *   DIR/merge.lock       held by the one process that merges
 *   DIR/series/NAME.lock held while NAME (with '/' as '+') is being recorded;
 *                        says who holds it
 *   DIR/series/NAME.scan the scan cache
 *
 * Committing writes a temporary, fsyncs it, and then under the commit lock
 * renames it without replacing, fsyncs the directory and runs one SQLite
 * transaction. No write transaction spans file work.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "format/digest.h"

#include <stdbool.h>
#include <stdint.h>

/* Where they are where nothing else is said: what hosts push to, on the server,
 * and a host's own. */
#define STORE_CENTRAL "/var/lib/lookback/central"
#define STORE_LOCAL "/var/lib/lookback/local"

#define STORE_FORMAT 1 /* what this program writes; reads up to it */
#define STORE_ID_SIZE 16
#define STORE_ORIGIN_MAX ((size_t)64 * 1024) /* bytes of an origin */

enum store_mode {
	STORE_READ,   /* must be there; nothing is ever written */
	STORE_WRITE,  /* must be there */
	STORE_CREATE, /* made when missing: 0750, group lookback if there is
			   such a group */
};

struct store;

/* Whether a store lies there. Also true where we may not look, and where its
 * manifest is lost: opening it then says why, which nobody learns from a search
 * of another store. */
bool store_is_there(const char *dir);

/* Opening for writing recovers a hot journal and sweeps temporaries whose lock
 * can be taken. Read-only, a hot journal is ERR_BUSY with the command that
 * mends it in the text; a missing store ERR_NOTFOUND, one that may not be read
 * ERR_SYS with EACCES and a text that names group lookback, a newer format
 * ERR_VERSION. `dir` is copied. */
int store_open(
    struct store **ret, const char *dir, enum store_mode, struct err *);
void store_close(struct store *);
const char *store_dir(const struct store *);
const uint8_t *store_id(const struct store *); /* STORE_ID_SIZE bytes, random */

/* ---- the catalogue: all rows, read in one short transaction ---- */

struct series_row {
	uint32_t id;
	char *name; /* "web01", "web01/import"; owned */
};

struct snapshot_row {
	uint32_t id;	     /* rises within a series; store-wide unique */
	uint32_t series;     /* series_row.id */
	uint64_t number;     /* 1, 2, 3 ... within the series */
	int64_t date_ns;     /* since 1970; rises strictly within a series */
	int64_t clock_ns;    /* what the source's own clock said */
	int64_t received_ns; /* when it was committed here */
	uint8_t fields;	     /* what was observed, enum entry_field */
	bool complete;
	uint64_t entries;     /* present at this snapshot */
	struct digest digest; /* over the listing as recorded */
	/* Rows that snapshots share; equal ids, equal content. */
	uint32_t scope;	 /* for snapshot_scope */
	uint32_t unread; /* for snapshot_unread; 0: none */
	/* Where it came from: the pushing store's id, snapshot number and
	 * digest as told. has_peer is false for our own scans. */
	bool has_peer;
	uint8_t peer_store[STORE_ID_SIZE];
	uint64_t peer_number;
	struct digest peer_digest;
};

struct segment_row {
	uint32_t id;
	uint64_t bytes, paths, events;
};

struct catalog {
	struct series_row *series; /* by name */
	size_t n_series;
	struct snapshot_row *snaps; /* by (series, id): kept ones only */
	size_t n_snaps;
	struct segment_row *segments; /* by id */
	size_t n_segments;
};

int catalog_read(struct catalog *ret, struct store *, struct err *);
void catalog_done(struct catalog *);

const struct series_row *catalog_series(
    const struct catalog *, const char *name); /* NULL when unknown */
const struct series_row *catalog_series_by_id(
    const struct catalog *, uint32_t id);
/* The kept snapshots of a series, oldest first. */
const struct snapshot_row *catalog_snaps(
    const struct catalog *, uint32_t series, size_t *n);
/* Since when it may be out of date: its date, or where a clock that was wrong
 * gave it one of the future, when it was committed here. */
int64_t snapshot_age_from(const struct snapshot_row *);
/* The kept snapshot on which an event of snapshot `id` counts: the first of
 * its series with an id not below; NULL when there is none. */
const struct snapshot_row *catalog_effective(
    const struct catalog *, uint32_t series, uint32_t id);

/* ---- what the catalogue leaves out ---- */

/* Read when asked for: these are long, a host decides how long, and few
 * callers want more than one at a time. ERR_NOTFOUND when the snapshot was
 * dropped meanwhile, ERR_FORMAT names the snapshot that is damaged. `ret` is
 * the caller's. */

/* What a snapshot looked at. */
int snapshot_scope(struct scope *ret, struct store *,
    const struct snapshot_row *, struct err *);
/* Where it comes from, a URI; appended. */
int snapshot_origin(
    struct buf *ret, struct store *, const struct snapshot_row *, struct err *);

struct unread {
	const char *path; /* NUL-terminated */
	size_t len;
	int error;  /* errno */
	bool below; /* its content was not read; false: itself */
};

/* What could not be read, in path order. */
struct unread_list {
	size_t n;
	struct unread *item; /* owned; the paths lie behind the array */
	size_t bytes;	     /* of memory, about */
};

int snapshot_unread(struct unread_list *ret, struct store *,
    const struct snapshot_row *, struct err *);
void unread_list_done(struct unread_list *);
/* Whether the path was not looked at: it stands in the list itself, or is below
 * what does. */
bool unread_list_hides(
    const struct unread_list *, const char *path, size_t len);

/* ---- a view: a catalogue with all its segments open ---- */

struct segment;
struct segment_input;

struct view {
	struct catalog cat;
	struct segment **segments; /* as cat.segments; NULL where damaged,
					   and then error[i] says why */
	struct err *error;
	struct segment_input *input; /* the files behind them; owned */
};

/* Starts again, a bounded number of times, when a merge took a segment away
 * meanwhile. A damaged or missing segment does not fail the call: it is left
 * NULL with its error, for the caller to report (status 3). */
int view_open(struct view **ret, struct store *, struct err *);
void view_close(struct view *);

/* ---- the log ---- */

/* Note an event of the store's life (enrolments, pushes, merges, warnings). */
int store_log(struct store *, const char *kind, const char *series,
    const char *text, struct err *);

/* Snapshots of a series up to `number` have been acknowledged by the server:
 * replaces what was noted before, as a server restored from a backup may hold
 * less. ERR_NOTFOUND for a series that is not here. */
int store_ack(
    struct store *, const char *series, uint64_t number, struct err *);
/* The last acknowledged number of a series, 0 for none. */
int store_acked(
    struct store *, const char *series, uint64_t *ret, struct err *);

/* ---- the series lock ---- */

struct series_lock;
/* One recorder of a series at a time. ERR_BUSY names the holder ("process 4711
 * (lindex scan), since 2026-11-21 02:10:03"). `what` names us. Waits up to
 * wait_ms for it. */
int series_lock_take(struct series_lock **ret, struct store *,
    const char *series, const char *what, int wait_ms, struct err *);
void series_lock_release(struct series_lock *);
/* The same where nothing was recorded, ever: its file goes as well. */
void series_lock_forget(struct series_lock *);

/* The file of a series with this suffix, "DIR/series/NAME.scan", appended. */
int series_path(const struct store *, const char *series, const char *suffix,
    struct buf *ret); /* 0, -1 */

/* [A-Za-z0-9][A-Za-z0-9._-]{0,252} */
bool host_name_is_valid(const char *);
/* HOST or HOST/name/name..., names as host names; at most 1024 bytes. */
bool series_name_is_valid(const char *);

#endif
