/*
 * The log of a store's life, and what the server acknowledged.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store_private.h"

#include "base/when.h"

/* Lines kept; older ones go. */
#define LOG_LINES 10000

int
log_add(struct store *s, const char *kind, const char *series, const char *text,
    struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	if ((rc = sql_prepare(s, &st,
		 "INSERT INTO log(at_ns, kind, series, text) "
		 "VALUES(?, ?, ?, ?)",
		 err)) != 0)
		return rc;
	(void)sqlite3_bind_int64(st, 1, when_now());
	(void)sqlite3_bind_text(st, 2, kind, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(st, 3, series, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(st, 4, text, -1, SQLITE_STATIC);
	if ((rc = sql_run(s, st, err)) != 0 ||
	    (rc = sql_prepare(s, &st,
		 "DELETE FROM log WHERE id <= (SELECT max(id) FROM log) - ?",
		 err)) != 0)
		return rc;
	(void)sqlite3_bind_int64(st, 1, LOG_LINES);
	return sql_run(s, st, err);
}

int
store_log(struct store *s, const char *kind, const char *series,
    const char *text, struct err *err)
{
	struct commit c = {
		.log_kind = kind, .log_series = series, .log_text = text
	};

	return store_commit(s, &c, err);
}

static int
set_acked(struct store *s, const char *series, uint64_t number, struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	if ((rc = sql_prepare(s, &st,
		 "UPDATE series SET acked = ? WHERE name = ?", err)) != 0)
		return rc;
	(void)sqlite3_bind_int64(st, 1, (int64_t)number);
	(void)sqlite3_bind_text(st, 2, series, -1, SQLITE_STATIC);
	if ((rc = sql_run(s, st, err)) != 0)
		return rc;
	return sqlite3_changes(s->db) == 1 ?
	    0 :
	    err_set(err, ERR_NOTFOUND, "no series %s", series);
}

int
store_ack(struct store *s, const char *series, uint64_t number, struct err *err)
{
	struct write_lock lock;
	int rc;

	if ((rc = write_lock_take(&lock, s, err)) == 0) {
		if ((rc = manifest_begin(s, err)) == 0 &&
		    (rc = set_acked(s, series, number, err)) == 0)
			rc = manifest_commit(s, err);
		sql_rollback(s);
		write_lock_release(&lock);
	}
	return rc != 0 ? err_wrap(err, "store %s", s->dir) : 0;
}

int
store_acked(struct store *s, const char *series, uint64_t *ret, struct err *err)
{
	sqlite3_stmt *st;
	int64_t v = 0;
	int rc;

	if ((rc = sql_prepare(
		 s, &st, "SELECT acked FROM series WHERE name = ?", err)) != 0)
		return err_wrap(err, "store %s", s->dir);
	(void)sqlite3_bind_text(st, 1, series, -1, SQLITE_STATIC);
	if ((rc = sql_number(s, st, &v, err)) < 0)
		return err_wrap(err, "store %s", s->dir);
	*ret = (uint64_t)v;
	return 0;
}
