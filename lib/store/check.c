/*
 * Check: is everything there and whole, and does it still say what the hosts
 * said (check_listings.c).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/check_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/idle.h"

void
check_differ(struct check *c, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->res.differences++;
	if (c->differs != NULL)
		c->differs(c->ctx, text);
}

static int
check_manifest(struct check *c, struct err *err)
{
	sqlite3_stmt *st;
	int rc;

	if ((rc = sql_prepare(c->store, &st, "PRAGMA integrity_check", err)) !=
	    0)
		return rc;
	while ((rc = sql_step(c->store, st, err)) == 0) {
		const char *text = sql_column_text(st, 0, 4096);

		if (text == NULL || strcmp(text, "ok") != 0)
			check_differ(c, "manifest.db: %s",
			    text != NULL ? text : "damaged");
	}
	(void)sqlite3_finalize(st);
	return rc < 0 ? rc : 0;
}

/* ---- the files ---- */

struct file_list {
	uint32_t *id; /* owned */
	size_t n;
};

static int
file_take(void *ctx, uint32_t id, struct err *err)
{
	struct file_list *list = ctx;
	uint32_t *more;

	more = reallocarray(list->id, list->n + 1, sizeof(*more));
	if (more == NULL)
		return err_nomem(err);
	list->id = more;
	list->id[list->n++] = id;
	return 0;
}

/* Files that no manifest row names. The other way round shows when the
 * segments are opened. Under the commit lock, where files and rows agree. */
static int
check_files(struct check *c, struct err *err)
{
	struct file_list list = { 0 };
	struct catalog cat = { 0 };
	struct write_lock lock;
	int rc;

	if ((rc = write_lock_take(&lock, c->store, err)) != 0)
		return rc;
	if ((rc = catalog_read(&cat, c->store, err)) == 0)
		rc = segments_list(c->store, file_take, &list, err);
	write_lock_release(&lock);
	for (size_t i = 0; rc == 0 && i < list.n; i++) {
		size_t k = 0;

		while (k < cat.n_segments && cat.segments[k].id != list.id[i])
			k++;
		if (k == cat.n_segments)
			check_differ(c,
			    "segment %lu.seg: the manifest does not name it",
			    (unsigned long)list.id[i]);
	}
	free(list.id);
	catalog_done(&cat);
	return rc;
}

static int
check_body(
    struct check *c, const struct snapshot_row *snap, int rc, struct err *err)
{
	char text[1536];

	if (rc == ERR_FORMAT)
		check_differ(c, "series %s: snapshot %llu: %s",
		    catalog_series_by_id(&c->view->cat, snap->series)->name,
		    (unsigned long long)snap->number,
		    err_text(err, text, sizeof(text)));
	else if (rc != 0 && rc != ERR_NOTFOUND)
		return rc;
	err_clear(err);
	return 0;
}

/* What the catalogue leaves out, nothing has looked at yet. */
static int
check_bodies(struct check *c, struct err *err)
{
	const struct catalog *cat = &c->view->cat;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < cat->n_snaps; i++) {
		const struct snapshot_row *snap = &cat->snaps[i];
		struct buf origin = { 0 };
		struct scope scope = { 0 };
		struct unread_list unread = { 0 };

		rc = check_body(c, snap,
		    snapshot_origin(&origin, c->store, snap, err), err);
		if (rc == 0 && (i == 0 || snap->scope != snap[-1].scope))
			rc = check_body(c, snap,
			    snapshot_scope(&scope, c->store, snap, err), err);
		if (rc == 0 && (i == 0 || snap->unread != snap[-1].unread))
			rc = check_body(c, snap,
			    snapshot_unread(&unread, c->store, snap, err), err);
		buf_done(&origin);
		scope_done(&scope);
		unread_list_done(&unread);
	}
	return rc;
}

/* ---- the segments ---- */

static void
mark_unsure(struct check *c, const struct segment *seg)
{
	const struct catalog *cat = &c->view->cat;
	const struct segment_snap *snap = NULL;
	size_t n = 0;

	if (seg != NULL)
		snap = segment_snaps(seg, &n);
	for (size_t i = 0; i < cat->n_series; i++) {
		if (seg == NULL)
			c->unsure[i] = true;
		for (size_t k = 0; k < n; k++) {
			if (snap[k].series == cat->series[i].id)
				c->unsure[i] = true;
		}
	}
}

/* Events must fall on snapshots of which the manifest knows what became. */
static void
check_snaps(
    struct check *c, const struct segment_row *row, const struct segment *seg)
{
	size_t n;
	const struct segment_snap *snap = segment_snaps(seg, &n);

	for (size_t i = 0; i < n; i++) {
		size_t kept;

		/* The place of a whole series that was dropped comes back with
		 * the next merges. */
		(void)catalog_snaps(&c->view->cat, snap[i].series, &kept);
		if (kept > 0 &&
		    catalog_effective(
			&c->view->cat, snap[i].series, snap[i].id) == NULL)
			check_differ(c,
			    "segment %lu.seg: it names snapshot %lu of "
			    "series %lu, which the manifest does not have",
			    (unsigned long)row->id, (unsigned long)snap[i].id,
			    (unsigned long)snap[i].series);
	}
}

static void
check_segment(struct check *c, size_t i)
{
	const struct segment_row *row = &c->view->cat.segments[i];
	struct segment *seg = c->view->segments[i];
	struct err err = ERR_INIT;
	struct segment_totals t;
	char text[1536];

	c->res.segments++;
	if (seg == NULL) {
		check_differ(
		    c, "%s", err_text(&c->view->error[i], text, sizeof(text)));
		mark_unsure(c, NULL);
		return;
	}
	check_snaps(c, row, seg);
	t = segment_totals(seg);
	if (t.bytes != row->bytes || t.paths != row->paths ||
	    t.events != row->events)
		check_differ(c,
		    "segment %lu.seg: it has %llu bytes, %llu paths, %llu "
		    "events, the manifest says %llu, %llu, %llu",
		    (unsigned long)row->id, (unsigned long long)t.bytes,
		    (unsigned long long)t.paths, (unsigned long long)t.events,
		    (unsigned long long)row->bytes,
		    (unsigned long long)row->paths,
		    (unsigned long long)row->events);
	if (segment_verify(seg, &err) != 0) {
		check_differ(c, "segment %lu.seg: %s", (unsigned long)row->id,
		    err_text(&err, text, sizeof(text)));
		mark_unsure(c, seg);
		segment_close(seg);
		c->view->segments[i] = NULL;
		c->view->error[i] = err;
	}
}

/* The long part, which holds no lock. */
static int
check_content(void *ctx, struct err *err)
{
	struct check *c = ctx;
	const struct catalog *cat = &c->view->cat;

	c->unsure = calloc(cat->n_series + 1, sizeof(*c->unsure));
	if (c->unsure == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < cat->n_segments; i++)
		check_segment(c, i);
	return check_listings(c, err);
}

int
store_check(struct store *s, struct check_result *ret,
    void (*differs)(void *ctx, const char *text), void *ctx, struct err *err)
{
	struct check c = { .store = s, .differs = differs, .ctx = ctx };
	int rc;

	if ((rc = check_manifest(&c, err)) == 0 &&
	    (rc = check_files(&c, err)) == 0 &&
	    (rc = view_open(&c.view, s, err)) == 0 &&
	    (rc = check_bodies(&c, err)) == 0)
		rc = idle_run(check_content, &c, err);
	view_close(c.view);
	free(c.unsure);
	if (rc != 0)
		return err_wrap(err, "checking");
	*ret = c.res;
	return 0;
}
