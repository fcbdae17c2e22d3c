/*
 * The order in which a lab starts and stops.
 *
 * Nothing may leave at any moment, also where the steps end halfway: rules
 * stand before links, links before routes, and only the last step but the
 * announcements lets packets through. Interface 0 goes up without an address,
 * since a probe needs a link that is up, and gets it when nobody answered.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/sum.h"

/* The front's side of each link to a cell, and the tables of both sides. */
#define HUB UINT32_C(0xa9fe0101) /* 169.254.1.1 */
#define TABLE_INSIDE 2		 /* to the isolated network, by mark 0x2/0x2 */
#define TABLE_OUTSIDE 8		 /* to the front, by mark 0x8/0x8 */
#define TABLE_OWN 9		 /* what a cell itself sends without a mark */
#define TABLE_JOINED 200	 /* the front's, between cells */
#define TABLE_MAIN 254
#define TABLE_LOCAL 255

static uint64_t
hash_of(const struct lab *lab, const char *part, size_t i)
{
	struct sum sum = { 0 };
	uint64_t number = htole64(i);

	sum_add(&sum, lab->name, strlen(lab->name) + 1);
	sum_add(&sum, part, strlen(part) + 1);
	sum_add(&sum, &number, sizeof(number));
	return sum_end(&sum);
}

/* The same lab has the same addresses each time, so that nobody's ARP table is
 * wrong after a restart. */
static void
stable_mac(uint8_t mac[6], const struct lab *lab, const char *part, size_t i)
{
	uint64_t h = hash_of(lab, part, i);

	mac[0] = 0x02; /* locally administered */
	for (int k = 1; k < 6; k++)
		mac[k] = (uint8_t)(h >> (8 * k));
}

struct sysctl {
	const char *key, *value;
};

/* New namespaces may have the host's values. The first must stand first: it
 * sets accept_redirects as well. */
static const struct sysctl hardening[] = {
	{ "net.ipv4.ip_forward", "0" },
	{ "net.ipv4.conf.all.arp_ignore", "1" },
	{ "net.ipv4.conf.all.arp_announce", "2" },
	{ "net.ipv4.conf.all.proxy_arp", "0" },
	{ "net.ipv4.conf.default.proxy_arp", "0" },
	{ "net.ipv4.conf.all.rp_filter", "0" },
	{ "net.ipv4.conf.default.rp_filter", "0" },
	{ "net.ipv4.conf.all.accept_redirects", "0" },
	{ "net.ipv4.conf.default.accept_redirects", "0" },
	{ "net.ipv4.conf.all.send_redirects", "0" },
	{ "net.ipv4.conf.default.send_redirects", "0" },
	{ "net.ipv4.conf.all.accept_source_route", "0" },
	{ "net.ipv4.conf.default.accept_source_route", "0" },
	{ "net.ipv4.icmp_echo_ignore_broadcasts", "1" },
	{ "net.ipv4.icmp_errors_use_inbound_ifaddr", "1" },
};
/* With bridge filtering in the kernel, what goes from VM to VM would meet the
 * cell's rules. */
static const struct sysctl bridging[] = {
	{ "net.bridge.bridge-nf-call-iptables", "0" },
	{ "net.bridge.bridge-nf-call-arptables", "0" },
};

/* What the steps are made from. */
struct start {
	struct plan *p;
	const struct lab *lab;
	const char *front; /* its namespace */
	struct plan_cell *cells;
	size_t n;
};

static void
add_sysctl(
    struct plan *p, const char *netns, struct sysctl s, bool may_lack, int line)
{
	struct lookback_step *step = plan_add(
	    p, LOOKBACK_SYSCTL, netns, NULL, line);

	step->u.sysctl.key = s.key;
	step->u.sysctl.value = s.value;
	step->u.sysctl.may_lack = may_lack;
}

