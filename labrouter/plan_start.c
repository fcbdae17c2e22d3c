/*
 * The order in which a lab starts and stops.
 *
 * Nothing may leave at any moment, also where the steps end halfway: rules
 * stand before links, links before routes, and forwarding, which lets packets
 * through, comes after them. Interface 0 goes up without an address,
 * since a probe needs a link that is up, and gets it when nobody answered.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_steps.h"

/* The tables of both sides, beside those of plan_steps.h. */
#define TABLE_OUTSIDE 8	 /* to the front, by mark 0x8/0x8 */
#define TABLE_OWN 9	 /* what a cell itself sends without a mark */
#define TABLE_JOINED 200 /* the front's, between cells */

/* What the steps are made from. */
struct start {
	struct plan *p;
	const struct lab *lab;
	const char *front; /* its namespace */
	struct plan_cell *cells;
	size_t n;
};

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
	add_mac(p, st->lab, st->front, c->link, 0, line);
	add_mac(p, st->lab, c->netns, PLAN_OUT, c->index, line);
	add_alias(p, st->front, c->link,
	    plan_printf(p, "network %.200s", c->net->name), line);
	/* Production's gateway asks from the address that is mimicked here. */
	add_sysctl(p, c->netns,
	    (struct sysctl){ "net.ipv4.conf." PLAN_OUT ".accept_local", "1" },
	    false, c->net->gateway_line);
	plan_add(p, LOOKBACK_UP_NOARP, st->front, c->link, line);
	plan_add(p, LOOKBACK_UP_NOARP, c->netns, PLAN_OUT, line);

	add_switch(p, st->lab, c->netns, PLAN_IN, c->index, c->net->mtu,
	    plan_printf(p, "network %.200s", c->net->name), line);
	plan_bridge_add(p, st->lab, c);
}

/* The switch goes up when it has its addresses: else the kernel looks through
 * all before with each one, and there may be ten thousand. */
static void
address_cell(struct start *st, const struct plan_cell *c)
{
	struct plan *p = st->p;
	int gateway = c->net->gateway_line, mask = c->net->mask_line;

	add_address(p, st->front, c->link, LAB_HUB, 32, c->net->line);
	add_neighbour(p, st->lab, st->front, c->link, c->outside, PLAN_OUT,
	    c->index, c->net->line);
	add_address(p, c->netns, PLAN_OUT, c->outside, 32, mask);
	add_neighbour(
	    p, st->lab, c->netns, PLAN_OUT, LAB_HUB, c->link, 0, c->net->line);
	add_address(p, c->netns, PLAN_IN, c->net->gateway.addr, c->len, gateway)
	    ->u.address.alone = true;
	/* Claimed inside as well: who asks there is answered by the cell. */
	for (size_t i = 0; i < c->n_claims; i++)
		add_address(
		    p, c->netns, PLAN_IN, c->claims[i], 32, c->claim_lines[i]);
	plan_add(p, LOOKBACK_UP, c->netns, PLAN_IN, c->net->line);
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
	add_route(p, c->netns, PLAN_OUT, 0, 0, LAB_HUB, TABLE_OUTSIDE, mask);
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

static void
address_outer(struct start *st)
{
	const struct lab *lab = st->lab;

	add_address(st->p, st->front, PLAN_OUTER, lab->production.address.addr,
	    lab->production.address.len, lab->production.address_line);
	if (lab->production.gateway_line != 0)
		add_route(st->p, st->front, PLAN_OUTER, 0, 0,
		    lab->production.gateway, TABLE_MAIN,
		    lab->production.gateway_line);
}

/* Interface 0 shows itself, if what it claims is free, and all is let through. */
static void
open_outer(struct start *st)
{
	const struct lab *lab = st->lab;
	const struct sysctl forward = { "net.ipv4.ip_forward", "1" };

	plan_add(st->p, LOOKBACK_UP, st->front, PLAN_OUTER,
	    lab->production.attach_line);
	for_outer_addresses(st, LOOKBACK_PROBE, !lab->production.dhcp,
	    (uint64_t)lab->production.probe_wait_ns);
	if (lab->production.dhcp)
		plan_dhcp(st->p, lab, st->front);
	else
		address_outer(st);
	for_outer_addresses(st, LOOKBACK_PROXY, false, 0);
	plan_proxy(st->p, lab, st->cells, st->front);
	plan_dns(st->p, lab, st->cells, st->front);
	for (size_t i = 0; i < st->n; i++)
		add_sysctl(st->p, st->cells[i].netns, forward, false,
		    st->cells[i].net->line);
	add_sysctl(st->p, st->front, forward, false, lab->production.line);
	for_outer_addresses(st, LOOKBACK_ANNOUNCE, !lab->production.dhcp, 0);
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
		add_bridging(p, c->netns, c->net->line);
	}
	plan_add(p, LOOKBACK_RULESET, st->front, NULL, outer)->text =
	    plan_front_rules(p, st->lab, st->cells);
	for (i = 0; i < st->n; i++)
		plan_add(p, LOOKBACK_RULESET, st->cells[i].netns, NULL,
		    st->cells[i].net->line)
		    ->text = plan_cell_rules(
		    p, st->lab, st->cells, &st->cells[i]);
	add_outer(p, st->lab, st->front, attach);
	for (i = 0; i < st->n; i++)
		link_cell(st, &st->cells[i]);
	for (i = 0; i < st->n; i++)
		address_cell(st, &st->cells[i]);
	add_route(p, st->front, NULL, 0, 0, 0, TABLE_JOINED, outer)
	    ->u.route.blackhole = true;
	for (i = 0; i < st->n; i++)
		route_cell(st, &st->cells[i], plan_joins_any(st->lab, i));
	rules_of_front(st);
	for (i = 0; i < st->n; i++)
		rules_of_cell(st, &st->cells[i]);
	open_outer(st);
	plan_host(p, st->lab, attach, st->cells);
}

