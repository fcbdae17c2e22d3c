/*
 * The table of layout single: the article's rules, and what they lack to leak
 * nothing.
 *
 * A packet's mark says to which network it may go, and it goes nowhere else;
 * without one it follows the main table, which is production. A connection's
 * mark says in which network it was born, 0 for outside: answers, also the
 * router's own, follow it back there, and none of those may leave. What comes
 * from inside is looked at before a connection is kept of it (first), what
 * leaves once more at the very end (gate).
 *
 * In the host's namespace all that is about other interfaces passes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_nft.h"

#include <stdio.h>

/* A mark that lets a packet in, and that of a connection born inside. */
#define MARKED "meta mark & 0x2 == 0x2 "
#define BORN "ct mark & 0x6 == 0x6 "

struct table {
	struct rules r;
	const struct lab *lab;
	const struct plan_single *s;
	bool host;
};

/* ---- sets and maps ---- */

static void
links(struct table *t)
{
	struct rules *r = &t->r;
	size_t i;

	set_begin(r, "set", "isolated", "ifname", false);
	for (i = 0; i < t->s->n; i++)
		ELEMENT(r, "\"%s\"", t->s->cells[i].link);
	set_end(r);
	set_begin(r, "set", "behind", "ifname", false);
	for (i = 0; i < t->s->n; i++)
		ELEMENT(r, "\"%s\"", t->s->cells[i].link);
	if (t->s->inner != NULL)
		ELEMENT(r, "\"%s\"", t->s->inner);
	set_end(r);
	set_begin(r, "set", "hairpins", "ifname . ifname", false);
	for (i = 0; i < t->s->n; i++)
		ELEMENT(r, "\"%s\" . \"%s\"", t->s->cells[i].link,
		    t->s->cells[i].link);
	set_end(r);
	set_begin(r, "map", "born", "ifname : mark", false);
	for (i = 0; i < t->s->n; i++)
		ELEMENT(r, "\"%s\" : 0x%x", t->s->cells[i].link, plan_mark(i));
	set_end(r);
}

/* What may come from which link, and what it may ask for. */
static void
sources(struct table *t)
{
	const struct plan_cell *c = t->s->cells, *end = c + t->s->n;
	struct rules *r = &t->r;

	set_begin(r, "set", "sources", "ifname . ipv4_addr", true);
	for (; c < end; c++)
		ELEMENT(
		    r, "\"%s\" . %s", c->link, prefix(c->real, c->len).text);
	set_end(r);
	set_begin(r, "set", "gateways", "ifname . ipv4_addr", false);
	for (c = t->s->cells; c < end; c++)
		ELEMENT(r, "\"%s\" . %s", c->link,
		    address(c->net->gateway.addr).text);
	set_end(r);
	set_begin(r, "set", "masks", "ifname . ipv4_addr", true);
	for (c = t->s->cells; c < end; c++)
		ELEMENT(
		    r, "\"%s\" . %s", c->link, prefix(c->mask, c->len).text);
	set_end(r);
	set_begin(r, "set", "claims", "ifname . ipv4_addr", false);
	for (c = t->s->cells; c < end; c++)
		for (size_t k = 0; k < c->n_claims; k++)
			ELEMENT(r, "\"%s\" . %s", c->link,
			    address(c->claims[k]).text);
	set_end(r);
}

static void
joins(struct table *t)
{
	const struct plan_cell *cells = t->s->cells;
	const size_t n = t->s->n;
	struct rules *r = &t->r;

	set_begin(r, "set", "joins", "ifname . ipv4_addr", true);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			if (i != k && plan_joined(t->lab, i, k))
				ELEMENT(r, "\"%s\" . %s", cells[i].link,
				    prefix(cells[k].real, cells[k].len).text);
	set_end(r);
	set_begin(r, "set", "joined", "ifname . ifname", false);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++)
			if (i != k && plan_joined(t->lab, i, k))
				ELEMENT(r, "\"%s\" . \"%s\"", cells[i].link,
				    cells[k].link);
	set_end(r);
}

/* All that is inside, and all that is claimed. */
static void
addresses(struct table *t)
{
	const struct plan_cell *cells = t->s->cells;
	struct rules *r = &t->r;

	set_begin(r, "set", "inside", "ipv4_addr", true);
	for (size_t i = 0; i < t->s->n; i++)
		ELEMENT(r, "%s", prefix(cells[i].real, cells[i].len).text);
	set_end(r);
	set_begin(r, "set", "claimed", "ipv4_addr", false);
	for (size_t i = 0; i < t->s->n; i++)
		for (size_t k = 0; k < cells[i].n_claims; k++)
			ELEMENT(r, "%s", address(cells[i].claims[k]).text);
	for (size_t k = 0; k < t->s->n_claims; k++)
		ELEMENT(r, "%s", address(t->s->claims[k]).text);
	set_end(r);
}

