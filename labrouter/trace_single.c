/*
 * Layout single: marks, translation, the routes of each mark, gates, in one
 * namespace. The order is that of the kernel: raw, mangle, dstnat, routing,
 * filter, srcnat, the last gate. The local table is asked before all marks, so
 * whatever address is the router's on any link is the router's for all.
 *
 * In the host's own namespace there is more than the lab's: what it has besides
 * is not known here, but that it finds a way to everywhere.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "trace_private.h"

#define TO_NOWHERE (SIZE_MAX - 3)
#define HERE TRACE_ROUTER

/* What the router knows of the packet. */
struct single_walk {
	struct walk *w;
	const struct plan_single *s;
	size_t from;	/* as a flow's; [Nat] is at the index s->n */
	uint32_t asker; /* its source, as it came */
	uint32_t first; /* its destination */
	bool dnat;
	unsigned mark;
};

static bool
is_isolated(const struct single_walk *x)
{
	return x->from < x->s->n;
}

static const char *
link_of(const struct single_walk *x, size_t side)
{
	if (side == TRACE_PRODUCTION)
		return x->s->outer;
	return side == x->s->n ? x->s->inner : x->s->cells[side].link;
}

/* The subnet of a network, or of [Nat]. */
static struct prefix
net_of(const struct single_walk *x, size_t i)
{
	return i == x->s->n ? trace_nat(x->w->lab) :
			      trace_real(&x->s->cells[i]);
}

static bool
is_local(const struct single_walk *x, uint32_t a)
{
	const struct lab *lab = x->w->lab;

	if ((!lab->production.dhcp && a == lab->production.address.addr) ||
	    (x->s->inner != NULL && a == lab->nat.address.addr) ||
	    trace_among(x->s->claims, x->s->n_claims, a))
		return true;
	for (size_t i = 0; i < x->s->n; i++)
		if (a == x->s->cells[i].net->gateway.addr ||
		    trace_claims(&x->s->cells[i], a))
			return true;
	return false;
}

static bool
is_broadcast(const struct single_walk *x, uint32_t a)
{
	for (size_t i = 0; i < x->s->n + (x->s->inner != NULL); i++)
		if (trace_is_broadcast(net_of(x, i), a))
			return true;
	return trace_is_broadcast(prefix_net(x->w->lab->production.address), a);
}

static bool
drop(struct single_walk *x, const char *why)
{
	trace_end(x->w, TRACE_DROPPED, HERE, "dropped: %s", why);
	return false;
}

/* ---- marks and translation ---- */

static void
set_mark(struct single_walk *x, size_t net, const char *why)
{
	x->mark = plan_mark(net);
	trace_hop(x->w, TRACE_MARK, HERE, "mark 0x%x: " IP_FMT " is %s",
	    x->mark, IP(x->w->dst), why);
}

