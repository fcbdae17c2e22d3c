/*
 * Where a packet goes, by the lab file alone: each way there is, and the words.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "labrouter/trace.h"

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char lab_file[] =
    "[Production]\n"
    "Attach = eth0\n"
    "Address = 192.168.149.50/24\n"
    "Gateway = 192.168.149.2\n"
    "[Network \"VM Network\"]\n"
    "Gateway = 192.168.149.2/24\n"
    "Mask = 192.168.150.0/24\n"
    "Static = 192.168.149.136 -> 192.168.149.36\n"
    "Publish = 99.99.99.99 tcp 80,443 -> 192.168.149.36\n"
    "Publish = 99.99.99.99 tcp 8080 -> 192.168.149.37 80\n"
    "Publish = 192.168.149.138 tcp 22 -> 192.168.149.38\n"
    "Join = DMZ\n"
    "[Network \"DMZ\"]\n"
    "Gateway = 10.10.1.1/24\n"
    "Mask = 172.16.1.0/24\n"
    "Static = 10.10.1.99 -> 10.10.1.9\n"
    "[Network \"Guarded\"]\n"
    "Gateway = 192.168.149.2/24\n"
    "Mask = 192.168.151.0/24\n"
    "Allow = from 10.7.0.0/16 192.168.149.36 tcp 22,80-90\n"
    "Allow = 192.168.149.37 icmp\n"
    "Allow = 192.168.149.38\n"
    "Publish = 99.99.99.98 udp 53 -> 192.168.149.36\n";
/* The same without a way to strangers. */
static const char near_file[] = "[Production]\n"
				"Attach = eth0\n"
				"Address = 192.168.149.50/24\n"
				"[Network \"A\"]\n"
				"Gateway = 10.10.1.1/24\n"
				"Mask = 10.20.1.0/24\n";

/* With programs in the front, and an address that nobody knows before. */
static const char served_file[] = "[Production]\n"
				  "Attach = eth0\n"
				  "Address = 192.168.149.50/24\n"
				  "[Network \"A\"]\n"
				  "Gateway = 10.10.1.1/24\n"
				  "Mask = 10.20.1.0/24\n"
				  "Proxy = yes\n"
				  "Dns = yes\n"
				  "[Network \"B\"]\n"
				  "Gateway = 10.10.2.1/24\n"
				  "Mask = 10.20.2.0/24\n";
static const char leased_file[] = "[Production]\n"
				  "Attach = eth0\n"
				  "Address = dhcp\n"
				  "[Network \"A\"]\n"
				  "Gateway = 10.10.1.1/24\n"
				  "Mask = 10.20.1.0/24\n";

/* In one namespace: of its own, of the host, with [Nat]. */
#define SINGLE "[Lab]\nLayout = single\n"
static const char single_file[] = SINGLE
    "[Production]\n"
    "Attach = eth0\n"
    "Address = 192.168.149.50/24\n"
    "[Network \"VM Network\"]\n"
    "Gateway = 192.168.149.2/24\n"
    "Mask = 192.168.150.0/24\n"
    "Static = 192.168.149.136 -> 192.168.149.36\n"
    "Publish = 99.99.99.99 tcp 8080 -> 192.168.149.37 80\n"
    "Join = DMZ\n"
    "[Network \"DMZ\"]\n"
    "Gateway = 10.10.1.1/24\n"
    "Mask = 172.16.1.0/24\n"
    "Publish = 10.10.1.99 udp 53 -> 10.10.1.9\n"
    "Allow = from 10.7.0.0/16 10.10.1.5 tcp 22,80-90\n"
    "[Network \"Alone\"]\n"
    "Gateway = 10.10.3.1/24\n"
    "Mask = 172.16.3.0/24\n";
static const char router_file[] = SINGLE "[Production]\n"
					 "Attach = eth0\n"
					 "Address = dhcp\n"
					 "[Network \"A\"]\n"
					 "Gateway = 10.10.1.1/24\n"
					 "Mask = 10.20.1.0/24\n"
					 "Static = 10.30.1.9 -> 10.10.1.9\n"
					 "Interface = eth1\n"
					 "[Nat]\n"
					 "Interface = eth2\n"
					 "Address = 192.168.1.1/24\n"
					 "Masquerade = 192.168.1.0/24\n";
