/*
 * The nftables rules of the front and of a cell, as text for one transaction
 * that works at the first load and at each later one.
 *
 * Names of interfaces are always quoted and no name of ours is a word of nft's.
 * What grows with the lab file is an element of a set or a map, not a rule (but
 * for Allow), and single addresses are kept apart from prefixes: ten thousand
 * of them load and match about as fast as one that way.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define VERSION 1 /* of these texts */

/* Text that remembers that it failed. */
struct rules {
	struct buf b;
	bool failed;
	bool listing; /* elements stand before what comes */
};

struct address {
	char text[20]; /* 255.255.255.255/32 */
};

static struct address
address(uint32_t a)
{
	struct address t;

	snprintf(t.text, sizeof(t.text), "%u.%u.%u.%u", a >> 24,
	    (a >> 16) & 255, (a >> 8) & 255, a & 255);
	return t;
}

static struct address
prefix(uint32_t a, unsigned len)
{
	struct address t;

	snprintf(t.text, sizeof(t.text), "%u.%u.%u.%u/%u", a >> 24,
	    (a >> 16) & 255, (a >> 8) & 255, a & 255, len & 63);
	return t;
}

int
plan_add_addr(struct buf *b, uint32_t addr)
{
	return buf_add_str(b, address(addr).text);
}

int
plan_add_prefix(struct buf *b, uint32_t addr, unsigned len)
{
	return buf_add_str(b, prefix(addr, len).text);
}

static void say(struct rules *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
say(struct rules *r, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (buf_add_str(&r->b, text) != 0)
		r->failed = true;
}

static void
separate(struct rules *r)
{
	say(r, "%s", r->listing ? ",\n\t\t\t" : "\t\telements = {\n\t\t\t");
	r->listing = true;
}

/* An element of the set or map that is being written. */
#define ELEMENT(r, ...) (separate(r), say((r), __VA_ARGS__))

static void
set_begin(struct rules *r, const char *kind, const char *name, const char *type,
    bool interval)
{
	say(r, "\t%s %s {\n\t\ttype %s\n", kind, name, type);
	if (interval)
		say(r, "\t\tflags interval\n");
}

static void
set_end(struct rules *r)
{
	say(r, "%s\t}\n", r->listing ? "\n\t\t}\n" : "");
	r->listing = false;
}

static void
table_begin(struct rules *r, const char *family)
{
	say(r, "table %s lookback\ndelete table %s lookback\n", family, family);
	say(r, "table %s lookback {\n", family);
	say(r, "\tcomment \"labrouter %d " PLAN_HASH "0000000000000000\"\n",
	    VERSION);
}

static void
chain_begin(struct rules *r, const char *name, const char *hook)
{
	say(r, "\tchain %s {\n\t\ttype %s\n", name, hook);
}

#define RULE(r, ...) (say((r), "\t\t" __VA_ARGS__), say((r), "\n"))
#define CHAIN_END(r) say((r), "\t}\n")

static const char *
table_end(struct plan *p, struct rules *r)
{
	const char *text;

	say(r, "}\n");
	p->failed |= r->failed;
	text = plan_keep(p, &r->b);
	buf_done(&r->b);
	return text;
}

/* ---- the front: plain routing, nothing kept of a connection ---- */

static void
front_sets(
    struct rules *r, const struct lab *lab, const struct plan_cell *cells)
{
	const size_t n = lab->n_networks;

	set_begin(r, "set", "masks", "ifname . ipv4_addr", true);
	for (size_t i = 0; i < n; i++)
		ELEMENT(r, "\"%s\" . %s", cells[i].link,
		    prefix(cells[i].mask, cells[i].len).text);
	set_end(r);
	set_begin(r, "set", "claims", "ifname . ipv4_addr", false);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < cells[i].n_claims; j++)
			ELEMENT(r, "\"%s\" . %s", cells[i].link,
			    address(cells[i].claims[j]).text);
	set_end(r);
	set_begin(
	    r, "set", "joins", "ifname . ipv4_addr . ifname . ipv4_addr", true);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			if (i != j && plan_joined(lab, i, j))
				ELEMENT(r, "\"%s\" . %s . \"%s\" . %s",
				    cells[i].link,
				    prefix(cells[i].real, cells[i].len).text,
				    cells[j].link,
				    prefix(cells[j].real, cells[j].len).text);
	set_end(r);
}

