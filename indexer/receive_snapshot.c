/*
 * One snapshot of a push, from its SNAPSHOT message to its acknowledgement.
 *
 * Changes are applied to the state before, which is the client's: each must
 * fit it, and the digest must change as the client's did. Where they do not,
 * the two stores differ, and the answer is a STATE that knows nothing: the
 * client then sends its whole listing, which fits anywhere.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "receive_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/when.h"
#include "store/recorder.h"

#define PATH_SHOWN 120
#define DAY_TEXT "24 hours"
/* What events may inflate to however few their bytes are. */
#define EXPANSION_FREE (1024u * 1024)
/* Of the list of what could not be read; it is held in memory. */
#define UNREAD_BYTES_MAX (8u * 1024 * 1024)

struct incoming {
	struct receive *r;
	struct wire_snapshot head;
	char *origin;		   /* owned */
	struct scope scope;	   /* owned */
	struct recorder *recorder; /* owned */

	struct buf last; /* the last path */
	uint64_t puts;
	/* Of a whole listing, as it comes. */
	struct digest digest;
	uint64_t entries;

	/* What could not be read. A whole listing needs it in order, so it is
	 * kept until then; the paths stand in `unread_text`. */
	struct buf unread_text;
	struct unread_ref {
		size_t off, len;
		int error;
		bool below;
	} * unread; /* owned */
	size_t n_unread, cap_unread, next_unread;
	bool unread_closed;

	bool differs; /* the changes do not fit; the rest is skipped */
};

static void
incoming_done(struct incoming *in)
{
	recorder_free(in->recorder);
	scope_done(&in->scope);
	free(in->origin);
	buf_done(&in->last);
	buf_done(&in->unread_text);
	free(in->unread);
}

/* ---- the head ---- */

static int
check_quota(const struct incoming *in, struct err *err)
{
	const struct receive_limits *max = &in->r->options->limits;

	if (max->snapshots_a_day != 0 && in->r->recent >= max->snapshots_a_day)
		return err_set(err, ERR_REFUSED,
		    "quota: %" PRIu64 " snapshots of this host in " DAY_TEXT,
		    max->snapshots_a_day);
	if (max->entries != 0 && in->head.entries > max->entries)
		return err_set(err, ERR_REFUSED,
		    "quota: %" PRIu64 " entries, %" PRIu64 " are allowed",
		    in->head.entries, max->entries);
	return 0;
}

static int
read_head(struct incoming *in, struct err *err)
{
	struct buf *payload = &in->r->link->in;
	int rc;

	if ((rc = wire_get_snapshot(
		 &in->head, payload->data, payload->len, err)) != 0 ||
	    (rc = check_quota(in, err)) != 0 ||
	    (rc = scope_decode(
		 &in->scope, in->head.scope, in->head.scope_len, err)) != 0)
		return rc;
	if ((in->origin = strndup(in->head.origin, in->head.origin_len)) ==
	    NULL)
		return err_nomem(err);
	/* They lead into a message that the next one replaces. */
	in->head.origin = NULL;
	in->head.scope = NULL;
	if (!in->head.full && !in->r->state.known)
		return err_set(err, ERR_FORMAT,
		    "changes, and nothing here that they could change");
	return 0;
}

static int
note_odd(struct incoming *in, int64_t date_ns, struct err *err)
{
	struct receive *r = in->r;
	char claim[WHEN_TEXT], date[WHEN_TEXT];
	int rc = 0;

	if (date_ns != in->head.date_ns)
		rc = receive_note(r, err,
		    "series %s: snapshot %" PRIu64 " says it is of %s, which "
		    "cannot be; it is recorded as of %s. Is the clock right?",
		    r->series, in->head.number,
		    when_text(in->head.date_ns, claim),
		    when_text(date_ns, date));
	if (rc == 0 && r->in_turns)
		rc = receive_note(r, err,
		    "series %s: two stores push to it in turns: a cloned "
		    "machine with the same key?",
		    r->series);
	else if (rc == 0 && r->other_store)
		rc = receive_note(r, err,
		    "series %s: this store is another than the one that "
		    "pushed before; the whole listing was compared",
		    r->series);
	r->other_store = r->in_turns = false;
	return rc;
}