static const char nat_file[] = SINGLE "[Production]\n"
				      "Attach = eth0\n"
				      "Address = 109.132.94.20/24\n"
				      "Gateway = 109.132.94.1\n"
				      "[Nat]\n"
				      "Address = 192.168.1.1/24\n"
				      "Dnat = 109.132.94.20 tcp 80 -> "
				      "192.168.1.2 8080\n"
				      "Dnat = 109.132.94.21 -> 192.168.1.3\n"
				      "Redirect = udp 53 -> 192.168.1.4\n"
				      "Redirect = tcp 88 -> 3128\n"
				      "Netmap = to 109.132.95.0/24 -> "
				      "192.168.1.0/24\n"
				      "Deny = 192.168.1.0/24 tcp 25\n"
				      "Pass = 192.168.1.9 icmp\n"
				      "Snat = 192.168.1.8/29 -> 109.132.94.22 "
				      "30001-30100\n"
				      "Netmap = from 192.168.1.128/25 -> "
				      "109.132.95.128/25\n"
				      "Masquerade = 192.168.1.0/26 tcp 443\n";
static const char twin_file[] = SINGLE "[Production]\n"
				       "Attach = eth0\n"
				       "Address = 192.168.1.20/24\n"
				       "[Network \"A\"]\n"
				       "Gateway = 10.10.1.1/24\n"
				       "Mask = 10.20.1.0/24\n"
				       "[Nat]\n"
				       "Address = 192.168.1.1/24\n"
				       "Twin = 192.168.2.0/24 -> "
				       "192.168.1.0/24\n";

struct way {
	const char *name;
	const char *lab;
	const char *asked; /* SIDE SRC DST [PROTO [PORT]]; 0: production */
	const char *ends;  /* END[ NET SRC DST PORT] */
	const char *says;  /* in the words, or NULL */
};

