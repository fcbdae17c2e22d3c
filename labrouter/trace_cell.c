/*
 * A cell: marks, translation, two tables of routes, gates. The order is that of
 * the kernel: raw, mangle, dstnat, routing, filter, srcnat, the last gate.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "trace_private.h"

/* What a cell knows of the packet. */
struct cell_walk {
	struct walk *w;
	const struct plan_cell *c;
	size_t cell;
	bool inside;	/* it came by `in` */
	uint32_t first; /* destination before translation */
	unsigned mark;
};

static bool
is_own(const struct plan_cell *c, uint32_t a)
{
	return a == c->outside || a == c->net->gateway.addr ||
	    trace_claims(c, a);
}

static bool
drop(struct cell_walk *x, const char *why)
{
	trace_end(x->w, TRACE_DROPPED, x->cell, "dropped: %s", why);
	return false;
}

static void
set_mark(struct cell_walk *x, unsigned mark, const char *why)
{
	x->mark = mark;
	trace_hop(x->w, TRACE_MARK, x->cell, "mark 0x%x: " IP_FMT " is %s",
	    mark, IP(x->w->dst), why);
}

/* The door to the proxy. */
static bool
is_proxied(const struct cell_walk *x)
{
	return x->inside && x->c->net->proxy && x->w->proto == LAB_TCP &&
	    x->w->dst == x->c->net->gateway.addr &&
	    x->w->port == PLAN_PROXY_DOOR;
}

static void
mark(struct cell_walk *x)
{
	const struct walk *w = x->w;

	if (w->dst != x->c->outside && prefix_holds(trace_mask(x->c), w->dst))
		set_mark(x, 0x6, "masked");
	if (trace_claims(x->c, w->dst))
		set_mark(x, 0x6, "claimed");
	if (!x->inside && trace_joined(w, x->cell, w->src) &&
	    prefix_holds(trace_real(x->c), w->dst))
		set_mark(x, 0x6, "here, and who asks has joined");
	if (is_proxied(x))
		set_mark(x, 0x8, "the door to the proxy");
	if (x->inside && trace_joined(w, x->cell, w->dst))
		set_mark(x, 0x8, "in a joined network");
}

static void
translate(struct cell_walk *x)
{
	struct walk *w = x->w;
	uint32_t addr;
	uint16_t port;

	x->first = w->dst;
	if (w->dst == x->c->outside)
		return;
	if (trace_inner(w, x->c, &addr, &port))
		trace_becomes(w, x->cell, addr, port);
	else if (is_proxied(x))
		trace_becomes(w, x->cell, LAB_HUB, PLAN_PROXY_PORT);
}

/* For the cell itself: the gateway inside, or what nobody is behind. */
static void
input(struct cell_walk *x)
{
	struct walk *w = x->w;

	if (w->proto != LAB_ICMP)
		trace_end(w, TRACE_DROPPED, x->cell,
		    "dropped by chain input: " IP_FMT " is the router here, "
		    "which answers to nothing but ping",
		    IP(w->dst));
	else if (!is_own(x->c, w->dst))
		(void)drop(x, "the router answers no ping of many");
	else if (!x->inside && !trace_finds_back(w))
		trace_end(w, TRACE_UNROUTED, x->cell,
		    "the router's answer finds no way to " IP_FMT, IP(w->src));
	else
		trace_end(w, TRACE_ANSWERED, x->cell,
		    "answered by the router, which is " IP_FMT " here",
		    IP(w->dst));
}

/* The chain forward; `in` is where it is to go. */
static bool
passes(struct cell_walk *x, bool in)
{
	const struct walk *w = x->w;
	const bool dnat = w->dst != x->first;

	if (!x->inside && in && dnat) {
		if (!trace_admits(w, x->c, x->first))
			return drop(x,
			    "chain admit lets in what Allow names, and no "
			    "Allow names this");
		return true;
	}
	if ((x->inside && in && dnat) ||
	    (x->inside && !in && dnat && w->dst == LAB_HUB) ||
	    (x->inside && !in && trace_joined(w, x->cell, w->dst)) ||
	    (!x->inside && in && trace_joined(w, x->cell, w->src)))
		return true;
	return drop(x,
	    in ? "chain forward lets in what was translated or has joined" :
		 "chain forward lets answers out, and what goes to joined "
		 "networks");
}

static void
deliver(struct cell_walk *x)
{
	struct walk *w = x->w;

	if (w->dst != x->first)
		trace_masquerade(w, x->cell, x->c, x->first, x->inside);
	trace_hop(w, TRACE_GATE, x->cell, "gate: open");
	if (is_own(x->c, w->dst)) {
		trace_end(w, TRACE_UNROUTED, x->cell,
		    "lost: no machine can have " IP_FMT
		    ", which is the router's here",
		    IP(w->dst));
		return;
	}
	trace_arrives(w, x->cell, x->cell, "");
}

/* From the front the kernel takes any source, since production's gateway has an
 * address that is the cell's own. */
static void
route(struct cell_walk *x)
{
	struct walk *w = x->w;
	bool in = prefix_holds(trace_real(x->c), w->dst);

	if (trace_no_source(w->src) || trace_no_destination(w->dst) ||
	    (x->inside &&
		(is_own(x->c, w->src) ||
		    trace_is_broadcast(trace_real(x->c), w->src)))) {
		trace_impossible(w, x->cell);
		return;
	}
	if (x->mark == 0x8) {
		trace_hop(w, TRACE_ROUTE, x->cell,
		    "rule 0x8/0x8, table 8: 0.0.0.0/0 -> " PLAN_OUT);
		if (!passes(x, false))
			return;
		trace_hop(w, TRACE_GATE, x->cell, "forward: open");
		if (w->dst == LAB_HUB) {
			trace_hop(w, TRACE_SOURCE, x->cell,
			    "source " IP_FMT " becomes the cell's " IP_FMT,
			    IP(w->src), IP(x->c->outside));
			w->src = x->c->outside;
		}
		trace_hop(w, TRACE_GATE, x->cell, "gate: open");
		trace_front(w, x->cell);
	} else if (x->mark == 0x6 && in) {
		trace_hop(w, TRACE_ROUTE, x->cell,
		    "rule 0x2/0x2, table 2: " NET_FMT " -> " PLAN_IN,
		    NET(trace_real(x->c)));
		if (!passes(x, true))
			return;
		trace_hop(w, TRACE_GATE, x->cell, "forward: open");
		deliver(x);
	} else if (is_own(x->c, w->dst) || trace_for_many(w->dst) ||
	    trace_is_broadcast(trace_real(x->c), w->dst)) {
		input(x);
	} else {
		trace_end(w, TRACE_UNROUTED, x->cell,
		    "not routed: without a mark nothing leads to " IP_FMT,
		    IP(w->dst));
	}
}

void
trace_cell(struct walk *w, size_t cell, bool from_switch)
{
	struct cell_walk x = { .w = w,
		.c = &w->cells[cell],
		.cell = cell,
		.inside = from_switch };

	trace_hop(w, TRACE_ENTERS, cell, "enters by %s",
	    from_switch ? PLAN_IN : PLAN_OUT);
	if (from_switch && !trace_first(w, cell, cell))
		return;
	mark(&x);
	translate(&x);
	route(&x);
}
