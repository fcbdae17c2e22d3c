/*
 * [Nat]: its lines in the file's order, as plan_rules_nat.c says them to the
 * kernel.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "trace_private.h"

#include <stdio.h>

static bool
holds_port(const struct walk *w, const struct lab_nat_rule *r)
{
	return r->proto == LAB_ANY ||
	    (r->proto == w->proto && trace_has_port(&r->ports, w->port));
}

static bool
is_known_own(const struct walk *w, uint32_t a)
{
	return !w->lab->production.dhcp && a == w->lab->production.address.addr;
}

static bool
holds_destination(
    const struct walk *w, const struct lab_nat_rule *r, unsigned mark)
{
	const struct plan_single *s = w->single;

	switch (r->kind) {
	case LAB_REDIRECT:
		return (mark & 2) == 0 &&
		    (is_known_own(w, w->dst) ||
			trace_among(s->claims, s->n_claims, w->dst));
	case LAB_NETMAP_TO:
	case LAB_TWIN:
		return prefix_holds(r->from, w->dst) &&
		    !is_known_own(w, w->dst);
	default:
		return r->from.addr == w->dst;
	}
}

static uint32_t
in_net(struct prefix net, uint32_t host)
{
	return prefix_net(net).addr | (host & ~prefix_mask(net.len));
}

const struct lab_nat_rule *
trace_nat_inward(
    const struct walk *w, unsigned mark, uint32_t *addr, uint16_t *port)
{
	for (size_t i = 0; i < w->lab->nat.n_rules; i++) {
		const struct lab_nat_rule *r = &w->lab->nat.rule[i];

		if (!lab_nat_is_inward(r) || !holds_destination(w, r, mark) ||
		    !holds_port(w, r))
			continue;
		*addr = w->dst;
		if (r->has_to)
			*addr = in_net(r->to, w->dst);
		else if (!w->lab->production.dhcp)
			*addr = w->lab->production.address.addr;
		*port = w->port;
		if (r->to_ports.first != 0)
			*port = r->to_ports.first;
		return r;
	}
	return NULL;
}

const struct lab_nat_rule *
trace_nat_outward(const struct walk *w)
{
	const struct lab_nat_rule *found = NULL;

	for (size_t i = 0; i < w->lab->nat.n_rules; i++) {
		const struct lab_nat_rule *r = &w->lab->nat.rule[i];

		if (!prefix_holds(r->from, w->src) || !holds_port(w, r))
			continue;
		if (r->kind == LAB_DENY)
			return r;
		if (lab_nat_is_outward(r) && found == NULL)
			found = r;
	}
	return found;
}

void
trace_nat_source(struct walk *w, size_t at, const struct lab_nat_rule *r)
{
	uint32_t to = r->to.addr;
	char ports[40] = "";

	if (r->kind == LAB_PASS)
		return;
	if (r->kind == LAB_NETMAP_FROM)
		to = in_net(r->to, w->src);
	else if (r->kind == LAB_MASQUERADE)
		to = w->lab->production.address.addr;
	if (r->to_ports.first != 0 && w->proto != LAB_ICMP)
		(void)snprintf(ports, sizeof(ports), ", from port %u to %u",
		    r->to_ports.first, r->to_ports.last);
	if (to == 0)
		trace_hop(w, TRACE_SOURCE, at,
		    "source " IP_FMT " becomes the address that the router has "
		    "then%s, by line %d",
		    IP(w->src), ports, r->line);
	else
		trace_hop(w, TRACE_SOURCE, at,
		    "source " IP_FMT " becomes " IP_FMT "%s, by line %d",
		    IP(w->src), IP(to), ports, r->line);
	w->src = to;
}

bool
trace_nat_is_twin(const struct walk *w, uint32_t first)
{
	for (size_t i = 0; i < w->lab->nat.n_rules; i++)
		if (w->lab->nat.rule[i].kind == LAB_TWIN &&
		    prefix_holds(w->lab->nat.rule[i].from, first))
			return true;
	return false;
}

bool
trace_nat_opens(const struct walk *w)
{
	for (size_t i = 0; i < w->lab->nat.n_rules; i++) {
		const struct lab_nat_rule *r = &w->lab->nat.rule[i];

		if (r->kind == LAB_REDIRECT && !r->has_to &&
		    r->proto == w->proto && r->to_ports.first == w->port)
			return true;
	}
	return false;
}
