/*
 * The sum of the manifest's rows: SQLite has no checksums of its own, and a
 * row that went with a damaged page would be a snapshot that never was.
 *
 * Rows of meta, series, snapshot and segment count, not the log. Every write
 * transaction checks the sum before and writes it after; every catalogue is
 * compared with it. Unread lists and scopes have sums in their own rows.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store_private.h"

#include "format/zframe.h"

const char *const row_sum_sql[] = {
	"SELECT key, value FROM meta WHERE key <> 'rows'",
	"SELECT id, name, acked FROM series ORDER BY name",
	"SELECT id, bytes, paths, events FROM segment ORDER BY id",
	"SELECT id, series, number, date_ns, clock_ns, received_ns, fields,"
	" complete, entries, digest, scope, unread, peer_store, peer_number,"
	" peer_digest, origin FROM snapshot",
};

/* The row as bytes: of each column its type, and what it holds. */
int
row_sum_add(struct row_sum *sum, sqlite3_stmt *st, struct err *err)
{
	struct buf *b = &sum->row;
	int failed = 0;

	buf_clear(b);
	for (int i = 0; i < sqlite3_column_count(st); i++) {
		int type = sqlite3_column_type(st, i);
		const void *p;
		size_t len;

		failed |= buf_add_byte(b, (uint8_t)type);
		if (type == SQLITE_NULL)
			continue;
		if (type == SQLITE_INTEGER) {
			failed |= buf_add_u64(
			    b, (uint64_t)sqlite3_column_int64(st, i));
			continue;
		}
		p = sqlite3_column_blob(st, i);
		len = (size_t)sqlite3_column_bytes(st, i);
		failed |= buf_add_u64(b, len);
		if (len > 0)
			failed |= p == NULL ? -1 : buf_add(b, p, len);
	}
	if (failed)
		return err_nomem(err);
	sum->total += checksum(b->data, b->len);
	return 0;
}

void
row_sum_done(struct row_sum *sum)
{
	buf_done(&sum->row);
}

static int
add_rows(struct row_sum *sum, struct store *s, const char *sql, struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	if ((rc = sql_prepare(s, &st, sql, err)) != 0)
		return rc;
	while ((rc = sql_step(s, st, err)) == 0)
		if ((rc = row_sum_add(sum, st, err)) != 0)
			break;
	(void)sqlite3_finalize(st);
	return rc == 1 ? 0 : rc;
}

int
row_sum_compare(struct row_sum *sum, struct store *s, struct err *err)
{
	sqlite3_stmt *st;
	int64_t written;
	int rc;

	if ((rc = add_rows(sum, s, row_sum_sql[ROWS_META], err)) != 0 ||
	    (rc = sql_prepare(s, &st,
		 "SELECT value FROM meta WHERE key = 'rows'", err)) != 0 ||
	    (rc = sql_number(s, st, &written, err)) < 0)
		return rc;
	if (rc == 1 || (uint64_t)written != sum->total)
		return err_set(err, ERR_FORMAT,
		    "manifest.db is damaged: its rows are not those that were "
		    "written");
	return 0;
}

static int
sum_of_all(struct row_sum *sum, struct store *s, int first, struct err *err)
{
	int rc = 0;

	for (int i = first; rc == 0 && i < N_ROWS; i++)
		rc = add_rows(sum, s, row_sum_sql[i], err);
	return rc;
}

int
manifest_begin(struct store *s, struct err *err)
{
	struct row_sum sum = { 0 };
	int rc;

	if ((rc = sql_begin_write(s, err)) == 0 &&
	    (rc = sum_of_all(&sum, s, ROWS_META + 1, err)) == 0)
		rc = row_sum_compare(&sum, s, err);
	row_sum_done(&sum);
	return rc;
}

int
manifest_commit(struct store *s, struct err *err)
{
	struct row_sum sum = { 0 };
	sqlite3_stmt *st;
	int rc;

	if ((rc = sum_of_all(&sum, s, ROWS_META, err)) == 0 &&
	    (rc = sql_prepare(s, &st,
		 "INSERT OR REPLACE INTO meta VALUES('rows', ?)", err)) == 0) {
		(void)sqlite3_bind_int64(st, 1, (int64_t)sum.total);
		if ((rc = sql_run(s, st, err)) == 0)
			rc = sql_commit(s, err);
	}
	row_sum_done(&sum);
	return rc;
}
