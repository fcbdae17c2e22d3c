/*
 * Layout single: the article's appliance in one namespace. The order is that of
 * plan_start.c: rules stand before links, links before routes, and forwarding
 * comes last.
 *
 * The namespace is one of ours, with a macvlan or a veth as interface 0 and a
 * switch for each network; or it is the host's own, whose interfaces the file
 * names. There nothing is done to anything else of the host's: settings are
 * those of the named interfaces, but for conf.all.rp_filter, which else would
 * overrule them; interface 0 keeps its address, and the host its way to the
 * gateway.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_steps.h"

#include <stdlib.h>
#include <string.h>

#define TABLES_HIGH 1000 /* instead of the kernel's own, 253 to 255 */

/* ---- what [Nat] claims ---- */

struct claim {
	uint32_t addr;
	int line;
};

static bool
nat_claims(
    const struct lab *lab, const struct lab_nat_rule *r, struct claim *ret)
{
	struct prefix p = r->kind == LAB_SNAT ? r->to : r->from;

	if (r->kind != LAB_SNAT && r->kind != LAB_DNAT && r->kind != LAB_CLAIM)
		return false;
	if (!lab->production.dhcp && p.addr == lab->production.address.addr)
		return false;
	*ret = (struct claim){ p.addr, r->line };
	return true;
}

static int
compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

static int
gather_claims(struct plan_single *s, const struct lab *lab, struct err *err)
{
	const size_t n = lab->nat.n_rules;
	struct claim *all = calloc(n + 1, sizeof(*all));
	size_t found = 0;

	s->claims = calloc(n + 1, sizeof(*s->claims));
	s->claim_lines = calloc(n + 1, sizeof(*s->claim_lines));
	if (all == NULL || s->claims == NULL || s->claim_lines == NULL) {
		free(all);
		return err_nomem(err);
	}
	for (size_t i = 0; i < n; i++)
		found += nat_claims(lab, &lab->nat.rule[i], &all[found]);
	qsort(all, found, sizeof(*all), compare_claims);
	for (size_t i = 0; i < found; i++) {
		if (i > 0 && all[i].addr == all[i - 1].addr)
			continue;
		s->claim_lines[s->n_claims] = all[i].line;
		s->claims[s->n_claims++] = all[i].addr;
	}
	free(all);
	return 0;
}

/* ---- steps ---- */

/* What the steps are made from. */
struct single {
	struct plan *p;
	const struct lab *lab;
	struct plan_single s;
	bool stop;
};

uint32_t
plan_single_table(size_t index)
{
	const uint32_t table = TABLE_INSIDE + (uint32_t)index;

	return table < 253 ? table : TABLES_HIGH + table;
}

/* A setting of one interface. */
static void
add_conf(struct single *st, const char *family, const char *dev,
    const char *key, const char *value, int line)
{
	const bool may_lack = strcmp(family, "ipv6") == 0;
	/* With slashes, since a name may hold a dot. */
	const char *kept = plan_printf(
	    st->p, "net/%s/conf/%s/%s", family, dev, key);

	add_sysctl(
	    st->p, st->s.netns, (struct sysctl){ kept, value }, may_lack, line);
}

/* Of an interface of the host's that is named in the file. */
static void
harden_host_link(struct single *st, const char *dev, bool isolated, int line)
{
	add_conf(st, "ipv4", dev, "arp_ignore", "1", line);
	add_conf(st, "ipv4", dev, "arp_announce", "2", line);
	if (!isolated)
		return;
	add_conf(st, "ipv6", dev, "disable_ipv6", "1", line);
	add_conf(st, "ipv4", dev, "rp_filter", "0", line);
	add_conf(st, "ipv4", dev, "accept_redirects", "0", line);
	add_conf(st, "ipv4", dev, "accept_source_route", "0", line);
}

static void
harden(struct single *st)
{
	const struct sysctl no_filter = { "net.ipv4.conf.all.rp_filter", "0" };
	struct plan *p = st->p;
	const struct lab *lab = st->lab;
	const int line = lab->production.line;

	if (st->s.netns != NULL) {
		plan_add(p, LOOKBACK_NETNS, st->s.netns, NULL, line);
		add_no_ipv6(p, st->s.netns, line);
		add_hardening(p, st->s.netns, line);
		add_bridging(p, st->s.netns, line);
		return;
	}
	harden_host_link(st, st->s.outer, false, lab->production.attach_line);
	for (size_t i = 0; i < st->s.n; i++)
		harden_host_link(
		    st, st->s.cells[i].link, true, st->s.cells[i].net->line);
	if (st->s.inner != NULL)
		harden_host_link(
		    st, st->s.inner, true, lab->nat.interface_line);
	add_sysctl(p, NULL, no_filter, false, line);
}