/* clang-format off */
static const struct way ways[] = {
	/* from production */
	{ "by_the_mask", lab_file,
	    "0 192.168.149.22 192.168.150.36 tcp 22",
	    "arrives 1 192.168.149.2 192.168.149.36 22",
	    "cell 1: rule 0x2/0x2, table 2: 192.168.149.0/24 -> in\n" },
	{ "by_the_mask_as_the_gateway_that_is_mimicked", lab_file,
	    "0 192.168.149.2 192.168.150.36",
	    "arrives 1 192.168.149.2 192.168.149.36 0",
	    "front: rule iif if0, table main: 192.168.150.0/24, the mask of "
	    "VM Network -> c1\n" },
	{ "by_the_masks_broadcast", lab_file,
	    "0 192.168.149.22 192.168.150.255 udp 9",
	    "every 1 192.168.149.2 192.168.149.255 9", NULL },
	{ "by_a_static_mapping", lab_file,
	    "0 8.8.8.8 192.168.149.136",
	    "arrives 1 192.168.149.2 192.168.149.36 0",
	    "destination 192.168.149.136 becomes 192.168.149.36\n" },
	{ "to_what_is_published", lab_file,
	    "0 8.8.8.8 99.99.99.99 tcp 443",
	    "arrives 1 192.168.149.2 192.168.149.36 443",
	    "mark 0x6: 99.99.99.99 is claimed\n" },
	{ "to_what_is_published_under_another_port", lab_file,
	    "0 8.8.8.8 99.99.99.99 tcp 8080",
	    "arrives 1 192.168.149.2 192.168.149.37 80",
	    "port 8080 becomes 80\n" },
	{ "to_a_port_that_is_not_published", lab_file,
	    "0 8.8.8.8 99.99.99.99 tcp 81", "dropped",
	    "cell 1: dropped by chain input" },
	{ "to_a_published_port_of_another_protocol", lab_file,
	    "0 8.8.8.8 99.99.99.99 udp 80", "dropped", NULL },
	{ "a_ping_of_what_is_published", lab_file,
	    "0 8.8.8.8 99.99.99.99", "answered", "which is 99.99.99.99 here" },
	{ "a_ping_of_what_is_published_in_the_real_subnet", lab_file,
	    "0 192.168.149.22 192.168.149.138", "dropped",
	    "chain forward lets in what was translated" },
	{ "a_ping_of_interface_0", lab_file,
	    "0 192.168.149.22 192.168.149.50", "answered", "front: answered" },
	{ "a_connection_to_interface_0", lab_file,
	    "0 192.168.149.22 192.168.149.50 tcp 22", "dropped",
	    "front: dropped by chain input" },
	{ "a_ping_of_the_masked_gateway", lab_file,
	    "0 192.168.149.22 192.168.150.2", "answered",
	    "cell 1: answered by the router, which is 192.168.150.2 here" },
	{ "a_connection_to_the_masked_gateway", lab_file,
	    "0 192.168.149.22 192.168.150.2 tcp 22", "dropped", "chain input" },
	{ "to_production_itself", lab_file,
	    "0 192.168.149.22 192.168.149.36 tcp 22", "dropped",
	    "production's own" },
	{ "to_a_network_that_joined_but_not_production", lab_file,
	    "0 192.168.149.22 10.10.1.5", "dropped",
	    "table main: 0.0.0.0/0 -> if0" },
	{ "to_all_of_production", lab_file,
	    "0 192.168.149.22 192.168.149.255", "dropped", "no ping of many" },
	{ "to_many", lab_file,
	    "0 192.168.149.22 224.0.0.1 udp 9", "dropped", NULL },
	{ "from_the_routers_own_address", lab_file,
	    "0 192.168.149.50 192.168.150.36", "dropped", "front: dropped" },
	{ "from_all_inside", lab_file,
	    "0 10.10.1.255 172.16.1.5",
	    "arrives 2 10.10.1.1 10.10.1.5 0", NULL },
	{ "as_all_from_inside", lab_file,
	    "1 192.168.149.255 192.168.150.36", "dropped",
	    "nothing comes from 192.168.149.255" },
	{ "without_a_way_back", near_file,
	    "0 8.8.8.8 192.168.149.50", "unrouted", "no way to 8.8.8.8" },
	{ "without_a_way_back_for_the_cells_answer", near_file,
	    "0 8.8.8.8 10.20.1.1", "unrouted", "no way to 8.8.8.8" },
	{ "without_a_way_on", near_file,
	    "0 192.168.149.22 8.8.8.8", "unrouted", "nothing leads to 8.8.8.8" },

	/* who may enter */
	{ "what_is_allowed", lab_file,
	    "0 10.7.3.4 192.168.151.36 tcp 85",
	    "arrives 3 192.168.149.2 192.168.149.36 85", NULL },
	{ "from_elsewhere", lab_file,
	    "0 10.8.3.4 192.168.151.36 tcp 85", "dropped", "no Allow" },
	{ "a_port_that_is_not_allowed", lab_file,
	    "0 10.7.3.4 192.168.151.36 tcp 91", "dropped", "chain admit" },
	{ "a_ping_that_is_not_allowed", lab_file,
	    "0 10.7.3.4 192.168.151.36", "dropped", NULL },
	{ "a_ping_that_is_allowed", lab_file,
	    "0 8.8.8.8 192.168.151.37",
	    "arrives 3 192.168.149.2 192.168.149.37 0", NULL },
	{ "a_ping_is_no_connection", lab_file,
	    "0 8.8.8.8 192.168.151.37 udp 8", "dropped", NULL },
	{ "all_is_allowed", lab_file,
	    "0 8.8.8.8 192.168.151.38 udp 8",
	    "arrives 3 192.168.149.2 192.168.149.38 8", NULL },
	{ "a_machine_that_nobody_named", lab_file,
	    "0 8.8.8.8 192.168.151.39", "dropped", NULL },
	{ "what_is_published_is_allowed", lab_file,
	    "0 8.8.8.8 99.99.99.98 udp 53",
	    "arrives 3 192.168.149.2 192.168.149.36 53", NULL },
	{ "inside_all_is_allowed", lab_file,
	    "3 192.168.149.38 192.168.151.39 tcp 9",
	    "arrives 3 192.168.149.2 192.168.149.39 9", NULL },

	/* from inside */
	{ "to_a_neighbour", lab_file,
	    "1 192.168.149.36 192.168.149.37 tcp 22",
	    "arrives 1 192.168.149.36 192.168.149.37 22",
	    "switch: arrives at 192.168.149.37:22" },
	{ "to_all_neighbours", lab_file,
	    "1 192.168.149.36 192.168.149.255 udp 9",
	    "every 1 192.168.149.36 192.168.149.255 9", "switch: " },
	{ "to_whoever_hears_it", lab_file,
	    "1 0.0.0.0 255.255.255.255 udp 67",
	    "every 1 0.0.0.0 255.255.255.255 67", "switch: " },
	{ "a_ping_of_the_gateway", lab_file,
	    "1 192.168.149.36 192.168.149.2", "answered",
	    "which is 192.168.149.2 here" },
	{ "a_connection_to_the_gateway", lab_file,
	    "1 192.168.149.36 192.168.149.2 tcp 8080", "dropped", NULL },
	{ "a_ping_of_the_masked_gateway_from_inside", lab_file,
	    "1 192.168.149.36 192.168.150.2", "answered", NULL },
	{ "to_itself_by_its_mask", lab_file,
	    "1 192.168.149.36 192.168.150.36 tcp 22",
	    "arrives 1 192.168.149.2 192.168.149.36 22", NULL },
	{ "by_a_static_mapping_from_inside", lab_file,
	    "1 192.168.149.36 192.168.149.136 tcp 22",
	    "arrives 1 192.168.149.2 192.168.149.36 22", NULL },
	{ "to_what_is_published_from_inside", lab_file,
	    "1 192.168.149.99 99.99.99.99 tcp 8080",
	    "arrives 1 99.99.99.99 192.168.149.37 80",
	    "becomes the published 99.99.99.99\n" },
	{ "outward", lab_file,
	    "1 192.168.149.36 8.8.8.8 tcp 443", "dropped",
	    "cell 1: dropped by chain first: 8.8.8.8 is neither" },
	{ "to_a_mask_of_another_network", lab_file,
	    "1 192.168.149.36 192.168.151.36", "dropped", "chain first" },
	{ "to_what_another_network_claims", lab_file,
	    "2 10.10.1.5 99.99.99.99 tcp 80", "dropped", "chain first" },
	{ "with_a_forged_source", lab_file,
	    "1 10.9.9.9 192.168.150.36", "dropped",
	    "10.9.9.9 is no machine's address here" },
	{ "as_the_gateway", lab_file,
	    "1 192.168.149.2 192.168.150.36", "dropped", "chain first" },
	{ "with_what_is_claimed_for_a_source", lab_file,
	    "1 192.168.149.136 192.168.150.36", "dropped",
	    "nothing comes from 192.168.149.136" },

	/* programs, and a lease */
	{ "to_the_proxy", served_file,
	    "1 10.10.1.5 10.10.1.1 tcp 8080", "answered",
	    "source 10.10.1.5 becomes the cell's 10.20.1.1\n" },
	{ "to_another_port_of_the_gateway", served_file,
	    "1 10.10.1.5 10.10.1.1 tcp 3128", "dropped", "cell 1: dropped" },
	{ "not_to_the_proxy_by_udp", served_file,
	    "1 10.10.1.5 10.10.1.1 udp 8080", "dropped", "cell 1: dropped" },
	{ "not_to_the_proxy_of_another_network", served_file,
	    "2 10.10.2.5 10.10.2.1 tcp 8080", "dropped", "cell 2: dropped" },
	{ "not_to_the_proxy_from_production", served_file,
	    "0 192.168.149.22 192.168.149.50 tcp 3128", "dropped", NULL },
	{ "a_name", served_file,
	    "0 192.168.149.22 192.168.149.50 udp 53", "answered",
	    "program for Dns" },
	{ "a_name_without_a_way_back", served_file,
	    "0 8.8.8.8 192.168.149.50 udp 53", "unrouted", NULL },
	{ "no_name_where_none_are_told", near_file,
	    "0 192.168.149.22 192.168.149.50 udp 53", "dropped", NULL },
	{ "by_the_mask_with_a_lease", leased_file,
	    "0 8.8.8.8 10.20.1.5 tcp 22",
	    "arrives 1 10.10.1.1 10.10.1.5 22", NULL },

	/* to a joined network */
	{ "to_a_joined_network", lab_file,
	    "1 192.168.149.36 10.10.1.5 tcp 9",
	    "arrives 2 192.168.149.36 10.10.1.5 9",
	    "front: table 200: 10.10.1.0/24, of DMZ -> c2\n" },
	{ "and_back", lab_file,
	    "2 10.10.1.5 192.168.149.36 tcp 9",
	    "arrives 1 10.10.1.5 192.168.149.36 9",
	    "cell 2: mark 0x8: 192.168.149.36 is in a joined network\n" },
	{ "not_from_one_that_did_not_join", lab_file,
	    "3 192.168.149.36 10.10.1.5 tcp 9", "dropped", "nor joined" },
	{ "to_all_of_a_joined_network", lab_file,
	    "1 192.168.149.36 10.10.1.255 udp 9",
	    "every 2 192.168.149.36 10.10.1.255 9", NULL },
	{ "to_the_gateway_of_a_joined_network", lab_file,
	    "1 192.168.149.36 10.10.1.1", "unrouted", "the router's here" },
	{ "to_what_a_joined_network_claims", lab_file,
	    "1 192.168.149.36 10.10.1.99", "dropped",
	    "front: dropped by chain forward" },
	{ "to_the_routers_address_in_a_joined_subnet", lab_file,
	    "2 10.10.1.5 192.168.149.50", "dropped",
	    "front: dropped by chain input" },

	/* layout single */
	{ "single_by_the_mask", single_file,
	    "0 192.168.149.22 192.168.150.36 tcp 22",
	    "arrives 1 192.168.149.2 192.168.149.36 22",
	    "router: rule 0x2/0x2, table 2: 192.168.149.0/24 -> in1\n" },
	{ "single_by_the_mask_of_another_network", single_file,
	    "0 192.168.149.22 172.16.3.5 tcp 22",
	    "arrives 3 10.10.3.1 10.10.3.5 22",
	    "router: rule 0x202/0xff02, table 4: 10.10.3.0/24 -> in3\n" },
	{ "single_as_the_gateway_that_is_mimicked", single_file,
	    "0 192.168.149.2 192.168.150.36",
	    "arrives 1 192.168.149.2 192.168.149.36 0",
	    "; what it answers gets lost in the router\n" },
	{ "single_what_is_the_routers_elsewhere_is_so_here", single_file,
	    "0 192.168.149.22 192.168.150.50 tcp 22", "dropped",
	    "router: dropped by chain input: 192.168.149.50" },
	{ "single_by_the_masks_broadcast", single_file,
	    "0 192.168.149.22 192.168.150.255 udp 9", "dropped", NULL },
	{ "single_what_is_allowed", single_file,
	    "0 10.7.3.4 172.16.1.5 tcp 85", "arrives 2 10.10.1.1 10.10.1.5 85",
	    NULL },
	{ "single_what_is_not_allowed", single_file,
	    "0 10.7.3.4 172.16.1.5", "dropped", "no Allow names this" },
	{ "single_to_production_itself", single_file,
	    "0 192.168.149.22 192.168.149.36", "dropped",
	    "table main: 192.168.149.0/24 -> if0" },
	{ "single_a_ping_of_many", single_file,
	    "0 192.168.149.255 192.168.149.50", "dropped", "no ping from many" },
	{ "single_a_ping_without_a_way_back", single_file,
	    "0 8.8.8.8 192.168.149.50", "unrouted", NULL },
	{ "single_a_ping_of_the_gateway", single_file,
	    "1 192.168.149.36 192.168.149.2", "answered", NULL },
	{ "single_a_ping_of_a_gateway_that_knows_no_way_by_itself", single_file,
	    "3 10.10.3.5 10.10.3.1", "unrouted", NULL },
	{ "single_to_what_is_published_from_inside", single_file,
	    "1 192.168.149.99 99.99.99.99 tcp 8080",
	    "arrives 1 99.99.99.99 192.168.149.37 80", NULL },
	{ "single_outward", single_file,
	    "1 192.168.149.36 8.8.8.8 tcp 443", "dropped", "chain first" },
	{ "single_to_a_joined_network", single_file,
	    "1 192.168.149.36 10.10.1.5 tcp 9",
	    "arrives 2 192.168.149.36 10.10.1.5 9",
	    "mark 0x106: 10.10.1.5 is in a joined network\n" },
	{ "single_to_what_a_joined_network_publishes", single_file,
	    "1 192.168.149.36 10.10.1.99 udp 53",
	    "arrives 2 10.10.1.1 10.10.1.9 53", NULL },
	{ "single_to_the_gateway_of_a_joined_network", single_file,
	    "1 192.168.149.36 10.10.1.1 tcp 22", "dropped", "chain input" },

	/* on the host */
	{ "host_by_the_mask", router_file,
	    "0 8.8.8.8 10.20.1.5 tcp 22", "arrives 1 10.10.1.1 10.10.1.5 22",
	    "router: enters by eth0\n" },
	{ "host_for_itself", router_file,
	    "0 8.8.8.8 10.10.1.1 tcp 22", "taken", "this host itself" },
	{ "host_for_nobody_from_nobody", router_file,
	    "0 0.0.0.0 0.0.0.0 udp 53", "taken", "this host itself" },
	{ "host_not_for_those_inside", router_file,
	    "1 10.10.1.5 10.10.1.1 tcp 22", "dropped", NULL },
	{ "host_not_by_a_mask", router_file,
	    "0 8.8.8.8 10.20.1.1 tcp 22", "dropped", "by a mask" },
	{ "host_for_those_behind_nat", router_file,
	    "2 192.168.1.5 192.168.1.1 tcp 22", "taken", NULL },
	{ "host_out_by_an_address_that_changes", router_file,
	    "2 192.168.1.5 8.8.8.8 tcp 22", "leaves 0.0.0.0 8.8.8.8 22",
	    "the address that the router has then" },

	/* [Nat] */
	{ "nat_dnat_of_a_port", nat_file,
	    "0 8.8.8.8 109.132.94.20 tcp 80",
	    "arrives 1 8.8.8.8 192.168.1.2 8080",
	    "arrives at 192.168.1.2:8080 in [Nat], from 8.8.8.8" },
	{ "nat_dnat_of_an_address", nat_file,
	    "0 8.8.8.8 109.132.94.21", "arrives 1 8.8.8.8 192.168.1.3 0",
	    NULL },
	{ "nat_the_first_line_decides", nat_file,
	    "0 8.8.8.8 109.132.94.21 udp 53",
	    "arrives 1 8.8.8.8 192.168.1.3 53", NULL },
	{ "nat_redirect_of_a_claim", nat_file,
	    "0 8.8.8.8 109.132.94.22 udp 53",
	    "arrives 1 8.8.8.8 192.168.1.4 53", NULL },
	{ "nat_no_redirect_of_the_address_inside", nat_file,
	    "0 8.8.8.8 192.168.1.1 udp 53", "dropped", NULL },
	{ "nat_redirect_to_the_router", nat_file,
	    "0 8.8.8.8 109.132.94.22 tcp 88", "taken", "port 3128" },
	{ "nat_not_to_that_port_itself", nat_file,
	    "0 8.8.8.8 109.132.94.20 tcp 3128", "dropped", NULL },
	{ "nat_netmap_to", nat_file,
	    "0 8.8.8.8 109.132.95.7 tcp 9",
	    "arrives 1 8.8.8.8 192.168.1.7 9", NULL },
	{ "nat_past_all_lines", nat_file,
	    "0 8.8.8.8 192.168.1.7 tcp 9", "dropped", "no way is open" },
	{ "nat_deny", nat_file,
	    "1 192.168.1.9 8.8.8.8 tcp 25", "dropped", "line 14 denies it" },
	{ "nat_pass", nat_file,
	    "1 192.168.1.9 8.8.8.8", "leaves 192.168.1.9 8.8.8.8 0",
	    "open by line 15" },
	{ "nat_snat_from_ports", nat_file,
	    "1 192.168.1.9 8.8.8.8 tcp 80", "leaves 109.132.94.22 8.8.8.8 80",
	    "becomes 109.132.94.22, from port 30001 to 30100, by line 16" },
	{ "nat_netmap_from", nat_file,
	    "1 192.168.1.130 8.8.8.8", "leaves 109.132.95.130 8.8.8.8 0",
	    NULL },
	{ "nat_masquerade", nat_file,
	    "1 192.168.1.20 8.8.8.8 tcp 443",
	    "leaves 109.132.94.20 8.8.8.8 443", NULL },
	{ "nat_no_line_lets_it_out", nat_file,
	    "1 192.168.1.20 8.8.8.8 tcp 444", "dropped", "no way is open" },
	{ "nat_to_a_neighbour", nat_file,
	    "1 192.168.1.20 192.168.1.21", "arrives 1 192.168.1.20 192.168.1.21 0",
	    "switch: " },
	{ "nat_a_ping_of_the_router", nat_file,
	    "1 192.168.1.20 192.168.1.1", "answered", NULL },
	{ "nat_a_ping_with_a_forged_source", nat_file,
	    "1 10.9.9.9 192.168.1.1", "unrouted", NULL },
	{ "nat_twin", twin_file,
	    "0 192.168.1.2 192.168.2.2 tcp 22",
	    "arrives 2 192.168.1.1 192.168.1.2 22",
	    "rule 0x102/0xff02, table 3: 192.168.1.0/24 -> nat\n" },
	{ "nat_a_twin_asks_the_router", twin_file,
	    "2 192.168.1.2 192.168.1.1", "answered", NULL },
	{ "nat_a_twin_does_not_talk_first", twin_file,
	    "2 192.168.1.2 192.168.1.20 tcp 22", "arrives 2 192.168.1.2 "
	    "192.168.1.20 22", "switch: " },
	{ "nat_into_no_isolated_network", twin_file,
	    "2 192.168.1.2 10.10.1.5 tcp 22", "unrouted", NULL },
};
/* clang-format on */

