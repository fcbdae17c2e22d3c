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
#include "plan_nft.h"

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

static void
proxy_sets(
    struct rules *r, const struct lab *lab, const struct plan_cell *cells)
{
	set_begin(r, "set", "guests", "ifname . ipv4_addr", false);
	for (size_t i = 0; i < lab->n_networks; i++)
		if (cells[i].net->proxy)
			ELEMENT(r, "\"%s\" . %s", cells[i].link,
			    address(cells[i].outside).text);
	set_end(r);
	/* The originals of what is isolated here. Two may overlap. */
	set_begin(r, "set", "originals", "ipv4_addr", true);
	say(r, "\t\tauto-merge\n");
	for (size_t i = 0; i < lab->n_networks; i++)
		ELEMENT(r, "%s", prefix(cells[i].real, cells[i].len).text);
	set_end(r);
	say(r, "\tcounter refused {\n\t}\n");
}

/* To what the proxy may begin to talk: whatever is outside, but not to the
 * front itself, nor to cells, nor to the machines in production of which a copy
 * is isolated here; of these it may only ask for names. */
static void
proxy_chain(struct rules *r)
{
	say(r, "\tchain proxied {\n");
	RULE(r, "oifname \"if0\" udp dport 53 return");
	RULE(r, "oifname \"if0\" ip daddr != @originals return");
	RULE(r, "meta l4proto tcp counter name refused reject with tcp reset");
	RULE(r, "counter name refused drop");
	CHAIN_END(r);
}

static void
front_input(struct rules *r, const struct lab *lab)
{
	chain_begin(
	    r, "input", "filter hook input priority filter; policy drop;");
	RULE(r,
	    "iifname \"if0\" icmp type { echo-request, "
	    "destination-unreachable, time-exceeded } accept");
	RULE(r, "iifname \"lo\" accept");
	if (lab->production.dhcp)
		RULE(r, "iifname \"if0\" udp sport 67 udp dport 68 accept");
	if (plan_has_dns(lab))
		RULE(r,
		    "iifname \"if0\" meta l4proto { tcp, udp } "
		    "th dport 53 accept");
	if (plan_has_proxy(lab))
		RULE(r, "iifname . ip saddr @guests tcp dport %d accept",
		    PLAN_PROXY_PORT);
	if (plan_has_proxy(lab) || plan_has_dns(lab))
		RULE(r, "iifname \"if0\" ct state established accept");
	CHAIN_END(r);
}

static void
front_output(struct rules *r, const struct lab *lab)
{
	if (plan_has_proxy(lab))
		proxy_chain(r);
	chain_begin(
	    r, "output", "filter hook output priority filter; policy drop;");
	if (plan_has_proxy(lab)) {
		RULE(r, "oifname . ip daddr @guests tcp sport %d accept",
		    PLAN_PROXY_PORT);
		RULE(r, "meta skuid %d ct state new jump proxied",
		    PLAN_PROXY_UID);
	}
	if (lab->production.dhcp)
		RULE(r, "oifname \"if0\" fib saddr . oif type local accept");
	else
		RULE(r, "oifname \"if0\" ip saddr %s accept",
		    address(lab->production.address.addr).text);
	RULE(r, "oifname \"lo\" accept");
	CHAIN_END(r);
}

const char *
plan_front_rules(
    struct plan *p, const struct lab *lab, const struct plan_cell *cells)
{
	struct rules r = { 0 };

	table_begin(&r, "inet");
	front_sets(&r, lab, cells);
	if (plan_has_proxy(lab))
		proxy_sets(&r, lab, cells);
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
	/* A network that joined sees true addresses: what answers by a claim
	 * would go to production. */
	if (plan_has_joins(lab))
		RULE(&r,
		    "iifname != \"if0\" oifname . ip daddr @claims "
		    "counter name strays drop");
	RULE(&r, "iifname . ip saddr . oifname . ip daddr @joins accept");
	RULE(&r, "counter name strays");
	CHAIN_END(&r);

	/* Of connections only those of programs here are kept. */
	if (plan_has_proxy(lab) || plan_has_dns(lab)) {
		chain_begin(&r, "passing",
		    "filter hook prerouting priority raw; policy accept;");
		RULE(&r, "fib daddr type != local notrack");
		CHAIN_END(&r);
	}
	front_input(&r, lab);
	front_output(&r, lab);
	return table_end(p, &r);
}

/* ---- a cell: the article's appliance ---- */

static void
cell_sets(struct rules *r, const struct lab *lab, const struct plan_cell *all,
    const struct plan_cell *c)
{
	set_begin(r, "map", "marks", "ipv4_addr : mark", true);
	ELEMENT(r, "%s : 0x6", prefix(c->mask, c->len).text);
	set_end(r);
	net_statics(r, c, 1);
	set_begin(r, "set", "claims", "ipv4_addr", false);
	for (size_t i = 0; i < c->n_claims; i++)
		ELEMENT(r, "%s", address(c->claims[i]).text);
	set_end(r);
	set_begin(r, "set", "joins", "ipv4_addr", true);
	for (size_t i = 0; i < lab->n_networks; i++)
		if (i != c->index && plan_joined(lab, c->index, i))
			ELEMENT(r, "%s", prefix(all[i].real, all[i].len).text);
	set_end(r);
	net_publish(r, c, 1);
}

