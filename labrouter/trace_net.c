/*
 * What all layouts say of one network: the rules of plan_rules_net.c, and those
 * about what may come from its machines.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "trace_private.h"

bool
trace_joined(const struct walk *w, size_t net, uint32_t a)
{
	for (size_t i = 0; i < w->lab->n_networks; i++)
		if (i != net && plan_joined(w->lab, net, i) &&
		    prefix_holds(trace_real(&w->cells[i]), a))
			return true;
	return false;
}

bool
trace_first(struct walk *w, size_t at, size_t net)
{
	const struct plan_cell *c = &w->cells[net];
	const uint32_t gateway = c->net->gateway.addr;

	if (!prefix_holds(trace_real(c), w->src) || w->src == gateway) {
		trace_end(w, TRACE_DROPPED, at,
		    "dropped by chain first: " IP_FMT " is no machine's "
		    "address here",
		    IP(w->src));
		return false;
	}
	if (w->dst == gateway || prefix_holds(trace_mask(c), w->dst) ||
	    trace_claims(c, w->dst) || trace_joined(w, net, w->dst))
		return true;
	trace_end(w, TRACE_DROPPED, at,
	    "dropped by chain first: " IP_FMT " is neither the gateway, nor "
	    "masked or claimed here, nor joined",
	    IP(w->dst));
	return false;
}

bool
trace_has_port(const struct ports *p, uint16_t port)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->range[i].first <= port && port <= p->range[i].last)
			return true;
	return p->n == 0;
}

bool
trace_inner(const struct walk *w, const struct plan_cell *c, uint32_t *addr,
    uint16_t *port)
{
	const struct lab_network *net = c->net;

	*port = w->port;
	if (prefix_holds(trace_mask(c), w->dst)) {
		*addr = c->real | (w->dst & ~prefix_mask(c->len));
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
		    w->port == 0 || !trace_has_port(&p->ports, w->port))
			continue;
		*addr = p->inner;
		if (p->inner_port != 0)
			*port = p->inner_port;
		return true;
	}
	return false;
}

void
trace_becomes(struct walk *w, size_t at, uint32_t addr, uint16_t port)
{
	if (addr != w->dst)
		trace_hop(w, TRACE_DESTINATION, at,
		    "destination " IP_FMT " becomes " IP_FMT, IP(w->dst),
		    IP(addr));
	if (port != w->port)
		trace_hop(w, TRACE_DESTINATION, at, "port %u becomes %u",
		    w->port, port);
	w->dst = addr;
	w->port = port;
}

bool
trace_admits(const struct walk *w, const struct plan_cell *c, uint32_t first)
{
	const struct lab_network *net = c->net;

	for (size_t i = 0; i < net->n_allow; i++) {
		const struct lab_allow *a = &net->allow[i];

		if (a->addr == w->dst &&
		    (!a->has_from || prefix_holds(a->from, w->src)) &&
		    (a->proto == LAB_ANY ||
			(a->proto == w->proto &&
			    trace_has_port(&a->ports, w->port))))
			return true;
	}
	for (size_t i = 0; i < c->n_published; i++)
		if (c->published[i] == first)
			return true;
	return net->n_allow == 0;
}

void
trace_masquerade(struct walk *w, size_t at, const struct plan_cell *c,
    uint32_t first, bool inside)
{
	uint32_t to = c->net->gateway.addr;
	const char *who = "the gateway";

	for (size_t i = 0; inside && i < c->n_published; i++)
		if (c->published[i] == first) {
			to = first;
			who = "the published";
		}
	trace_hop(w, TRACE_SOURCE, at, "source " IP_FMT " becomes %s " IP_FMT,
	    IP(w->src), who, IP(to));
	w->src = to;
}
