/*
 * The front: plain routing between interface 0 and the cells, without any
 * translation.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "trace_private.h"

/* Links, as a table of routes names them. */
#define TO_OUTER TRACE_PRODUCTION
#define TO_NOWHERE (SIZE_MAX - 3)

static bool
is_own(const struct walk *w, uint32_t a)
{
	return a == w->lab->production.address.addr || a == LAB_HUB;
}

static bool
is_broadcast(const struct walk *w, uint32_t a)
{
	struct prefix p = w->lab->production.address;

	p.addr = prefix_net(p).addr;
	return trace_is_broadcast(p, a);
}

static bool
masked_or_claimed(const struct plan_cell *c, uint32_t a)
{
	return prefix_holds(trace_mask(c), a) || trace_claims(c, a);
}

/* The table main: the longest prefix counts, and the claims' are whole. */
static size_t
table_main(const struct walk *w, uint32_t to, struct prefix *ret)
{
	const struct prefix own = prefix_net(w->lab->production.address);
	size_t link = TO_NOWHERE;

	if (w->lab->production.gateway_line != 0) {
		link = TO_OUTER;
		*ret = (struct prefix){ 0, 0 };
	}
	if (own.len < 32 && prefix_holds(own, to)) {
		link = TO_OUTER;
		*ret = own;
	}
	for (size_t i = 0; i < w->lab->n_networks; i++) {
		const struct plan_cell *c = &w->cells[i];

		if (trace_claims(c, to)) {
			*ret = (struct prefix){ to, 32 };
			return i;
		}
		if (prefix_holds(trace_mask(c), to) &&
		    (link == TO_NOWHERE || c->len > ret->len)) {
			*ret = trace_mask(c);
			link = i;
		}
	}
	return link;
}

/* Table 200: what joined. */
static size_t
table_joined(const struct walk *w, uint32_t to, struct prefix *ret)
{
	size_t link = TO_NOWHERE;

	for (size_t i = 0; i < w->lab->n_networks; i++)
		if (plan_joins_any(w->lab, i) &&
		    prefix_holds(trace_real(&w->cells[i]), to) &&
		    (link == TO_NOWHERE || w->cells[i].len > ret->len)) {
			*ret = trace_real(&w->cells[i]);
			link = i;
		}
	return link;
}

bool
trace_finds_back(const struct walk *w)
{
	struct prefix by;

	return table_main(w, w->src, &by) == TO_OUTER;
}

/* A program of the front's has this door open. */
static const char *
door(const struct walk *w, size_t from)
{
	const struct plan_cell *c;

	if (from == TRACE_PRODUCTION)
		return plan_has_dns(w->lab) && w->proto != LAB_ICMP &&
			w->port == 53 && w->dst != LAB_HUB &&
			is_own(w, w->dst) ?
		    "Dns" :
		    NULL;
	c = &w->cells[from];
	return c->net->proxy && w->proto == LAB_TCP && w->src == c->outside &&
		w->dst == LAB_HUB && w->port == PLAN_PROXY_PORT ?
	    "Proxy" :
	    NULL;
}

/* For the router itself. */
static void
input(struct walk *w, size_t from)
{
	const char *program = door(w, from);

	if (program != NULL &&
	    (from != TRACE_PRODUCTION || trace_finds_back(w)))
		trace_end(w, TRACE_ANSWERED, TRACE_FRONT,
		    "answered by the router's program for %s, at port %u",
		    program, w->port);
	else if (program == NULL &&
	    (w->proto != LAB_ICMP || from != TRACE_PRODUCTION))
		trace_end(w, TRACE_DROPPED, TRACE_FRONT,
		    "dropped by chain input: the router answers to nothing but "
		    "ping, and from production only");
	else if (!is_own(w, w->dst))
		trace_end(w, TRACE_DROPPED, TRACE_FRONT,
		    "dropped: the router answers no ping of many");
	else if (w->dst == LAB_HUB)
		trace_end(w, TRACE_DROPPED, TRACE_FRONT,
		    "dropped by chain output: the answer would not come from "
		    "the router's own address");
	else if (!trace_finds_back(w))
		trace_end(w, TRACE_UNROUTED, TRACE_FRONT,
		    "the router's answer finds no way to " IP_FMT, IP(w->src));
	else
		trace_end(w, TRACE_ANSWERED, TRACE_FRONT,
		    "answered by the router, whose address is " IP_FMT,
		    IP(w->dst));
}

