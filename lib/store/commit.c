/*
 * Committing: files first, then one transaction, all under the commit lock.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store_private.h"

#include "format/zframe.h"

#include <errno.h>
#include <unistd.h>

/* ---- the transaction's parts ---- */

/* Run `sql` with one number bound. */
static int
run_with(struct store *s, const char *sql, int64_t v, struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	if ((rc = sql_prepare(s, &st, sql, err)) != 0)
		return rc;
	(void)sqlite3_bind_int64(st, 1, v);
	return sql_run(s, st, err);
}

static int
take_segments(struct store *s, const struct commit *c, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < c->n_old_segments; i++) {
		rc = run_with(s, "DELETE FROM segment WHERE id = ?",
		    c->old_segments[i], err);
		if (rc == 0 && sqlite3_changes(s->db) != 1)
			rc = err_set(err, ERR_BUSY,
			    "a segment was merged away meanwhile");
	}
	return rc;
}

static int
add_segment(struct store *s, const struct commit *c, struct err *err)
{
	sqlite3_stmt *st;
	uint32_t id;
	int rc;

	if ((rc = sql_take_number(s, "next_segment", &id, err)) != 0)
		return rc;
	if (id != c->new_segment)
		return err_set(err, ERR_BUSY,
		    "somebody committed without the commit lock");
	if ((rc = sql_prepare(s, &st,
		 "INSERT INTO segment(id, bytes, paths, events) "
		 "VALUES(?, ?, ?, ?)",
		 err)) != 0)
		return rc;
	(void)sqlite3_bind_int64(st, 1, id);
	(void)sqlite3_bind_int64(st, 2, (int64_t)c->file->totals.bytes);
	(void)sqlite3_bind_int64(st, 3, (int64_t)c->file->totals.paths);
	(void)sqlite3_bind_int64(st, 4, (int64_t)c->file->totals.events);
	return sql_run(s, st, err);
}

static int
moved_on(const struct new_snapshot *n, struct err *err)
{
	return err_set(
	    err, ERR_BUSY, "somebody recorded %s meanwhile", n->series);
}

static int
add_series(struct store *s, const struct new_snapshot *n, struct err *err)
{
	sqlite3_stmt *st;
	int64_t id;
	int rc;

	if (n->previous != NULL)
		return 0;
	if ((rc = sql_prepare(s, &st,
		 "INSERT INTO series(id, name) VALUES(?, ?) "
		 "ON CONFLICT DO NOTHING",
		 err)) != 0)
		return rc;
	(void)sqlite3_bind_int64(st, 1, n->row->series);
	(void)sqlite3_bind_text(st, 2, n->series, -1, SQLITE_STATIC);
	if ((rc = sql_run(s, st, err)) != 0 ||
	    (rc = sql_prepare(
		 s, &st, "SELECT id FROM series WHERE name = ?", err)) != 0)
		return rc;
	(void)sqlite3_bind_text(st, 1, n->series, -1, SQLITE_STATIC);
	if ((rc = sql_number(s, st, &id, err)) < 0)
		return rc;
	return rc == 0 && id == n->row->series ? 0 : moved_on(n, err);
}

/* The row that holds these bytes for this series, made when missing. */
static int
add_body(struct store *s, uint32_t series, const struct buf *bytes,
    int64_t *ret, struct err *err)
{
	const char *const sql[] = {
		"SELECT id FROM body WHERE series = ? AND sum = ? AND "
		"bytes = ?",
		"INSERT INTO body(series, sum, bytes) VALUES(?, ?, ?) "
		"RETURNING id",
	};
	int rc = 1;

	for (int i = 0; rc == 1 && i < 2; i++) {
		sqlite3_stmt *st;

		if ((rc = sql_prepare(s, &st, sql[i], err)) != 0)
			return rc;
		(void)sqlite3_bind_int64(st, 1, series);
		(void)sqlite3_bind_int64(
		    st, 2, (int64_t)checksum(bytes->data, bytes->len));
		(void)sqlite3_bind_blob64(
		    st, 3, bytes->data, bytes->len, SQLITE_STATIC);
		rc = sql_number(s, st, ret, err);
	}
	return rc == 1 ? err_set(err, ERR_FORMAT, "manifest.db is damaged") :
			 rc;
}

