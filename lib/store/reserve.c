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

/* Snapshots that may be begun and not committed. */
#define GIVEN_AHEAD_MAX (UINT32_C(1) << 20)

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

/* 0, 1 for a series that is not there yet. */
static int
find_series(struct store *s, const char *series, uint32_t *ret, struct err *err)
{
	sqlite3_stmt *st;
	int64_t v;
	int rc;

	if ((rc = sql_prepare(
		 s, &st, "SELECT id FROM series WHERE name = ?", err)) != 0)
		return rc;
	(void)sqlite3_bind_text(st, 1, series, -1, SQLITE_STATIC);
	if ((rc = sql_number(s, st, &v, err)) != 0)
		return rc;
	if (v < 1 || v > UINT32_MAX)
		return err_set(
		    err, ERR_FORMAT, "manifest.db is damaged: a series' id");
	*ret = (uint32_t)v;
	return 0;
}

static int
new_series(struct store *s, uint32_t *ret, struct err *err)
{
	int rc;

	if ((rc = manifest_begin(s, err)) == 0 &&
	    (rc = sql_take_number(s, "next_series", ret, err)) == 0)
		rc = manifest_commit(s, err);
	sql_rollback(s);
	return rc;
}

/*
 * The lock's file holds the next snapshot's number, which saves a transaction:
 * writers that live at one time must not get the same one, and none of them
 * outlives the machine, so it need not reach the disk. The manifest learns of
 * it with the commit; the larger of both counts.
 */
static int
take_snapshot_number(
    struct store *s, const struct write_lock *l, uint32_t *ret, struct err *err)
{
	uint8_t bytes[4] = { 0 };
	uint32_t next, given = 0;
	int rc;

	if ((rc = sql_peek_number(s, "next_snapshot", &next, err)) != 0)
		return rc;
	if (pread(l->fd, bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes))
		given = load_u32(bytes);
	/* A number far off was never given: the file is damaged. */
	if (given > next && given - next < GIVEN_AHEAD_MAX)
		next = given;
	if (next >= UINT32_MAX - 1)
		return err_set(err, ERR_REFUSED,
		    "store %s: no number is left for a snapshot", s->dir);
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)((next + 1) >> (8 * i));
	if (pwrite(l->fd, bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return err_sys(err, "store %s: lock: cannot write", s->dir);
	*ret = next;
	return 0;
}

int
store_reserve(struct store *s, const char *series, uint32_t *ret_series,
    uint32_t *ret_snap, struct err *err)
{
	struct write_lock lock;
	int rc;

	if ((rc = write_lock_take(&lock, s, err)) != 0)
		return rc;
	if ((rc = find_series(s, series, ret_series, err)) == 1)
		rc = new_series(s, ret_series, err);
	if (rc == 0)
		rc = take_snapshot_number(s, &lock, ret_snap, err);
	write_lock_release(&lock);
	return rc;
}