static int
begin(struct incoming *in, struct err *err)
{
	struct receive *r = in->r;
	int64_t date_ns = receive_date(
	    in->head.date_ns, r->after_ns, when_now());
	struct record_head head = { .series = r->series,
		.origin = in->origin,
		.scope = &in->scope,
		.fields = in->head.fields,
		.clock_ns = in->head.clock_ns,
		.date_ns = date_ns,
		.events = !in->head.full,
		.exact = in->head.full };
	int rc;

	if ((rc = note_odd(in, date_ns, err)) != 0)
		return rc;
	return recorder_begin(&in->recorder, r->store, &head, err);
}

/* ---- what could not be read ---- */

static int
keep_unread(struct incoming *in, const struct wire_unread *u, struct err *err)
{
	if (in->n_unread == in->cap_unread) {
		size_t cap = in->cap_unread == 0 ? 64 : in->cap_unread * 2;
		void *p = reallocarray(in->unread, cap, sizeof(*in->unread));

		if (p == NULL)
			return err_nomem(err);
		in->unread = p;
		in->cap_unread = cap;
	}
	in->unread[in->n_unread++] = (struct unread_ref){ in->unread_text.len,
		u->len, u->error, u->below };
	if (buf_add(&in->unread_text, u->path, u->len) != 0)
		return err_nomem(err);
	return 0;
}

static int
take_unread(struct incoming *in, struct err *err)
{
	const struct buf *payload = &in->r->link->in;
	struct reader r = reader_of(payload->data, payload->len);
	struct wire_unread u;
	int rc;

	if (in->unread_closed)
		return err_set(err, ERR_FORMAT, "UNREAD message after events");
	while ((rc = wire_next_unread(&u, &r, err)) == 0) {
		rc = in->head.full ? keep_unread(in, &u, err) :
				     recorder_note_unread(in->recorder, u.path,
					 u.len, u.below, u.error, err);
		if (rc != 0)
			return rc;
	}
	if (in->unread_text.len + in->n_unread * sizeof(*in->unread) >
	    UNREAD_BYTES_MAX)
		return err_set(
		    err, ERR_REFUSED, "too many paths that could not be read");
	return rc < 0 ? rc : 0;
}

static int
unread_cmp(const void *a, const void *b, void *ctx)
{
	const struct unread_ref *x = a, *y = b;
	const struct incoming *in = ctx;
	const char *text = (const char *)in->unread_text.data;

	return path_cmp(text + x->off, x->len, text + y->off, y->len);
}

static void
close_unread(struct incoming *in)
{
	if (in->unread_closed)
		return;
	in->unread_closed = true;
	if (in->n_unread > 1)
		qsort_r(in->unread, in->n_unread, sizeof(*in->unread),
		    unread_cmp, in);
}

/* Those that stand before this path; all for NULL. */
static int
feed_unread(struct incoming *in, const char *path, size_t len, struct err *err)
{
	const char *text = (const char *)in->unread_text.data;

	for (; in->next_unread < in->n_unread; in->next_unread++) {
		const struct unread_ref *u = &in->unread[in->next_unread];
		int rc;

		if (path != NULL &&
		    path_cmp(text + u->off, u->len, path, len) >= 0)
			return 0;
		if ((rc = recorder_unread(in->recorder, text + u->off, u->len,
			 u->below, u->error, err)) != 0)
			return rc;
	}
	return 0;
}

/* ---- events ---- */

/* The changes do not fit the state before them. */
static int
differs(struct incoming *in, const struct err *why, struct err *err)
{
	char text[400];

	in->differs = true;
	return receive_note(in->r, err,
	    "series %s: snapshot %" PRIu64 " does not fit the one before it "
	    "as it is here (%s); the whole listing is asked for",
	    in->r->series, in->head.number, err_text(why, text, sizeof(text)));
}

