/*
 * The catalogue: all rows that a reader needs, in one short transaction, but
 * not what is long in them (bodies.c). No value of a row is believed before it
 * was looked at.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store_private.h"

#include <stdlib.h>
#include <string.h>

static int
damaged(struct err *err, const char *what, int64_t id)
{
	return err_set(err, ERR_FORMAT, "manifest.db is damaged: %s %lld", what,
	    (long long)id);
}

/* Room for one more in an array that grows by doubling: *cap is its room. */
static int
grow(void *array, size_t n, size_t *cap, size_t size, struct err *err)
{
	size_t want = *cap == 0 ? 16 : *cap * 2;
	void *p;

	if (n < *cap)
		return 0;
	memcpy(&p, array, sizeof(p));
	if ((p = reallocarray(p, want, size)) == NULL)
		return err_nomem(err);
	memcpy(array, &p, sizeof(p));
	*cap = want;
	return 0;
}

/* Feed every row of a query to `take`, and to the sum. */
static int
each_row(struct store *s, const char *sql,
    int (*take)(struct catalog *, size_t *cap, sqlite3_stmt *, struct err *),
    struct catalog *c, struct row_sum *sum, struct err *err)
{
	sqlite3_stmt *st;
	size_t cap = 0;
	int rc;

	if ((rc = sql_prepare(s, &st, sql, err)) != 0)
		return rc;
	while ((rc = sql_step(s, st, err)) == 0)
		if ((rc = take(c, &cap, st, err)) != 0 ||
		    (rc = row_sum_add(sum, st, err)) != 0)
			break;
	(void)sqlite3_finalize(st);
	return rc == 1 ? 0 : rc;
}

/* ---- rows ---- */

static int
take_series(struct catalog *c, size_t *cap, sqlite3_stmt *st, struct err *err)
{
	const char *name = sql_column_text(st, 1, 2048);
	struct series_row *row;
	int64_t id;
	int rc;

	if (!sql_column_int(st, 0, 1, UINT32_MAX, &id) || name == NULL ||
	    !series_name_is_valid(name))
		return damaged(err, "series", sqlite3_column_int64(st, 0));
	if (c->n_series > 0 &&
	    strcmp(c->series[c->n_series - 1].name, name) >= 0)
		return damaged(err, "the order of series", id);
	rc = grow(&c->series, c->n_series, cap, sizeof(*row), err);
	if (rc != 0)
		return rc;
	row = &c->series[c->n_series];
	row->id = (uint32_t)id;
	if ((row->name = strdup(name)) == NULL)
		return err_nomem(err);
	c->n_series++;
	return 0;
}

static int
take_segment(struct catalog *c, size_t *cap, sqlite3_stmt *st, struct err *err)
{
	int64_t id, bytes, paths, events;
	int rc;

	if (!sql_column_int(st, 0, 1, UINT32_MAX, &id) ||
	    !sql_column_int(st, 1, 0, INT64_MAX, &bytes) ||
	    !sql_column_int(st, 2, 0, INT64_MAX, &paths) ||
	    !sql_column_int(st, 3, 0, INT64_MAX, &events))
		return damaged(err, "segment", sqlite3_column_int64(st, 0));
	rc = grow(&c->segments, c->n_segments, cap, sizeof(*c->segments), err);
	if (rc != 0)
		return rc;
	c->segments[c->n_segments++] = (struct segment_row){
		.id = (uint32_t)id,
		.bytes = (uint64_t)bytes,
		.paths = (uint64_t)paths,
		.events = (uint64_t)events,
	};
	return 0;
}

static bool
column_digest(sqlite3_stmt *st, int col, struct digest *ret)
{
	const void *p = sql_column_bytes(st, col, 16);
	struct reader r = reader_of(p, 16);

	if (p == NULL)
		return false;
	ret->lo = reader_u64(&r);
	ret->hi = reader_u64(&r);
	return true;
}

static bool
column_peer(sqlite3_stmt *st, int col, struct snapshot_row *row)
{
	const void *id;
	int64_t number;

	if (sqlite3_column_type(st, col) == SQLITE_NULL)
		return true;
	row->has_peer = true;
	if ((id = sql_column_bytes(st, col, STORE_ID_SIZE)) == NULL ||
	    !sql_column_int(st, col + 1, 0, INT64_MAX, &number) ||
	    !column_digest(st, col + 2, &row->peer_digest))
		return false;
	memcpy(row->peer_store, id, STORE_ID_SIZE);
	row->peer_number = (uint64_t)number;
	return true;
}

