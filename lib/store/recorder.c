/*
 * A snapshot's life: begin, events, seal, commit.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/recorder_private.h"

#include "base/path.h"
#include "base/when.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- begin ---- */

static int
copy_scope(struct recorder *r, const struct scope *from, struct err *err)
{
	if (scope_encode(from, &r->snap.scope) != 0)
		return err_nomem(err);
	return scope_decode(
	    &r->now, r->snap.scope.data, r->snap.scope.len, err);
}

/* A clock set back gives the previous date plus a nanosecond. */
static int
set_date(struct recorder *r, const struct record_head *head, struct err *err)
{
	r->row.date_ns = head->date_ns;
	if (r->previous == NULL || head->date_ns > r->previous->date_ns)
		return 0;
	if (r->previous->date_ns == INT64_MAX)
		return err_set(err, ERR_REFUSED,
		    "the newest snapshot of %s has the last possible date",
		    r->series);
	r->row.date_ns = r->previous->date_ns + 1;
	r->result.clock_back = true;
	return 0;
}

/* Where the series stands, and what its newest snapshot lists. */
static int
open_previous(struct recorder *r, struct err *err)
{
	const struct series_row *series;
	const struct snapshot_row *snaps;
	size_t n;
	int rc;

	if ((rc = view_open(&r->view, r->store, err)) != 0)
		return rc;
	series = catalog_series(&r->view->cat, r->series);
	if (series == NULL)
		return 0;
	snaps = catalog_snaps(&r->view->cat, series->id, &n);
	if (n == 0)
		return 0;
	r->previous = &snaps[n - 1];
	r->row.digest = r->previous->digest;
	r->row.entries = r->previous->entries;
	if ((rc = snapshot_scope(&r->was, r->store, r->previous, err)) != 0)
		return rc;
	return listing_open(
	    &r->listing, r->view, series->id, r->previous->id, err);
}

static int
begin(struct recorder *r, const struct record_head *head, struct err *err)
{
	int rc;

	if (!series_name_is_valid(head->series))
		return err_set(err, ERR_USAGE,
		    "\"%s\" is not the name of a series", head->series);
	/* What could not be read again would spoil the whole catalogue. */
	if (strlen(head->origin) > STORE_ORIGIN_MAX ||
	    (head->fields & ~ENTRY_ALL) != 0)
		return err_set(err, ERR_USAGE,
		    "an origin or fields that a store does not hold");
	r->series = strdup(head->series);
	r->origin = strdup(head->origin);
	if (r->series == NULL || r->origin == NULL)
		return err_nomem(err);
	r->additive = head->additive;
	r->events = head->events;
	r->exact = head->exact;
	if ((rc = copy_scope(r, head->scope, err)) != 0 ||
	    (rc = open_previous(r, err)) != 0 ||
	    (rc = set_date(r, head, err)) != 0 ||
	    (rc = store_reserve(
		 r->store, r->series, &r->row.series, &r->row.id, err)) != 0)
		return rc;
	r->row.number = r->previous == NULL ? 1 : r->previous->number + 1;
	r->row.clock_ns = head->clock_ns;
	r->row.fields = head->fields;
	r->snap.origin = r->origin;
	r->snap.row = &r->row;
	r->snap.series = r->series;
	r->snap.previous = r->previous;
	return 0;
}

int
recorder_begin(struct recorder **ret, struct store *s,
    const struct record_head *head, struct err *err)
{
	struct recorder *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return err_nomem(err);
	r->store = s;
	if (begin(r, head, err) != 0) {
		recorder_free(r);
		return err_wrap(err, "recording %s", head->series);
	}
	*ret = r;
	return 0;
}

const struct snapshot_row *
recorder_previous(const struct recorder *r)
{
	return r->previous;
}

void
recorder_set_peer(struct recorder *r, const uint8_t store[STORE_ID_SIZE],
    uint64_t number, const struct digest *digest)
{
	r->row.has_peer = true;
	memcpy(r->row.peer_store, store, STORE_ID_SIZE);
	r->row.peer_number = number;
	r->row.peer_digest = *digest;
}

/* ---- what is fed ---- */

/* What begins a valid path, and is not looked at again, makes a path valid
 * only with its rest. */
static bool
rest_is_valid(const char *path, size_t len, size_t common)
{
	const char *rest = path + (common > 0 ? common - 1 : 0);
	size_t n = len - (size_t)(rest - path);

	return common > 0 && len <= PATH_BYTES_MAX &&
	    memchr(rest, '\0', n) == NULL &&
	    (len == 1 ||
		(path[len - 1] != '/' && memmem(rest, n, "//", 2) == NULL));
}

int
recorder_next_path(struct recorder *r, const char *path, size_t len, bool again,
    struct err *err)
{
	const char *last = (const char *)r->last.data;
	size_t common = 0;
	int cmp = 1;

