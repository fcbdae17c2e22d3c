/*
 * Check: real subnets and their masks. A mask is a second name for a whole
 * subnet, so nobody else may go by it: no production network, no other lab, no
 * route of this host.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "check_private.h"

#include <stdio.h>
#include <string.h>

/* A default route says nothing about who is there. VPNs set it in two halves.
 */
static bool
is_default(struct prefix p)
{
	return p.len <= 1;
}

static const struct host_route *
route_over(const struct checker *c, struct prefix p)
{
	for (size_t i = 0; i < c->n_routes; i++)
		if (!is_default(c->routes[i].to) &&
		    prefix_overlaps(c->routes[i].to, p))
			return &c->routes[i];
	return NULL;
}

/* ---- a mask that would do ---- */

static bool
is_free(const struct checker *c, const struct lab_network *net, struct prefix p)
{
	for (size_t i = 0; i < c->n_labs; i++) {
		const struct lab *lab = c->labs[i];

		if (has_address(lab) &&
		    prefix_overlaps(lab->production.address, p))
			return false;
		for (size_t k = 0; k < lab->n_networks; k++) {
			const struct lab_network *o = &lab->network[k];

			if (prefix_overlaps(o->gateway, p) ||
			    (o != net && prefix_overlaps(o->mask, p)))
				return false;
		}
	}
	return route_over(c, p) == NULL;
}

/* "Mask = ...": as large as the real subnet, used by nobody, the next after
 * the mask that was meant, else any. Only a word of advice, so the search is short. */
static const char *
advice(const struct checker *c, const struct lab_network *net, char buf[64])
{
	static const struct prefix blocks[] = {
		{ 0xc0a80000, 16 }, /* 192.168.0.0 */
		{ 0xac100000, 12 }, /* 172.16.0.0 */
		{ 0x0a000000, 8 },  /* 10.0.0.0 */
	};
	enum { FAR = 1024 };

	for (size_t pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
			struct prefix p = { blocks[i].addr, net->gateway.len };

			if (pass == 0)
				p = prefix_net(
				    (struct prefix){ net->mask.addr, p.len });
			for (size_t n = 0;
			     n < FAR && prefix_covers(blocks[i], p);
			     n++, p.addr += ~prefix_mask(p.len) + 1)
				if (is_free(c, net, p)) {
					(void)snprintf(buf, 64,
					    "write Mask = " NET_FMT, NET(p));
					return buf;
				}
		}
	(void)snprintf(
	    buf, 64, "write a free prefix of length %u", net->gateway.len);
	return buf;
}

/* ---- one network ---- */

static void
check_real(struct checker *c, size_t i, const struct lab_network *net)
{
	const struct lab *lab = c->labs[i];
	struct place at = { i, net->gateway_line };

	if (holds_hub(lab, net->gateway))
		check_error(c, at, NO_PLACE,
		    "Gateway: " IP_FMT " in the real subnet " NET_FMT
		    " is the lab's own; write Layout = single",
		    IP(LAB_HUB), NET(net->gateway));
	/* Over the NIC to production it is production, seen as it should be;
	 * over the network's own Interface it is the lab that stands. */
	for (size_t r = 0; r < c->n_routes; r++) {
		const struct host_route *route = &c->routes[r];

		if (!prefix_covers(prefix_net(net->gateway), route->to) ||
		    (lab->production.attach != NULL &&
			strcmp(route->dev, lab->production.attach) == 0) ||
		    (net->interface != NULL &&
			strcmp(route->dev, net->interface) == 0))
			continue;
		check_warning(c, at, NO_PLACE,
		    "Gateway: this host has " NET_FMT
		    " of the real subnet " NET_FMT
		    " behind %.15s, not behind Attach; see that these are "
		    "not the lab's machines",
		    NET(route->to), NET(net->gateway),
		    route->dev[0] != '\0' ? route->dev : "no device");
		break;
	}
}

