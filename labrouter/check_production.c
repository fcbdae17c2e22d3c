/*
 * Check: the lab's name, and the router's own address in production.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "check_private.h"

#include <string.h>

static void
check_gateway(struct checker *c, size_t i)
{
	const struct lab *lab = c->labs[i];
	struct prefix own = lab->production.address;
	struct place address = { i, lab->production.address_line };
	struct place at = { i, lab->production.gateway_line };

	if (lab->production.gateway == own.addr)
		check_error(c, at, address,
		    "Gateway: " IP_FMT " is the router's own Address; write "
		    "production's gateway",
		    IP(own.addr));
	else if (!prefix_holds(own, lab->production.gateway))
		check_error(c, at, address,
		    "Gateway: " IP_FMT " is not in production's subnet " NET_FMT
		    "; write a gateway that is",
		    IP(lab->production.gateway), NET(own));
}

bool
check_is_hosts(const struct checker *c, const struct lab *lab, uint32_t addr)
{
	for (size_t r = 0; r < c->n_routes && !lab_is_on_host(lab); r++)
		if (c->routes[r].own && c->routes[r].to.addr == addr)
			return true;
	return false;
}

/* A port gives all that it hears to its bridge, and nothing to a lab. */
static void
check_attach(struct checker *c, size_t i)
{
	const char *attach = c->labs[i]->production.attach;
	struct place at = { i, c->labs[i]->production.attach_line };

	for (size_t k = 0; attach != NULL && k < c->n_ports; k++)
		if (strcmp(c->ports[k].dev, attach) == 0)
			check_error(c, at, NO_PLACE,
			    "Attach: %.15s is a port of the bridge %.15s; "
			    "write Attach = %.15s",
			    attach, c->ports[k].bridge, c->ports[k].bridge);
}

/* Namespaces are named after their lab. */
static void
check_name(struct checker *c, size_t i)
{
	struct place at = { i, c->labs[i]->production.line };

	for (size_t o = 0; o < i; o++)
		if (strcmp(c->labs[o]->name, c->labs[i]->name) == 0)
			check_error(c, at,
			    (struct place){ o, c->labs[o]->production.line },
			    "two files are the lab %.32s; give one of them "
			    "another name",
			    c->labs[i]->name);
}

void
check_production(struct checker *c)
{
	for (size_t i = 0; i < c->n_labs; i++) {
		const struct lab *lab = c->labs[i];
		struct prefix own = lab->production.address;
		struct place at = { i, lab->production.address_line };

		check_name(c, i);
		check_attach(c, i);
		if (!has_address(lab))
			continue;
		if (lab->production.gateway_line != 0)
			check_gateway(c, i);
		if (holds_hub(lab, own))
			check_error(c, at, NO_PLACE,
			    "Address: " IP_FMT
			    " in production's subnet " NET_FMT
			    " is the lab's own; write Layout = single",
			    IP(LAB_HUB), NET(own));
		/* A NIC's other macvlans do not hear the host's answer to a
		 * probe. */
		if (check_is_hosts(c, lab, own.addr))
			check_error(c, at, NO_PLACE,
			    "Address: " IP_FMT " is this host's own; write a "
			    "free address for the router",
			    IP(own.addr));
		for (size_t o = 0; o < i; o++)
			if (has_address(c->labs[o]) &&
			    c->labs[o]->production.address.addr == own.addr)
				check_error(c, at,
				    (struct place){ o,
					c->labs[o]->production.address_line },
				    "Address: " IP_FMT
				    " is another lab's router; write a free "
				    "address",
				    IP(own.addr));
		for (size_t k = 0; k < lab->n_networks; k++)
			if (lab->network[k].gateway.addr == own.addr)
				check_error(c, at,
				    (struct place){
					i, lab->network[k].gateway_line },
				    "Address: " IP_FMT
				    " is the gateway of a network; write a "
				    "free address",
				    IP(own.addr));
	}
}