/* Single addresses apart from prefixes: see plan_rules.c. */
static void
marks(struct table *t)
{
	const struct plan_cell *cells = t->s->cells;
	struct rules *r = &t->r;

	set_begin(r, "map", "marks", "ipv4_addr : mark", true);
	for (size_t i = 0; i < t->s->n; i++)
		ELEMENT(r, "%s : 0x%x",
		    prefix(cells[i].mask, cells[i].len).text, plan_mark(i));
	set_end(r);
	set_begin(r, "map", "claim_marks", "ipv4_addr : mark", false);
	for (size_t i = 0; i < t->s->n; i++)
		for (size_t k = 0; k < cells[i].n_claims; k++)
			ELEMENT(r, "%s : 0x%x",
			    address(cells[i].claims[k]).text, plan_mark(i));
	set_end(r);
	set_begin(r, "map", "reals", "ipv4_addr : mark", true);
	for (size_t i = 0; i < t->s->n; i++)
		ELEMENT(r, "%s : 0x%x",
		    prefix(cells[i].real, cells[i].len).text, plan_mark(i));
	set_end(r);
}

/* ---- chains ---- */

/* What a machine sends is for its gateway, or nothing looks at it: so an attack
 * makes no connections to be kept. */
static void
first(struct table *t)
{
	struct rules *r = &t->r;

	chain_begin(
	    r, "first", "filter hook prerouting priority raw; policy accept;");
	RULE(r, "iifname != @isolated accept");
	RULE(r, "meta nfproto != ipv4 counter name strays drop");
	RULE(r, "iifname . ip saddr != @sources counter name spoofed drop");
	RULE(r, "iifname . ip saddr @gateways counter name spoofed drop");
	RULE(r, "iifname . ip daddr @gateways accept");
	RULE(r, "iifname . ip daddr @masks accept");
	RULE(r, "iifname . ip daddr @claims accept");
	RULE(r, "iifname . ip daddr @joins accept");
	RULE(r, "counter name strays drop");
	CHAIN_END(r);
}

static void
mark_chains(struct table *t)
{
	struct rules *r = &t->r;

	chain_begin(r, "mark_in",
	    "filter hook prerouting priority mangle; policy accept;");
	RULE(
	    r, "iifname \"%s\" meta mark set ip daddr map @marks", t->s->outer);
	RULE(r, "iifname \"%s\" meta mark set ip daddr map @claim_marks",
	    t->s->outer);
	nat_marks(r, t->lab, t->s);
	RULE(r, "iifname != @isolated accept");
	/* The router's errors about it would follow no mark. */
	RULE(r, "ct state invalid counter name strays drop");
	RULE(r, "ct direction reply " BORN "meta mark set ct mark");
	RULE(r, "ct direction reply accept");
	RULE(r, "ct mark set iifname map @born");
	RULE(r, "meta mark set ip daddr map @marks");
	RULE(r, "meta mark set ip daddr map @claim_marks");
	RULE(r, "iifname . ip daddr @joins meta mark set ip daddr map @reals");
	CHAIN_END(r);

	/* The router's own: answers, and what the host begins. */
	chain_begin(
	    r, "mark_own", "route hook output priority mangle; policy accept;");
	RULE(r, "ct direction reply " BORN "meta mark set ct mark");
	nat_own_marks(r, t->lab, t->s);
	RULE(r, "ct direction original meta mark set ip daddr map @marks");
	RULE(
	    r, "ct direction original meta mark set ip daddr map @claim_marks");
	/* What answered a joined network was too large for it. */
	if (plan_has_joins(t->lab))
		RULE(r,
		    "ct direction original " BORN
		    "icmp type destination-unreachable icmp code frag-needed "
		    "meta mark set ip daddr map @reals");
	CHAIN_END(r);
}

static void
translate(struct table *t)
{
	const struct plan_cell *cells = t->s->cells;
	struct rules *r = &t->r;

	say(r, "\t\t" MARKED "dnat ip prefix to ip daddr map { ");
	for (size_t i = 0; i < t->s->n; i++)
		say(r, "%s%s : %s", i == 0 ? "" : ", ",
		    prefix(cells[i].mask, cells[i].len).text,
		    prefix(cells[i].real, cells[i].len).text);
	say(r, " }\n");
	net_translate(r, MARKED, cells, t->s->n);
}

static bool
publishes(const struct plan_single *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->cells[i].n_published != 0)
			return true;
	return false;
}

static void
nat_chains(struct table *t)
{
	struct rules *r = &t->r;

	chain_begin(
	    r, "nat_in", "nat hook prerouting priority dstnat; policy accept;");
	if (t->s->n != 0)
		translate(t);
	nat_inward(r, t->lab, t->s);
	CHAIN_END(r);

	if (t->s->n != 0) {
		chain_begin(r, "nat_own",
		    "nat hook output priority -100; policy accept;");
		translate(t);
		CHAIN_END(r);
	}

	chain_begin(r, "nat_out",
	    "nat hook postrouting priority srcnat; policy accept;");
	/* Asked from inside, a published machine sees the address it has
	 * outside, and its answer comes back this way. */
	if (publishes(t->s))
		RULE(r,
		    "iifname . oifname @hairpins ct status dnat "
		    "snat ip to ct original ip daddr map @published");
	RULE(r, "oifname @isolated ct status dnat masquerade");
	nat_outward(r, t->lab, t->s);
	CHAIN_END(r);
}

