/*
 * The manifest as SQL: one way to say what went wrong, and no value from a row
 * that was not looked at.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store_private.h"

#include <errno.h>
#include <string.h>

int
sql_error(struct store *s, int result, struct err *err)
{
	const char *text = sqlite3_errstr(result);

	if ((sqlite3_errcode(s->db) & 0xff) == (result & 0xff))
		text = sqlite3_errmsg(s->db);
	if (result == SQLITE_READONLY_ROLLBACK)
		return err_set(err, ERR_BUSY,
		    "manifest.db has a journal of a writer that died; only a "
		    "writer can roll it back: run as root or the store's "
		    "owner: "
		    "lindex check --store %s",
		    s->dir);
	switch (result & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(
		    err, ERR_BUSY, "manifest.db is in use by another process");
	case SQLITE_NOMEM:
		return err_nomem(err);
	case SQLITE_FULL:
		errno = ENOSPC;
		return err_sys(err, "manifest.db: cannot write");
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_AUTH:
	case SQLITE_INTERRUPT:
		errno = sqlite3_system_errno(s->db);
		if (errno == 0)
			errno = EIO;
		return err_sys(err, "manifest.db: %s", text);
	case SQLITE_MISUSE:
		return err_set(err, ERR_USAGE, "manifest.db: %s", text);
	}
	return err_set(err, ERR_FORMAT, "manifest.db is damaged: %s", text);
}

int
sql_exec(struct store *s, const char *sql, struct err *err)
{
	int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : sql_error(s, rc, err);
}

int
sql_prepare(
    struct store *s, sqlite3_stmt **ret, const char *sql, struct err *err)
{
	int rc = sqlite3_prepare_v2(s->db, sql, -1, ret, NULL);

	return rc == SQLITE_OK ? 0 : sql_error(s, rc, err);
}

int
sql_step(struct store *s, sqlite3_stmt *st, struct err *err)
{
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW)
		return 0;
	return rc == SQLITE_DONE ? 1 : sql_error(s, rc, err);
}

int
sql_run(struct store *s, sqlite3_stmt *st, struct err *err)
{
	int rc;

	while ((rc = sql_step(s, st, err)) == 0)
		;
	(void)sqlite3_finalize(st);
	return rc == 1 ? 0 : rc;
}

int
sql_number(struct store *s, sqlite3_stmt *st, int64_t *ret, struct err *err)
{
	int rc = sql_step(s, st, err);
	int64_t v = 0;

	if (rc == 0 && !sql_column_int(st, 0, INT64_MIN, INT64_MAX, &v))
		rc = err_set(err, ERR_FORMAT,
		    "manifest.db is damaged: a number is missing");
	(void)sqlite3_finalize(st);
	if (rc == 0)
		*ret = v;
	return rc;
}

/* A transaction is ended through step, like everything else here. */
static int
run_text(struct store *s, const char *sql, struct err *err)
{
	sqlite3_stmt *st;
	int rc = sql_prepare(s, &st, sql, err);

	return rc != 0 ? rc : sql_run(s, st, err);
}

int
sql_begin_read(struct store *s, struct err *err)
{
	return run_text(s, "BEGIN", err);
}

int
sql_begin_write(struct store *s, struct err *err)
{
	return run_text(s, "BEGIN IMMEDIATE", err);
}

int
sql_commit(struct store *s, struct err *err)
{
	return run_text(s, "COMMIT", err);
}

void
sql_rollback(struct store *s)
{
	/* SQLite may have rolled back by itself; it cannot fail otherwise. */
	if (sqlite3_get_autocommit(s->db))
		return;
	(void)sqlite3_step(s->rollback);
	(void)sqlite3_reset(s->rollback);
}

bool
sql_column_int(
    sqlite3_stmt *st, int col, int64_t min, int64_t max, int64_t *ret)
{
	int64_t v = sqlite3_column_int64(st, col);

	if (sqlite3_column_type(st, col) != SQLITE_INTEGER || v < min ||
	    v > max)
		return false;
	*ret = v;
	return true;
}

const char *
sql_column_text(sqlite3_stmt *st, int col, size_t max)
{
	const char *text;
	size_t len;

	if (sqlite3_column_type(st, col) != SQLITE_TEXT)
		return NULL;
	text = (const char *)sqlite3_column_text(st, col);
	len = (size_t)sqlite3_column_bytes(st, col);
	return text != NULL && len <= max && strlen(text) == len ? text : NULL;
}

const void *
sql_column_bytes(sqlite3_stmt *st, int col, size_t len)
{
	if (sqlite3_column_type(st, col) != SQLITE_BLOB ||
	    (size_t)sqlite3_column_bytes(st, col) != len)
		return NULL;
	return sqlite3_column_blob(st, col);
}
