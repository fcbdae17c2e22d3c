/*
 * Check: is everything there, whole, and does it still say what the hosts
 * said.
 *
 * No listing is written out. One walk over all events of all segments gives,
 * for each kept snapshot, by how much its digest and its number of entries
 * differ from those of the snapshot before; adding up along a series gives
 * each snapshot's own.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/maintain.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/gather.h"
#include "store/listing.h"
#include "store/store_private.h"
#include "sys/idle.h"

/* What changes at one kept snapshot. */
struct delta {
	struct digest digest; /* modulo 2^128, so negative is fine */
	int64_t entries;
};

struct check {
	struct store *store; /* borrowed */
	struct view *view;   /* owned */
	struct check_result res;
	void (*differs)(void *, const char *);
	void *ctx;
	bool *unsure;		   /* of view->cat.series; owned */
	struct delta *delta;	   /* of view->cat.snaps; owned */
	struct store_event *event; /* of one path; owned */
	struct change *change;	   /* as many; owned */
	size_t n_event;
};

static void differ(struct check *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
differ(struct check *c, const char *fmt, ...)
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
			differ(c, "manifest.db: %s",
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
			differ(c,
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
		differ(c, "series %s: snapshot %llu: %s",
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
		if (catalog_effective(
			&c->view->cat, snap[i].series, snap[i].id) == NULL)
			differ(c,
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
		differ(
		    c, "%s", err_text(&c->view->error[i], text, sizeof(text)));
		mark_unsure(c, NULL);
		return;
	}
	check_snaps(c, row, seg);
	t = segment_totals(seg);
	if (t.bytes != row->bytes || t.paths != row->paths ||
	    t.events != row->events)
		differ(c,
		    "segment %lu.seg: it has %llu bytes, %llu paths, %llu "
		    "events, the manifest says %llu, %llu, %llu",
		    (unsigned long)row->id, (unsigned long long)t.bytes,
		    (unsigned long long)t.paths, (unsigned long long)t.events,
		    (unsigned long long)row->bytes,
		    (unsigned long long)row->paths,
		    (unsigned long long)row->events);
	if (segment_verify(seg, &err) != 0) {
		differ(c, "segment %lu.seg: %s", (unsigned long)row->id,
		    err_text(&err, text, sizeof(text)));
		mark_unsure(c, seg);
		segment_close(seg);
		c->view->segments[i] = NULL;
		c->view->error[i] = err;
	}
}

/* ---- the listings ---- */

static int
event_cmp(const void *va, const void *vb)
{
	const struct store_event *a = va, *b = vb;

	return (a->series > b->series) - (a->series < b->series);
}

static int
collect(struct check *c, const struct gather_item *item, size_t *ret_n,
    struct err *err)
{
	size_t n = 0, at = 0;

	for (size_t i = 0; i < item->n; i++)
		n += item->parts[i].n;
	if (n > c->n_event) {
		void *event = reallocarray(c->event, n, sizeof(*c->event));
		void *change;

		if (event != NULL)
			c->event = event;
		change = reallocarray(c->change, n, sizeof(*c->change));
		if (change != NULL)
			c->change = change;
		if (event == NULL || change == NULL)
			return err_nomem(err);
		c->n_event = n;
	}
	for (size_t i = 0; i < item->n; i++) {
		const struct gather_part *part = &item->parts[i];
		size_t n_snaps;
		const struct segment_snap *snap = segment_snaps(
		    c->view->segments[part->segment], &n_snaps);

		for (size_t k = 0; k < part->n; k++) {
			const struct event *ev = &part->events[k];

			c->event[at++] = (struct store_event){
				.series = snap[ev->snap].series,
				.snap = snap[ev->snap].id,
				.kind = ev->kind,
				.entry = ev->entry,
			};
		}
	}
	if (n > 1)
		qsort(c->event, n, sizeof(*c->event), event_cmp);
	*ret_n = n;
	return 0;
}

/* Note what the changes of one path in one series do to its snapshots. */
static void
apply(struct check *c, const struct gather_item *item, size_t n)
{
	const struct change *before = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct change *ch = &c->change[i];
		struct delta *d = &c->delta[ch->snap - c->view->cat.snaps];

		if (before != NULL && before->kind == EVENT_PUT) {
			digest_sub(
			    &d->digest, item->path, item->len, &before->entry);
			d->entries--;
		}
		if (ch->kind == EVENT_PUT) {
			digest_add(
			    &d->digest, item->path, item->len, &ch->entry);
			d->entries++;
		}
		before = ch;
	}
}

static int
sum_listings(struct check *c, struct err *err)
{
	struct gather_item item;
	struct gather *g;
	size_t n = 0, end;
	int rc;

	if ((rc = gather_new(
		 &g, c->view->segments, c->view->cat.n_segments, err)) != 0)
		return rc;
	while ((rc = gather_next(g, &item, err)) == 0) {
		if ((rc = collect(c, &item, &n, err)) != 0)
			break;
		for (size_t i = 0; i < n; i = end) {
			for (end = i + 1; end < n; end++) {
				if (c->event[end].series != c->event[i].series)
					break;
			}
			apply(c, &item,
			    changes_resolve(&c->view->cat, &c->event[i],
				end - i, c->change));
		}
	}
	if (rc < 0)
		(void)err_wrap(err, "segment %lu.seg",
		    (unsigned long)c->view->cat.segments[gather_failed(g)].id);
	gather_free(g);
	return rc < 0 ? rc : 0;
}

static void
digest_sum(struct digest *to, const struct digest *d)
{
	to->hi += d->hi + __builtin_add_overflow(to->lo, d->lo, &to->lo);
}

static void
check_series(struct check *c, size_t i)
{
	const struct catalog *cat = &c->view->cat;
	const char *name = cat->series[i].name;
	struct delta sum = { 0 };
	char want[DIGEST_HEX], got[DIGEST_HEX];
	size_t n;
	const struct snapshot_row *snap = catalog_snaps(
	    cat, cat->series[i].id, &n);

	if (c->unsure[i])
		differ(c,
		    "series %s: a segment is damaged, its listings "
		    "cannot be compared",
		    name);
	for (size_t k = 0; k < n; k++) {
		const struct snapshot_row *s = &snap[k];
		unsigned long long number = s->number;

		c->res.snapshots++;
		if (k > 0 &&
		    (s->number <= s[-1].number || s->date_ns <= s[-1].date_ns))
			differ(c,
			    "series %s: snapshot %llu is not after the "
			    "one before it",
			    name, number);
		if (c->unsure[i])
			continue;
		digest_sum(&sum.digest, &c->delta[s - cat->snaps].digest);
		sum.entries += c->delta[s - cat->snaps].entries;
		if (sum.entries < 0 || (uint64_t)sum.entries != s->entries)
			differ(c,
			    "series %s: snapshot %llu lists %lld "
			    "entries, recorded were %llu",
			    name, number, (long long)sum.entries,
			    (unsigned long long)s->entries);
		if (!digest_equal(&sum.digest, &s->digest))
			differ(c,
			    "series %s: snapshot %llu has digest %s, "
			    "recorded was %s",
			    name, number, digest_hex(&sum.digest, got),
			    digest_hex(&s->digest, want));
	}
}

/* The long part, which holds no lock. */
static int
check_content(void *ctx, struct err *err)
{
	struct check *c = ctx;
	const struct catalog *cat = &c->view->cat;
	int rc;

	c->unsure = calloc(cat->n_series + 1, sizeof(*c->unsure));
	c->delta = calloc(cat->n_snaps + 1, sizeof(*c->delta));
	if (c->unsure == NULL || c->delta == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < cat->n_segments; i++)
		check_segment(c, i);
	if ((rc = sum_listings(c, err)) != 0)
		return rc;
	for (size_t i = 0; i < cat->n_series; i++)
		check_series(c, i);
	return 0;
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
	free(c.delta);
	free(c.event);
	free(c.change);
	if (rc != 0)
		return err_wrap(err, "checking");
	*ret = c.res;
	return 0;
}
