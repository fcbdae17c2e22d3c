/*
 * Indexing a series anew.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "repo.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/listing.h"
#include "store/maintain.h"
#include "store/recorder.h"
#include "upkeep.h"

struct rebuild {
	const struct repo_request *request;
	const struct repo_settings *settings;
	struct repo_result *result;
	const char *series; /* the one that it will be */
	struct buf anew;    /* its name until then; owned */
	struct history old; /* owned */
	bool lost;	    /* one that was indexed cannot be read any more */
};

/* ---- what is gone from the repository ---- */

static int
copy_listing(struct rebuild *r, const struct indexed *item, struct recorder *to,
    struct err *err)
{
	struct view *view;
	struct listing *listing;
	struct listing_item i;
	int rc;

	if ((rc = view_open(&view, r->request->store, err)) != 0)
		return rc;
	if ((rc = listing_open(
		 &listing, view, item->snap.series, item->snap.id, err)) == 0) {
		while ((rc = listing_next(listing, &i, err)) == 0)
			if (i.kind == EVENT_PUT &&
			    (rc = recorder_observe(
				 to, i.path, i.len, &i.entry, err)) != 0)
				break;
		listing_close(listing);
	}
	view_close(view);
	return rc > 0 ? 0 : rc;
}

/* It stays one that could not be read whole. */
static int
copy_unread(struct rebuild *r, const struct indexed *item, struct recorder *to,
    struct err *err)
{
	struct unread_list list;
	int rc;

	if ((rc = snapshot_unread(
		 &list, r->request->store, &item->snap, err)) != 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < list.n; i++)
		rc = recorder_note_unread(to, list.item[i].path,
		    list.item[i].len, list.item[i].below, list.item[i].error,
		    err);
	unread_list_done(&list);
	return rc;
}

static int
copy_into(struct rebuild *r, const struct indexed *item, const char *origin,
    const struct scope *scope, struct err *err)
{
	const struct record_head head = {
		.series = buf_str(&r->anew),
		.origin = origin,
		.scope = scope,
		.fields = item->snap.fields,
		.clock_ns = item->snap.clock_ns,
		.date_ns = item->snap.date_ns,
		.exact = true,
	};
	struct record_result done;
	struct recorder *to;
	int rc;

	if ((rc = recorder_begin(&to, r->request->store, &head, err)) != 0)
		return rc;
	if ((rc = copy_listing(r, item, to, err)) == 0 &&
	    (rc = copy_unread(r, item, to, err)) == 0)
		rc = recorder_finish(to, &done, err);
	recorder_free(to);
	return rc;
}

/* It was dropped since the history was read: a prune goes on meanwhile. */
static bool
is_dropped(struct rebuild *r, const struct indexed *item)
{
	struct err ignored = ERR_INIT;
	struct buf origin = { 0 };
	int rc = snapshot_origin(
	    &origin, r->request->store, &item->snap, &ignored);

	buf_done(&origin);
	return rc == ERR_NOTFOUND;
}

/* The snapshot of a backup that is not there any more. */
static int
copy(struct rebuild *r, const struct indexed *item, struct err *err)
{
	struct store *store = r->request->store;
	struct series_lock *lock;
	struct buf origin = { 0 };
	struct scope scope;
	int rc;

	if ((rc = series_lock_take(
		 &lock, store, buf_str(&r->anew), "lindex repo", 0, err)) != 0)
		return rc;
	if ((rc = snapshot_origin(&origin, store, &item->snap, err)) == 0 &&
	    (rc = snapshot_scope(&scope, store, &item->snap, err)) == 0) {
		rc = copy_into(r, item, buf_str(&origin), &scope, err);
		scope_done(&scope);
	}
	buf_done(&origin);
	series_lock_release(lock);
	if (rc == ERR_NOTFOUND && is_dropped(r, item)) {
		err_clear(err);
		rc = 0;
	}
	return rc;
}

/* ---- all of it, in the order of dates ---- */

static int
record(struct rebuild *r, const struct backup *b, struct err *err)
{
	size_t failed = r->result->failed;
	enum history_has has;
	int rc = repo_record(
	    r->request, r->settings, b, buf_str(&r->anew), r->result, err);

