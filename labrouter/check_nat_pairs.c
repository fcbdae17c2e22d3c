/*
 * Check: the lines of [Nat] beside each other. Of those that could fit one
 * packet the first one decides, so a line that an earlier one covers does
 * nothing; and what a machine is known by outside should not hang on the order
 * of lines.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "check_nat.h"

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
	const struct place here = nat_place(n, b->line),
			   other = nat_place(n, a->line);

	if (!covers(a, b))
		return;
	if (a->kind == LAB_DENY && b->kind == LAB_DENY)
		check_warning(n->c, here, other,
		    "Deny: all of this is denied already; delete this line");
	else if (a->kind == LAB_DENY)
		check_error(n->c, here, other,
		    "%s: all of this is denied; delete one of the two lines",
		    nat_key(b));
	else if (prefix_covers(b->from, a->from))
		check_error(n->c, here, other,
		    "%s: another line decides for just the same already; "
		    "delete one of them",
		    nat_key(b));
	else
		check_error(n->c, here, other,
		    "%s: an earlier line decides for all of this, so that this "
		    "one does nothing; write it before that line",
		    nat_key(b));
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
		check_warning(n->c, nat_place(n, b->line),
		    nat_place(n, a->line),
		    "%s: what talks from " NET_FMT
		    " goes out by this address here and by another one there, "
		    "as its port is; write one line without ports first",
		    nat_key(b),
		    NET(a->from.len > b->from.len ? a->from : b->from));
}

/* A machine that is known by an address outside begins to talk, and goes by
 * another one, or by its own, which nobody outside knows: the article's DNS
 * server. */
void
check_nat_known(const struct nat *n, const struct lab_nat_rule *in)
{
	for (size_t k = 0; k < n->nat->n_rules; k++) {
		const struct lab_nat_rule *out = &n->nat->rule[k];
		const struct place here = nat_place(n, out->line),
				   other = nat_place(n, in->line);

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
			    nat_key(out), IP(in->to.addr), IP(in->from.addr),
			    IP(in->to.addr), IP(in->from.addr));
		if (out->proto == LAB_ANY)
			return;
	}
}

void
check_nat_pairs(const struct nat *n, size_t k)
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
void
check_nat_twins(const struct nat *n)
{
	const struct lab *lab = n->lab;
	const struct place production = nat_place(
	    n, lab->production.address_line);
	const struct lab_nat_rule *twin = NULL;
	const bool same = has_address(lab) &&
	    prefix_overlaps(lab->production.address, n->net);

	for (size_t k = 0; k < n->nat->n_rules && twin == NULL; k++)
		if (n->nat->rule[k].kind == LAB_TWIN)
			twin = &n->nat->rule[k];
	if (twin == NULL && same)
		check_error(n->c, nat_place(n, n->nat->address_line),
		    production,
		    "Address: production has " NET_FMT
		    " itself; write Twin = OTHER -> " NET_FMT
		    ", or another subnet",
		    NET(n->net), NET(n->net));
	if (twin != NULL && !same && has_address(lab))
		check_error(n->c, nat_place(n, twin->line), production,
		    "Twin: production does not have " NET_FMT
		    "; write Netmap = to",
		    NET(n->net));
	for (size_t k = 0; twin != NULL && k < n->nat->n_rules; k++)
		if (n->nat->rule[k].kind != LAB_TWIN)
			check_error(n->c, nat_place(n, n->nat->rule[k].line),
			    nat_place(n, twin->line),
			    "%s: behind a Twin, machines are reached by that "
			    "alone; delete this line",
			    nat_key(&n->nat->rule[k]));
}