/* Does the mask lie over a lab's production? */
static bool
is_over(struct checker *c, struct place at, const struct lab_network *net,
    size_t other)
{
	const struct lab *lab = c->labs[other];
	struct place there = { other, lab->production.address_line };
	char buf[64];

	for (size_t n = 0; n < lab->n_networks; n++) {
		const struct lab_network *real = &lab->network[n];

		if (!prefix_overlaps(net->mask, real->gateway))
			continue;
		there.line = real->gateway_line;
		check_error(c, at, there,
		    "Mask: " NET_FMT " lies over the real subnet " NET_FMT
		    ", which is production's; %s",
		    NET(net->mask), NET(real->gateway), advice(c, net, buf));
		return true;
	}
	if (!has_address(lab) ||
	    !prefix_overlaps(net->mask, lab->production.address))
		return false;
	check_error(c, at, there,
	    "Mask: " NET_FMT " lies over production's own subnet " NET_FMT
	    "; %s",
	    NET(net->mask), NET(lab->production.address), advice(c, net, buf));
	return true;
}

/* Of what is wrong with a mask by itself only the first is said: it takes one
 * new mask to mend all. */
static void
check_mask(struct checker *c, size_t i, const struct lab_network *net)
{
	struct place at = { i, net->mask_line };
	const struct host_route *route;
	char buf[64];

	if (net->mask.len != net->gateway.len) {
		check_error(c, at, (struct place){ i, net->gateway_line },
		    "Mask: " NET_FMT
		    " is not as large as the real subnet " NET_FMT "; %s",
		    NET(net->mask), NET(net->gateway), advice(c, net, buf));
		return;
	}
	if (!prefix_is_unicast(net->mask)) {
		check_error(c, at, NO_PLACE,
		    "Mask: " NET_FMT " is not for single machines; %s",
		    NET(net->mask), advice(c, net, buf));
		return;
	}
	if (holds_hub(c->labs[i], net->mask)) {
		check_error(c, at, NO_PLACE,
		    "Mask: " IP_FMT " in " NET_FMT " is the lab's own; %s",
		    IP(LAB_HUB), NET(net->mask), advice(c, net, buf));
		return;
	}
	for (size_t o = 0; o < c->n_labs; o++)
		if (is_over(c, at, net, o))
			return;
	if ((route = route_over(c, net->mask)) != NULL)
		check_error(c, at, NO_PLACE,
		    "Mask: " NET_FMT
		    " is in use: this host has a route to " NET_FMT
		    " (%.15s); %s",
		    NET(net->mask), NET(route->to),
		    route->dev[0] != '\0' ? route->dev : "no device",
		    advice(c, net, buf));
}

/* ---- two of them ---- */

static void
check_two_masks(struct checker *c, struct place a, const struct lab_network *na,
    struct place b, const struct lab_network *nb)
{
	char buf[64];

	if (prefix_overlaps(na->mask, nb->mask))
		check_error(c, b, a,
		    "Mask: " NET_FMT " lies over the mask " NET_FMT "; %s",
		    NET(nb->mask), NET(na->mask), advice(c, nb, buf));
}

/* One namespace has one way to an address: the article's answer, a mask and
 * marks for each, tells the copies apart from outside, not from each other. */
static void
check_two_reals(struct checker *c, size_t i, const struct lab_network *a,
    const struct lab_network *b)
{
	if (c->labs[i]->layout == LAB_SINGLE &&
	    prefix_overlaps(a->gateway, b->gateway))
		check_error(c, (struct place){ i, b->gateway_line },
		    (struct place){ i, a->gateway_line },
		    "Gateway: the real subnet " NET_FMT
		    " is there twice, and replies would mix in one "
		    "namespace; write Layout = cells",
		    NET(b->gateway));
}

void
check_networks(struct checker *c)
{
	for (size_t i = 0; i < c->n_labs; i++)
		for (size_t k = 0; k < c->labs[i]->n_networks; k++) {
			const struct lab_network *net = &c->labs[i]->network[k];
			struct place at = { i, net->mask_line };

			check_real(c, i, net);
			check_mask(c, i, net);
			for (size_t o = 0; o <= i; o++) {
				const struct lab *lab = c->labs[o];
				size_t end = o == i ? k : lab->n_networks;

				for (size_t n = 0; n < end; n++) {
					const struct lab_network *b =
					    &lab->network[n];

					check_two_masks(c,
					    (struct place){ o, b->mask_line },
					    b, at, net);
					if (o == i)
						check_two_reals(c, i, b, net);
				}
			}
		}
}
