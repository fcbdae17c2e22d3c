/*
 * One series: what the server has of it decides what is sent.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "push_private.h"

#include <string.h>

/* A series while it is sent. */
struct push_series {
	const struct series_row *row;
	const struct snapshot_row *snaps; /* kept ones, oldest first */
	size_t n;
	size_t next; /* the one to be sent next; n: none */
	bool full;   /* it goes as a whole listing */
};

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

		if ((rc = push_snapshot(p, snap, s->full, err)) != 0 ||
		    (rc = push_next(p, &answer, err)) != 0)
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

int
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
	if ((rc = push_out(p, true, err)) != 0 ||
	    (rc = push_expect(p, WIRE_STATE, err)) != 0 ||
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
