/*
 * One snapshot, as changes or as a whole listing.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "push_private.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "store/listing.h"

static void
tell_progress(struct push *p)
{
	char size[TEXT_SIZE];

	progress("pushing to %s: snapshot %zu of %zu, %s sent",
	    p->options->server, p->result->snapshots + 1, p->n_to_send,
	    text_size(p->sent + p->link->out.len, size));
}

static int
send_event(struct push *p, const char *path, size_t len, uint8_t kind,
    const struct entry *e, struct err *err)
{
	int rc;

	if ((rc = wire_batch_add(p->batch, path, len, kind, e, err)) != 0)
		return rc;
	p->result->events++;
	if (!wire_batch_full(p->batch))
		return 0;
	if ((rc = wire_batch_flush(p->batch, &p->link->out, err)) == 0)
		rc = push_out(p, false, err);
	tell_progress(p);
	return rc;
}

static int
send_listing(struct push *p, const struct snapshot_row *snap, struct err *err)
{
	struct listing *listing;
	struct listing_item item;
	int rc;

	if ((rc = listing_open(
		 &listing, p->view, snap->series, snap->id, err)) != 0)
		return rc;
	while ((rc = listing_next(listing, &item, err)) == 0) {
		if (item.kind != EVENT_PUT && p->version < WIRE_UNSEEN)
			continue;
		if ((rc = send_event(p, item.path, item.len, item.kind,
			 &item.entry, err)) != 0)
			break;
	}
	listing_close(listing);
	return rc < 0 ? rc : 0;
}

static int
send_changes(struct push *p, const struct snapshot_row *snap, struct err *err)
{
	struct changes *changes;
	struct change change;
	const char *path;
	size_t len;
	int rc;

	/* The server passes over a gone of nothing. */
	if ((rc = changes_open_as_recorded(
		 &changes, p->view, snap->series, snap->id, err)) != 0)
		return rc;
	while ((rc = changes_next(changes, &path, &len, &change, err)) == 0) {
		if ((rc = send_event(
			 p, path, len, change.kind, &change.entry, err)) != 0)
			break;
	}
	changes_close(changes);
	return rc < 0 ? rc : 0;
}

static int
send_unread(struct push *p, const struct snapshot_row *snap, struct err *err)
{
	struct unread_list list;
	struct wire_unread *u;
	int rc;

	if ((rc = snapshot_unread(&list, p->store, snap, err)) != 0)
		return rc;
	if ((u = calloc(list.n + 1, sizeof(*u))) == NULL)
		rc = err_nomem(err);
	for (size_t i = 0; i < list.n && rc == 0; i++)
		u[i] = (struct wire_unread){ list.item[i].path,
			list.item[i].len, list.item[i].error,
			list.item[i].below };
	for (size_t i = 0, done; i < list.n && rc == 0; i += done) {
		if (wire_put_unread(&p->link->out, u + i, list.n - i, &done) !=
		    0)
			rc = err_nomem(err);
	}
	free(u);
	unread_list_done(&list);
	return rc;
}

static int
send_head(
    struct push *p, const struct snapshot_row *snap, bool full, struct err *err)
{
	struct wire_snapshot m = { .number = snap->number,
		.full = full,
		.fields = snap->fields,
		.complete = snap->complete,
		.date_ns = snap->date_ns,
		.clock_ns = snap->clock_ns,
		.entries = snap->entries,
		.digest = snap->digest };
	struct scope scope = { 0 };
	struct buf origin = { 0 }, bytes = { 0 };
	int rc;

	if ((rc = snapshot_origin(&origin, p->store, snap, err)) == 0)
		rc = snapshot_scope(&scope, p->store, snap, err);
	if (rc == 0 && scope_encode(&scope, &bytes) != 0)
		rc = err_nomem(err);
	scope_done(&scope);
	m.origin = buf_str(&origin);
	m.origin_len = origin.len;
	m.scope = bytes.data;
	m.scope_len = bytes.len;
	if (rc == 0 && wire_put_snapshot(&p->link->out, &m) != 0)
		rc = err_nomem(err);
	buf_done(&origin);
	buf_done(&bytes);
	return rc != 0 ? rc : send_unread(p, snap, err);
}

int
push_snapshot(
    struct push *p, const struct snapshot_row *snap, bool full, struct err *err)
{
	int rc;

	tell_progress(p);
	if ((rc = send_head(p, snap, full, err)) != 0 ||
	    (rc = full ? send_listing(p, snap, err) :
			 send_changes(p, snap, err)) != 0 ||
	    (rc = wire_batch_flush(p->batch, &p->link->out, err)) != 0)
		return rc;
	if (wire_put_end(&p->link->out) != 0)
		return err_nomem(err);
	return push_out(p, true, err);
}