/* What a machine sends is for its gateway, or nothing looks at it: so an attack
 * makes no connections to be kept. The mark 0x8 means production, 0x6 inside.
 * What a joined network asked for has 0x10, and what the cell itself says about
 * it, such as that nobody is there, has no way out. */
static void
cell_marks(struct rules *r, const struct plan_cell *c, bool joined)
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
	    "iifname \"in\" ip daddr != %s ip daddr != %s ip daddr != @claims "
	    "ip daddr != @joins counter name strays drop",
	    gateway.text, mask.text);
	CHAIN_END(r);

	chain_begin(r, "mark_in",
	    "filter hook prerouting priority mangle; policy accept;");
	if (joined)
		RULE(r,
		    "ct mark 0 iifname \"out\" ip daddr %s "
		    "ip daddr != @claims ct mark set 0x10",
		    real.text);
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
	if (c->net->proxy)
		RULE(r,
		    "iifname \"in\" ct direction original "
		    "ip daddr %s tcp dport %d meta mark set 0x8",
		    gateway.text, PLAN_PROXY_DOOR);
	CHAIN_END(r);

	chain_begin(
	    r, "mark_own", "route hook output priority mangle; policy accept;");
	RULE(r, "ct direction reply meta mark set ct mark");
	/* But for the size that passes: as the gateway, who is neither masked
	 * nor claimed, so that the front lets it to joined networks alone. */
	if (joined)
		RULE(r,
		    "ct mark != 0x8 ip daddr @joins "
		    "icmp type destination-unreachable icmp code frag-needed "
		    "ip saddr set %s meta mark set 0x8",
		    gateway.text);
	CHAIN_END(r);
}

static void
cell_nat(struct rules *r, const struct plan_cell *c)
{
	chain_begin(
	    r, "nat_in", "nat hook prerouting priority dstnat; policy accept;");
	if (c->net->proxy)
		RULE(r, "iifname \"in\" ip daddr %s tcp dport %d dnat to %s:%d",
		    address(c->net->gateway.addr).text, PLAN_PROXY_DOOR,
		    address(LAB_HUB).text, PLAN_PROXY_PORT);
	RULE(r, "ip daddr %s return", address(c->outside).text);
	RULE(r, "dnat ip prefix to ip daddr map { %s : %s }",
	    prefix(c->mask, c->len).text, prefix(c->real, c->len).text);
	net_translate(r, "", c, 1);
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
	if (c->net->proxy)
		RULE(r, "oifname \"out\" ip daddr %s masquerade",
		    address(LAB_HUB).text);
	CHAIN_END(r);
}

static void
cell_gates(struct rules *r, const struct plan_cell *c)
{
	if (c->net->n_allow != 0)
		net_admit(r, "admit", c);
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
	if (c->net->proxy)
		RULE(r,
		    "iifname \"in\" oifname \"out\" ip daddr %s "
		    "tcp dport %d ct status dnat accept",
		    address(LAB_HUB).text, PLAN_PROXY_PORT);
	RULE(r, "iifname \"out\" oifname \"in\" ip saddr @joins accept");
	RULE(r, "counter name strays");
	CHAIN_END(r);

	chain_begin(
	    r, "input", "filter hook input priority filter; policy drop;");
	RULE(r, "icmp type echo-request accept");
	RULE(r, "ct state established,related accept");
	RULE(r, "iifname \"lo\" accept");
	RULE(r, "counter name closed");
	CHAIN_END(r);

	/* The last look, also at what the cell itself sends. */
	chain_begin(
	    r, "gate", "filter hook postrouting priority 300; policy drop;");
	RULE(r, "oifname { \"in\", \"lo\" } accept");
	RULE(r, "oifname \"out\" ct mark 0x8 accept");
	RULE(r, "oifname \"out\" ip daddr @joins accept");
	if (c->net->proxy)
		RULE(r, "oifname \"out\" ip daddr %s tcp dport %d accept",
		    address(LAB_HUB).text, PLAN_PROXY_PORT);
	RULE(r, "counter name strays");
	CHAIN_END(r);
}

const char *
plan_cell_rules(struct plan *p, const struct lab *lab,
    const struct plan_cell *all, const struct plan_cell *c)
{
	static const char *const counters[] = { "entered", "answered",
		"spoofed", "denied", "strays", "closed" };
	struct rules r = { 0 };

	table_begin(&r, "ip");
	cell_sets(&r, lab, all, c);
	for (size_t i = 0; i < sizeof(counters) / sizeof(*counters); i++)
		say(&r, "\tcounter %s {\n\t}\n", counters[i]);
	cell_marks(&r, c, plan_joins_any(lab, c->index));
	cell_nat(&r, c);
	if (c->net->ftp)
		net_ftp(&r, "iifname \"out\" ");
	cell_gates(&r, c);
	return table_end(p, &r);
}
