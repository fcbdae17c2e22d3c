/*
 * A series as a whole: dropped, or in the place of another.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/maintain.h"

#include "store/store_private.h"

/* Run `sql` with the names bound; the second may be NULL. */
static int
run(struct store *s, const char *sql, const char *a, const char *b,
    struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	if ((rc = sql_prepare(s, &st, sql, err)) != 0)
		return rc;
	(void)sqlite3_bind_text(st, 1, a, -1, SQLITE_STATIC);
	if (b != NULL)
		(void)sqlite3_bind_text(st, 2, b, -1, SQLITE_STATIC);
	return sql_run(s, st, err);
}

/* Inside a write transaction. Place comes back with the next merges. */
static int
drop(struct store *s, const char *name, struct err *err)
{
	static const char *const sql[] = {
		"DELETE FROM snapshot WHERE series IN "
		"(SELECT id FROM series WHERE name = ?)",
		"DELETE FROM body WHERE series IN "
		"(SELECT id FROM series WHERE name = ?)",
		"DELETE FROM series WHERE name = ?",
	};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(sql) / sizeof(sql[0]); i++)
		rc = run(s, sql[i], name, NULL, err);
	return rc;
}

static int
transact(struct store *s, const char *name, const char *with, struct err *err)
{
	uint32_t serial;
	int rc;

	if ((rc = manifest_begin(s, err)) == 0 &&
	    (rc = sql_take_number(s, "next_commit", &serial, err)) == 0 &&
	    (rc = drop(s, name, err)) == 0 &&
	    (with == NULL ||
		(rc = run(s, "UPDATE series SET name = ?1 WHERE name = ?2",
		     name, with, err)) == 0) &&
	    (rc = log_add(s, with != NULL ? "rebuild" : "drop", name,
		 with != NULL ? "indexed anew" : "series dropped", err)) == 0)
		rc = manifest_commit(s, err);
	sql_rollback(s);
	return rc;
}

int
store_replace_series(
    struct store *s, const char *name, const char *with, struct err *err)
{
	struct write_lock lock;
	int rc;

	if ((rc = write_lock_take(&lock, s, err)) == 0) {
		rc = transact(s, name, with, err);
		write_lock_release(&lock);
	}
	return rc != 0 ? err_wrap(err, "store %s", s->dir) : 0;
}

int
store_drop_series(struct store *s, const char *name, struct err *err)
{
	struct catalog cat;
	bool there;
	int rc;

	if ((rc = catalog_read(&cat, s, err)) != 0)
		return rc;
	there = catalog_series(&cat, name) != NULL;
	catalog_done(&cat);
	return there ? store_replace_series(s, name, NULL, err) : 0;
}