const char *
plan_front_rules(
    struct plan *p, const struct lab *lab, const struct plan_cell *cells)
{
	struct rules r = { 0 };

	table_begin(&r, "inet");
	front_sets(&r, lab, cells);
	say(&r, "\tcounter strays {\n\t}\n");

	/* The mark is the permission to be routed to production. */
	chain_begin(&r, "permit",
	    "filter hook prerouting priority mangle; policy accept;");
	RULE(&r, "iifname . ip saddr @masks meta mark set 0x8");
	RULE(&r, "iifname . ip saddr @claims meta mark set 0x8");
	CHAIN_END(&r);

	chain_begin(
	    &r, "forward", "filter hook forward priority filter; policy drop;");
	RULE(&r, "iifname \"if0\" oifname . ip daddr @masks accept");
	RULE(&r, "iifname \"if0\" oifname . ip daddr @claims accept");
	RULE(&r, "oifname \"if0\" iifname . ip saddr @masks accept");
	RULE(&r, "oifname \"if0\" iifname . ip saddr @claims accept");
	RULE(&r, "iifname . ip saddr . oifname . ip daddr @joins accept");
	RULE(&r, "counter name strays");
	CHAIN_END(&r);

	chain_begin(
	    &r, "input", "filter hook input priority filter; policy drop;");
	RULE(&r,
	    "iifname \"if0\" icmp type { echo-request, "
	    "destination-unreachable, time-exceeded } accept");
	RULE(&r, "iifname \"lo\" accept");
	CHAIN_END(&r);

	chain_begin(
	    &r, "output", "filter hook output priority filter; policy drop;");
	RULE(&r, "oifname \"if0\" ip saddr %s accept",
	    address(lab->production.address.addr).text);
	RULE(&r, "oifname \"lo\" accept");
	CHAIN_END(&r);
	return table_end(p, &r);
}

/* ---- a cell: the article's appliance ---- */

static const char *
proto_name(enum lab_proto proto)
{
	switch (proto) {
	case LAB_TCP:
		return "tcp";
	case LAB_UDP:
		return "udp";
	case LAB_ICMP:
		return "icmp";
	case LAB_ANY:
		break;
	}
	return "";
}

/* "80" or "8000-8080" */
static struct address
port_text(struct port_range range)
{
	struct address t;

	if (range.first == range.last)
		snprintf(t.text, sizeof(t.text), "%u", range.first);
	else
		snprintf(
		    t.text, sizeof(t.text), "%u-%u", range.first, range.last);
	return t;
}

static const struct ports *
ports_of(const struct lab_publish *pub)
{
	static struct port_range whole = { 1, UINT16_MAX };
	static const struct ports all = { &whole, 1 };

	return pub->ports.n != 0 ? &pub->ports : &all;
}

/* The elements of Publish that keep their port ... */
static void
publish_same(struct rules *r, const struct lab_network *net)
{
	set_begin(r, "map", "publish",
	    "ipv4_addr . inet_proto . inet_service : ipv4_addr", true);
	for (size_t i = 0; i < net->n_publish; i++) {
		const struct lab_publish *pub = &net->publish[i];
		const struct ports *ports = ports_of(pub);

		for (size_t j = 0; pub->inner_port == 0 && j < ports->n; j++)
			ELEMENT(r, "%s . %s . %s : %s",
			    address(pub->outer).text, proto_name(pub->proto),
			    port_text(ports->range[j]).text,
			    address(pub->inner).text);
	}
	set_end(r);
}

/* ... and those that change it, port by port: nft takes no ranges here. */
static void
publish_changed(struct rules *r, const struct lab_network *net)
{
	set_begin(r, "map", "publish_port",
	    "ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service",
	    false);
	for (size_t i = 0; i < net->n_publish; i++) {
		const struct lab_publish *pub = &net->publish[i];
		const struct ports *ports = ports_of(pub);

		for (size_t j = 0; pub->inner_port != 0 && j < ports->n; j++)
			for (unsigned port = ports->range[j].first;
			     port <= ports->range[j].last; port++)
				ELEMENT(r, "%s . %s . %u : %s . %u",
				    address(pub->outer).text,
				    proto_name(pub->proto), port,
				    address(pub->inner).text, pub->inner_port);
	}
	set_end(r);
}