static int
check_previous(struct store *s, const struct new_snapshot *n, struct err *err)
{
	sqlite3_stmt *st;
	int64_t newest;
	int rc;

	if ((rc = sql_prepare(s, &st,
		 "SELECT coalesce(max(id), 0) FROM snapshot WHERE series = ?",
		 err)) != 0)
		return rc;
	(void)sqlite3_bind_int64(st, 1, n->row->series);
	if ((rc = sql_number(s, st, &newest, err)) < 0)
		return rc;
	if (newest != (n->previous == NULL ? 0 : (int64_t)n->previous->id))
		return moved_on(n, err);
	return 0;
}

static void
digest_bytes(const struct digest *d, uint8_t to[static 16])
{
	for (int i = 0; i < 8; i++) {
		to[i] = (uint8_t)(d->lo >> (8 * i));
		to[8 + i] = (uint8_t)(d->hi >> (8 * i));
	}
}

static int
insert_snapshot(struct store *s, const struct new_snapshot *n, int64_t scope,
    int64_t unread, struct err *err)
{
	const struct snapshot_row *r = n->row;
	uint8_t own[16], peer[16];
	sqlite3_stmt *st;
	int rc;

	if ((rc = sql_prepare(s, &st,
		 "INSERT INTO snapshot(id, series, number, date_ns, clock_ns,"
		 " received_ns, fields, complete, entries, scope, origin,"
		 " digest, unread, peer_store, peer_number, peer_digest) "
		 "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		 err)) != 0)
		return rc;
	const int64_t numbers[] = { r->id, r->series, (int64_t)r->number,
		r->date_ns, r->clock_ns, r->received_ns, r->fields, r->complete,
		(int64_t)r->entries, scope };
	for (int i = 0; i < 10; i++)
		(void)sqlite3_bind_int64(st, i + 1, numbers[i]);
	(void)sqlite3_bind_text(st, 11, n->origin, -1, SQLITE_STATIC);
	digest_bytes(&r->digest, own);
	(void)sqlite3_bind_blob(st, 12, own, sizeof(own), SQLITE_STATIC);
	if (unread != 0)
		(void)sqlite3_bind_int64(st, 13, unread);
	if (r->has_peer) {
		digest_bytes(&r->peer_digest, peer);
		(void)sqlite3_bind_blob(
		    st, 14, r->peer_store, STORE_ID_SIZE, SQLITE_STATIC);
		(void)sqlite3_bind_int64(st, 15, (int64_t)r->peer_number);
		(void)sqlite3_bind_blob(
		    st, 16, peer, sizeof(peer), SQLITE_STATIC);
	}
	return sql_run(s, st, err);
}

static int
note_snapshot_number(struct store *s, uint32_t id, struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	if ((rc = sql_prepare(s, &st,
		 "UPDATE meta SET value = max(value, ?) "
		 "WHERE key = 'next_snapshot'",
		 err)) != 0)
		return rc;
	(void)sqlite3_bind_int64(st, 1, (int64_t)id + 1);
	return sql_run(s, st, err);
}

static int
add_snapshot(struct store *s, const struct new_snapshot *n, struct err *err)
{
	int64_t scope, unread = 0;
	int rc;

	if ((rc = add_series(s, n, err)) != 0 ||
	    (rc = check_previous(s, n, err)) != 0 ||
	    (rc = add_body(s, n->row->series, &n->scope, &scope, err)) != 0 ||
	    (n->unread.len > 0 &&
		(rc = add_body(s, n->row->series, &n->unread, &unread, err)) !=
		    0))
		return rc;
	if ((rc = note_snapshot_number(s, n->row->id, err)) != 0)
		return rc;
	return insert_snapshot(s, n, scope, unread, err);
}

/* One that another prune has dropped meanwhile is dropped. */
static int
drop_snapshot(struct store *s, uint32_t id, struct err *err)
{
	sqlite3_stmt *st;
	int64_t newest;
	int rc;

	if ((rc = sql_prepare(s, &st,
		 "SELECT count(*) FROM snapshot WHERE id = ?1 AND NOT EXISTS "
		 "(SELECT 1 FROM snapshot AS newer WHERE newer.series = "
		 "snapshot.series AND newer.id > ?1)",
		 err)) != 0)
		return rc;
	(void)sqlite3_bind_int64(st, 1, id);
	if ((rc = sql_number(s, st, &newest, err)) != 0)
		return rc;
	if (newest > 0)
		return err_set(err, ERR_BUSY,
		    "a snapshot to be dropped is its series' newest");
	return run_with(s, "DELETE FROM snapshot WHERE id = ?", id, err);
}

static int
drop_snapshots(struct store *s, const struct commit *c, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < c->n_old_snaps; i++)
		rc = drop_snapshot(s, c->old_snaps[i], err);
	if (rc == 0 && c->n_old_snaps > 0)
		rc = sql_exec(s,
		    "DELETE FROM body WHERE id NOT IN (SELECT scope FROM "
		    "snapshot UNION SELECT unread FROM snapshot "
		    "WHERE unread IS NOT NULL)",
		    err);
	return rc;
}

/* ---- the commit ---- */

/* `serial`: of this commit, told as soon as it is known. */
static int
transact(
    struct store *s, const struct commit *c, uint32_t *serial, struct err *err)
{
	int rc;

	if ((rc = manifest_begin(s, err)) == 0 &&
	    (rc = sql_take_number(s, "next_commit", serial, err)) == 0 &&
	    (rc = take_segments(s, c, err)) == 0 &&
	    (c->new_segment == 0 || (rc = add_segment(s, c, err)) == 0) &&
	    (c->snap == NULL || (rc = add_snapshot(s, c->snap, err)) == 0) &&
	    (rc = drop_snapshots(s, c, err)) == 0 &&
	    (c->log_kind == NULL ||
		(rc = log_add(
		     s, c->log_kind, c->log_series, c->log_text, err)) == 0))
		rc = manifest_commit(s, err);
	sql_rollback(s);
	return rc;
}

/* Give the new segment its name. A file that has it already was left by a
 * commit that was cut short: the manifest has not given that number yet. */
static int
place_segment(struct store *s, struct commit *c, struct err *err)
{
	char name[SEGMENT_NAME];
	int rc;

	if ((rc = sql_peek_number(s, "next_segment", &c->new_segment, err)) !=
	    0)
		return rc;
	(void)segment_name(c->new_segment, name);
	rc = temp_rename(&c->file->temp, s->segfd, name, err);
	if (rc != 0 && err->sys == EEXIST) {
		(void)unlinkat(s->segfd, name, 0);
		rc = temp_rename(&c->file->temp, s->segfd, name, err);
	}
	if (rc != 0) {
		c->new_segment = 0;
		return rc;
	}
	if ((rc = file_sync(s->segfd, "seg", err)) != 0) {
		(void)unlinkat(s->segfd, name, 0);
		c->new_segment = 0;
	}
	return rc;
}

static void
remove_segment(struct store *s, uint32_t id)
{
	char name[SEGMENT_NAME];

	(void)unlinkat(s->segfd, segment_name(id, name), 0);
}

/* After a transaction that failed: whether it stands all the same, as SQLite
 * can fail after the journal is gone. A new segment's file goes only when that
 * is certain; else the next sweep decides. */
static bool
stands_all_the_same(struct store *s, const struct commit *c, uint32_t serial)
{
	struct err ignored = ERR_INIT;
	uint32_t next;

	if (sql_peek_number(s, "next_commit", &next, &ignored) != 0)
		return false;
	if (serial != 0 && next > serial)
		return fsync(s->dirfd) == 0;
	if (c->new_segment != 0)
		remove_segment(s, c->new_segment);
	return false;
}

static int
commit_locked(struct store *s, struct commit *c, struct err *err)
{
	uint32_t serial = 0;
	int rc;

	if (c->file != NULL && c->file->totals.paths > 0 &&
	    (rc = place_segment(s, c, err)) != 0)
		return rc;
	rc = transact(s, c, &serial, err);
	if (rc != 0 && !stands_all_the_same(s, c, serial))
		return rc;
	err_clear(err);
	for (size_t i = 0; i < c->n_old_segments; i++)
		remove_segment(s, c->old_segments[i]);
	return 0;
}

int
store_commit(struct store *s, struct commit *c, struct err *err)
{
	struct write_lock lock;
	int rc;

	c->new_segment = 0;
	if (c->file != NULL && c->file->totals.paths > 0 &&
	    (rc = file_sync(c->file->temp.fd, "a new segment", err)) != 0)
		return err_wrap(err, "store %s", s->dir);
	if ((rc = write_lock_take(&lock, s, err)) == 0) {
		rc = commit_locked(s, c, err);
		write_lock_release(&lock);
	}
	return rc != 0 ? err_wrap(err, "store %s", s->dir) : 0;
}
