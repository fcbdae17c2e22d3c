/*
 * What the parts of a trace share. Each function walks on from where the packet
 * is and returns when it has come to its end.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_TRACE_PRIVATE_H
#define LABROUTER_TRACE_PRIVATE_H

#include "check_private.h"
#include "plan_private.h"
#include "trace.h"

struct tracer {
	struct plan *names; /* owned; of the cells */
	const char *front;  /* the front's, among them */
	const struct lab *lab;
	struct plan_cell *cells;   /* owned */
	struct plan_single single; /* of layout single; owned */
};

struct walk {
	const struct lab *lab;
	const struct plan_cell *cells;
	const struct plan_single *single;
	struct trace *t;
	/* The packet. */
	uint32_t src, dst;
	enum lab_proto proto;
	uint16_t port;
};

void trace_hop(struct walk *, enum trace_type, size_t at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void trace_end(struct walk *, enum trace_end, size_t at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The end of what no router takes from there, or for there. */
void trace_impossible(struct walk *, size_t at);

/* The end at a machine of `net`, or of [Nat] at the index behind them; or at all
 * of them. */
void trace_arrives(struct walk *, size_t at, size_t net, const char *how);

/* It comes to the front from production or from a network's cell. */
void trace_front(struct walk *, size_t from);
/* It comes to a cell, from its switch or from the front. */
void trace_cell(struct walk *, size_t cell, bool from_switch);

/* Whether the front finds the way back to who asked, out of interface 0. */
bool trace_finds_back(const struct walk *);

/* Layout single: it comes to the router, from production or from a network. */
void trace_single(struct walk *, size_t from);

/* ---- of one network, in whichever layout: trace_net.c. `at` is where ---- */

/* The address is in a network that this one joined. */
bool trace_joined(const struct walk *, size_t net, uint32_t addr);
/* The chain first: what a machine sends must be its own, for somebody it may
 * ask. False: it has come to its end. */
bool trace_first(struct walk *, size_t at, size_t net);
bool trace_has_port(const struct ports *, uint16_t port);
/* What a masked, mapped or published destination is inside; false: it is none.
 */
bool trace_inner(const struct walk *, const struct plan_cell *, uint32_t *addr,
    uint16_t *port);
void trace_becomes(struct walk *, size_t at, uint32_t addr, uint16_t port);
/* Allow and Publish, of what had the destination `first`. */
bool trace_admits(
    const struct walk *, const struct plan_cell *, uint32_t first);
/* What was translated comes from the gateway, or, `inside`, from the published
 * address. */
void trace_masquerade(struct walk *, size_t at, const struct plan_cell *,
    uint32_t first, bool inside);

/* ---- [Nat]: trace_nat.c ---- */

/* The new destination of what comes from production; NULL: none. */
const struct lab_nat_rule *trace_nat_inward(
    const struct walk *, unsigned mark, uint32_t *addr, uint16_t *port);
/* What lets out what comes from its network, or denies it; NULL: nothing. */
const struct lab_nat_rule *trace_nat_outward(const struct walk *);
/* The source of what this lets out. */
void trace_nat_source(struct walk *, size_t at, const struct lab_nat_rule *);
/* Behind a Twin, who asked for `first` is seen as the router. */
bool trace_nat_is_twin(const struct walk *, uint32_t first);
/* A Redirect leads to this port of the router itself. */
bool trace_nat_opens(const struct walk *);

/* What no router takes for a source, or for a destination of its own. */
static inline bool
trace_no_source(uint32_t a)
{
	return a >> 24 == 0 || a >> 24 == 127 || a >> 28 == 14 ||
	    a == UINT32_MAX;
}

static inline bool
trace_no_destination(uint32_t a)
{
	return a >> 24 == 0 || a >> 24 == 127;
}

/* For all who hear it. */
static inline bool
trace_for_many(uint32_t a)
{
	return a >> 28 == 14 || a == UINT32_MAX;
}

/* The subnet's last address. */
static inline bool
trace_is_broadcast(struct prefix p, uint32_t a)
{
	return p.len < 31 && a == (p.addr | ~prefix_mask(p.len));
}

static inline struct prefix
trace_real(const struct plan_cell *c)
{
	return (struct prefix){ c->real, c->len };
}

static inline struct prefix
trace_nat(const struct lab *lab)
{
	return prefix_net(lab->nat.address);
}

static inline struct prefix
trace_mask(const struct plan_cell *c)
{
	return (struct prefix){ c->mask, c->len };
}

/* Among these, which rise. */
bool trace_among(const uint32_t *list, size_t n, uint32_t addr);

static inline bool
trace_claims(const struct plan_cell *c, uint32_t addr)
{
	return trace_among(c->claims, c->n_claims, addr);
}

#endif
