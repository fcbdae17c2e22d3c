/*
 * How the lab's own host reaches it: routes to the masks and the claimed
 * addresses, by the router.
 *
 * On a bridge the host is a neighbour of interface 0 like any other, so it needs
 * no more than others do. On a NIC it is not: a macvlan and its parent never see
 * each other. So the host gets a second one beside interface 0, bare but for
 * routes: what it sends there comes from its own address on the NIC, which stays
 * where it is. That link neither asks nor answers ARP, since it would answer for
 * all addresses of the host, with another MAC than the NIC's, to all of
 * production; each side knows the other instead. Reverse path filtering takes
 * from it only what the lab sends: broadcasts in production come by the NIC.
 *
 * The lab stands without all this, and the host may have no address there.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_steps.h"

/* By the router, from this host's own address there. */
static void
route_by(struct plan *p, const struct lab *lab, const char *dev, uint32_t to,
    unsigned len, int line)
{
	struct lookback_step *s = add_route(p, NULL, dev, to, len,
	    lab->production.address.addr, TABLE_MAIN, line);

	s->u.route.source = lab->production.attach;
	s->u.route.via_file = plan_leased_address(p, lab);
}

/* On a bridge, what is claimed in production's own network is found by ARP, as
 * by everybody there. Of a lease's network nothing is known here. */
static void
add_routes(struct plan *p, const struct lab *lab, const struct plan_cell *cells,
    const char *dev, bool all_claims)
{
	const struct prefix own = lab->production.address;

	for (size_t i = 0; i < lab->n_networks; i++) {
		const struct plan_cell *c = &cells[i];

		route_by(p, lab, dev, c->mask, c->len, c->net->mask_line);
		for (size_t j = 0; j < c->n_claims; j++)
			if (all_claims || lab->production.dhcp ||
			    ((c->claims[j] ^ own.addr) &
				prefix_mask(own.len)) != 0)
				route_by(p, lab, dev, c->claims[j], 32,
				    c->claim_lines[j]);
	}
}

/* What may fail stands first: that this host has an address, that the NIC can
 * bear another link. Then nothing of it is left half done. */
static void
add_link(struct plan *p, const struct lab *lab, const char *dev)
{
	const uint32_t router = lab->production.address.addr;
	const int line = lab->production.attach_line;
	const char *front = plan_printf(p, "lookback.%s", lab->name);
	const char *leased = plan_leased_address(p, lab);
	const struct sysctl no_ipv6 = {
		plan_printf(p, "net.ipv6.conf.%s.disable_ipv6", dev), "1"
	};
	const struct sysctl filter = {
		plan_printf(p, "net.ipv4.conf.%s.rp_filter", dev), "1"
	};
	struct lookback_step *s;

	s = add_neighbour(p, lab, front, PLAN_OUTER, router, dev, 0, line);
	s->u.neighbour.owner = lab->production.attach;
	s->addr_file = leased;
	s = plan_add(p, LOOKBACK_LINK, NULL, dev, line);
	s->u.link.kind = LOOKBACK_MACVLAN;
	s->u.link.parent = lab->production.attach;
	add_mac(p, lab, NULL, dev, 0, line);
	add_alias(p, NULL, dev, plan_printf(p, "lab %s", lab->name), line);
	add_sysctl(p, NULL, no_ipv6, true, line);
	add_sysctl(p, NULL, filter, false, line);
	plan_add(p, LOOKBACK_UP_NOARP, NULL, dev, line);
	add_neighbour(p, lab, NULL, dev, router, PLAN_OUTER, 0, line)
	    ->addr_file = leased;
	s = add_route(p, NULL, dev, router, 32, 0, TABLE_MAIN,
	    lab->production.address_line);
	s->u.route.source = lab->production.attach;
	s->addr_file = leased;
}

void
plan_host(struct plan *p, const struct lab *lab, enum lab_attach attach,
    const struct plan_cell *cells)
{
	const char *dev = lab->production.attach, *advice;
	size_t i = p->pub.n_steps;

	if (attach == LAB_BRIDGE) {
		advice = plan_printf(p,
		    "this host itself does not reach the lab; it needs an "
		    "address of production's network on %s",
		    dev);
	} else {
		advice = plan_printf(p,
		    "this host itself does not reach the lab; the surer way is "
		    "a bridge as Attach, with %s as its port and this host's "
		    "address on it",
		    dev);
		dev = plan_host_link(p, lab, "host");
		add_link(p, lab, dev);
	}
	add_routes(p, lab, cells, dev, attach == LAB_NIC);
	for (; i < p->pub.n_steps; i++)
		p->steps[i].advice = advice;
}

void
plan_host_stop(
    struct plan *p, const struct lab *lab, const struct plan_cell *cells)
{
	size_t i = p->pub.n_steps;

	/* With the link go the routes by it. */
	plan_add(p, LOOKBACK_LINK, NULL, plan_host_link(p, lab, "host"),
	    lab->production.attach_line);
	add_routes(p, lab, cells, NULL, false);
	for (; i < p->pub.n_steps; i++)
		p->steps[i].remove = true;
}