	assert(!r->sealed);
	if (r->has_last) {
		common = path_common(path, len, last, r->last.len);
		cmp = path_cmp(path + common, len - common, last + common,
		    r->last.len - common);
	}
	if (r->has_last ? !rest_is_valid(path, len, common) :
			  !path_is_valid(path, len))
		return err_set(err, ERR_FORMAT, "not a path: \"%.*s\"",
		    (int)(len < 200 ? len : 200), path);
	if (cmp < 0 || (cmp == 0 && !again))
		return err_set(err, ERR_FORMAT,
		    "%.*s comes after %.*s, out of order",
		    (int)(len < 200 ? len : 200), path,
		    (int)(r->last.len < 200 ? r->last.len : 200), last);
	r->last.len = common;
	if (buf_add(&r->last, path + common, len - common) != 0)
		return err_nomem(err);
	r->has_last = true;
	return 0;
}

int
recorder_peek(struct recorder *r, struct err *err)
{
	int rc;

	if (r->has_item || r->at_end)
		return 0;
	if (r->listing == NULL) {
		r->at_end = true;
		return 0;
	}
	if ((rc = listing_next(r->listing, &r->item, err)) < 0)
		return rc;
	r->has_item = rc == 0;
	r->at_end = rc == 1;
	return 0;
}

static void
follow(struct recorder *r, const char *path, size_t len,
    const struct listing_item *was, uint8_t kind, const struct entry *now)
{
	if (was != NULL && was->kind == EVENT_PUT) {
		digest_sub(&r->row.digest, path, len, &was->entry);
		r->row.entries--;
	}
	switch ((enum event_kind)kind) {
	case EVENT_PUT:
		digest_add(&r->row.digest, path, len, now);
		r->row.entries++;
		r->result.puts++;
		break;
	case EVENT_GONE:
		r->result.gone++;
		break;
	case EVENT_UNSEEN:
		r->result.unseen++;
		break;
	}
}

int
recorder_emit(struct recorder *r, const char *path, size_t len,
    const struct listing_item *was, uint8_t kind, const struct entry *entry,
    struct err *err)
{
	const struct segment_snap snap = { r->row.series, r->row.id };
	struct event e = { .kind = kind };
	int rc;

	if (kind == EVENT_PUT) {
		if (!entry_is_valid(entry))
			return err_set(err, ERR_FORMAT,
			    "%.*s: an entry that cannot be",
			    (int)(len < 200 ? len : 200), path);
		e.entry = *entry;
	}
	if (r->file == NULL &&
	    (rc = segment_file_open(&r->file, r->store, &snap, 1, err)) != 0)
		return rc;
	rc = segment_writer_add(r->file->writer, path, len, &e, 1, err);
	if (rc == 0)
		follow(r, path, len, was, kind, entry);
	return rc;
}

int
recorder_note_unread(struct recorder *r, const char *path, size_t len,
    bool below, int error, struct err *err)
{
	assert(!r->sealed);
	if (!path_is_valid(path, len))
		return err_set(err, ERR_FORMAT, "unread: not a path");
	if (unread_add(&r->unread, path, len, below, error) != 0)
		return err_nomem(err);
	return 0;
}

/* ---- the end ---- */

static int
seal(struct recorder *r, struct err *err)
{
	struct record_result *result = &r->result;
	int rc;

	if (r->failed)
		return err_set(err, ERR_USAGE, "what was fed was not accepted");
	if (r->row.has_peer && r->row.peer_number > INT64_MAX)
		return err_set(err, ERR_FORMAT,
		    "the peer's number %llu cannot be",
		    (unsigned long long)r->row.peer_number);
	if (!r->events && (rc = recorder_join_rest(r, err)) != 0)
		return rc;
	if (r->file != NULL && (rc = segment_file_finish(r->file, err)) != 0)
		return rc;
	if (unread_finish(&r->unread, &r->snap.unread, &result->n_unread) != 0)
		return err_nomem(err);
	r->row.complete = result->n_unread == 0;
	result->snap = r->row.id;
	result->number = r->row.number;
	result->date_ns = r->row.date_ns;
	result->complete = r->row.complete;
	result->entries = r->row.entries;
	result->digest = r->row.digest;
	result->bytes = r->file == NULL ? 0 : r->file->totals.bytes;
	r->sealed = true;
	return 0;
}

int
recorder_seal(struct recorder *r, struct record_result *ret, struct err *err)
{
	if (!r->sealed && seal(r, err) != 0) {
		r->failed = true;
		return err_wrap(err, "recording %s", r->series);
	}
	*ret = r->result;
	return 0;
}

int
recorder_finish(struct recorder *r, struct record_result *ret, struct err *err)
{
	struct commit c = { .snap = &r->snap };
	int rc;

	if ((rc = recorder_seal(r, ret, err)) != 0)
		return rc;
	c.file = r->file;
	r->row.received_ns = when_now();
	if ((rc = store_commit(r->store, &c, err)) != 0)
		return err_wrap(err, "recording %s", r->series);
	return 0;
}

void
recorder_free(struct recorder *r)
{
	if (r == NULL)
		return;
	listing_close(r->listing);
	segment_file_close(r->file);
	view_close(r->view);
	scope_done(&r->was);
	scope_done(&r->now);
	scope_done(&r->seen);
	buf_done(&r->snap.scope);
	buf_done(&r->snap.unread);
	unread_writer_done(&r->unread);
	buf_done(&r->last);
	buf_done(&r->unchanged.path);
	free(r->unchanged.dir);
	buf_done(&r->limits.path);
	free(r->limits.dir);
	free(r->series);
	free(r->origin);
	free(r);
}