static void
ftp(struct table *t)
{
	char when[64];
	bool any = false;

	for (size_t i = 0; i < t->s->n; i++)
		any = any || t->s->cells[i].net->ftp;
	if (!any)
		return;
	set_begin(&t->r, "set", "ftp_nets", "ipv4_addr", true);
	for (size_t i = 0; i < t->s->n; i++)
		if (t->s->cells[i].net->ftp)
			ELEMENT(&t->r, "%s",
			    prefix(t->s->cells[i].real, t->s->cells[i].len)
				.text);
	set_end(&t->r);
	(void)snprintf(when, sizeof(when), "iifname \"%s\" ip daddr @ftp_nets ",
	    t->s->outer);
	net_ftp(&t->r, when);
}

static void
admissions(struct table *t, bool chains)
{
	for (size_t i = 0; i < t->s->n; i++) {
		char name[32];

		if (t->s->cells[i].net->n_allow == 0)
			continue;
		(void)snprintf(name, sizeof(name), "admit_%zu", i + 1);
		if (chains)
			net_admit(&t->r, name, &t->s->cells[i]);
		else
			RULE(&t->r,
			    "iifname \"%s\" oifname \"%s\" ct state new "
			    "ct status dnat jump %s",
			    t->s->outer, t->s->cells[i].link, name);
	}
}

static void
forward(struct table *t)
{
	const char *outer = t->s->outer;
	struct rules *r = &t->r;

	admissions(t, true);
	chain_begin(
	    r, "forward", "filter hook forward priority filter; policy drop;");
	if (t->host) {
		RULE(r,
		    "iifname != \"%s\" iifname != @behind oifname != @behind "
		    "accept",
		    outer);
		RULE(r,
		    "iifname \"%s\" oifname != @behind "
		    "ct state established,related accept",
		    outer);
	}
	admissions(t, false);
	RULE(r,
	    "iifname \"%s\" oifname @isolated ct status dnat " MARKED
	    "counter name entered accept",
	    outer);
	RULE(r,
	    "iifname @isolated oifname \"%s\" ct direction reply ct mark 0 "
	    "ct state established,related counter name answered accept",
	    outer);
	RULE(r, "iifname . oifname @hairpins ct status dnat accept");
	RULE(r, "iifname . oifname @joined accept");
	nat_forward(r, t->lab, t->s);
	RULE(r, "counter name strays");
	CHAIN_END(r);
}

static void
ends(struct table *t)
{
	const char *policy = t->host ? "accept" : "drop", *outer = t->s->outer;
	struct rules *r = &t->r;

	say(r,
	    "\tchain input {\n\t\ttype filter hook input priority filter; "
	    "policy %s;\n",
	    policy);
	RULE(r, "iifname \"lo\" accept");
	RULE(r, "ct state established,related accept");
	/* An answer to all would go to all of an isolated network as well. */
	RULE(r,
	    "icmp type echo-request fib saddr type broadcast "
	    "counter name strays drop");
	RULE(r, "icmp type echo-request accept");
	nat_input(r, t->lab, t->s);
	RULE(r, "iifname @isolated counter name strays drop");
	/* What is translated is no service of the router's own. */
	RULE(r, MARKED "ct status dnat counter name strays drop");
	RULE(r, "ip daddr @claimed counter name strays drop");
	CHAIN_END(r);

	/* The last look, also at what the router itself sends. An error about
	 * what an isolated machine answered goes to its address, and that is
	 * its original's outside; a redirect would show it a way around. */
	say(r,
	    "\tchain gate {\n\t\ttype filter hook postrouting priority 300; "
	    "policy %s;\n",
	    policy);
	RULE(r, "oifname \"lo\" accept");
	RULE(r, "oifname @isolated icmp type redirect drop");
	RULE(r, "oifname @behind accept");
	if (t->host)
		RULE(r, "oifname != \"%s\" accept", outer);
	RULE(r, "ct state invalid counter name strays drop");
	RULE(r, BORN "counter name strays drop");
	RULE(r,
	    "ct status dnat ct direction original "
	    "ip daddr @inside counter name strays drop");
	if (!t->host)
		RULE(r,
		    "oifname \"%s\" ct state new,established,related accept",
		    outer);
	CHAIN_END(r);
}

const char *
plan_single_rules(
    struct plan *p, const struct lab *lab, const struct plan_single *s)
{
	static const char *const counters[] = { "entered", "answered",
		"spoofed", "denied", "strays" };
	struct table t = { .lab = lab, .s = s, .host = s->netns == NULL };
	struct rules *r = &t.r;

	table_begin(r, "inet");
	links(&t);
	sources(&t);
	joins(&t);
	addresses(&t);
	marks(&t);
	net_statics(r, s->cells, s->n);
	net_publish(r, s->cells, s->n);
	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++)
		say(r, "\tcounter %s {\n\t}\n", counters[i]);
	first(&t);
	mark_chains(&t);
	nat_chains(&t);
	ftp(&t);
	forward(&t);
	ends(&t);
	return table_end(p, r);
}