static void
add_no_ipv6(struct plan *p, const char *netns, int line)
{
	const struct sysctl all = { "net.ipv6.conf.all.disable_ipv6", "1" };
	const struct sysctl new = { "net.ipv6.conf.default.disable_ipv6", "1" };

	/* A kernel without IPv6 is as good. */
	add_sysctl(p, netns, all, true, line);
	add_sysctl(p, netns, new, true, line);
}

static void
add_hardening(struct plan *p, const char *netns, int line)
{
	for (size_t i = 0; i < sizeof(hardening) / sizeof(*hardening); i++)
		add_sysctl(p, netns, hardening[i], false, line);
}

static struct lookback_step *
add_address(struct plan *p, const char *netns, const char *dev, uint32_t addr,
    unsigned len, int line)
{
	struct lookback_step *s = plan_add(
	    p, LOOKBACK_ADDRESS, netns, dev, line);

	s->addr = addr;
	s->len = len;
	return s;
}

static struct lookback_step *
add_route(struct plan *p, const char *netns, const char *dev, uint32_t to,
    unsigned len, uint32_t via, uint32_t table, int line)
{
	struct lookback_step *s = plan_add(p, LOOKBACK_ROUTE, netns, dev, line);

	s->addr = to;
	s->len = len;
	s->u.route.via = via;
	s->u.route.table = table;
	return s;
}

static struct lookback_step *
add_rule(struct plan *p, const char *netns, uint32_t priority, uint32_t mark,
    const char *iif, uint32_t table, int line)
{
	struct lookback_step *s = plan_add(p, LOOKBACK_RULE, netns, NULL, line);

	s->u.rule.priority = priority;
	s->u.rule.mark = mark;
	s->u.rule.mask = mark;
	s->u.rule.iif = iif;
	s->u.rule.table = table;
	return s;
}

static void
add_mac(
    struct start *st, const char *netns, const char *dev, size_t i, int line)
{
	struct lookback_step *s = plan_add(
	    st->p, LOOKBACK_MAC, netns, dev, line);

	stable_mac(s->mac, st->lab, dev, i);
}

static void
add_neighbour(struct start *st, const char *netns, const char *dev,
    uint32_t addr, const char *peer, size_t i, int line)
{
	struct lookback_step *s = plan_add(
	    st->p, LOOKBACK_NEIGHBOUR, netns, dev, line);

	s->addr = addr;
	stable_mac(s->mac, st->lab, peer, i);
}

static void
add_alias(struct plan *p, const char *netns, const char *dev, const char *text,
    int line)
{
	plan_add(p, LOOKBACK_ALIAS, netns, dev, line)->text = text;
}

/* Interface 0, still down. */
static void
link_outer(struct start *st, enum lab_attach attach)
{
	const char *parent = st->lab->production.attach;
	int line = st->lab->production.attach_line;
	const char *alias = plan_printf(st->p, "lab %s", st->lab->name);
	struct lookback_step *s;

	if (attach == LAB_NIC) {
		s = plan_add(st->p, LOOKBACK_LINK, st->front, PLAN_OUTER, line);
		s->u.link.kind = LOOKBACK_MACVLAN;
		s->u.link.parent = parent;
	} else {
		const char *port = plan_printf(st->p, "lb%012" PRIx64,
		    hash_of(st->lab, "production", 0) >> 16);

		s = plan_add(st->p, LOOKBACK_LINK, NULL, port, line);
		s->u.link.kind = LOOKBACK_VETH;
		s->u.link.peer = PLAN_OUTER;
		s->u.link.peer_netns = st->front;
		add_alias(st->p, NULL, port, alias, line);
		plan_add(st->p, LOOKBACK_MASTER, NULL, port, line)->text =
		    parent;
		plan_add(st->p, LOOKBACK_UP, NULL, port, line);
	}
	add_mac(st, st->front, PLAN_OUTER, 0, line);
	add_alias(st->p, st->front, PLAN_OUTER, alias, line);
	/* A claim is answered at once, as if the address were here. */
	add_sysctl(st->p, st->front,
	    (struct sysctl){ "net.ipv4.neigh." PLAN_OUTER ".proxy_delay", "0" },
	    false, line);
}

