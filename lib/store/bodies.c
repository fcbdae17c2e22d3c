/*
 * What the catalogue leaves out of a snapshot, as it is long: scope, unread
 * list, origin. One is asked for by its snapshot, whose id is never given
 * again; that of a shared row may be.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store_private.h"

#include "format/zframe.h"

/* Hand the first column of the query's only row, of this snapshot, to `take`. */
static int
read_body(struct store *s, const struct snapshot_row *row, const char *sql,
    int (*take)(void *ret, sqlite3_stmt *, struct err *), void *ret,
    struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	if ((rc = sql_prepare(s, &st, sql, err)) == 0) {
		(void)sqlite3_bind_int64(st, 1, row->id);
		if ((rc = sql_step(s, st, err)) == 0)
			rc = take(ret, st, err);
		else if (rc == 1)
			rc = err_set(
			    err, ERR_NOTFOUND, "it was dropped meanwhile");
		(void)sqlite3_finalize(st);
	}
	if (rc == 0)
		return 0;
	(void)err_wrap(err, "snapshot %lu", (unsigned long)row->id);
	return err_wrap(err, "store %s", s->dir);
}

/* The bytes are valid until the statement ends; NULL when they are not what
 * was written. */
static const void *
column_body(sqlite3_stmt *st, size_t *ret_len)
{
	const void *bytes = sqlite3_column_blob(st, 0);
	size_t len = (size_t)sqlite3_column_bytes(st, 0);

	if (sqlite3_column_type(st, 0) != SQLITE_BLOB || bytes == NULL ||
	    (int64_t)checksum(bytes, len) != sqlite3_column_int64(st, 1))
		return NULL;
	*ret_len = len;
	return bytes;
}

static int
take_scope(void *ret, sqlite3_stmt *st, struct err *err)
{
	size_t len;
	const void *bytes = column_body(st, &len);

	if (bytes == NULL)
		return err_set(err, ERR_FORMAT,
		    "manifest.db is damaged: its scope is not what was "
		    "written");
	return scope_decode(ret, bytes, len, err);
}

int
snapshot_scope(struct scope *ret, struct store *s,
    const struct snapshot_row *row, struct err *err)
{
	return read_body(s, row,
	    "SELECT bytes, sum FROM snapshot LEFT JOIN body ON body.id = scope"
	    " WHERE snapshot.id = ?",
	    take_scope, ret, err);
}

static int
take_unread(void *ret, sqlite3_stmt *st, struct err *err)
{
	size_t len;
	const void *bytes = column_body(st, &len);

	if (bytes == NULL)
		return err_set(err, ERR_FORMAT,
		    "manifest.db is damaged: the list of what it could not "
		    "read is not what was written");
	return unread_decode(ret, bytes, len, err);
}

int
snapshot_unread(struct unread_list *ret, struct store *s,
    const struct snapshot_row *row, struct err *err)
{
	if (row->unread == 0) {
		*ret = (struct unread_list){ 0 };
		return 0;
	}
	return read_body(s, row,
	    "SELECT bytes, sum FROM snapshot LEFT JOIN body ON body.id = unread"
	    " WHERE snapshot.id = ?",
	    take_unread, ret, err);
}

static int
take_origin(void *ret, sqlite3_stmt *st, struct err *err)
{
	const char *text = sql_column_text(st, 0, STORE_ORIGIN_MAX);

	if (text == NULL)
		return err_set(err, ERR_FORMAT,
		    "manifest.db is damaged: its origin is not text");
	return buf_add_str(ret, text) == 0 ? 0 : err_nomem(err);
}

int
snapshot_origin(struct buf *ret, struct store *s,
    const struct snapshot_row *row, struct err *err)
{
	return read_body(s, row, "SELECT origin FROM snapshot WHERE id = ?",
	    take_origin, ret, err);
}