static void
cell_sets(struct rules *r, const struct lab *lab, const struct plan_cell *all,
    const struct plan_cell *c)
{
	const struct lab_network *net = c->net;

	set_begin(r, "map", "marks", "ipv4_addr : mark", true);
	ELEMENT(r, "%s : 0x6", prefix(c->mask, c->len).text);
	set_end(r);
	set_begin(r, "map", "statics", "ipv4_addr : ipv4_addr", false);
	for (size_t i = 0; i < net->n_statics; i++)
		ELEMENT(r, "%s : %s", address(net->statics[i].outer).text,
		    address(net->statics[i].inner).text);
	set_end(r);
	set_begin(r, "set", "claims", "ipv4_addr", false);
	for (size_t i = 0; i < c->n_claims; i++)
		ELEMENT(r, "%s", address(c->claims[i]).text);
	set_end(r);
	set_begin(r, "set", "joins", "ipv4_addr", true);
	for (size_t i = 0; i < lab->n_networks; i++)
		if (i != c->index && plan_joined(lab, c->index, i))
			ELEMENT(r, "%s", prefix(all[i].real, all[i].len).text);
	set_end(r);
	if (net->n_publish == 0)
		return;
	publish_same(r, net);
	publish_changed(r, net);
	set_begin(r, "map", "published", "ipv4_addr : ipv4_addr", false);
	for (size_t i = 0; i < c->n_published; i++)
		ELEMENT(r, "%s : %s", address(c->published[i]).text,
		    address(c->published[i]).text);
	set_end(r);
}

/* What a machine sends is for its gateway, or nothing looks at it: so an attack
 * makes no connections to be kept. The mark 0x8 means production, 0x6 inside.
 */
static void
cell_marks(struct rules *r, const struct plan_cell *c)
{
	const struct address real = prefix(c->real, c->len),
			     mask = prefix(c->mask, c->len),
			     gateway = address(c->net->gateway.addr);

	chain_begin(
	    r, "first", "filter hook prerouting priority raw; policy accept;");
	RULE(r, "iifname \"in\" ip saddr != %s counter name spoofed drop",
	    real.text);
	RULE(r, "iifname \"in\" ip saddr %s counter name spoofed drop",
	    gateway.text);
	RULE(r,
	    "iifname \"in\" ip daddr != { %s, %s } ip daddr != @claims "
	    "ip daddr != @joins counter name strays drop",
	    gateway.text, mask.text);
	CHAIN_END(r);

	chain_begin(r, "mark_in",
	    "filter hook prerouting priority mangle; policy accept;");
	RULE(r, "ct mark 0 iifname \"out\" ct mark set 0x8");
	RULE(r, "ct mark 0 iifname \"in\" ct mark set 0x6");
	RULE(r, "ct direction reply meta mark set ct mark");
	RULE(r,
	    "ct direction original ip daddr != %s "
	    "meta mark set ip daddr map @marks",
	    address(c->outside).text);
	RULE(r, "ct direction original ip daddr @claims meta mark set 0x6");
	RULE(r, "iifname \"out\" ip saddr @joins ip daddr %s meta mark set 0x6",
	    real.text);
	RULE(r, "iifname \"in\" ip daddr @joins meta mark set 0x8");
	CHAIN_END(r);

	chain_begin(
	    r, "mark_own", "route hook output priority mangle; policy accept;");
	RULE(r, "ct direction reply meta mark set ct mark");
	CHAIN_END(r);
}

static void
cell_nat(struct rules *r, const struct plan_cell *c)
{
	chain_begin(
	    r, "nat_in", "nat hook prerouting priority dstnat; policy accept;");
	RULE(r, "ip daddr %s return", address(c->outside).text);
	RULE(r, "dnat ip prefix to ip daddr map { %s : %s }",
	    prefix(c->mask, c->len).text, prefix(c->real, c->len).text);
	RULE(r, "dnat ip to ip daddr map @statics");
	if (c->n_published != 0) {
		RULE(r,
		    "dnat ip to "
		    "ip daddr . meta l4proto . th dport map @publish");
		RULE(r,
		    "dnat ip to "
		    "ip daddr . meta l4proto . th dport map @publish_port");
	}
	CHAIN_END(r);

	chain_begin(r, "nat_out",
	    "nat hook postrouting priority srcnat; policy accept;");
	/* Asked from inside, a published machine sees the address it has
	 * outside, and its answer comes back this way. */
	if (c->n_published != 0)
		RULE(r,
		    "iifname \"in\" oifname \"in\" ct status dnat "
		    "snat ip to ct original ip daddr map @published");
	RULE(r, "oifname \"in\" ct status dnat masquerade");
	CHAIN_END(r);
}

