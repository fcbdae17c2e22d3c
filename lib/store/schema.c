/*
 * The manifest's tables.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store_private.h"

#include <string.h>
#include <sys/random.h>

/* meta: format, store (the id), rows (their sum), and the next number of each
 * kind of row that stands in segments or file names: those are never given
 * twice.
 * body: scopes and unread lists, which a series' snapshots share; sum is of
 * their bytes. */
static const char schema[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE series(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " acked INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE body(id INTEGER PRIMARY KEY,"
    " series INTEGER NOT NULL REFERENCES series(id), sum INTEGER NOT NULL,"
    " bytes BLOB NOT NULL);"
    "CREATE INDEX body_series ON body(series, sum);"
    "CREATE TABLE snapshot(id INTEGER PRIMARY KEY,"
    " series INTEGER NOT NULL REFERENCES series(id),"
    " number INTEGER NOT NULL, date_ns INTEGER NOT NULL,"
    " clock_ns INTEGER NOT NULL, received_ns INTEGER NOT NULL,"
    " fields INTEGER NOT NULL, complete INTEGER NOT NULL,"
    " entries INTEGER NOT NULL, digest BLOB NOT NULL,"
    " origin TEXT NOT NULL,"
    " scope INTEGER NOT NULL, unread INTEGER,"
    " peer_store BLOB, peer_number INTEGER, peer_digest BLOB,"
    " UNIQUE(series, number));"
    "CREATE TABLE segment(id INTEGER PRIMARY KEY, bytes INTEGER NOT NULL,"
    " paths INTEGER NOT NULL, events INTEGER NOT NULL);"
    "CREATE TABLE log(id INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL,"
    " kind TEXT NOT NULL, series TEXT, text TEXT NOT NULL);"
    "INSERT INTO meta VALUES('format', 1), ('next_series', 1),"
    " ('next_snapshot', 1), ('next_segment', 1), ('next_commit', 1);";

static int
is_empty(struct store *s, bool *ret, struct err *err)
{
	sqlite3_stmt *st;
	int64_t tables;
	int rc;

	if ((rc = sql_prepare(
		 s, &st, "SELECT count(*) FROM sqlite_master", err)) != 0 ||
	    (rc = sql_number(s, st, &tables, err)) != 0)
		return rc;
	*ret = tables == 0;
	return 0;
}

static int
refuse(void *ctx, uint32_t id, struct err *err)
{
	(void)ctx;
	return err_set(err, ERR_FORMAT,
	    "manifest.db is missing or empty, but there is segment %lu: "
	    "put the manifest back, or move seg/ away",
	    (unsigned long)id);
}

static int
make(struct store *s, struct err *err)
{
	uint8_t id[STORE_ID_SIZE];
	sqlite3_stmt *st;
	int rc;

	if (getrandom(id, sizeof(id), 0) != (ssize_t)sizeof(id))
		return err_sys(err, "no random bytes");
	if ((rc = sql_exec(s, schema, err)) != 0 ||
	    (rc = sql_prepare(
		 s, &st, "INSERT INTO meta VALUES('store', ?)", err)) != 0)
		return rc;
	(void)sqlite3_bind_blob(st, 1, id, sizeof(id), SQLITE_TRANSIENT);
	return sql_run(s, st, err);
}

/* Somebody else may have made it between our look and our lock. Where there
 * are segments, the manifest was not empty: a new one would give them up. */
static int
make_if_empty(struct store *s, struct err *err)
{
	struct write_lock lock;
	bool empty;
	int rc;

	if ((rc = write_lock_take(&lock, s, err)) != 0)
		return rc;
	if ((rc = sql_begin_write(s, err)) != 0 ||
	    (rc = is_empty(s, &empty, err)) != 0)
		goto out;
	if (empty && (rc = segments_list(s, refuse, NULL, err)) == 0 &&
	    (rc = make(s, err)) == 0)
		rc = manifest_commit(s, err);
out:
	sql_rollback(s);
	write_lock_release(&lock);
	return rc;
}

static int
read_meta(struct store *s, struct err *err)
{
	const void *id;
	sqlite3_stmt *st;
	int64_t format;
	int rc;

	if ((rc = sql_prepare(s, &st,
		 "SELECT value FROM meta WHERE key = 'format'", err)) != 0 ||
	    (rc = sql_number(s, st, &format, err)) < 0)
		return rc;
	if (rc == 1 || format < 1)
		return err_set(
		    err, ERR_FORMAT, "manifest.db is damaged: no format");
	if (format > STORE_FORMAT)
		return err_set(err, ERR_VERSION,
		    "the store has format %lld, this program reads up to %d: "
		    "a newer version of it is needed",
		    (long long)format, STORE_FORMAT);
	if ((rc = sql_prepare(s, &st,
		 "SELECT value FROM meta WHERE key = 'store'", err)) != 0)
		return rc;
	if ((rc = sql_step(s, st, err)) == 0 &&
	    (id = sql_column_bytes(st, 0, STORE_ID_SIZE)) != NULL)
		memcpy(s->id, id, STORE_ID_SIZE);
	else if (rc >= 0)
		rc = err_set(
		    err, ERR_FORMAT, "manifest.db is damaged: no store id");
	(void)sqlite3_finalize(st);
	return rc;
}

int
schema_open(struct store *s, struct err *err)
{
	bool empty;
	int rc;

	if ((rc = sql_begin_read(s, err)) != 0)
		return rc;
	if ((rc = is_empty(s, &empty, err)) == 0 && !empty)
		rc = read_meta(s, err);
	sql_rollback(s);
	if (rc != 0 || !empty)
		return rc;
	if (s->mode != STORE_CREATE)
		return err_set(
		    err, ERR_FORMAT, "manifest.db is damaged: it is empty");
	if ((rc = make_if_empty(s, err)) != 0 ||
	    (rc = sql_begin_read(s, err)) != 0)
		return rc;
	rc = read_meta(s, err);
	sql_rollback(s);
	return rc;
}
