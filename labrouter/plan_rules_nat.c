/*
 * The rules of [Nat], one for a line of the file and in its order.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_nft.h"

static struct address
plain(struct prefix p)
{
	return p.len == 32 ? address(p.addr) : prefix(p.addr, p.len);
}

/* What the network begins: nothing else knows its source. */
static void
leaving(struct rules *r, const struct plan_single *s,
    const struct lab_nat_rule *rule)
{
	say(r, "\t\tiifname \"%s\" oifname \"%s\" ip saddr %s ", s->inner,
	    s->outer, plain(rule->from).text);
	net_ports(r, rule->proto, &rule->ports);
}

static struct address
subnet(const struct lab *lab)
{
	const struct prefix p = lab->nat.address;

	return prefix(p.addr & prefix_mask(p.len), p.len);
}

void
nat_marks(struct rules *r, const struct lab *lab, const struct plan_single *s)
{
	for (size_t i = 0; i < lab->nat.n_rules; i++)
		if (lab->nat.rule[i].kind == LAB_TWIN)
			RULE(r, "iifname \"%s\" ip daddr %s meta mark set 0x%x",
			    s->outer, plain(lab->nat.rule[i].from).text,
			    plan_mark(s->n));
	/* What a twin asks the router itself is answered to it, and not to its
	 * namesake in production. */
	if (s->twin)
		RULE(r,
		    "iifname \"%s\" ct direction original ip saddr %s "
		    "ct mark set 0x%x",
		    s->inner, subnet(lab).text, plan_mark(s->n) & ~4U);
}

void
nat_own_marks(
    struct rules *r, const struct lab *lab, const struct plan_single *s)
{
	const unsigned mark = plan_mark(s->n) & ~4U;

	if (!s->twin)
		return;
	RULE(r, "ct direction reply ct mark 0x%x meta mark set ct mark", mark);
	/* And so are errors about what it answers. */
	RULE(r,
	    "ct direction original ct status dnat ip daddr %s "
	    "meta mark set 0x%x",
	    subnet(lab).text, mark);
}

void
nat_inward(struct rules *r, const struct lab *lab, const struct plan_single *s)
{
	for (size_t i = 0; i < lab->nat.n_rules; i++) {
		const struct lab_nat_rule *rule = &lab->nat.rule[i];

		if (!lab_nat_is_inward(rule))
			continue;
		say(r, "\t\tiifname \"%s\" ", s->outer);
		if (rule->kind == LAB_DNAT)
			say(r, "ip daddr %s ", plain(rule->from).text);
		else if (rule->kind == LAB_REDIRECT)
			/* Those of isolated networks are there, too. */
			say(r, "%sfib daddr . iif type local ",
			    s->n == 0 ? "" : "meta mark & 0x2 == 0 ");
		else if (!lab->production.dhcp)
			say(r, "ip daddr != %s ",
			    address(lab->production.address.addr).text);
		net_ports(r, rule->proto, &rule->ports);
		if (rule->kind == LAB_NETMAP_TO || rule->kind == LAB_TWIN)
			say(r, "dnat ip prefix to ip daddr map { %s : %s }\n",
			    prefix(rule->from.addr, rule->from.len).text,
			    prefix(rule->to.addr, rule->to.len).text);
		else if (!rule->has_to)
			say(r, "redirect to :%u\n", rule->to_ports.first);
		else if (rule->to_ports.first != 0)
			say(r, "dnat ip to %s:%u\n", plain(rule->to).text,
			    rule->to_ports.first);
		else
			say(r, "dnat ip to %s\n", plain(rule->to).text);
	}
}

/* From some ports: only what has ports can, all else keeps what it has. */
static void
from_ports(struct rules *r, const struct plan_single *s,
    const struct lab_nat_rule *rule)
{
	leaving(r, s, rule);
	if (rule->proto == LAB_ANY)
		say(r, "meta l4proto { tcp, udp } ");
	if (rule->has_to)
		say(r, "snat ip to %s:%s\n", plain(rule->to).text,
		    port_text(rule->to_ports).text);
	else
		say(r, "masquerade to :%s\n", port_text(rule->to_ports).text);
}

void
nat_outward(struct rules *r, const struct lab *lab, const struct plan_single *s)
{
	for (size_t i = 0; i < lab->nat.n_rules; i++) {
		const struct lab_nat_rule *rule = &lab->nat.rule[i];

		switch (rule->kind) {
		case LAB_SNAT:
		case LAB_MASQUERADE:
			if (rule->to_ports.first != 0) {
				from_ports(r, s, rule);
				if (rule->proto != LAB_ANY)
					break;
			}
			leaving(r, s, rule);
			if (rule->has_to)
				say(r, "snat ip to %s\n", plain(rule->to).text);
			else
				say(r, "masquerade\n");
			break;
		case LAB_NETMAP_FROM:
			leaving(r, s, rule);
			say(r, "snat ip prefix to ip saddr map { %s : %s }\n",
			    prefix(rule->from.addr, rule->from.len).text,
			    prefix(rule->to.addr, rule->to.len).text);
			break;
		case LAB_PASS:
			leaving(r, s, rule);
			say(r, "accept\n");
			break;
		case LAB_TWIN:
			RULE(r,
			    "oifname \"%s\" ct original ip daddr %s masquerade",
			    s->inner, plain(rule->from).text);
			break;
		case LAB_DENY:
		case LAB_DNAT:
		case LAB_REDIRECT:
		case LAB_NETMAP_TO:
		case LAB_CLAIM:
			break;
		}
	}
}

void
nat_forward(struct rules *r, const struct lab *lab, const struct plan_single *s)
{
	const struct lab_nat *nat = &lab->nat;

	if (s->inner == NULL)
		return;
	RULE(r,
	    "iifname { \"%s\", \"%s\" } oifname { \"%s\", \"%s\" } "
	    "ct direction reply ct state established,related accept",
	    s->inner, s->outer, s->inner, s->outer);
	RULE(r,
	    "iifname \"%s\" oifname \"%s\" ct direction original "
	    "ct status dnat accept",
	    s->outer, s->inner);
	for (size_t i = 0; i < nat->n_rules; i++)
		if (nat->rule[i].kind == LAB_DENY) {
			leaving(r, s, &nat->rule[i]);
			say(r, "counter name denied drop\n");
		}
	for (size_t i = 0; i < nat->n_rules; i++)
		if (lab_nat_is_outward(&nat->rule[i])) {
			leaving(r, s, &nat->rule[i]);
			say(r, "accept\n");
		}
}

void
nat_input(struct rules *r, const struct lab *lab, const struct plan_single *s)
{
	for (size_t i = 0; i < lab->nat.n_rules; i++) {
		const struct lab_nat_rule *rule = &lab->nat.rule[i];

		if (rule->kind == LAB_REDIRECT && !rule->has_to)
			RULE(r,
			    "iifname \"%s\" %s dport %u ct status dnat accept",
			    s->outer, proto_name(rule->proto),
			    rule->to_ports.first);
	}
}