/* Who may begin to talk to whom, if anybody is named. What is published is
 * meant to be reached. */
static void
cell_allow(struct rules *r, const struct plan_cell *c)
{
	const struct lab_network *net = c->net;

	say(r, "\tchain admit {\n");
	for (size_t i = 0; i < net->n_allow; i++) {
		const struct lab_allow *a = &net->allow[i];

		say(r, "\t\t");
		if (a->has_from && a->from.len != 0)
			say(r, "ip saddr %s ",
			    prefix(a->from.addr, a->from.len).text);
		say(r, "ip daddr %s ", address(a->addr).text);
		if (a->proto != LAB_ANY && a->ports.n == 0)
			say(r, "meta l4proto %s ", proto_name(a->proto));
		for (size_t j = 0; j < a->ports.n; j++) {
			if (j == 0)
				say(r, "%s dport { ", proto_name(a->proto));
			say(r, "%s%s", port_text(a->ports.range[j]).text,
			    j + 1 < a->ports.n ? ", " : " } ");
		}
		say(r, "accept\n");
	}
	for (size_t i = 0; i < c->n_published; i++)
		say(r, "%s%s%s", i == 0 ? "\t\tct original ip daddr { " : ", ",
		    address(c->published[i]).text,
		    i + 1 == c->n_published ? " } accept\n" : "");
	RULE(r, "counter name denied drop");
	CHAIN_END(r);
}

static void
cell_gates(struct rules *r, const struct plan_cell *c)
{
	if (c->net->n_allow != 0)
		cell_allow(r, c);
	chain_begin(
	    r, "forward", "filter hook forward priority filter; policy drop;");
	if (c->net->n_allow != 0)
		RULE(r,
		    "iifname \"out\" oifname \"in\" ct state new "
		    "ct status dnat jump admit");
	RULE(r,
	    "iifname \"out\" oifname \"in\" ct status dnat "
	    "counter name entered accept");
	RULE(r,
	    "iifname \"in\" oifname \"out\" ct direction reply "
	    "ct state established counter name answered accept");
	RULE(r, "iifname \"in\" oifname \"out\" ct state related accept");
	RULE(r, "iifname \"in\" oifname \"in\" ct status dnat accept");
	RULE(r, "iifname \"in\" oifname \"out\" ip daddr @joins accept");
	RULE(r, "iifname \"out\" oifname \"in\" ip saddr @joins accept");
	RULE(r, "counter name strays");
	CHAIN_END(r);

	chain_begin(
	    r, "input", "filter hook input priority filter; policy drop;");
	RULE(r, "icmp type echo-request accept");
	RULE(r, "ct state established,related accept");
	RULE(r, "iifname \"lo\" accept");
	CHAIN_END(r);

	/* The last look, also at what the cell itself sends. */
	chain_begin(
	    r, "gate", "filter hook postrouting priority 300; policy drop;");
	RULE(r, "oifname { \"in\", \"lo\" } accept");
	RULE(r, "oifname \"out\" ct mark 0x8 accept");
	RULE(r, "oifname \"out\" ip daddr @joins accept");
	RULE(r, "counter name strays");
	CHAIN_END(r);
}

/* FTP names addresses in what it says; the helper masks them. */
static void
cell_ftp(struct rules *r)
{
	say(r, "\tct helper ftp_mask {\n\t\ttype \"ftp\" protocol tcp\n\t}\n");
	chain_begin(r, "helpers",
	    "filter hook prerouting priority filter; policy accept;");
	RULE(r, "iifname \"out\" tcp dport 21 ct helper set \"ftp_mask\"");
	CHAIN_END(r);
}

const char *
plan_cell_rules(struct plan *p, const struct lab *lab,
    const struct plan_cell *all, const struct plan_cell *c)
{
	static const char *const counters[] = { "entered", "answered",
		"spoofed", "denied", "strays" };
	struct rules r = { 0 };

	table_begin(&r, "ip");
	cell_sets(&r, lab, all, c);
	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++)
		say(&r, "\tcounter %s {\n\t}\n", counters[i]);
	cell_marks(&r, c);
	cell_nat(&r, c);
	if (c->net->ftp)
		cell_ftp(&r);
	cell_gates(&r, c);
	return table_end(p, &r);
}