static void
put_end(char *to, size_t size, const struct trace *t)
{
	static const char *const ends[] = { [TRACE_ARRIVES] = "arrives",
		[TRACE_LEAVES] = "leaves",
		[TRACE_ANSWERED] = "answered",
		[TRACE_TAKEN] = "taken",
		[TRACE_DROPPED] = "dropped",
		[TRACE_UNROUTED] = "unrouted" };
	const uint32_t s = t->src, d = t->dst;

	if (t->end == TRACE_LEAVES)
		(void)snprintf(to, size, "leaves %u.%u.%u.%u %u.%u.%u.%u %u",
		    s >> 24, s >> 16 & 255, s >> 8 & 255, s & 255, d >> 24,
		    d >> 16 & 255, d >> 8 & 255, d & 255, t->port);
	else if (t->end != TRACE_ARRIVES)
		(void)snprintf(to, size, "%s", ends[t->end]);
	else
		(void)snprintf(to, size, "%s %zu %u.%u.%u.%u %u.%u.%u.%u %u",
		    t->every ? "every" : "arrives", t->network + 1, s >> 24,
		    s >> 16 & 255, s >> 8 & 255, s & 255, d >> 24,
		    d >> 16 & 255, d >> 8 & 255, d & 255, t->port);
}

static void
read_flow(struct trace_flow *f, char *words)
{
	char *word[6] = { NULL }, *save;
	struct err err = ERR_INIT;
	size_t n = 0;

	for (char *w = strtok_r(words, " ", &save); w != NULL && n < 5;
	     w = strtok_r(NULL, " ", &save))
		word[n++] = w;
	f->from = (size_t)(word[0][0] - '0') - 1;
	assert_int_equal(trace_words(f, word + 1, &err), 0);
}

