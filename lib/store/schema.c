/*
 * The manifest's tables.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store_private.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define MANIFEST_NEW MANIFEST ".new"

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
	    MANIFEST " is missing, but there is segment %lu: "
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

/* A manifest under its temporary name, whole and on the disk. */
static int
make_file(struct store *s, struct err *err)
{
	int fd, rc;

	fd = openat(s->dirfd, MANIFEST_NEW,
	    O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_sys(err, MANIFEST_NEW ": cannot make");
	if ((rc = file_adopt(fd, s->dirfd, 0640, MANIFEST_NEW, err)) == 0 &&
	    (rc = manifest_connect(s, MANIFEST_NEW, err)) == 0 &&
	    (rc = sql_begin_write(s, err)) == 0 && (rc = make(s, err)) == 0)
		rc = manifest_commit(s, err);
	manifest_disconnect(s);
	if (rc == 0)
		rc = file_sync(fd, MANIFEST_NEW, err);
	(void)close(fd);
	return rc;
}

int
manifest_make(struct store *s, struct err *err)
{
	struct write_lock lock;
	int rc;

	if ((rc = write_lock_take(&lock, s, err)) != 0)
		return rc;
	/* Somebody else may have made it between our look and our lock. */
	if (faccessat(s->dirfd, MANIFEST, F_OK, 0) != 0 &&
	    (rc = segments_list(s, refuse, NULL, err)) == 0 &&
	    (rc = make_file(s, err)) == 0) {
		if (renameat(s->dirfd, MANIFEST_NEW, s->dirfd, MANIFEST) != 0)
			rc = err_sys(err, MANIFEST ": cannot make");
		else
			rc = file_sync(s->dirfd, "the directory", err);
	}
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
	if ((rc = is_empty(s, &empty, err)) == 0)
		rc = empty ? err_set(err, ERR_FORMAT,
				 MANIFEST " is damaged: it is empty") :
			     read_meta(s, err);
	sql_rollback(s);
	return rc;
}
