/*
 * Check: the lines of [Nat]. Of those that could fit one packet the first one
 * decides, so a line that an earlier one covers does nothing; and what a machine
 * is known by outside should not hang on the order of lines.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "check_private.h"

#include <string.h>

struct nat {
	struct checker *c;
	size_t i; /* the lab */
	const struct lab *lab;
	const struct lab_nat *nat;
	struct prefix net; /* of the network behind the router */
};

static struct place
at(const struct nat *n, int line)
{
	return (struct place){ n->i, line };
}

static const char *
key_of(const struct lab_nat_rule *r)
{
	static const char *const keys[] = {
		[LAB_SNAT] = "Snat",
		[LAB_MASQUERADE] = "Masquerade",
		[LAB_PASS] = "Pass",
		[LAB_DENY] = "Deny",
		[LAB_DNAT] = "Dnat",
		[LAB_REDIRECT] = "Redirect",
		[LAB_NETMAP_TO] = "Netmap",
		[LAB_NETMAP_FROM] = "Netmap",
		[LAB_TWIN] = "Twin",
		[LAB_CLAIM] = "Claim",
	};

	return keys[r->kind];
}

/* ---- the section ---- */

static void
check_interface(const struct nat *n)
{
	const char *name = n->nat->interface;
	const struct place here = at(n, n->nat->interface_line);

	for (size_t o = 0; o < n->c->n_labs; o++) {
		const struct lab *lab = n->c->labs[o];
		const char *other = lab->nat.interface;
		int line = 0;

		for (size_t k = 0; k < lab->n_networks; k++)
			if (lab->network[k].interface != NULL &&
			    strcmp(lab->network[k].interface, name) == 0)
				line = lab->network[k].line;
		if (strcmp(lab->production.attach, name) == 0)
			line = lab->production.attach_line;
		if (o < n->i && other != NULL && strcmp(other, name) == 0)
			line = lab->nat.interface_line;
		if (line != 0)
			check_error(n->c, here, (struct place){ o, line },
			    "Interface: %.15s leads elsewhere already; write a "
			    "link of its own for [Nat]",
			    name);
	}
}

static void
check_section(const struct nat *n)
{
	const struct lab *lab = n->lab;
	const struct place here = at(n, n->nat->address_line);

	if (lab->layout != LAB_SINGLE)
		check_error(n->c, at(n, n->nat->line), NO_PLACE,
		    "[Nat] is for one namespace; write Layout = single");
	if (n->nat->interface != NULL)
		check_interface(n);
	else if (lab_is_on_host(lab))
		check_error(n->c, at(n, n->nat->line), NO_PLACE,
		    "[Nat]: the networks have an Interface of this host; write "
		    "Interface = NAME here as well, or nowhere");
	for (size_t k = 0; k < lab->n_networks; k++) {
		const struct lab_network *other = &lab->network[k];
		const bool mask = prefix_overlaps(other->mask, n->net);

		if (mask || prefix_overlaps(other->gateway, n->net))
			check_error(n->c, here,
			    at(n,
				mask ? other->mask_line : other->gateway_line),
			    "Address: " NET_FMT " is %s; write another subnet",
			    NET(n->net),
			    mask ? "a mask" : "an isolated network's, too");
	}
}

/* ---- one line ---- */

/* A machine behind the router, or some. */
static bool
check_inside(const struct nat *n, const struct lab_nat_rule *r, struct prefix p)
{
	const struct place here = at(n, r->line),
			   address = at(n, n->nat->address_line);

	if (!prefix_covers(n->net, p)) {
		check_error(n->c, here, address,
		    "%s: " NET_FMT " is not in the network " NET_FMT
		    "; write an address or a network of it",
		    key_of(r), NET(p), NET(n->net));
		return false;
	}
	if (p.len == 32 && p.addr == n->nat->address.addr) {
		check_error(n->c, here, address,
		    "%s: " IP_FMT " is the router itself; write a machine's "
		    "address",
		    key_of(r), IP(p.addr));
		return false;
	}
	if (p.len == 32 && prefix_reserves(n->net, p.addr)) {
		check_error(n->c, here, address,
		    "%s: " IP_FMT " is the first or the last of " NET_FMT
		    ", which no machine has; write a machine's address",
		    key_of(r), IP(p.addr), NET(n->net));
		return false;
	}
	return true;
}

/* Who claims it in a lab; 0: nobody. */
static int
claimed_in(const struct lab *lab, uint32_t addr)
{
	for (size_t k = 0; k < lab->n_networks; k++) {
		const struct lab_network *net = &lab->network[k];

		for (size_t s = 0; s < net->n_statics; s++)
			if (net->statics[s].outer == addr)
				return net->statics[s].line;
		for (size_t p = 0; p < net->n_publish; p++)
			if (net->publish[p].outer == addr)
				return net->publish[p].line;
	}
	return 0;
}