static void
a_packet_goes(void **state)
{
	const struct way *way = *state;
	struct tracer *tracer = NULL;
	struct err err = ERR_INIT;
	struct buf text = { 0 };
	struct trace_flow f;
	struct trace t;
	struct lab lab;
	char words[100], end[100];

	assert_int_equal(
	    lab_parse(&lab, "t.lab", way->lab, strlen(way->lab), &err), 0);
	assert_int_equal(tracer_new(&tracer, &lab, &err), 0);
	(void)snprintf(words, sizeof(words), "%s", way->asked);
	read_flow(&f, words);
	tracer_run(tracer, &f, &t);
	put_end(end, sizeof(end), &t);
	assert_string_equal(end, way->ends);
	assert_int_equal(trace_text(&text, &t), 0);
	if (way->says != NULL && strstr(buf_str(&text), way->says) == NULL)
		fail_msg("not \"%s\" in:\n%s", way->says, buf_str(&text));
	buf_done(&text);
	tracer_free(tracer);
	lab_done(&lab);
}

static void
words_that_mean_no_packet(void **state)
{
	static const char *const bad[][5] = { { "1.2.3.4" },
		{ "1.2.3.4", "1.2.3" }, { "1.2.3.4/24", "1.2.3.4" },
		{ "1.2.3.4", "1.2.3.4", "tcp" },
		{ "1.2.3.4", "1.2.3.4", "sctp", "1" },
		{ "1.2.3.4", "1.2.3.4", "icmp", "1" },
		{ "1.2.3.4", "1.2.3.4", "udp", "0" },
		{ "1.2.3.4", "1.2.3.4", "udp", "65536" } };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char text[5][16], *words[6] = { NULL };
		struct err err = ERR_INIT;
		struct trace_flow f;

		for (size_t k = 0; k < 5 && bad[i][k] != NULL; k++) {
			(void)snprintf(text[k], 16, "%s", bad[i][k]);
			words[k] = text[k];
		}
		assert_int_equal(trace_words(&f, words, &err), ERR_USAGE);
	}
}

