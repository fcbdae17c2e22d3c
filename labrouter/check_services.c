/*
 * Check: what the proxy and the name server can do at all.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "check_private.h"

/* The proxy reaches what lies behind production's gateway, and of production's
 * own subnet what is no original of a machine here. */
static void
check_proxy(struct checker *c, size_t i, const struct lab_network *net)
{
	const struct lab *lab = c->labs[i];
	struct place at = { i, net->proxy_line };
	struct place address = { i, lab->production.address_line };

	if (!net->proxy || !has_address(lab) ||
	    lab->production.gateway_line != 0)
		return;
	for (size_t k = 0; k < lab->n_networks; k++)
		if (prefix_covers(
			lab->network[k].gateway, lab->production.address)) {
			check_error(c, at, address,
			    "Proxy: it would reach nothing: production has no "
			    "Gateway, and its subnet " NET_FMT
			    " is isolated here; write a Gateway in "
			    "[Production]",
			    NET(lab->production.address));
			return;
		}
	check_warning(c, at, address,
	    "Proxy: production has no Gateway, so only its own subnet " NET_FMT
	    " is reached; write one in [Production] for what lies behind",
	    NET(lab->production.address));
}

/* An address in an answer leads to one mask. */
static void
check_two_names(struct checker *c, size_t i, const struct lab_network *a,
    const struct lab_network *b)
{
	if (a->dns && b->dns && prefix_overlaps(a->gateway, b->gateway))
		check_error(c, (struct place){ i, b->dns_line },
		    (struct place){ i, a->dns_line },
		    "Dns: a name in the real subnet " NET_FMT
		    " could lead to two masks; write Dns = yes in one of these "
		    "networks",
		    NET(b->gateway));
}

void
check_services(struct checker *c)
{
	for (size_t i = 0; i < c->n_labs; i++)
		for (size_t k = 0; k < c->labs[i]->n_networks; k++) {
			const struct lab_network *net = &c->labs[i]->network[k];

			check_proxy(c, i, net);
			for (size_t o = 0; o < k; o++)
				check_two_names(
				    c, i, &c->labs[i]->network[o], net);
		}
}
