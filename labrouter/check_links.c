/*
 * Check: what a network hangs on. A link that two isolated networks share, or
 * share with production, is a hole that no rule can close.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "check_private.h"

#include <string.h>

static void
check_layout(struct checker *c, struct place at, const struct lab *lab,
    const struct lab_network *net)
{
	const enum lab_layout layout = lab->layout;

	if (layout == LAB_CELLS && net->interface != NULL)
		check_error(c, at, NO_PLACE,
		    "Interface = %.15s is for Layout = single: a cell has its "
		    "own switch; write Bridge = NAME for a hypervisor's "
		    "bridge, or nothing",
		    net->interface);
	if (net->interface == NULL && lab_is_on_host(lab))
		check_error(c, at, NO_PLACE,
		    "another network has an Interface of this host; write "
		    "Interface = NAME here as well, or nowhere");
	if (layout == LAB_SINGLE && net->bridge != NULL)
		check_error(c, at, NO_PLACE,
		    "Bridge = %.15s is for Layout = cells; write Interface = "
		    "%.15s on a router that does nothing else",
		    net->bridge, net->bridge);
	if (layout == LAB_SINGLE && (net->proxy || net->dns))
		check_error(c, at, NO_PLACE,
		    "%s = yes is for Layout = cells; write that, or take the "
		    "line out",
		    net->proxy ? "Proxy" : "Dns");
}

/* The links of a network that lie on this host. */
static const char *
link_of(const struct lab_network *net, int n)
{
	return n == 0 ? net->interface : net->bridge;
}

static void
check_link(struct checker *c, size_t i, size_t k, const char *name)
{
	struct place at = { i, c->labs[i]->network[k].line };

	for (size_t o = 0; o < c->n_labs; o++) {
		const struct lab *lab = c->labs[o];
		size_t end = o < i ? lab->n_networks : o == i ? k : 0;

		if (lab->production.attach != NULL &&
		    strcmp(lab->production.attach, name) == 0)
			check_error(c, at,
			    (struct place){ o, lab->production.attach_line },
			    "%.15s is Attach, the link to production; write a "
			    "link of its own for this network",
			    name);
		for (size_t n = 0; n < end; n++)
			for (int l = 0; l < 2; l++) {
				const char *other = link_of(
				    &lab->network[n], l);

				if (other != NULL && strcmp(other, name) == 0)
					check_error(c, at,
					    (struct place){
						o, lab->network[n].line },
					    "%.15s is another network's link, "
					    "and both would be one; write a "
					    "link of its own for each",
					    name);
			}
	}
}

/* What hangs on an isolated bridge is isolated, or nothing there is. */
static void
check_ports(struct checker *c, struct place at, const char *bridge)
{
	for (size_t i = 0; i < c->n_ports; i++)
		for (size_t o = 0; o < c->n_labs; o++) {
			const struct lab *lab = c->labs[o];

			if (strcmp(c->ports[i].bridge, bridge) == 0 &&
			    strcmp(c->ports[i].dev, lab->production.attach) ==
				0)
				check_error(c, at,
				    (struct place){
					o, lab->production.attach_line },
				    "Bridge = %.15s: Attach, the link to "
				    "production, is a port of it; write a "
				    "bridge that %.15s is no port of",
				    bridge, c->ports[i].dev);
		}
}

/* A bridge with this host's address on it answers for this host, and is to be
 * cut off from it. */
static void
check_bridge(struct checker *c, struct place at, const char *bridge)
{
	for (size_t r = 0; r < c->n_routes; r++)
		if (strcmp(c->routes[r].dev, bridge) == 0) {
			check_error(c, at, NO_PLACE,
			    "Bridge = %.15s: this host itself uses it, with a "
			    "route to " NET_FMT
			    "; write a bridge without addresses",
			    bridge, NET(c->routes[r].to));
			return;
		}
}

/* A namespace has one table of ours, one set of marks and tables. */
static void
check_host(struct checker *c, size_t i)
{
	for (size_t o = 0; o < i && lab_is_on_host(c->labs[i]); o++)
		if (lab_is_on_host(c->labs[o]))
			check_error(c,
			    (struct place){ i, c->labs[i]->layout_line },
			    (struct place){ o, c->labs[o]->layout_line },
			    "two labs have an Interface of this host, and only "
			    "one fits into its namespace; write Layout = cells "
			    "here");
}

void
check_links(struct checker *c)
{
	for (size_t i = 0; i < c->n_labs; i++)
		check_host(c, i);
	for (size_t i = 0; i < c->n_labs; i++)
		for (size_t k = 0; k < c->labs[i]->n_networks; k++) {
			const struct lab_network *net = &c->labs[i]->network[k];
			struct place at = { i, net->line };

			check_layout(c, at, c->labs[i], net);
			if (net->interface != NULL)
				check_link(c, i, k, net->interface);
			if (net->bridge != NULL) {
				check_link(c, i, k, net->bridge);
				check_bridge(c, at, net->bridge);
				check_ports(c, at, net->bridge);
			}
		}
}