static void
the_side_follows_from_the_source_where_it_can(void **state)
{
	struct err err = ERR_INIT;
	struct lab lab;
	size_t from = 9;

	(void)state;
	assert_int_equal(
	    lab_parse(&lab, "t.lab", lab_file, strlen(lab_file), &err), 0);
	assert_int_equal(trace_side(&from, &lab, 0x08080808, &err), 0);
	assert_true(from == TRACE_PRODUCTION);
	assert_int_equal(trace_side(&from, &lab, 0x0a0a0105, &err), 0);
	assert_true(from == 1);
	assert_int_equal(trace_side(&from, &lab, 0xc0a89516, &err), ERR_USAGE);
	assert_non_null(strstr(err.cause,
	    "192.168.149.22 may be on several sides; say which one: --from "
	    "\"VM Network\", --from \"Guarded\", --from production"));
	assert_int_equal(trace_named_side(&from, &lab, "Guarded", &err), 0);
	assert_true(from == 2);
	assert_int_equal(trace_named_side(&from, &lab, "production", &err), 0);
	assert_true(from == TRACE_PRODUCTION);
	assert_int_equal(
	    trace_named_side(&from, &lab, "guarded", &err), ERR_USAGE);
	lab_done(&lab);
}

static void
nat_is_a_side(void **state)
{
	struct err err = ERR_INIT;
	struct lab lab;
	size_t from = 9;

	(void)state;
	assert_int_equal(
	    lab_parse(&lab, "t.lab", twin_file, strlen(twin_file), &err), 0);
	assert_int_equal(trace_named_side(&from, &lab, "nat", &err), 0);
	assert_true(from == 1);
	assert_int_equal(trace_side(&from, &lab, 0xc0a80102, &err), ERR_USAGE);
	assert_non_null(strstr(err.cause, "--from nat, --from production"));
	lab_done(&lab);
	assert_int_equal(
	    lab_parse(&lab, "t.lab", lab_file, strlen(lab_file), &err), 0);
	assert_int_equal(trace_named_side(&from, &lab, "nat", &err), ERR_USAGE);
	lab_done(&lab);
}