static void
mark(struct single_walk *x)
{
	const struct walk *w = x->w;
	const size_t n = x->s->n;

	if (x->from == n)
		return;
	for (size_t i = 0; i < n; i++)
		if (prefix_holds(trace_mask(&x->s->cells[i]), w->dst))
			set_mark(x, i, "masked");
	for (size_t i = 0; i < n; i++)
		if (trace_claims(&x->s->cells[i], w->dst))
			set_mark(x, i, "claimed");
	if (!is_isolated(x)) {
		if (trace_nat_is_twin(w, w->dst))
			set_mark(x, n, "a twin's");
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (i != x->from && plan_joined(w->lab, x->from, i) &&
		    prefix_holds(net_of(x, i), w->dst))
			set_mark(x, i, "in a joined network");
}

static void
translate(struct single_walk *x)
{
	struct walk *w = x->w;
	bool found = false;
	uint32_t addr;
	uint16_t port;

	for (size_t i = 0; (x->mark & 2) != 0 && i < x->s->n && !found; i++)
		found = trace_inner(w, &x->s->cells[i], &addr, &port);
	if (!found && x->from == TRACE_PRODUCTION)
		found = trace_nat_inward(w, x->mark, &addr, &port) != NULL;
	if (!found)
		return;
	x->dnat = addr != w->dst || port != w->port;
	trace_becomes(w, HERE, addr, port);
}

/* ---- for the router itself ---- */

/* The table main. */
static size_t
main_route(const struct single_walk *x, uint32_t to, struct prefix *ret)
{
	const struct lab *lab = x->w->lab;
	const struct prefix own = prefix_net(lab->production.address);
	size_t link = TO_NOWHERE;

	*ret = (struct prefix){ 0, 0 };
	if (lab->production.gateway_line != 0 || x->s->netns == NULL)
		link = TRACE_PRODUCTION;
	if (prefix_holds(own, to)) {
		link = TRACE_PRODUCTION;
		*ret = own;
	}
	if (x->s->inner != NULL && !x->s->twin &&
	    prefix_holds(trace_nat(lab), to) &&
	    (link == TO_NOWHERE || ret->len < lab->nat.address.len)) {
		link = x->s->n;
		*ret = trace_nat(lab);
	}
	/* For what the host itself sends. */
	for (size_t i = 0; x->s->netns == NULL && i < x->s->n; i++)
		if (prefix_holds(trace_mask(&x->s->cells[i]), to) &&
		    x->s->cells[i].len > ret->len) {
			link = i;
			*ret = trace_mask(&x->s->cells[i]);
		}
	return link;
}

/* An answer goes where the main table says; one to a network then follows the
 * mark of who asked, and the router's own needs a way in that table first. */
static bool
finds_back(const struct single_walk *x, bool own)
{
	const uint32_t to = x->asker;
	struct prefix by;
	size_t link;

	if (is_local(x, to) || is_broadcast(x, to))
		return false;
	link = main_route(x, to, &by);
	if (is_isolated(x) ||
	    (x->from == x->s->n && x->s->twin &&
		prefix_holds(trace_nat(x->w->lab), to)))
		return !own || link != TO_NOWHERE;
	return link == x->from;
}

static void
answer_ping(struct single_walk *x)
{
	struct walk *w = x->w;

	if (is_broadcast(x, w->src))
		(void)drop(x, "chain input lets in no ping from many");
	else if (!is_local(x, w->dst))
		(void)drop(x, "the router answers no ping of many");
	else if (!finds_back(x, true))
		trace_end(w, TRACE_UNROUTED, HERE,
		    "the router's answer finds no way to " IP_FMT, IP(w->src));
	else
		trace_end(w, TRACE_ANSWERED, HERE,
		    "answered by the router, which is " IP_FMT " here",
		    IP(w->dst));
}

/* The chain input. */
static void
input(struct single_walk *x)
{
	const bool host = x->s->netns == NULL;
	struct walk *w = x->w;
	bool claimed = trace_among(x->s->claims, x->s->n_claims, w->dst);

	for (size_t i = 0; i < x->s->n; i++)
		claimed = claimed || trace_claims(&x->s->cells[i], w->dst);
	if (w->proto == LAB_ICMP)
		answer_ping(x);
	else if (x->from == TRACE_PRODUCTION && x->dnat && trace_nat_opens(w))
		trace_end(w, TRACE_TAKEN, HERE,
		    "taken by the router, for what listens at its port %u",
		    w->port);
	else if (!host || is_isolated(x))
		trace_end(w, TRACE_DROPPED, HERE,
		    "dropped by chain input: " IP_FMT " is the router here, "
		    "which answers to nothing but ping",
		    IP(w->dst));
	else if ((x->mark & 2) != 0 && x->dnat)
		trace_end(w, TRACE_DROPPED, HERE,
		    "dropped by chain input: " IP_FMT " is this host here, "
		    "which answers to nothing but ping by a mask",
		    IP(w->dst));
	else if (claimed)
		trace_end(w, TRACE_DROPPED, HERE,
		    "dropped by chain input: " IP_FMT " is claimed, and "
		    "this host answers to nothing but ping there",
		    IP(w->dst));
	else
		trace_end(w, TRACE_TAKEN, HERE,
		    "taken by this host itself, as without the lab");
}

/* ---- on to a network, or out ---- */

static size_t
by_mark(struct single_walk *x)
{
	const size_t n = x->s->n + x->s->twin;

	/* The article's rule is asked last, and its mark is part of all. */
	for (size_t i = 1; i <= n; i++) {
		const size_t net = i % n;
		const unsigned own = plan_mark(net) & ~4U;

		if ((x->mark & (net == 0 ? 0x2 : 0xff02)) != own ||
		    !prefix_holds(net_of(x, net), x->w->dst))
			continue;
		trace_hop(x->w, TRACE_ROUTE, HERE,
		    "rule 0x%x/%s, table %u: " NET_FMT " -> %s", own,
		    net == 0 ? "0x2" : "0xff02", plan_single_table(net),
		    NET(net_of(x, net)), link_of(x, net));
		return net;
	}
	return TO_NOWHERE;
}

static size_t
by_main(struct single_walk *x)
{
	struct prefix by;
	const size_t link = main_route(x, x->w->dst, &by);

	if (link != TO_NOWHERE)
		trace_hop(x->w, TRACE_ROUTE, HERE,
		    "table main: " NET_FMT " -> %s", NET(by), link_of(x, link));
	return link;
}

static void
no_way(struct single_walk *x)
{
	trace_end(x->w, TRACE_DROPPED, HERE,
	    "dropped by chain forward: no way is open from " IP_FMT
	    " to " IP_FMT " here",
	    IP(x->w->src), IP(x->w->dst));
}

static void
leave(struct single_walk *x)
{
	const struct lab_nat_rule *r = NULL;
	struct walk *w = x->w;

	if (x->from == x->s->n)
		r = trace_nat_outward(w);
	if (is_isolated(x)) {
		(void)drop(x, "chain forward lets only answers out");
		return;
	}
	if (r == NULL) {
		no_way(x);
		return;
	}
	if (r->kind == LAB_DENY) {
		trace_end(w, TRACE_DROPPED, HERE,
		    "dropped by chain forward: line %d denies it", r->line);
		return;
	}
	trace_hop(w, TRACE_GATE, HERE, "forward: open by line %d", r->line);
	trace_nat_source(w, HERE, r);
	trace_hop(w, TRACE_GATE, HERE, "gate: open");
	if (w->src == 0)
		trace_end(w, TRACE_LEAVES, HERE,
		    "comes to production, from the router");
	else
		trace_end(w, TRACE_LEAVES, HERE,
		    "comes to production, from " IP_FMT, IP(w->src));
}

/* The chain forward, inward. */
static bool
passes(struct single_walk *x, size_t to)
{
	const struct walk *w = x->w;

	if (x->from == TRACE_PRODUCTION && to < x->s->n && x->dnat &&
	    !trace_admits(w, &x->s->cells[to], x->first))
		return drop(x,
		    "chain admit lets in what Allow names, and no Allow names "
		    "this");
	if (x->dnat && (x->from == TRACE_PRODUCTION || x->from == to))
		return true;
	if (is_isolated(x) && to < x->s->n && x->from != to &&
	    plan_joined(w->lab, x->from, to))
		return true;
	no_way(x);
	return false;
}

static void
deliver(struct single_walk *x, size_t to)
{
	struct walk *w = x->w;

	if (!passes(x, to))
		return;
	trace_hop(w, TRACE_GATE, HERE, "forward: open");
	if (to < x->s->n && x->dnat)
		trace_masquerade(
		    w, HERE, &x->s->cells[to], x->first, x->from == to);
	if (to == x->s->n && trace_nat_is_twin(w, x->first)) {
		trace_hop(w, TRACE_SOURCE, HERE,
		    "source " IP_FMT " becomes the router's " IP_FMT,
		    IP(w->src), IP(w->lab->nat.address.addr));
		w->src = w->lab->nat.address.addr;
	}
	trace_hop(w, TRACE_GATE, HERE, "gate: open");
	trace_arrives(w, HERE, to,
	    finds_back(x, false) ? "" :
				   "; what it answers gets lost in the router");
}

/* ---- */

/* For all on a link; the kernel takes nobody's packet to nobody for one. */
static bool
is_limited(const struct walk *w)
{
	return w->dst == UINT32_MAX || (w->src == 0 && w->dst == 0);
}

/* Interface 0 takes its own addresses for a source, since production's gateway
 * has one that is mimicked here. Rules of routes make the kernel look closer. */
static bool
is_possible(const struct single_walk *x)
{
	const struct walk *w = x->w;

	if (is_limited(w))
		return w->src >> 28 != 14 && w->src != UINT32_MAX;
	if (trace_no_source(w->src) || trace_no_destination(w->dst))
		return false;
	return x->from == TRACE_PRODUCTION ||
	    !(is_local(x, w->src) ||
		(is_broadcast(x, w->src) && (x->s->n != 0 || x->s->twin)));
}

static void
route(struct single_walk *x)
{
	struct walk *w = x->w;
	size_t to;

	if (!is_possible(x)) {
		trace_impossible(w, HERE);
		return;
	}
	if (is_local(x, w->dst) || is_broadcast(x, w->dst) ||
	    trace_for_many(w->dst) || is_limited(w)) {
		input(x);
		return;
	}
	if ((to = by_mark(x)) == TO_NOWHERE)
		to = by_main(x);
	if (to == TO_NOWHERE)
		trace_end(w, TRACE_UNROUTED, HERE,
		    "not routed: nothing leads to " IP_FMT " from here",
		    IP(w->dst));
	else if (to == TRACE_PRODUCTION)
		leave(x);
	else
		deliver(x, to);
}

void
trace_single(struct walk *w, size_t from)
{
	struct single_walk x = { .w = w,
		.s = w->single,
		.from = from,
		.asker = w->src,
		.first = w->dst };

	trace_hop(w, TRACE_ENTERS, HERE, "enters by %s", link_of(&x, from));
	if (is_isolated(&x) && !trace_first(w, HERE, from))
		return;
	mark(&x);
	translate(&x);
	route(&x);
}
