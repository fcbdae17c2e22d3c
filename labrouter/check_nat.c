/*
 * Check: the section [Nat], and each line of it by itself.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "check_nat.h"

#include <string.h>

const char *
nat_key(const struct lab_nat_rule *r)
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
	const struct place here = nat_place(n, n->nat->interface_line);

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
	const struct place here = nat_place(n, n->nat->address_line);

	if (lab->layout != LAB_SINGLE)
		check_error(n->c, nat_place(n, n->nat->line), NO_PLACE,
		    "[Nat] is for one namespace; write Layout = single");
	if (n->nat->interface != NULL)
		check_interface(n);
	else if (lab_is_on_host(lab))
		check_error(n->c, nat_place(n, n->nat->line), NO_PLACE,
		    "[Nat]: the networks have an Interface of this host; write "
		    "Interface = NAME here as well, or nowhere");
	for (size_t k = 0; k < lab->n_networks; k++) {
		const struct lab_network *other = &lab->network[k];
		const bool mask = prefix_overlaps(other->mask, n->net);

		if (mask || prefix_overlaps(other->gateway, n->net))
			check_error(n->c, here,
			    nat_place(n,
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
	const struct place here = nat_place(n, r->line),
			   address = nat_place(n, n->nat->address_line);

	if (!prefix_covers(n->net, p)) {
		check_error(n->c, here, address,
		    "%s: " NET_FMT " is not in the network " NET_FMT
		    "; write an address or a network of it",
		    nat_key(r), NET(p), NET(n->net));
		return false;
	}
	if (p.len == 32 && p.addr == n->nat->address.addr) {
		check_error(n->c, here, address,
		    "%s: " IP_FMT " is the router itself; write a machine's "
		    "address",
		    nat_key(r), IP(p.addr));
		return false;
	}
	if (p.len == 32 && prefix_reserves(n->net, p.addr)) {
		check_error(n->c, here, address,
		    "%s: " IP_FMT " is the first or the last of " NET_FMT
		    ", which no machine has; write a machine's address",
		    nat_key(r), IP(p.addr), NET(n->net));
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
	const struct place here = nat_place(n, r->line);
	const bool own = has_address(n->lab) &&
	    addr == n->lab->production.address.addr;

	if (own && r->kind == LAB_CLAIM)
		check_warning(n->c, here,
		    nat_place(n, n->lab->production.address_line),
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
		    nat_key(r), IP(addr), what);
		return;
	}
}

/* A network by which the one behind the router goes outside. */
static void
check_outer_net(
    const struct nat *n, const struct lab_nat_rule *r, struct prefix outer)
{
	const struct lab *lab = n->lab;
	const struct place here = nat_place(n, r->line);
	bool claimed = false;

	if (r->from.len != r->to.len) {
		check_error(n->c, here, NO_PLACE,
		    "%s: /%u and /%u are not as large as each other; write two "
		    "networks of one size",
		    nat_key(r), r->from.len, r->to.len);
		return;
	}
	if (prefix_overlaps(outer, n->net)) {
		check_error(n->c, here, nat_place(n, n->nat->address_line),
		    "%s: " NET_FMT " lies over " NET_FMT
		    ", which is behind the router; write a network that is "
		    "free",
		    nat_key(r), NET(outer), NET(n->net));
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
		check_warning(n->c, here,
		    nat_place(n, lab->production.address_line),
		    "%s: nobody answers for the addresses of " NET_FMT
		    ", which is production's own; write Claim = ADDRESS for "
		    "each that is used",
		    nat_key(r), NET(outer));
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

/* ---- all of it ---- */

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
		check_nat_twins(&n);
		for (size_t k = 0; k < lab->nat.n_rules; k++) {
			check_rule(&n, &lab->nat.rule[k]);
			check_nat_pairs(&n, k);
			if (lab->nat.rule[k].kind == LAB_DNAT)
				check_nat_known(&n, &lab->nat.rule[k]);
		}
	}
}
