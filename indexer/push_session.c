/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "push_session.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "store/listing.h"

struct push {
	struct wire_link *link;
	struct store *store;
	const struct push_options *options;
	struct push_result *result;
	struct view *view;	  /* owned */
	struct wire_batch *batch; /* owned */
	uint64_t sent;		  /* bytes handed over */
	size_t n_to_send;	  /* snapshots, for progress */
};

/* One series while it is sent. */
struct push_series {
	const struct series_row *row;
	const struct snapshot_row *snaps; /* kept ones, oldest first */
	size_t n;
	size_t next; /* the one to be sent next; n: none */
	bool full;   /* it goes as a whole listing */
};

/* ---- what the server says ---- */

static int
server_error(struct push *p, struct err *err)
{
	return err_set(err, ERR_REFUSED, "it says: %s", buf_str(&p->link->in));
}

/* The next message that is for the protocol; warnings are passed on. */
static int
next_message(struct push *p, enum wire_type *ret, struct err *err)
{
	for (;;) {
		int rc = wire_link_next(p->link, ret, err);

		if (rc == 1)
			return err_set(err, ERR_NOTFOUND,
			    "connection closed by the server");
		if (rc != 0)
			return rc;
		if (*ret == WIRE_ERROR)
			return server_error(p, err);
		if (*ret != WIRE_NOTE)
			return 0;
		log_warn(
		    "server %s: %s", p->options->server, buf_str(&p->link->in));
	}
}

static int
expect(struct push *p, enum wire_type want, struct err *err)
{
	enum wire_type got;
	int rc;

	if ((rc = next_message(p, &got, err)) != 0)
		return rc;
	if (got != want)
		return err_set(err, ERR_FORMAT, "it sent %s where %s is due",
		    wire_type_name(got), wire_type_name(want));
	return 0;
}

/* Send what is collected. Where the server hung up meanwhile, it may have
 * said why. */
static int
send_out(struct push *p, bool all, struct err *err)
{
	struct err why = ERR_INIT;
	enum wire_type type;
	size_t n = p->link->out.len;
	int rc;

	rc = all ? wire_link_flush(p->link, err) :
		   wire_link_relieve(p->link, err);
	if (rc == 0) {
		p->sent += n - p->link->out.len;
		return 0;
	}
	while (next_message(p, &type, &why) == 0)
		;
	if (why.code == ERR_REFUSED)
		*err = why;
	return rc;
}

