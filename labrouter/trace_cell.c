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
joined_with(const struct cell_walk *x, uint32_t a)
{
	for (size_t i = 0; i < x->w->lab->n_networks; i++)
		if (i != x->cell && plan_joined(x->w->lab, x->cell, i) &&
		    prefix_holds(trace_real(&x->w->cells[i]), a))
			return true;
	return false;
}

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

/* Raw: what a machine sends must be its own, for somebody it may ask. */
static bool
first(struct cell_walk *x)
{
	const struct walk *w = x->w;
	const uint32_t gateway = x->c->net->gateway.addr;

	if (!prefix_holds(trace_real(x->c), w->src) || w->src == gateway) {
		trace_end(x->w, TRACE_DROPPED, x->cell,
		    "dropped by chain first: " IP_FMT " is no machine's "
		    "address here",
		    IP(w->src));
		return false;
	}
	if (w->dst == gateway || prefix_holds(trace_mask(x->c), w->dst) ||
	    trace_claims(x->c, w->dst) || joined_with(x, w->dst))
		return true;
	trace_end(x->w, TRACE_DROPPED, x->cell,
	    "dropped by chain first: " IP_FMT " is neither the gateway, nor "
	    "masked or claimed here, nor joined",
	    IP(w->dst));
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
	if (!x->inside && joined_with(x, w->src) &&
	    prefix_holds(trace_real(x->c), w->dst))
		set_mark(x, 0x6, "here, and who asks has joined");
	if (is_proxied(x))
		set_mark(x, 0x8, "the door to the proxy");
	if (x->inside && joined_with(x, w->dst))
		set_mark(x, 0x8, "in a joined network");
}

static bool
has_port(const struct ports *p, uint16_t port)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->range[i].first <= port && port <= p->range[i].last)
			return true;
	return p->n == 0;
}

/* The new destination; false: none. */
static bool
translated(const struct cell_walk *x, uint32_t *addr, uint16_t *port)
{
	const struct lab_network *net = x->c->net;
	const struct walk *w = x->w;

	*port = w->port;
	if (w->dst == x->c->outside)
		return false;
	if (prefix_holds(trace_mask(x->c), w->dst)) {
		*addr = x->c->real | (w->dst & ~prefix_mask(x->c->len));
		return true;
	}
	for (size_t i = 0; i < net->n_statics; i++)
		if (net->statics[i].outer == w->dst) {
			*addr = net->statics[i].inner;
			return true;
		}
	for (size_t i = 0; i < net->n_publish; i++) {
		const struct lab_publish *p = &net->publish[i];

		if (p->outer != w->dst || p->proto != w->proto ||
		    w->port == 0 || !has_port(&p->ports, w->port))
			continue;
		*addr = p->inner;
		if (p->inner_port != 0)
			*port = p->inner_port;
		return true;
	}
	if (!is_proxied(x))
		return false;
	*addr = PLAN_HUB;
	*port = PLAN_PROXY_PORT;
	return true;
}

static void
translate(struct cell_walk *x)
{
	struct walk *w = x->w;
	uint32_t addr;
	uint16_t port;

	x->first = w->dst;
	if (!translated(x, &addr, &port))
		return;
	trace_hop(w, TRACE_DESTINATION, x->cell,
	    "destination " IP_FMT " becomes " IP_FMT, IP(w->dst), IP(addr));
	if (port != w->port)
		trace_hop(w, TRACE_DESTINATION, x->cell, "port %u becomes %u",
		    w->port, port);
	w->dst = addr;
	w->port = port;
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

/* The chain admit: whoever is named, and who asked for what is published. */
static bool
admits(const struct cell_walk *x)
{
	const struct lab_network *net = x->c->net;
	const struct walk *w = x->w;

	for (size_t i = 0; i < net->n_allow; i++) {
		const struct lab_allow *a = &net->allow[i];

		if (a->addr == w->dst &&
		    (!a->has_from || prefix_holds(a->from, w->src)) &&
		    (a->proto == LAB_ANY ||
			(a->proto == w->proto && has_port(&a->ports, w->port))))
			return true;
	}
	for (size_t i = 0; i < x->c->n_published; i++)
		if (x->c->published[i] == x->first)
			return true;
	return net->n_allow == 0;
}

/* The chain forward; `in` is where it is to go. */
static bool
passes(struct cell_walk *x, bool in)
{
	const struct walk *w = x->w;
	const bool dnat = w->dst != x->first;

	if (!x->inside && in && dnat) {
		if (!admits(x))
			return drop(x,
			    "chain admit lets in what Allow names, and no "
			    "Allow names this");
		return true;
	}
	if ((x->inside && in && dnat) ||
	    (x->inside && !in && dnat && w->dst == PLAN_HUB) ||
	    (x->inside && !in && joined_with(x, w->dst)) ||
	    (!x->inside && in && joined_with(x, w->src)))
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
	const uint32_t gateway = x->c->net->gateway.addr;

	if (w->dst != x->first) {
		uint32_t to = gateway;
		const char *who = "the gateway";

		for (size_t i = 0; x->inside && i < x->c->n_published; i++)
			if (x->c->published[i] == x->first) {
				to = x->first;
				who = "the published";
			}
		trace_hop(w, TRACE_SOURCE, x->cell,
		    "source " IP_FMT " becomes %s " IP_FMT, IP(w->src), who,
		    IP(to));
		w->src = to;
	}
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
		trace_end(w, TRACE_DROPPED, x->cell,
		    "dropped: nothing comes from " IP_FMT " to " IP_FMT
		    " this way",
		    IP(w->src), IP(w->dst));
		return;
	}
	if (x->mark == 0x8) {
		trace_hop(w, TRACE_ROUTE, x->cell,
		    "rule 0x8/0x8, table 8: 0.0.0.0/0 -> " PLAN_OUT);
		if (!passes(x, false))
			return;
		trace_hop(w, TRACE_GATE, x->cell, "forward: open");
		if (w->dst == PLAN_HUB) {
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
	if (from_switch && !first(&x))
		return;
	mark(&x);
	translate(&x);
	route(&x);
}
