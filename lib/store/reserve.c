/*
 * The commit lock, and numbers that are given once.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store_private.h"

#include "sys/lock.h"

#include <assert.h>
#include <unistd.h>

/* Whoever holds the lock works for milliseconds; this long, and it hangs. */
#define WAIT_MS 60000

int
write_lock_take(struct write_lock *l, struct store *s, struct err *err)
{
	assert(s->mode != STORE_READ);
	return lock_take(&l->fd, s->dirfd, "lock", WAIT_MS, err);
}

int
write_lock_try(struct write_lock *l, struct store *s, struct err *err)
{
	return lock_take(&l->fd, s->dirfd, "lock", 0, err);
}

void
write_lock_release(struct write_lock *l)
{
	(void)close(l->fd);
}

/* ---- numbers ---- */

/* Run a statement that gives a number of meta. */
static int
run_number(struct store *s, const char *sql, const char *key, uint32_t *ret,
    struct err *err)
{
	sqlite3_stmt *st;
	int64_t v;
	int rc;

	if ((rc = sql_prepare(s, &st, sql, err)) != 0)
		return rc;
	(void)sqlite3_bind_text(st, 1, key, -1, SQLITE_STATIC);
	if ((rc = sql_number(s, st, &v, err)) < 0)
		return rc;
	if (rc == 1 || v < 1 || v >= UINT32_MAX)
		return err_set(
		    err, ERR_FORMAT, "manifest.db is damaged: no good %s", key);
	*ret = (uint32_t)v;
	return 0;
}

int
sql_take_number(
    struct store *s, const char *key, uint32_t *ret, struct err *err)
{
	return run_number(s,
	    "UPDATE meta SET value = value + 1 WHERE key = ? "
	    "RETURNING value - 1",
	    key, ret, err);
}

int
sql_peek_number(
    struct store *s, const char *key, uint32_t *ret, struct err *err)
{
	return run_number(
	    s, "SELECT value FROM meta WHERE key = ?", key, ret, err);
}

static int
series_number(
    struct store *s, const char *series, uint32_t *ret, struct err *err)
{
	sqlite3_stmt *st;
	int64_t v;
	int rc;

	if ((rc = sql_prepare(
		 s, &st, "SELECT id FROM series WHERE name = ?", err)) != 0)
		return rc;
	(void)sqlite3_bind_text(st, 1, series, -1, SQLITE_STATIC);
	if ((rc = sql_number(s, st, &v, err)) < 0)
		return rc;
	if (rc == 1)
		return sql_take_number(s, "next_series", ret, err);
	if (v < 1 || v > UINT32_MAX)
		return err_set(
		    err, ERR_FORMAT, "manifest.db is damaged: a series' id");
	*ret = (uint32_t)v;
	return 0;
}

int
store_reserve(struct store *s, const char *series, uint32_t *ret_series,
    uint32_t *ret_snap, struct err *err)
{
	struct write_lock lock;
	uint32_t id, snap;
	int rc;

	if ((rc = write_lock_take(&lock, s, err)) != 0)
		return rc;
	if ((rc = manifest_begin(s, err)) == 0 &&
	    (rc = series_number(s, series, &id, err)) == 0 &&
	    (rc = sql_take_number(s, "next_snapshot", &snap, err)) == 0)
		rc = manifest_commit(s, err);
	sql_rollback(s);
	write_lock_release(&lock);
	if (rc != 0)
		return rc;
	*ret_series = id;
	*ret_snap = snap;
	return 0;
}