/* Interface 0 is deleted, not only down: a namespace ends later, in the
 * background, and rules end before links. */
static void
add_stop(struct start *st)
{
	struct plan *p = st->p;
	size_t i;

	for (i = 0; i < st->n; i++) {
		plan_bridge_cut(p, st->lab, &st->cells[i]);
		plan_add(p, LOOKBACK_UP, st->cells[i].netns, PLAN_IN,
		    st->cells[i].net->line)
		    ->remove = true;
	}
	plan_services_stop(p, st->lab, st->front);
	remove_outer(p, st->lab, st->front);
	plan_host_stop(p, st->lab, st->cells);
	for (i = 0; i < st->n; i++)
		plan_add(p, LOOKBACK_NETNS, st->cells[i].netns, NULL,
		    st->cells[i].net->line)
		    ->remove = true;
	plan_add(p, LOOKBACK_NETNS, st->front, NULL, st->lab->production.line)
	    ->remove = true;
	for (i = 0; i < st->n; i++)
		plan_bridge_remove(p, st->lab, &st->cells[i]);
}

static int
plan(const struct lab *lab, enum lab_attach attach, bool stop,
    struct lookback_plan **ret_plan, struct err *err)
{
	struct start st = { .lab = lab, .n = lab->n_networks };
	int rc;

	if ((st.p = plan_new(lab)) == NULL)
		return err_nomem(err);
	st.front = plan_printf(st.p, "lookback.%s", lab->name);
	rc = plan_cells(st.p, lab, &st.cells, err);
	if (rc == 0 && lab->layout == LAB_SINGLE)
		rc = plan_single(st.p, lab, st.cells, attach, stop, err);
	else if (rc == 0 && stop)
		add_stop(&st);
	else if (rc == 0)
		add_start(&st, attach);
	plan_cells_free(st.cells, st.n);
	if (rc != 0) {
		lab_plan_free(&st.p->pub);
		return rc;
	}
	return plan_end(st.p, ret_plan, err);
}

int
lab_plan(const struct lab *lab, enum lab_attach attach,
    struct lookback_plan **ret_plan, struct err *err)
{
	return plan(lab, attach, false, ret_plan, err);
}

int
lab_plan_stop(
    const struct lab *lab, struct lookback_plan **ret_plan, struct err *err)
{
	return plan(lab, LAB_NIC, true, ret_plan, err);
}