/* Of a whole listing. */
static int
take_listed(struct incoming *in, const char *path, size_t len,
    const struct event *ev, struct err *err)
{
	int rc;

	if (ev->kind != EVENT_PUT &&
	    (ev->kind != EVENT_UNSEEN || in->r->version < WIRE_UNSEEN))
		return err_set(err, ERR_FORMAT,
		    "a whole listing has no events of kind %u", ev->kind);
	if ((rc = feed_unread(in, path, len, err)) != 0)
		return rc;
	if (ev->kind == EVENT_UNSEEN)
		return recorder_unseen(in->recorder, path, len, err);
	digest_add(&in->digest, path, len, &ev->entry);
	in->entries++;
	return recorder_observe(in->recorder, path, len, &ev->entry, err);
}

static int
take_event(struct incoming *in, const char *path, size_t len,
    const struct event *ev, struct err *err)
{
	struct err why = ERR_INIT;
	int rc;

	/* Before they fill the disk. */
	if (ev->kind == EVENT_PUT && ++in->puts > in->head.entries)
		return err_set(err, ERR_FORMAT,
		    "snapshot %" PRIu64 ": more entries came than the %" PRIu64
		    " that were announced",
		    in->head.number, in->head.entries);
	if (in->head.full)
		return take_listed(in, path, len, ev, err);
	if (in->differs)
		return 0;
	rc = recorder_event(
	    in->recorder, path, len, ev->kind, &ev->entry, &why);
	if (rc == ERR_FORMAT)
		return differs(in, &why, err);
	if (rc != 0)
		*err = why;
	return rc;
}

/* Paths rise over all batches, and are not too long. */
static int
check_path(struct incoming *in, const char *path, size_t len, bool first,
    struct err *err)
{
	uint64_t max = in->r->options->limits.path_bytes;

	if (max != 0 && len > max)
		return err_set(err, ERR_REFUSED,
		    "quota: a path of %zu bytes, %" PRIu64 " are allowed: "
		    "%.*s...",
		    len, max, PATH_SHOWN, path);
	if (first && in->last.len > 0 &&
	    path_cmp((const char *)in->last.data, in->last.len, path, len) >= 0)
		return err_set(err, ERR_FORMAT,
		    "EVENTS message: %.*s is out of order", PATH_SHOWN, path);
	return 0;
}

static int
take_events(struct incoming *in, struct err *err)
{
	const struct receive_limits *max = &in->r->options->limits;
	const struct buf *payload = &in->r->link->in;
	struct wire_events *events = &in->r->events;
	const struct event *ev;
	uint64_t room = UINT64_MAX;
	const char *path = NULL;
	size_t len = 0;
	bool first = true;
	int rc;

	close_unread(in);
	if (max->expansion != 0)
		room = payload->len * max->expansion + EXPANSION_FREE;
	if ((rc = wire_open_events(
		 events, payload->data, payload->len, room, err)) != 0)
		return rc;
	while ((rc = wire_next_event(events, &path, &len, &ev, err)) == 0) {
		if ((rc = check_path(in, path, len, first, err)) != 0 ||
		    (rc = take_event(in, path, len, ev, err)) != 0)
			return rc;
		first = false;
	}
	if (rc < 0)
		return rc;
	buf_clear(&in->last);
	return buf_add(&in->last, path, len) != 0 ? err_nomem(err) : 0;
}