/* A cell's links: that to the front, and last the isolated switch. Both ends
 * of the link know each other, so it needs no ARP. */
static void
link_cell(struct start *st, const struct plan_cell *c)
{
	struct plan *p = st->p;
	int line = c->net->line;
	struct lookback_step *s = plan_add(
	    p, LOOKBACK_LINK, st->front, c->link, line);

	s->u.link.kind = LOOKBACK_VETH;
	s->u.link.peer = PLAN_OUT;
	s->u.link.peer_netns = c->netns;
	add_mac(st, st->front, c->link, 0, line);
	add_mac(st, c->netns, PLAN_OUT, c->index, line);
	add_alias(p, st->front, c->link,
	    plan_printf(p, "network %.200s", c->net->name), line);
	/* Production's gateway asks from the address that is mimicked here. */
	add_sysctl(p, c->netns,
	    (struct sysctl){ "net.ipv4.conf." PLAN_OUT ".accept_local", "1" },
	    false, c->net->gateway_line);
	plan_add(p, LOOKBACK_UP_NOARP, st->front, c->link, line);
	plan_add(p, LOOKBACK_UP_NOARP, c->netns, PLAN_OUT, line);

	plan_add(p, LOOKBACK_LINK, c->netns, PLAN_IN, line)->u.link.kind =
	    LOOKBACK_BRIDGE;
	add_mac(st, c->netns, PLAN_IN, c->index, line);
	if (c->net->mtu != 0)
		plan_add(p, LOOKBACK_MTU, c->netns, PLAN_IN, line)->number =
		    c->net->mtu;
	add_alias(p, c->netns, PLAN_IN,
	    plan_printf(p, "network %.200s", c->net->name), line);
	plan_add(p, LOOKBACK_UP, c->netns, PLAN_IN, line);
}

static void
address_cell(struct start *st, const struct plan_cell *c)
{
	struct plan *p = st->p;
	int gateway = c->net->gateway_line, mask = c->net->mask_line;

	add_address(p, st->front, c->link, HUB, 32, c->net->line);
	add_neighbour(st, st->front, c->link, c->outside, PLAN_OUT, c->index,
	    c->net->line);
	add_address(p, c->netns, PLAN_OUT, c->outside, 32, mask);
	add_neighbour(st, c->netns, PLAN_OUT, HUB, c->link, 0, c->net->line);
	add_address(p, c->netns, PLAN_IN, c->net->gateway.addr, c->len, gateway)
	    ->u.address.alone = true;
	/* Claimed inside as well: who asks there is answered by the cell. */
	for (size_t i = 0; i < c->n_claims; i++)
		add_address(
		    p, c->netns, PLAN_IN, c->claims[i], 32, c->claim_lines[i]);
}

/* No mark, no route to production. What has no route gets lost without a word:
 * an ICMP error would itself leave. */
static void
route_cell(struct start *st, const struct plan_cell *c, bool joined)
{
	struct plan *p = st->p;
	int gateway = c->net->gateway_line, mask = c->net->mask_line;

	add_route(
	    p, c->netns, PLAN_IN, c->real, c->len, 0, TABLE_INSIDE, gateway);
	add_route(p, c->netns, PLAN_OUT, 0, 0, HUB, TABLE_OUTSIDE, mask);
	add_route(p, c->netns, PLAN_IN, 0, 0, 0, TABLE_OWN, gateway);
	add_route(p, c->netns, NULL, 0, 0, 0, TABLE_MAIN, c->net->line)
	    ->u.route.blackhole = true;

	add_route(p, st->front, c->link, c->mask, c->len, c->outside,
	    TABLE_MAIN, mask);
	for (size_t i = 0; i < c->n_claims; i++)
		add_route(p, st->front, c->link, c->claims[i], 32, c->outside,
		    TABLE_MAIN, c->claim_lines[i]);
	if (joined)
		add_route(p, st->front, c->link, c->real, c->len, c->outside,
		    TABLE_JOINED, c->net->line);
}