/* A link to a network, up. */
static void
add_inner(struct single *st, const char *dev, size_t index, unsigned mtu,
    const char *alias, int line)
{
	if (st->s.netns != NULL) {
		add_switch(
		    st->p, st->lab, st->s.netns, dev, index, mtu, alias, line);
	} else if (mtu != 0) {
		plan_add(st->p, LOOKBACK_MTU, NULL, dev, line)->number = mtu;
	}
	plan_add(st->p, LOOKBACK_UP, st->s.netns, dev, line);
}

static void
add_links(struct single *st, enum lab_attach attach)
{
	struct plan *p = st->p;

	if (st->s.netns != NULL)
		add_outer(p, st->lab, st->s.netns, attach);
	for (size_t i = 0; i < st->s.n; i++) {
		const struct lab_network *net = st->s.cells[i].net;

		add_inner(st, st->s.cells[i].link, i, net->mtu,
		    plan_printf(p, "network %.200s", net->name), net->line);
	}
	if (st->s.inner != NULL)
		add_inner(
		    st, st->s.inner, st->s.n, 0, "[Nat]", st->lab->nat.line);
}

/* The gateway is mimicked inside, and what is claimed is answered there, too.
 * Only a mark leads there: to the main table it is all production. */
static void
address_network(struct single *st, const struct plan_cell *c)
{
	const char *ns = st->s.netns;
	struct plan *p = st->p;

	add_address(
	    p, ns, c->link, c->net->gateway.addr, c->len, c->net->gateway_line)
	    ->u.address.alone = true;
	for (size_t k = 0; k < c->n_claims; k++)
		add_address(
		    p, ns, c->link, c->claims[k], 32, c->claim_lines[k]);
}

static void
route_mark(struct single *st, const char *dev, size_t index, uint32_t real,
    unsigned len, int line)
{
	struct lookback_step *rule;

	if (!st->stop)
		add_route(st->p, st->s.netns, dev, real, len, 0,
		    plan_single_table(index), line);
	/* The article's is asked last: its mark is part of all others. */
	rule = add_rule(st->p, st->s.netns, index == 0 ? 99 : 98,
	    plan_mark(index) & ~UINT32_C(4), NULL, plan_single_table(index),
	    line);
	if (index != 0)
		rule->u.rule.mask = 0xff02;
}

static void
add_networks(struct single *st)
{
	const struct lab_nat *nat = &st->lab->nat;
	size_t i;

	for (i = 0; i < st->s.n; i++)
		address_network(st, &st->s.cells[i]);
	if (st->s.inner != NULL)
		add_address(st->p, st->s.netns, st->s.inner, nat->address.addr,
		    nat->address.len, nat->address_line)
		    ->u.address.alone = st->s.twin;
	for (i = 0; i < st->s.n; i++) {
		const struct plan_cell *c = &st->s.cells[i];

		route_mark(
		    st, c->link, i, c->real, c->len, c->net->gateway_line);
		/* What the host itself sends gets its mark only once there is
		 * any way for it. */
		if (st->s.netns == NULL && !st->stop)
			add_route(st->p, NULL, c->link, c->mask, c->len, 0,
			    TABLE_MAIN, c->net->mask_line);
	}
	if (st->s.twin)
		route_mark(st, st->s.inner, i,
		    nat->address.addr & prefix_mask(nat->address.len),
		    nat->address.len, nat->address_line);
}

/* A step of this type on interface 0 for each address that the lab claims. */
static void
for_claims(struct single *st, enum lookback_step_type type, uint64_t number)
{
	struct lookback_step *s;

	for (size_t i = 0; i < st->s.n; i++)
		for (size_t k = 0; k < st->s.cells[i].n_claims; k++) {
			s = plan_add(st->p, type, st->s.netns, st->s.outer,
			    st->s.cells[i].claim_lines[k]);
			s->addr = st->s.cells[i].claims[k];
			s->len = 32;
			s->number = number;
		}
	for (size_t k = 0; k < st->s.n_claims; k++) {
		s = plan_add(st->p, type, st->s.netns, st->s.outer,
		    st->s.claim_lines[k]);
		s->addr = st->s.claims[k];
		s->len = 32;
		s->number = number;
	}
}

static void
for_own(struct single *st, enum lookback_step_type type, uint64_t number)
{
	struct lookback_step *s;

	if (st->lab->production.dhcp)
		return;
	s = plan_add(st->p, type, st->s.netns, st->s.outer,
	    st->lab->production.address_line);
	s->addr = st->lab->production.address.addr;
	s->len = st->lab->production.address.len;
	s->number = number;
}

/* On the host only between the links that the file names. */
static void
add_forwarding(struct single *st, const char *value)
{
	const int line = st->lab->production.line;

	if (st->s.netns != NULL) {
		add_sysctl(st->p, st->s.netns,
		    (struct sysctl){ "net.ipv4.ip_forward", value }, false,
		    line);
		return;
	}
	for (size_t i = 0; i < st->s.n; i++)
		add_conf(st, "ipv4", st->s.cells[i].link, "forwarding", value,
		    st->s.cells[i].net->line);
	if (st->s.inner != NULL)
		add_conf(st, "ipv4", st->s.inner, "forwarding", value,
		    st->lab->nat.interface_line);
	add_conf(st, "ipv4", st->s.outer, "forwarding", value,
	    st->lab->production.attach_line);
}