	if (r->result->failed > failed &&
	    history_find(&r->old, b, &has) != NULL)
		r->lost = true;
	return rc;
}

static int
make(struct rebuild *r, struct backup *b, size_t n, struct err *err)
{
	size_t i = 0, k = 0;
	int rc = 0;

	while (rc == 0 && (i < n || k < r->old.n)) {
		const struct indexed *item = k < r->old.n ? &r->old.item[k] :
							    NULL;

		if (item != NULL && item->there) {
			k++;
		} else if (item != NULL &&
		    (i == n || item->snap.date_ns <= b[i].date_ns)) {
			rc = copy(r, item, err);
			k++;
		} else {
			rc = record(r, &b[i++], err);
		}
	}
	return rc;
}

/* Which snapshots are of backups that are still there. */
static void
mark(struct history *old, const struct backup *b, size_t n)
{
	enum history_has has;

	for (size_t i = 0; i < n; i++) {
		const struct indexed *item = history_find(old, &b[i], &has);

		if (item != NULL)
			history_mark(old, item);
	}
}

/* All of it, in place of what there is. */
static int
rebuild(struct rebuild *r, struct backup *b, size_t n, struct err *err)
{
	struct store *store = r->request->store;
	struct catalog cat;
	int rc;

	if ((rc = catalog_read(&cat, store, err)) != 0)
		return rc;
	rc = history_read(
	    &r->old, store, &cat, r->series, r->request->host, err);
	catalog_done(&cat);
	if (rc != 0)
		return rc;
	mark(&r->old, b, n);
	if ((rc = make(r, b, n, err)) != 0)
		return rc;
	if (r->lost)
		return err_set(err, ERR_REFUSED,
		    "%s stays as it is, since not all of its backups can be "
		    "read any more",
		    r->series);
	return store_replace_series(store, r->series, buf_str(&r->anew), err);
}

int
repo_rebuild(const struct repo_request *request,
    const struct repo_settings *settings, struct backup *b, size_t n,
    struct repo_result *result, struct err *err)
{
	struct rebuild r = { .request = request,
		.settings = settings,
		.result = result,
		.series = b[0].series };
	const struct repo_result before = *result;
	struct err ignored = ERR_INIT;
	struct series_lock *lock;
	int rc;

	/* What others recorded meanwhile would be lost. */
	if ((rc = series_lock_take(&lock, request->store, r.series,
		 "lindex repo", 0, err)) == 0) {
		rc = buf_printf(&r.anew, "%s" REPO_ANEW, r.series) != 0 ?
		    err_nomem(err) :
		    rebuild(&r, b, n, err);
		/* What is left here, the next run takes away. */
		if (rc != 0)
			(void)store_drop_series(
			    request->store, buf_str(&r.anew), &ignored);
		series_lock_release(lock);
	}
	history_done(&r.old);
	buf_done(&r.anew);
	if (rc != ERR_REFUSED && rc != ERR_BUSY)
		return rc;
	log_err(err);
	err_clear(err);
	result->indexed = before.indexed;
	result->incomplete = before.incomplete;
	if (result->failed == before.failed)
		result->failed++;
	return 0;
}

/* ---- before all ---- */

int
repo_begin(struct series_lock **ret, struct store *store, struct err *err)
{
	struct series_lock *lock;
	struct catalog cat;
	int rc;

	/* No series has such a name. */
	if ((rc = series_lock_take(&lock, store, "backup repositories",
		 "lindex repo", 0, err)) != 0)
		return rc;
	if ((rc = catalog_read(&cat, store, err)) == 0) {
		for (size_t i = 0; rc == 0 && i < cat.n_series; i++) {
			const char *name = cat.series[i].name;

			if (upkeep_is_backup(name) && repo_is_anew(name))
				rc = store_drop_series(store, name, err);
		}
		catalog_done(&cat);
	}
	if (rc != 0) {
		series_lock_release(lock);
		return rc;
	}
	*ret = lock;
	return 0;
}