/* Everything up to END. */
static int
take_all(struct incoming *in, struct err *err)
{
	for (;;) {
		enum wire_type type;
		int rc = wire_link_next(in->r->link, &type, err);

		if (rc == 1)
			return err_set(err, ERR_FORMAT,
			    "the stream ends inside a snapshot");
		if (rc != 0 || (rc = receive_check_bytes(in->r, err)) != 0)
			return rc;
		if (type == WIRE_END)
			break;
		if (type == WIRE_EVENTS)
			rc = take_events(in, err);
		else if (type == WIRE_UNREAD)
			rc = take_unread(in, err);
		else
			rc = err_set(err, ERR_FORMAT, "%s message out of place",
			    wire_type_name(type));
		if (rc != 0)
			return rc;
	}
	close_unread(in);
	return feed_unread(in, NULL, 0, err);
}

/* ---- the end ---- */

static struct digest
digest_minus(const struct digest *a, const struct digest *b)
{
	return (
	    struct digest){ a->lo - b->lo, a->hi - b->hi - (a->lo < b->lo) };
}

/* That the listing is the one which the client has. A whole one is judged as
 * it came: what could not be read stays here, and counts in our own. */
static int
check_claim(
    struct incoming *in, const struct record_result *sealed, struct err *err)
{
	const struct wire_snapshot *claim = &in->head;
	const struct snapshot_row *before = recorder_previous(in->recorder);
	const struct wire_state *state = &in->r->state;
	struct digest ours, theirs;
	struct err why = ERR_INIT;

	if (claim->full) {
		if (in->entries == claim->entries &&
		    digest_equal(&in->digest, &claim->digest))
			return 0;
		return err_set(err, ERR_FORMAT,
		    "snapshot %" PRIu64 ": %" PRIu64
		    " entries came where %" PRIu64
		    " were announced, or their digest differs; does "
		    "lindex check pass on that host?",
		    claim->number, in->entries, claim->entries);
	}
	ours = digest_minus(&sealed->digest, &before->digest);
	theirs = digest_minus(&claim->digest, &state->digest);
	if (digest_equal(&ours, &theirs) &&
	    (sealed->entries == claim->entries ||
		!digest_equal(&before->digest, &state->digest)))
		return 0;
	(void)err_set(&why, ERR_FORMAT, "its digest or its count differs");
	return differs(in, &why, err);
}

/* The client must think again: nothing here to build on. */
static int
answer_state(struct incoming *in, struct err *err)
{
	struct receive *r = in->r;

	r->state = (struct wire_state){ .date_ns = r->state.date_ns };
	if (wire_put_state(&r->link->out, &r->state) != 0)
		return err_nomem(err);
	return wire_link_flush(r->link, err);
}

static int
answer_ack(
    struct incoming *in, const struct record_result *done, struct err *err)
{
	struct receive *r = in->r;
	struct wire_ack ack = { in->head.number, in->head.digest };

	r->state.known = true;
	memcpy(r->state.store, r->peer, sizeof(r->state.store));
	r->state.number = in->head.number;
	r->state.digest = in->head.digest;
	r->state.date_ns = done->date_ns;
	r->recent++;
	r->result->snapshots++;
	if (wire_put_ack(&r->link->out, &ack) != 0)
		return err_nomem(err);
	return wire_link_flush(r->link, err);
}

static int
receive_into(struct incoming *in, struct err *err)
{
	struct record_result result;
	int rc;

	if ((rc = read_head(in, err)) != 0 || (rc = begin(in, err)) != 0 ||
	    (rc = take_all(in, err)) != 0)
		return rc;
	if (!in->differs &&
	    ((rc = recorder_seal(in->recorder, &result, err)) != 0 ||
		(rc = check_claim(in, &result, err)) != 0))
		return rc;
	if (in->differs)
		return answer_state(in, err);
	receive_after_note(in->r);
	recorder_set_peer(
	    in->recorder, in->r->peer, in->head.number, &in->head.digest);
	if ((rc = recorder_finish(in->recorder, &result, err)) != 0)
		return rc;
	return answer_ack(in, &result, err);
}

int
receive_snapshot(struct receive *r, struct err *err)
{
	struct incoming in = { .r = r };
	int rc = receive_into(&in, err);

	incoming_done(&in);
	return rc;
}