/* An address that the router is to have in production. */
static void
check_claimed(const struct nat *n, const struct lab_nat_rule *r, uint32_t addr)
{
	const struct place here = at(n, r->line);
	const bool own = has_address(n->lab) &&
	    addr == n->lab->production.address.addr;

	if (own && r->kind == LAB_CLAIM)
		check_warning(n->c, here,
		    at(n, n->lab->production.address_line),
		    "Claim: " IP_FMT
		    " is the router's own Address; delete this line",
		    IP(addr));
	if (own)
		return;
	for (size_t o = 0; o < n->c->n_labs; o++) {
		int line;
		const char *what = check_taken_as(n->c->labs[o], addr, &line);

		if (what == NULL &&
		    (line = claimed_in(n->c->labs[o], addr)) != 0)
			what = "an isolated machine's";
		if (what == NULL)
			continue;
		check_error(n->c, here, (struct place){ o, line },
		    "%s: " IP_FMT
		    " is %s; write a free address of production, or the "
		    "router's own",
		    key_of(r), IP(addr), what);
		return;
	}
}

/* A network by which the one behind the router goes outside. */
static void
check_outer_net(
    const struct nat *n, const struct lab_nat_rule *r, struct prefix outer)
{
	const struct lab *lab = n->lab;
	const struct place here = at(n, r->line);
	bool claimed = false;

	if (r->from.len != r->to.len) {
		check_error(n->c, here, NO_PLACE,
		    "%s: /%u and /%u are not as large as each other; write two "
		    "networks of one size",
		    key_of(r), r->from.len, r->to.len);
		return;
	}
	if (prefix_overlaps(outer, n->net)) {
		check_error(n->c, here, at(n, n->nat->address_line),
		    "%s: " NET_FMT " lies over " NET_FMT
		    ", which is behind the router; write a network that is "
		    "free",
		    key_of(r), NET(outer), NET(n->net));
		return;
	}
	if (!has_address(lab) ||
	    !prefix_overlaps(outer, lab->production.address))
		return;
	for (size_t k = 0; k < n->nat->n_rules; k++)
		claimed = claimed ||
		    (n->nat->rule[k].kind == LAB_CLAIM &&
			prefix_holds(outer, n->nat->rule[k].from.addr));
	if (!claimed)
		check_warning(n->c, here, at(n, lab->production.address_line),
		    "%s: nobody answers for the addresses of " NET_FMT
		    ", which is production's own; write Claim = ADDRESS for "
		    "each that is used",
		    key_of(r), NET(outer));
}

static void
check_rule(const struct nat *n, const struct lab_nat_rule *r)
{
	switch (r->kind) {
	case LAB_SNAT:
		check_claimed(n, r, r->to.addr);
		(void)check_inside(n, r, r->from);
		break;
	case LAB_MASQUERADE:
	case LAB_PASS:
	case LAB_DENY:
		(void)check_inside(n, r, r->from);
		break;
	case LAB_NETMAP_FROM:
		if (check_inside(n, r, r->from))
			check_outer_net(n, r, r->to);
		break;
	case LAB_DNAT:
		check_claimed(n, r, r->from.addr);
		(void)check_inside(n, r, r->to);
		break;
	case LAB_REDIRECT:
		if (r->has_to)
			(void)check_inside(n, r, r->to);
		break;
	case LAB_NETMAP_TO:
	case LAB_TWIN:
		if (check_inside(n, r, r->to))
			check_outer_net(n, r, r->from);
		break;
	case LAB_CLAIM:
		check_claimed(n, r, r->from.addr);
		break;
	}
}

/* ---- two lines ---- */

/* All that b is about, a is about as well. */
static bool
covers(const struct lab_nat_rule *a, const struct lab_nat_rule *b)
{
	return prefix_covers(a->from, b->from) &&
	    (a->proto == LAB_ANY ||
		(a->proto == b->proto &&
		    check_ports_cover(&a->ports, &b->ports)));
}

static void
check_shadowed(const struct nat *n, const struct lab_nat_rule *a,
    const struct lab_nat_rule *b)
{
	const struct place here = at(n, b->line), other = at(n, a->line);

	if (!covers(a, b))
		return;
	if (a->kind == LAB_DENY && b->kind == LAB_DENY)
		check_warning(n->c, here, other,
		    "Deny: all of this is denied already; delete this line");
	else if (a->kind == LAB_DENY)
		check_error(n->c, here, other,
		    "%s: all of this is denied; delete one of the two lines",
		    key_of(b));
	else if (prefix_covers(b->from, a->from))
		check_error(n->c, here, other,
		    "%s: another line decides for just the same already; "
		    "delete one of them",
		    key_of(b));
	else
		check_error(n->c, here, other,
		    "%s: an earlier line decides for all of this, so that this "
		    "one does nothing; write it before that line",
		    key_of(b));
}

/* What a machine goes by outside: 0 for the router's own address. */
static uint32_t
outside_of(const struct nat *n, const struct lab_nat_rule *r)
{
	if (r->kind == LAB_SNAT &&
	    (!has_address(n->lab) ||
		r->to.addr != n->lab->production.address.addr))
		return r->to.addr;
	return 0;
}

static bool
gives_address(const struct lab_nat_rule *r)
{
	return r->kind == LAB_SNAT || r->kind == LAB_MASQUERADE;
}