static bool
snapshot_row_read(sqlite3_stmt *st, struct snapshot_row *ret)
{
	int64_t id, series, number, fields, complete, entries, scope;
	int64_t unread = 0;

	if (!sql_column_int(st, 0, 1, UINT32_MAX, &id) ||
	    !sql_column_int(st, 1, 1, UINT32_MAX, &series) ||
	    !sql_column_int(st, 2, 1, INT64_MAX, &number) ||
	    !sql_column_int(st, 3, INT64_MIN, INT64_MAX, &ret->date_ns) ||
	    !sql_column_int(st, 4, INT64_MIN, INT64_MAX, &ret->clock_ns) ||
	    !sql_column_int(st, 5, INT64_MIN, INT64_MAX, &ret->received_ns) ||
	    !sql_column_int(st, 6, 0, ENTRY_ALL, &fields) ||
	    !sql_column_int(st, 7, 0, 1, &complete) ||
	    !sql_column_int(st, 8, 0, INT64_MAX, &entries) ||
	    !column_digest(st, 9, &ret->digest) ||
	    !sql_column_int(st, 10, 1, UINT32_MAX, &scope) ||
	    (sqlite3_column_type(st, 11) != SQLITE_NULL &&
		!sql_column_int(st, 11, 1, UINT32_MAX, &unread)) ||
	    !column_peer(st, 12, ret))
		return false;
	ret->id = (uint32_t)id;
	ret->series = (uint32_t)series;
	ret->number = (uint64_t)number;
	ret->fields = (uint8_t)fields;
	ret->complete = complete != 0;
	ret->entries = (uint64_t)entries;
	ret->scope = (uint32_t)scope;
	ret->unread = (uint32_t)unread;
	return true;
}

static int
take_snapshot(struct catalog *c, size_t *cap, sqlite3_stmt *st, struct err *err)
{
	struct snapshot_row row = { 0 };
	int rc;

	if (!snapshot_row_read(st, &row))
		return damaged(err, "snapshot", sqlite3_column_int64(st, 0));
	rc = grow(&c->snaps, c->n_snaps, cap, sizeof(*c->snaps), err);
	if (rc != 0)
		return rc;
	c->snaps[c->n_snaps++] = row;
	return 0;
}

/* ---- the whole ---- */

static int
by_series_and_id(const void *pa, const void *pb)
{
	const struct snapshot_row *a = pa, *b = pb;

	if (a->series != b->series)
		return a->series < b->series ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

/* Ids, numbers and dates rise together within a series that is known. */
static int
check_order(const struct catalog *c, struct err *err)
{
	for (size_t i = 0; i < c->n_snaps; i++) {
		const struct snapshot_row *now = &c->snaps[i], *was = now - 1;

		if (i == 0 || was->series != now->series) {
			if (catalog_series_by_id(c, now->series) == NULL)
				return damaged(
				    err, "the series of snapshot", now->id);
		} else if (now->number <= was->number ||
		    now->date_ns <= was->date_ns) {
			return damaged(err, "the order of snapshot", now->id);
		}
	}
	return 0;
}

static int
read_rows(struct catalog *c, struct store *s, struct err *err)
{
	struct row_sum sum = { 0 };
	int rc;

	if ((rc = each_row(s, row_sum_sql[ROWS_SERIES], take_series, c, &sum,
		 err)) == 0 &&
	    (rc = each_row(s, row_sum_sql[ROWS_SEGMENT], take_segment, c, &sum,
		 err)) == 0 &&
	    (rc = each_row(s, row_sum_sql[ROWS_SNAPSHOT], take_snapshot, c,
		 &sum, err)) == 0)
		rc = row_sum_compare(&sum, s, err);
	row_sum_done(&sum);
	return rc;
}

int
catalog_read(struct catalog *ret, struct store *s, struct err *err)
{
	struct catalog c = { 0 };
	int rc;

	if ((rc = sql_begin_read(s, err)) == 0)
		rc = read_rows(&c, s, err);
	sql_rollback(s);
	if (rc == 0) {
		if (c.n_snaps > 1)
			qsort(c.snaps, c.n_snaps, sizeof(*c.snaps),
			    by_series_and_id);
		rc = check_order(&c, err);
	}
	if (rc != 0) {
		catalog_done(&c);
		return err_wrap(err, "store %s", s->dir);
	}
	*ret = c;
	return 0;
}

void
catalog_done(struct catalog *c)
{
	for (size_t i = 0; i < c->n_series; i++)
		free(c->series[i].name);
	free(c->series);
	free(c->snaps);
	free(c->segments);
	*c = (struct catalog){ 0 };
}