static bool
joins_any(const struct start *st, size_t i)
{
	for (size_t j = 0; j < st->n; j++)
		if (j != i && plan_joined(st->lab, i, j))
			return true;
	return false;
}

/* The article's rule is the one of 0x2/0x2. The local table moves down: the
 * production gateway has an address that is local here, and an answer to it
 * must go out by its mark. */
static void
rules_of_cell(struct start *st, const struct plan_cell *c)
{
	struct plan *p = st->p;
	int line = c->net->line;

	add_rule(p, c->netns, 90, 0x8, NULL, TABLE_OUTSIDE, line);
	add_rule(p, c->netns, 99, 0x2, NULL, TABLE_INSIDE, line);
	add_rule(p, c->netns, 200, 0, NULL, TABLE_LOCAL, line);
	add_rule(p, c->netns, 0, 0, NULL, TABLE_LOCAL, line)->remove = true;
	add_rule(p, c->netns, 300, 0, "lo", TABLE_OWN, line);
}

/* What comes from a cell has a masked or claimed source, which its mark says,
 * or it may see the joined networks only. So many cells need no more rules. */
static void
rules_of_front(struct start *st)
{
	int line = st->lab->production.line;

	add_rule(st->p, st->front, 100, 0x8, NULL, TABLE_MAIN, line);
	add_rule(st->p, st->front, 110, 0, PLAN_OUTER, TABLE_MAIN, line);
	add_rule(st->p, st->front, 120, 0, "lo", TABLE_MAIN, line);
	add_rule(st->p, st->front, 900, 0, NULL, TABLE_JOINED, line);
}

/* A step of this type on interface 0 for its own address and each claim. */
static void
for_outer_addresses(
    struct start *st, enum lookback_step_type type, bool own, uint64_t number)
{
	struct lookback_step *s;

	if (own) {
		s = plan_add(st->p, type, st->front, PLAN_OUTER,
		    st->lab->production.address_line);
		s->addr = st->lab->production.address.addr;
		s->number = number;
	}
	for (size_t i = 0; i < st->n; i++)
		for (size_t j = 0; j < st->cells[i].n_claims; j++) {
			s = plan_add(st->p, type, st->front, PLAN_OUTER,
			    st->cells[i].claim_lines[j]);
			s->addr = st->cells[i].claims[j];
			s->number = number;
		}
}

/* Interface 0 shows itself, if what it claims is free, and all is let through. */
static void
open_outer(struct start *st)
{
	const struct lab *lab = st->lab;
	const struct sysctl forward = { "net.ipv4.ip_forward", "1" };

	plan_add(st->p, LOOKBACK_UP, st->front, PLAN_OUTER,
	    lab->production.attach_line);
	for_outer_addresses(
	    st, LOOKBACK_PROBE, true, (uint64_t)lab->production.probe_wait_ns);
	add_address(st->p, st->front, PLAN_OUTER, lab->production.address.addr,
	    lab->production.address.len, lab->production.address_line);
	if (lab->production.gateway_line != 0)
		add_route(st->p, st->front, PLAN_OUTER, 0, 0,
		    lab->production.gateway, TABLE_MAIN,
		    lab->production.gateway_line);
	for_outer_addresses(st, LOOKBACK_PROXY, false, 0);
	for (size_t i = 0; i < st->n; i++)
		add_sysctl(st->p, st->cells[i].netns, forward, false,
		    st->cells[i].net->line);
	add_sysctl(st->p, st->front, forward, false, lab->production.line);
	for_outer_addresses(st, LOOKBACK_ANNOUNCE, true, 0);
}