/* The article's mail server: one address on its port, another on the rest. */
static void
check_identity(const struct nat *n, const struct lab_nat_rule *a,
    const struct lab_nat_rule *b)
{
	if (gives_address(a) && gives_address(b) && a->proto != LAB_ANY &&
	    prefix_overlaps(a->from, b->from) && !covers(a, b) &&
	    outside_of(n, a) != outside_of(n, b))
		check_warning(n->c, at(n, b->line), at(n, a->line),
		    "%s: what talks from " NET_FMT
		    " goes out by this address here and by another one there, "
		    "as its port is; write one line without ports first",
		    key_of(b),
		    NET(a->from.len > b->from.len ? a->from : b->from));
}

/* A machine that is known by an address outside begins to talk, and goes by
 * another one, or by its own, which nobody outside knows: the article's DNS
 * server. */
static void
check_known(const struct nat *n, const struct lab_nat_rule *in)
{
	for (size_t k = 0; k < n->nat->n_rules; k++) {
		const struct lab_nat_rule *out = &n->nat->rule[k];
		const struct place here = at(n, out->line),
				   other = at(n, in->line);

		if (!lab_nat_is_outward(out) ||
		    !prefix_holds(out->from, in->to.addr))
			continue;
		if (out->kind == LAB_PASS &&
		    (out->proto == in->proto || out->proto == LAB_ANY ||
			in->proto == LAB_ANY))
			check_error(n->c, here, other,
			    "Pass: " IP_FMT " is known outside as " IP_FMT
			    " and would go out with its private address; write "
			    "Snat = " IP_FMT " -> " IP_FMT,
			    IP(in->to.addr), IP(in->from.addr), IP(in->to.addr),
			    IP(in->from.addr));
		else if (gives_address(out) && out->proto == LAB_ANY &&
		    outside_of(n, out) !=
			(has_address(n->lab) &&
				    in->from.addr ==
					n->lab->production.address.addr ?
				0 :
				in->from.addr))
			check_warning(n->c, here, other,
			    "%s: " IP_FMT " is known outside as " IP_FMT
			    " and calls as another; write Snat = " IP_FMT
			    " -> " IP_FMT " before this line",
			    key_of(out), IP(in->to.addr), IP(in->from.addr),
			    IP(in->to.addr), IP(in->from.addr));
		if (out->proto == LAB_ANY)
			return;
	}
}

static void
check_pairs(const struct nat *n, size_t k)
{
	const struct lab_nat_rule *b = &n->nat->rule[k];

	for (size_t i = 0; i < n->nat->n_rules; i++) {
		const struct lab_nat_rule *a = &n->nat->rule[i];

		if (i != k && a->kind == LAB_DENY && lab_nat_is_outward(b))
			check_shadowed(n, a, b);
		if (i >= k)
			continue;
		if ((lab_nat_is_outward(a) && lab_nat_is_outward(b)) ||
		    (lab_nat_is_inward(a) && lab_nat_is_inward(b)) ||
		    (a->kind == LAB_DENY && b->kind == LAB_DENY))
			check_shadowed(n, a, b);
		check_identity(n, a, b);
	}
}

/* Where production has the same subnet, an address alone leads there. */
static void
check_twins(const struct nat *n)
{
	const struct lab *lab = n->lab;
	const struct place production = at(n, lab->production.address_line);
	const struct lab_nat_rule *twin = NULL;
	const bool same = has_address(lab) &&
	    prefix_overlaps(lab->production.address, n->net);

	for (size_t k = 0; k < n->nat->n_rules && twin == NULL; k++)
		if (n->nat->rule[k].kind == LAB_TWIN)
			twin = &n->nat->rule[k];
	if (twin == NULL && same)
		check_error(n->c, at(n, n->nat->address_line), production,
		    "Address: production has " NET_FMT
		    " itself; write Twin = OTHER -> " NET_FMT
		    ", or another subnet",
		    NET(n->net), NET(n->net));
	if (twin != NULL && !same && has_address(lab))
		check_error(n->c, at(n, twin->line), production,
		    "Twin: production does not have " NET_FMT
		    "; write Netmap = to",
		    NET(n->net));
	for (size_t k = 0; twin != NULL && k < n->nat->n_rules; k++)
		if (n->nat->rule[k].kind != LAB_TWIN)
			check_error(n->c, at(n, n->nat->rule[k].line),
			    at(n, twin->line),
			    "%s: behind a Twin, machines are reached by that "
			    "alone; delete this line",
			    key_of(&n->nat->rule[k]));
}

void
check_nat(struct checker *c)
{
	for (size_t i = 0; i < c->n_labs; i++) {
		const struct lab *lab = c->labs[i];
		const struct nat n = { c, i, lab, &lab->nat,
			prefix_net(lab->nat.address) };

		if (lab->nat.line == 0)
			continue;
		check_section(&n);
		check_twins(&n);
		for (size_t k = 0; k < lab->nat.n_rules; k++) {
			check_rule(&n, &lab->nat.rule[k]);
			check_pairs(&n, k);
			if (lab->nat.rule[k].kind == LAB_DNAT)
				check_known(&n, &lab->nat.rule[k]);
		}
	}
}