/* ---- one snapshot ---- */

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
		rc = send_out(p, false, err);
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
		if (item.kind == EVENT_PUT &&
		    (rc = send_event(p, item.path, item.len, EVENT_PUT,
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

static int
send_snapshot(
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
	return send_out(p, true, err);
}

/* ---- one series ---- */

/* Whether the server stands at this very snapshot. */
static bool
stands_at(struct push *p, const struct wire_state *state,
    const struct snapshot_row *snap)
{
	return state->known &&
	    memcmp(state->store, store_id(p->store), STORE_ID_SIZE) == 0 &&
	    state->number == snap->number &&
	    digest_equal(&state->digest, &snap->digest);
}

static void
goes_full_from(struct push_series *s, size_t i)
{
	s->next = i;
	s->full = true;
}

/* From what the server has to what we send. */
static int
plan(struct push *p, struct push_series *s, const struct wire_state *state,
    bool again, struct err *err)
{
	uint64_t acked;
	int rc;

	if ((rc = store_acked(p->store, s->row->name, &acked, err)) != 0)
		return rc;
	for (size_t i = s->n; i-- > 0;) {
		if (!stands_at(p, state, &s->snaps[i]))
			continue;
		s->next = i + 1;
		s->full = false;
		/* Also downwards: a server restored to an older copy has lost
		 * what it acknowledged, and we must not prune it. */
		if (acked != state->number)
			return store_ack(
			    p->store, s->row->name, state->number, err);
		return 0;
	}
	for (size_t i = 0; i < s->n; i++) {
		if (s->snaps[i].date_ns > state->date_ns) {
			goes_full_from(s, i);
			return 0;
		}
	}
	/* Somebody else pushed this series since; we have nothing new. */
	if (acked >= s->snaps[s->n - 1].number && !again)
		s->next = s->n;
	else
		goes_full_from(s, s->n - 1);
	return 0;
}

static int
take_ack(struct push *p, const struct push_series *s,
    const struct snapshot_row *snap, struct err *err)
{
	struct wire_ack ack;
	int rc;

	if ((rc = wire_get_ack(&ack, p->link->in.data, p->link->in.len, err)) !=
	    0)
		return rc;
	if (ack.number != snap->number ||
	    !digest_equal(&ack.digest, &snap->digest))
		return err_set(err, ERR_FORMAT,
		    "it acknowledged another snapshot than was sent");
	p->result->snapshots++;
	return store_ack(p->store, s->row->name, snap->number, err);
}

/* Send what is planned. The answer to a snapshot is its acknowledgement, or
 * where the series really stands: then the plan was made on something that is
 * not so, and one whole listing mends it. */
static int
send_planned(struct push *p, struct push_series *s, bool *ret_again,
    struct wire_state *state, struct err *err)
{
	*ret_again = false;
	while (s->next < s->n) {
		const struct snapshot_row *snap = &s->snaps[s->next];
		enum wire_type answer;
		int rc;

		if ((rc = send_snapshot(p, snap, s->full, err)) != 0 ||
		    (rc = next_message(p, &answer, err)) != 0)
			return rc;
		if (answer == WIRE_STATE) {
			*ret_again = true;
			return wire_get_state(
			    state, p->link->in.data, p->link->in.len, err);
		}
		if (answer != WIRE_ACK)
			return err_set(err, ERR_FORMAT,
			    "it sent %s where ACK is due",
			    wire_type_name(answer));
		if ((rc = take_ack(p, s, snap, err)) != 0)
			return rc;
		s->full = false;
		s->next++;
	}
	return 0;
}

static int
push_series(struct push *p, const struct series_row *row, const char *name,
    struct err *err)
{
	struct push_series s = { .row = row };
	struct wire_state state;
	bool again = false;
	int rc;

	s.snaps = catalog_snaps(&p->view->cat, row->id, &s.n);
	if (s.n == 0)
		return 0;
	p->result->series++;
	if (wire_put_series(&p->link->out, name, strlen(name)) != 0)
		return err_nomem(err);
	if ((rc = send_out(p, true, err)) != 0 ||
	    (rc = expect(p, WIRE_STATE, err)) != 0 ||
	    (rc = wire_get_state(
		 &state, p->link->in.data, p->link->in.len, err)) != 0 ||
	    (rc = plan(p, &s, &state, false, err)) != 0)
		return rc;
	p->n_to_send = p->result->snapshots + s.n - s.next;
	if ((rc = send_planned(p, &s, &again, &state, err)) != 0 || !again)
		return rc;
	if ((rc = plan(p, &s, &state, true, err)) != 0 ||
	    (rc = send_planned(p, &s, &again, &state, err)) != 0)
		return rc;
	if (again)
		return err_set(err, ERR_FORMAT,
		    "it takes neither changes nor a whole listing");
	return 0;
}

/* ---- the whole ---- */

const char *
push_name_below(const char *series, const char *host)
{
	size_t n = strlen(host);

	if (strncmp(series, host, n) != 0)
		return NULL;
	if (series[n] == '/')
		return series + n + 1;
	return series[n] == '\0' ? series + n : NULL;
}

static int
greet(struct push *p, struct err *err)
{
	struct wire_hello hello = { .version = WIRE_VERSION };
	uint32_t version;
	int rc;

	memcpy(hello.store, store_id(p->store), sizeof(hello.store));
	if (wire_put_hello(&p->link->out, &hello) != 0)
		return err_nomem(err);
	if ((rc = send_out(p, true, err)) != 0 ||
	    (rc = expect(p, WIRE_WELCOME, err)) != 0 ||
	    (rc = wire_get_welcome(
		 &version, p->link->in.data, p->link->in.len, err)) != 0)
		return rc;
	if (version != WIRE_VERSION)
		return err_set(err, ERR_VERSION,
		    "it speaks version %u of the push protocol, we speak %u",
		    version, WIRE_VERSION);
	return 0;
}

/* Say that this is all, and hear whether the other side agrees. */
static int
part(struct push *p, struct err *err)
{
	enum wire_type type;
	int rc;

	if (wire_put_bye(&p->link->out) != 0)
		return err_nomem(err);
	if ((rc = send_out(p, true, err)) != 0 ||
	    (p->link->end != NULL &&
		(rc = p->link->end(p->link->ctx, err)) != 0))
		return rc;
	if ((rc = next_message(p, &type, err)) == 0)
		return err_set(err, ERR_FORMAT, "it sent %s after the end",
		    wire_type_name(type));
	if (rc != ERR_NOTFOUND)
		return rc;
	err_clear(err); /* it hung up, as it should */
	return 0;
}

static int
push_all(struct push *p, struct err *err)
{
	const struct catalog *cat = &p->view->cat;
	int rc;

	if ((rc = greet(p, err)) != 0)
		return rc;
	for (size_t i = 0; i < cat->n_series; i++) {
		const char *name = push_name_below(
		    cat->series[i].name, p->options->host);

		if (name == NULL)
			continue;
		if ((rc = push_series(p, &cat->series[i], name, err)) != 0)
			return err_wrap(err, "series %s", cat->series[i].name);
	}
	return part(p, err);
}

int
push_session(struct wire_link *link, struct store *store,
    const struct push_options *o, struct push_result *ret, struct err *err)
{
	struct push p = {
		.link = link, .store = store, .options = o, .result = ret
	};
	int rc;

	*ret = (struct push_result){ 0 };
	if ((rc = view_open(&p.view, store, err)) == 0) {
		if ((p.batch = wire_batch_new()) == NULL)
			rc = err_nomem(err);
		else
			rc = push_all(&p, err);
	}
	progress_end();
	wire_batch_free(p.batch);
	view_close(p.view);
	return rc;
}