static void
add_start(struct start *st, enum lab_attach attach)
{
	struct plan *p = st->p;
	const int outer = st->lab->production.line;
	size_t i;

	plan_add(p, LOOKBACK_NETNS, st->front, NULL, outer);
	for (i = 0; i < st->n; i++)
		plan_add(p, LOOKBACK_NETNS, st->cells[i].netns, NULL,
		    st->cells[i].net->line);
	add_no_ipv6(p, st->front, outer);
	for (i = 0; i < st->n; i++)
		add_no_ipv6(p, st->cells[i].netns, st->cells[i].net->line);
	add_hardening(p, st->front, outer);
	for (i = 0; i < st->n; i++) {
		const struct plan_cell *c = &st->cells[i];

		add_hardening(p, c->netns, c->net->line);
		add_sysctl(p, c->netns, bridging[0], true, c->net->line);
		add_sysctl(p, c->netns, bridging[1], true, c->net->line);
	}
	plan_add(p, LOOKBACK_RULESET, st->front, NULL, outer)->text =
	    plan_front_rules(p, st->lab, st->cells);
	for (i = 0; i < st->n; i++)
		plan_add(p, LOOKBACK_RULESET, st->cells[i].netns, NULL,
		    st->cells[i].net->line)
		    ->text = plan_cell_rules(
		    p, st->lab, st->cells, &st->cells[i]);
	link_outer(st, attach);
	for (i = 0; i < st->n; i++)
		link_cell(st, &st->cells[i]);
	for (i = 0; i < st->n; i++)
		address_cell(st, &st->cells[i]);
	add_route(p, st->front, NULL, 0, 0, 0, TABLE_JOINED, outer)
	    ->u.route.blackhole = true;
	for (i = 0; i < st->n; i++)
		route_cell(st, &st->cells[i], joins_any(st, i));
	rules_of_front(st);
	for (i = 0; i < st->n; i++)
		rules_of_cell(st, &st->cells[i]);
	open_outer(st);
}

/* Interface 0 is deleted, not only down: a namespace ends later, in the
 * background, and rules end before links. */
static void
add_stop(struct start *st)
{
	struct plan *p = st->p;
	size_t i;

	for (i = 0; i < st->n; i++)
		plan_add(p, LOOKBACK_UP, st->cells[i].netns, PLAN_IN,
		    st->cells[i].net->line)
		    ->remove = true;
	plan_add(p, LOOKBACK_LINK, st->front, PLAN_OUTER,
	    st->lab->production.attach_line)
	    ->remove = true;
	for (i = 0; i < st->n; i++)
		plan_add(p, LOOKBACK_NETNS, st->cells[i].netns, NULL,
		    st->cells[i].net->line)
		    ->remove = true;
	plan_add(p, LOOKBACK_NETNS, st->front, NULL, st->lab->production.line)
	    ->remove = true;
}

static int
begin(struct start *st, const struct lab *lab, struct err *err)
{
	int rc;

	*st = (struct start){ .lab = lab, .n = lab->n_networks };
	if ((st->p = plan_new(lab)) == NULL)
		return err_nomem(err);
	st->front = plan_printf(st->p, "lookback.%s", lab->name);
	if ((rc = plan_cells(st->p, lab, &st->cells, err)) != 0)
		lab_plan_free(&st->p->pub);
	return rc;
}

int
lab_plan(const struct lab *lab, enum lab_attach attach,
    struct lookback_plan **ret_plan, struct err *err)
{
	struct start st;
	int rc;

	if ((rc = begin(&st, lab, err)) != 0)
		return rc;
	add_start(&st, attach);
	plan_cells_free(st.cells, st.n);
	return plan_end(st.p, ret_plan, err);
}

int
lab_plan_stop(
    const struct lab *lab, struct lookback_plan **ret_plan, struct err *err)
{
	struct start st;
	int rc;

	if ((rc = begin(&st, lab, err)) != 0)
		return rc;
	add_stop(&st);
	plan_cells_free(st.cells, st.n);
	return plan_end(st.p, ret_plan, err);
}