/* The chain forward. */
static bool
passes(struct walk *w, size_t from, size_t to)
{
	if (from == TRACE_PRODUCTION && to != TO_OUTER &&
	    masked_or_claimed(&w->cells[to], w->dst))
		return true;
	if (to == TO_OUTER && from != TRACE_PRODUCTION &&
	    masked_or_claimed(&w->cells[from], w->src))
		return true;
	return from != TRACE_PRODUCTION && to != TO_OUTER && from != to &&
	    !trace_claims(&w->cells[to], w->dst) &&
	    plan_joined(w->lab, from, to) &&
	    prefix_holds(trace_real(&w->cells[from]), w->src) &&
	    prefix_holds(trace_real(&w->cells[to]), w->dst);
}

static void
hop_route(struct walk *w, const char *rule, struct prefix by, size_t to)
{
	const char *why = "", *link = PLAN_OUTER;

	if (to != TO_OUTER) {
		link = w->cells[to].link;
		why = by.len == 32 ? "claimed for " :
		    prefix_holds(trace_real(&w->cells[to]), by.addr) ?
				     "of " :
				     "the mask of ";
	}
	trace_hop(w, TRACE_ROUTE, TRACE_FRONT, "%s: " NET_FMT "%s%s%s -> %s",
	    rule, NET(by), to == TO_OUTER ? "" : ", ", why,
	    to == TO_OUTER ? "" : w->cells[to].net->name, link);
}

static void
forward(struct walk *w, size_t from, size_t to)
{
	if (passes(w, from, to)) {
		trace_hop(w, TRACE_GATE, TRACE_FRONT, "forward: open");
		if (to == TO_OUTER)
			trace_end(w, TRACE_LEAVES, TRACE_FRONT,
			    "comes to production, from " IP_FMT, IP(w->src));
		else
			trace_cell(w, to, false);
	} else if (from == TRACE_PRODUCTION && to == TO_OUTER) {
		trace_end(w, TRACE_DROPPED, TRACE_FRONT,
		    "dropped by chain forward: " IP_FMT
		    " is in no mask and not "
		    "claimed, so it is production's own",
		    IP(w->dst));
	} else {
		trace_end(w, TRACE_DROPPED, TRACE_FRONT,
		    "dropped by chain forward: no way is open from " IP_FMT
		    " to " IP_FMT " here",
		    IP(w->src), IP(w->dst));
	}
}

void
trace_front(struct walk *w, size_t from)
{
	const bool outer = from == TRACE_PRODUCTION;
	bool marked = !outer && masked_or_claimed(&w->cells[from], w->src);
	size_t to = TO_NOWHERE;
	struct prefix by;

	trace_hop(w, TRACE_ENTERS, TRACE_FRONT, "enters by %s",
	    outer ? PLAN_OUTER : w->cells[from].link);
	if (marked)
		trace_hop(w, TRACE_MARK, TRACE_FRONT,
		    "mark 0x8, since " IP_FMT " is masked or claimed",
		    IP(w->src));
	if (trace_no_source(w->src) || is_own(w, w->src) ||
	    is_broadcast(w, w->src) || trace_no_destination(w->dst)) {
		trace_impossible(w, TRACE_FRONT);
		return;
	}
	if (is_own(w, w->dst) || is_broadcast(w, w->dst) ||
	    trace_for_many(w->dst)) {
		input(w, from);
		return;
	}
	if ((outer || marked) &&
	    (to = table_main(w, w->dst, &by)) != TO_NOWHERE)
		hop_route(w,
		    outer ? "rule iif if0, table main" :
			    "rule 0x8/0x8, table main",
		    by, to);
	else if ((to = table_joined(w, w->dst, &by)) != TO_NOWHERE)
		hop_route(w, "table 200", by, to);
	if (to == TO_NOWHERE)
		trace_end(w, TRACE_UNROUTED, TRACE_FRONT,
		    "not routed: nothing leads to " IP_FMT " from here",
		    IP(w->dst));
	else
		forward(w, from, to);
}