static void
a_lab_that_cannot_be_planned_is_refused(void **state)
{
	static const char twice[] = SINGLE "[Production]\nAttach = eth0\n"
					   "Address = 192.168.149.50/24\n"
					   "[Network \"A\"]\n"
					   "Gateway = 10.10.1.1/24\n"
					   "Mask = 10.20.1.0/24\n"
					   "[Network \"B\"]\n"
					   "Gateway = 10.10.1.1/24\n"
					   "Mask = 10.20.2.0/24\n";
	struct tracer *tracer = NULL;
	struct err err = ERR_INIT;
	struct lab lab;

	(void)state;
	assert_int_equal(
	    lab_parse(&lab, "t.lab", twice, strlen(twice), &err), 0);
	assert_int_equal(tracer_new(&tracer, &lab, &err), ERR_USAGE);
	assert_string_equal(err.cause,
	    "t.lab:10: the real subnet is there twice; write Layout = cells");
	lab_done(&lab);
}

static void
programs_read_the_same(void **state)
{
	char words[] = "0 8.8.8.8 99.99.99.99 tcp 8080";
	struct tracer *tracer = NULL;
	struct err err = ERR_INIT;
	struct buf text = { 0 };
	struct trace_flow f;
	struct trace t;
	struct json j;
	struct lab lab;

	(void)state;
	assert_int_equal(
	    lab_parse(&lab, "t.lab", lab_file, strlen(lab_file), &err), 0);
	assert_int_equal(tracer_new(&tracer, &lab, &err), 0);
	read_flow(&f, words);
	tracer_run(tracer, &f, &t);
	j = json_begin(&text);
	trace_json(&j, &lab, &f, &t);
	assert_int_equal(json_end(&j), 0);
	assert_non_null(strstr(buf_str(&text),
	    "{\"v\":1,\"type\":\"trace\",\"lab\":\"t\",\"from\":\"production\","
	    "\"src\":\"8.8.8.8\","
	    "\"dst\":\"99.99.99.99\",\"proto\":\"tcp\",\"port\":8080,\"hops\":["
	    "{\"place\":\"front\",\"hop\":\"enters\",\"text\":\"enters by "
	    "if0\"},"));
	assert_non_null(strstr(buf_str(&text),
	    "\"arrives\":{\"network\":\"VM Network\",\"every\":false,\"src\":"
	    "\"192.168.149.2\",\"dst\":\"192.168.149.37\",\"port\":80}}\n"));
	buf_done(&text);
	tracer_free(tracer);
	lab_done(&lab);
}

#define N_WAYS (sizeof(ways) / sizeof(*ways))

int
main(void)
{
	static struct CMUnitTest tests[N_WAYS + 5] = {
		[N_WAYS] = cmocka_unit_test(words_that_mean_no_packet),
		cmocka_unit_test(the_side_follows_from_the_source_where_it_can),
		cmocka_unit_test(nat_is_a_side),
		cmocka_unit_test(a_lab_that_cannot_be_planned_is_refused),
		cmocka_unit_test(programs_read_the_same),
	};

	for (size_t i = 0; i < N_WAYS; i++)
		tests[i] = (struct CMUnitTest){ .name = ways[i].name,
			.test_func = a_packet_goes,
			.initial_state = (void *)(uintptr_t)&ways[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