static void
open_outer(struct single *st)
{
	const struct lab *lab = st->lab;
	const uint64_t wait = (uint64_t)lab->production.probe_wait_ns;

	/* Production's gateway asks for us from the address that is mimicked
	 * here; without an answer nobody behind it finds the lab. */
	add_conf(st, "ipv4", st->s.outer, "accept_local", "1",
	    lab->production.attach_line);
	plan_add(st->p, LOOKBACK_UP, st->s.netns, st->s.outer,
	    lab->production.attach_line);
	for_own(st, LOOKBACK_PROBE, wait);
	for_claims(st, LOOKBACK_PROBE, wait);
	for_own(st, LOOKBACK_ADDRESS, 0);
	if (lab->production.gateway_line != 0 && st->s.netns != NULL)
		add_route(st->p, st->s.netns, st->s.outer, 0, 0,
		    lab->production.gateway, TABLE_MAIN,
		    lab->production.gateway_line)
		    ->u.route.near = true; /* it is mimicked here, too */
	for_claims(st, LOOKBACK_ADDRESS, 0);
	add_forwarding(st, "1");
	for_own(st, LOOKBACK_ANNOUNCE, 0);
	for_claims(st, LOOKBACK_ANNOUNCE, 0);
}

static void
add_start(struct single *st, enum lab_attach attach)
{
	harden(st);
	plan_add(st->p, LOOKBACK_RULESET, st->s.netns, NULL,
	    st->lab->production.line)
	    ->text = plan_single_rules(st->p, st->lab, &st->s);
	add_links(st, attach);
	add_networks(st);
	open_outer(st);
	if (st->s.netns != NULL)
		plan_host(st->p, st->lab, attach, st->s.cells);
}

/* ---- stop ---- */

static void
down(struct single *st, const char *dev, int line)
{
	plan_add(st->p, LOOKBACK_UP, st->s.netns, dev, line)->remove = true;
}

/* On the host all that was added goes, one by one; routes went with the links.
 */
static void
clear_host(struct single *st)
{
	struct plan *p = st->p;
	size_t from;

	add_forwarding(st, "0");
	from = p->pub.n_steps;
	add_networks(st);
	for_claims(st, LOOKBACK_ADDRESS, 0);
	plan_add(p, LOOKBACK_RULESET, NULL, NULL, st->lab->production.line)
	    ->text = "table inet lookback\n";
	while (from < p->pub.n_steps)
		p->steps[from++].remove = true;
}

/* The isolated links go down first; then interface 0 is deleted, not only down,
 * since a namespace ends later, in the background, and rules before links. */
static void
add_stop(struct single *st)
{
	const int line = st->lab->production.line;

	for (size_t i = 0; i < st->s.n; i++)
		down(st, st->s.cells[i].link, st->s.cells[i].net->line);
	if (st->s.inner != NULL)
		down(st, st->s.inner, st->lab->nat.line);
	if (st->s.netns == NULL) {
		clear_host(st);
		return;
	}
	remove_outer(st->p, st->lab, st->s.netns);
	plan_host_stop(st->p, st->lab, st->s.cells);
	plan_add(st->p, LOOKBACK_NETNS, st->s.netns, NULL, line)->remove = true;
}

int
plan_single_find(struct plan_single *s, struct plan *p, const struct lab *lab,
    const struct plan_cell *cells, struct err *err)
{
	const bool host = lab_is_on_host(lab);
	int rc;

	*s = (struct plan_single){ .cells = cells, .n = lab->n_networks };
	s->netns = host ? NULL : plan_printf(p, "lookback.%s", lab->name);
	s->outer = host ? lab->production.attach : PLAN_OUTER;
	if (lab->nat.line != 0)
		s->inner = host ? lab->nat.interface : "nat";
	for (size_t i = 0; i < lab->nat.n_rules; i++)
		s->twin = s->twin || lab->nat.rule[i].kind == LAB_TWIN;
	if ((rc = gather_claims(s, lab, err)) != 0)
		plan_single_done(s);
	return rc;
}

void
plan_single_done(struct plan_single *s)
{
	free(s->claims);
	free(s->claim_lines);
}

int
plan_single(struct plan *p, const struct lab *lab,
    const struct plan_cell *cells, enum lab_attach attach, bool stop,
    struct err *err)
{
	struct single st = { .p = p, .lab = lab, .stop = stop };
	int rc;

	if ((rc = plan_single_find(&st.s, p, lab, cells, err)) != 0)
		return rc;
	if (stop)
		add_stop(&st);
	else
		add_start(&st, attach);
	plan_single_done(&st.s);
	return 0;
}
