/*
 * Lab files that contradict themselves, one another or this host, with the
 * lines that are to be named; and files that do not.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/buf.h"
#include "labrouter/check.h"
#include "labrouter/labs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define A4(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (c) << 8 | (d))

/* A default in one piece and in halves, production, and what is on hosts. */
static const struct host_route routes[] = {
	{ { 0, 0 }, "eth0", 0, false },
	{ { 0, 1 }, "tun0", 0, false },
	{ { A4(128, 0, 0, 0), 1 }, "tun0", 0, false },
	{ { A4(10, 66, 0, 0), 16 }, "", 0, false },
	{ { A4(172, 16, 0, 0), 12 }, "eth2", 0, false },
	{ { A4(192, 168, 122, 0), 24 }, "virbr0", 0, false },
	{ { A4(192, 168, 122, 1), 32 }, "virbr0", 0, false },
	{ { A4(192, 168, 149, 0), 24 }, "eth0", 0, false },
	{ { A4(192, 168, 149, 9), 32 }, "eth0", 0, true },
};

static const struct host_port ports[] = {
	{ (char[]){ "eth9" }, (char[]){ "vmbr9" } },
	{ (char[]){ "tap1" }, (char[]){ "vmbr7" } },
};
static const struct lab_host host = { routes, sizeof(routes) / sizeof(*routes),
	ports, sizeof(ports) / sizeof(*ports) };

/* Lines 1 to 4, and 5 to 7. */
#define PRODUCTION                      \
	"[Production]\n"                \
	"Attach = eth0\n"               \
	"Address = 192.168.149.50/24\n" \
	"Gateway = 192.168.149.2\n"
#define VM_NETWORK                     \
	"[Network \"VM Network\"]\n"   \
	"Gateway = 192.168.149.2/24\n" \
	"Mask = 192.168.150.0/24\n"
#define LAB PRODUCTION VM_NETWORK
/* Three lines. */
#define DMZ                        \
	"[Network \"DMZ\"]\n"      \
	"Gateway = 10.10.1.1/24\n" \
	"Mask = 10.20.1.0/24\n"
#define OFFICE                     \
	"[Network \"Office\"]\n"   \
	"Gateway = 10.10.2.1/24\n" \
	"Mask = 10.20.2.0/24\n"
/* Lines 1 to 7 of a router. */
#define ROUTER                       \
	"[Lab]\n"                    \
	"Layout = single\n"          \
	"[Production]\n"             \
	"Attach = eth0\n"            \
	"Address = 203.0.113.7/24\n" \
	"[Nat]\n"                    \
	"Address = 10.10.1.1/24\n"
/* Another lab that stands beside LAB. */
#define BESIDE                          \
	"[Production]\n"                \
	"Attach = eth0\n"               \
	"Address = 192.168.149.51/24\n" \
	"Gateway = 192.168.149.2\n"     \
	"[Network \"VM Network\"]\n"    \
	"Gateway = 192.168.149.2/24\n"

struct contradiction {
	const char *name;
	const char *a, *b; /* texts of a.lab and b.lab; b may be NULL */
	/* Each finding as "error a7 a6, ": the line to change, the other. */
	const char *finds;
	const char *says; /* in one of the texts */
};

/* clang-format off */
static const struct contradiction bad[] = {
	/* masks */
	{ "a_mask_smaller_than_the_subnet",
	    PRODUCTION "[Network \"n\"]\nGateway = 192.168.149.2/24\n"
	    "Mask = 192.168.150.0/25\n", NULL,
	    "error a7 a6, ", "write Mask = 192.168.150.0/24" },
	{ "a_mask_that_is_the_real_subnet",
	    PRODUCTION "[Network \"n\"]\nGateway = 192.168.149.2/24\n"
	    "Mask = 192.168.149.0/24\n", NULL,
	    "error a7 a6, ", "write Mask = 192.168.150.0/24" },
	{ "a_mask_over_another_networks_real_subnet",
	    LAB DMZ "[Network \"n\"]\nGateway = 10.10.3.1/24\n"
	    "Mask = 10.10.1.0/24\n", NULL,
	    "error a13 a9, ", "write Mask = 10.10.2.0/24" },
	{ "a_mask_over_the_routers_own_subnet",
	    PRODUCTION "[Network \"n\"]\nGateway = 10.10.1.1/24\n"
	    "Mask = 192.168.149.0/24\n", NULL,
	    "error a7 a3, ", "write Mask = 192.168.150.0/24" },
	{ "two_masks_that_overlap",
	    LAB "[Network \"n\"]\nGateway = 10.10.1.1/25\n"
	    "Mask = 192.168.150.128/25\n", NULL,
	    "error a10 a7, ", "write Mask = 192.168.151.0/25" },
	{ "one_mask_in_two_labs",
	    LAB, BESIDE "Mask = 192.168.150.0/24\n",
	    "error b7 a7, ", "write Mask = 192.168.151.0/24" },
	{ "a_mask_that_this_host_has_a_route_to",
	    PRODUCTION "[Network \"n\"]\nGateway = 192.168.149.2/24\n"
	    "Mask = 192.168.122.0/24\n", NULL,
	    "error a7, ", "192.168.122.0/24 (virbr0); write Mask = 192.168.123" },
	{ "a_mask_within_a_wide_route",
	    PRODUCTION "[Network \"n\"]\nGateway = 192.168.149.2/24\n"
	    "Mask = 10.66.7.0/24\n", NULL,
	    "error a7, ", "10.66.0.0/16 (no device); write Mask = 10.67.0.0/24" },
	{ "a_mask_that_is_no_machines",
	    PRODUCTION "[Network \"n\"]\nGateway = 192.168.149.2/24\n"
	    "Mask = 127.0.1.0/24\n", NULL,
	    "error a7, ", "write Mask = 192.168.0.0/24" },

	/* real subnets and links */
	{ "a_real_subnet_that_is_behind_another_device",
	    PRODUCTION "[Network \"n\"]\nGateway = 192.168.122.1/24\n"
	    "Mask = 192.168.150.0/24\n", NULL,
	    "warning a6, ", "behind virbr0" },
	{ "one_subnet_twice_in_one_namespace",
	    "[Lab]\nLayout = single\n" LAB "Interface = eth1\n"
	    "[Network \"n\"]\nGateway = 192.168.149.3/24\n"
	    "Mask = 192.168.151.0/24\nInterface = eth3\n", NULL,
	    "error a12 a8, ", "write Layout = cells" },
	{ "an_interface_for_one_of_two",
	    "[Lab]\nLayout = single\n" LAB "Interface = eth1\n" DMZ, NULL,
	    "error a11, ", "write Interface = NAME" },
	{ "a_proxy_in_single_layout",
	    "[Lab]\nLayout = single\n" LAB "Proxy = yes\n", NULL,
	    "error a7, ", "Proxy = yes is for Layout = cells" },
	{ "an_interface_in_cells",
	    LAB "Interface = eth1\n", NULL,
	    "error a5, ", "write Bridge = NAME" },
	{ "a_bridge_in_single_layout",
	    "[Lab]\nLayout = single\n" LAB "Interface = eth1\n"
	    "Bridge = vmbr7\n", NULL,
	    "error a7, ", "write Interface = vmbr7" },
	{ "a_bridge_that_is_productions",
	    "[Production]\nAttach = vmbr0\nAddress = dhcp\n" DMZ
	    "Bridge = vmbr0\n", NULL,
	    "error a4 a2, ", "link of its own" },
	{ "an_interface_that_is_productions",
	    "[Lab]\nLayout = single\n" LAB "Interface = eth0\n", NULL,
	    "error a7 a4, ", "link of its own" },
	{ "a_bridge_that_is_another_labs_production",
	    LAB "Bridge = vmbr0\n", "[Production]\nAttach = vmbr0\n"
	    "Address = 192.168.149.51/24\n" DMZ,
	    "error a5 b2, ", "link of its own" },
	{ "a_bridge_for_two_networks",
	    LAB "Bridge = vmbr7\n" DMZ "Bridge = vmbr7\n", NULL,
	    "error a9 a5, ", "link of its own for each" },
	{ "a_bridge_that_this_host_uses",
	    LAB "Bridge = virbr0\n", NULL,
	    "error a5, ", "without addresses" },
	{ "a_bridge_that_has_productions_link_as_a_port",
	    "[Production]\nAttach = eth9\nAddress = 192.168.149.50/24\n"
	    DMZ "Bridge = vmbr9\n", NULL,
	    "error a2, error a4 a2, ", "a bridge that eth9 is no port of" },

	/* services */
	{ "a_proxy_that_reaches_nothing",
	    "[Production]\nAttach = eth0\nAddress = 192.168.149.50/24\n"
	    VM_NETWORK "Proxy = yes\n", NULL,
	    "error a7 a3, ", "write a Gateway" },
	{ "a_proxy_that_reaches_production_alone",
	    "[Production]\nAttach = eth0\nAddress = 192.168.149.50/24\n"
	    DMZ "Proxy = yes\n", NULL,
	    "warning a7 a3, ", "write one" },
	{ "names_of_two_networks_alike",
	    LAB "Dns = yes\n[Network \"n\"]\nGateway = 192.168.149.2/24\n"
	    "Mask = 192.168.151.0/24\nDns = yes\n", NULL,
	    "error a12 a8, ", "in one of these" },

	/* production */
	{ "an_attach_that_is_a_port_of_a_bridge",
	    "[Production]\nAttach = eth9\nAddress = 192.168.149.50/24\n"
	    DMZ, NULL,
	    "error a2, ", "write Attach = vmbr9" },
	{ "an_address_that_is_this_hosts",
	    "[Production]\nAttach = eth0\nAddress = 192.168.149.9/24\n"
	    VM_NETWORK, NULL,
	    "error a3, ", "192.168.149.9 is this host's own; write a free" },
	{ "a_static_mapping_of_this_hosts_address",
	    LAB "Static = 192.168.149.9 -> 192.168.149.36\n", NULL,
	    "error a8, ", "192.168.149.9 is this host's own; write a free" },
	{ "a_gateway_outside_of_production",
	    "[Production]\nAttach = eth0\nAddress = 192.168.148.50/24\n"
	    "Gateway = 192.168.149.2\n" VM_NETWORK, NULL,
	    "error a4 a3, ", "192.168.148.0/24" },
	{ "a_gateway_that_is_the_router",
	    "[Production]\nAttach = eth0\nAddress = 192.168.149.50/24\n"
	    "Gateway = 192.168.149.50\n" VM_NETWORK, NULL,
	    "error a4 a3, ", "production's gateway" },
	{ "one_router_address_in_two_labs",
	    LAB, PRODUCTION DMZ,
	    "error b3 a3, ", "free address" },
	{ "a_router_address_that_is_a_gateway",
	    "[Production]\nAttach = eth0\nAddress = 192.168.149.2/24\n"
	    VM_NETWORK, NULL,
	    "error a3 a5, ", "free address" },

	/* claims */
	{ "an_outer_address_in_a_mask",
	    LAB "Static = 192.168.150.136 -> 192.168.149.36\n", NULL,
	    "error a8 a7, ", "outside of all masks" },
	{ "an_outer_address_in_another_labs_mask",
	    LAB "Static = 192.168.151.136 -> 192.168.149.36\n",
	    BESIDE "Mask = 192.168.151.0/24\n",
	    "error a8 b7, ", "outside of all masks" },
	{ "an_outer_address_that_is_the_routers",
	    LAB "Static = 192.168.149.50 -> 192.168.149.36\n", NULL,
	    "error a8 a3, ", "Static: 192.168.149.50 is the router's own" },
	{ "an_outer_address_that_is_productions_gateway",
	    LAB "Publish = 192.168.149.2 tcp 80 -> 192.168.149.36\n", NULL,
	    "error a8 a4, ", "Publish: 192.168.149.2 is production's gateway" },
	{ "an_outer_address_that_is_another_networks_gateway",
	    LAB "Static = 10.10.1.1 -> 192.168.149.36\n" DMZ, NULL,
	    "error a8 a10, ", "a gateway of production" },
	{ "addresses_of_the_links_between_front_and_cells",
	    "[Production]\nAttach = eth0\nAddress = 169.254.9.50/16\n"
	    "[Network \"a\"]\nGateway = 169.254.1.2/24\n"
	    "Mask = 10.20.1.0/24\n"
	    "[Network \"b\"]\nGateway = 10.21.1.2/24\n"
	    "Mask = 169.254.1.0/24\nStatic = 169.254.1.1 -> 10.21.1.36\n",
	    NULL, "error a3, error a5, error a9, error a10, ",
	    "is the lab's own; write Mask = 192.168.0.0/24" },
	{ "an_outer_address_that_is_a_broadcast",
	    LAB "Static = 192.168.149.255 -> 192.168.149.36\n", NULL,
	    "error a8 a3, ", "the first or the last" },
	{ "an_outer_address_that_is_the_originals",
	    LAB "Static = 192.168.149.36 -> 192.168.149.36\n", NULL,
	    "error a8, ", "before the arrow" },
	{ "an_outer_address_that_a_machine_has",
	    LAB "Static = 192.168.149.136 -> 192.168.149.36\n"
	    "Static = 192.168.149.137 -> 192.168.149.36\n"
	    "Static = 192.168.149.36 -> 192.168.149.37\n", NULL,
	    "error a10 a8, ", "a machine's own address" },
	{ "an_inner_address_that_is_the_routers",
	    LAB "Static = 192.168.149.136 -> 192.168.149.50\n", NULL,
	    "error a8 a3, ", "where its original would be" },
	{ "a_static_line_twice",
	    LAB "Static = 192.168.149.136 -> 192.168.149.36\n"
	    "Static = 192.168.149.136 -> 192.168.149.36\n"
	    "Static = 192.168.149.136 -> 192.168.149.36\n", NULL,
	    "error a9 a8, error a10 a8, ", "delete this line" },
	{ "an_outer_address_for_two_machines",
	    LAB "Static = 192.168.149.136 -> 192.168.149.36\n"
	    "Static = 192.168.149.136 -> 192.168.149.37\n", NULL,
	    "error a9 a8, ", "mapped to 192.168.149.36 already" },
	{ "an_outer_address_for_two_networks",
	    LAB "Publish = 99.99.99.99 tcp 80 -> 192.168.149.36\n"
	    DMZ "Publish = 99.99.99.99 tcp 25 -> 10.10.1.36\n", NULL,
	    "error a12 a8, ", "another network" },
	{ "an_outer_address_in_two_labs",
	    LAB "Static = 192.168.149.136 -> 192.168.149.36\n",
	    BESIDE "Mask = 192.168.151.0/24\n"
	    "Static = 192.168.149.136 -> 192.168.149.36\n",
	    "error b8 a8, ", "another network" },
	{ "an_outer_address_mapped_and_published_for_another",
	    LAB "Publish = 192.168.149.136 tcp 80 -> 192.168.149.37\n"
	    "Static = 192.168.149.136 -> 192.168.149.36\n", NULL,
	    "error a9 a8, ",
	    "Static: 192.168.149.136 is published for another machine; write "
	    "its ports" },
	{ "an_inner_address_of_another_network",
	    LAB "Static = 192.168.149.136 -> 192.168.148.36\n", NULL,
	    "error a8 a6, ", "not in the real subnet 192.168.149.0/24" },
	{ "an_inner_address_that_is_the_gateway",
	    LAB "Static = 192.168.149.136 -> 192.168.149.2\n", NULL,
	    "error a8 a6, ", "a machine's address" },
	{ "an_inner_address_that_is_a_broadcast",
	    LAB "Publish = 99.99.99.99 udp 53 -> 192.168.149.255\n", NULL,
	    "error a8 a6, ", "which no machine has" },
	{ "a_port_that_is_published_twice",
	    LAB "Publish = 99.99.99.99 udp 443 -> 192.168.149.37\n"
	    "Publish = 99.99.99.99 tcp 80,443 -> 192.168.149.36\n"
	    "Publish = 99.99.99.99 tcp 25,440-450 -> 192.168.149.37\n", NULL,
	    "error a10 a9, ", "port 443" },
	{ "a_port_that_is_mapped_and_published_and_published",
	    LAB "Static = 192.168.149.136 -> 192.168.149.36\n"
	    "Publish = 192.168.149.136 tcp 80 -> 192.168.149.36\n"
	    "Publish = 192.168.149.136 tcp 80 -> 192.168.149.36\n", NULL,
	    "error a10 a9, ", "port 80 of 192.168.149.136" },

	/* row 43: the article's two */
	{ "row43_udp_is_open_without_a_source_address",
	    PRODUCTION DMZ
	    "Publish = 99.99.99.99 tcp 53 -> 10.10.1.30\n"
	    "Allow = 10.10.1.30 udp 53\n", NULL,
	    "error a9 a8, ",
	    "write Publish = 99.99.99.99 udp 53 -> 10.10.1.30" },
	{ "row43_mail_leaves_as_two",
	    PRODUCTION DMZ
	    "Publish = 99.99.99.98 tcp 25,993 -> 10.10.1.20\n"
	    "Publish = 99.99.99.99 tcp 80 -> 10.10.1.10\n"
	    "Publish = 99.99.99.99 tcp 443 -> 10.10.1.20\n", NULL,
	    "error a10 a8, ", "write one outer address" },
	{ "udp_is_open_at_the_outer_port_of_a_publication",
	    PRODUCTION DMZ
	    "Publish = 99.99.99.99 udp 54 -> 10.10.1.30 53\n"
	    "Allow = 10.10.1.30 udp 53-54\n", NULL,
	    "error a9 a8, ", "udp 54" },
	{ "one_udp_port_of_many_without_a_source_address",
	    PRODUCTION DMZ
	    "Publish = 99.99.99.99 udp 53,100-199 -> 10.10.1.30\n"
	    "Publish = 99.99.99.99 udp 2123 -> 10.10.1.30 123\n"
	    "Publish = 99.99.99.99 udp 200 -> 10.10.1.31\n"
	    "Allow = 10.10.1.30 udp 53,123,150-200\n", NULL,
	    "error a11 a8, ", "udp 200" },

	/* access */
	{ "an_entry_for_a_machine_elsewhere",
	    LAB "Allow = 10.10.1.36 tcp 22\n" DMZ, NULL,
	    "error a8 a6, ", "an address of this network" },
	{ "an_entry_from_everybody",
	    LAB "Allow = from 0.0.0.0/0 192.168.149.36 tcp 22\n", NULL,
	    "warning a8, ", "leave it out" },
	{ "an_entry_from_nobody",
	    LAB "Allow = from 224.0.0.0/8 192.168.149.36 tcp 22\n", NULL,
	    "error a8, ", "a prefix of production" },
	{ "an_entry_from_a_mask",
	    LAB "Allow = from 192.168.150.7/32 192.168.149.36 tcp 22\n", NULL,
	    "error a8 a7, ", "the source's own prefix" },
	{ "an_entry_that_an_earlier_one_covers",
	    LAB "Allow = 192.168.149.36 tcp 20-30,80\n"
	    "Allow = 192.168.149.36 tcp 22,79\n"
	    "Allow = from 10.0.0.0/8 192.168.149.36 tcp 25-30,80\n", NULL,
	    "warning a10 a8, ", "delete this line" },
	{ "an_entry_that_a_later_one_covers",
	    LAB "Allow = from 10.1.0.0/16 192.168.149.36 icmp\n"
	    "Allow = from 10.0.0.0/8 192.168.149.36\n", NULL,
	    "warning a8 a9, ", "delete this line" },
	{ "an_entry_that_two_cover",
	    LAB "Allow = 192.168.149.36\n"
	    "Allow = 192.168.149.36 tcp 22,80\n"
	    "Allow = 192.168.149.36 tcp 22\n", NULL,
	    "warning a9 a8, warning a10 a8, ", "delete this line" },
	{ "an_entry_twice",
	    LAB "Allow = 192.168.149.36 tcp 22\n"
	    "Allow = 192.168.149.37 tcp 22\n"
	    "Allow = 192.168.149.36 tcp 22\n", NULL,
	    "warning a10 a8, ", "delete this line" },
	{ "a_network_joined_with_itself",
	    LAB "Join = VM Network\n", NULL,
	    "error a8 a5, ", "another one of this file" },
	{ "a_network_joined_twice",
	    LAB "Join = DMZ\nJoin = DMZ\nJoin = DMZ\n" DMZ, NULL,
	    "warning a9 a8, warning a10 a8, ", "delete this line" },
	{ "two_joined_networks_with_one_subnet",
	    LAB "[Network \"twin\"]\nGateway = 192.168.149.2/24\n"
	    "Mask = 192.168.151.0/24\nJoin = VM Network\n", NULL,
	    "error a11 a9, ", "by their masks" },
	{ "two_networks_with_one_subnet_joined_with_a_third",
	    LAB "Join = DMZ\n" DMZ
	    "[Network \"twin\"]\nGateway = 192.168.149.2/24\n"
	    "Mask = 192.168.151.0/24\nJoin = DMZ\n", NULL,
	    "error a15 a8, ", "delete one of these lines" },

	/* machines */
	{ "a_machine_of_another_network",
	    LAB "[Machine \"m\"]\nNetwork = VM Network\n"
	    "Address = 10.10.1.36\n", NULL,
	    "error a10 a6, ", "an address of this network" },
	{ "a_machine_that_is_the_gateway",
	    LAB "[Machine \"m\"]\nNetwork = VM Network\n"
	    "Address = 192.168.149.2\n", NULL,
	    "error a10 a6, ", "the router itself" },
	{ "a_machine_with_an_outer_address",
	    LAB "Static = 192.168.149.136 -> 192.168.149.36\n"
	    "Publish = 192.168.149.137 tcp 80 -> 192.168.149.37\n"
	    "[Machine \"m\"]\nNetwork = VM Network\n"
	    "Address = 192.168.149.136\n"
	    "[Machine \"o\"]\nNetwork = VM Network\n"
	    "Address = 192.168.149.137\n", NULL,
	    "error a12 a8, error a15 a9, ", "behind the arrow" },
	{ "two_machines_with_one_address",
	    LAB "[Machine \"m\"]\nNetwork = VM Network\n"
	    "Address = 192.168.149.36\n"
	    "[Machine \"o\"]\nNetwork = VM Network\n"
	    "Address = 192.168.149.36\n", NULL,
	    "error a13 a10, ", "write its own" },

	/* many at once: by file, then by line */
	{ "all_at_once_in_the_order_of_the_lines",
	    LAB "Allow = 10.10.1.36\nStatic = 192.168.149.2 -> 192.168.149.3\n"
	    "Join = VM Network\n", LAB,
	    "error a8 a6, error a9 a4, error a10 a5, error b3 a3, error b7 a7, ",
	    "" },

	/* [Nat]; the first two are those of the French page */
	{ "a_name_server_that_calls_by_its_private_address",
	    ROUTER "Dnat = 203.0.113.97 udp 53 -> 10.10.1.30\n"
	    "Pass = 10.10.1.30 udp 53\n", NULL,
	    "error a9 a8, ", "write Snat = 10.10.1.30 -> 203.0.113.97" },
	{ "a_mail_server_behind_the_rule_of_its_subnet",
	    ROUTER "Snat = 10.10.1.0/24 -> 203.0.113.99\n"
	    "Snat = 10.10.1.20 tcp 25 -> 203.0.113.98\n", NULL,
	    "error a9 a8, ", "write it before that line" },
	{ "a_mail_server_with_two_addresses",
	    ROUTER "Snat = 10.10.1.20 tcp 25 -> 203.0.113.98\n"
	    "Snat = 10.10.1.0/24 -> 203.0.113.99\n", NULL,
	    "warning a9 a8, ", "without ports first" },
	{ "a_server_that_calls_by_another_address",
	    ROUTER "Dnat = 203.0.113.97 tcp 80 -> 10.10.1.30\n"
	    "Masquerade = 10.10.1.0/24\n", NULL,
	    "warning a9 a8, ", "write Snat = 10.10.1.30 -> 203.0.113.97" },
	{ "nat_in_cells",
	    PRODUCTION "[Nat]\nAddress = 10.10.1.1/24\n", NULL,
	    "error a5, ", "write Layout = single" },
	{ "nat_on_the_link_of_a_network",
	    "[Lab]\nLayout = single\n" LAB "Interface = eth1\n"
	    "[Nat]\nAddress = 10.10.1.1/24\nInterface = eth1\n", NULL,
	    "error a13 a7, ", "link of its own for [Nat]" },
	{ "nat_without_an_interface_beside_one",
	    "[Lab]\nLayout = single\n" LAB "Interface = eth1\n"
	    "[Nat]\nAddress = 10.10.1.1/24\n", NULL,
	    "error a11, ", "write Interface = NAME" },
	{ "nat_in_an_isolated_subnet",
	    "[Lab]\nLayout = single\n" LAB
	    "[Nat]\nAddress = 192.168.150.1/24\n", NULL,
	    "error a11 a9, ", "is a mask" },
	{ "a_subnet_on_both_sides",
	    "[Lab]\nLayout = single\n" PRODUCTION
	    "[Nat]\nAddress = 192.168.149.1/24\n", NULL,
	    "error a8 a5, ", "write Twin = OTHER -> 192.168.149.0/24" },
	{ "a_twin_that_is_none",
	    ROUTER "Twin = 10.10.2.0/24 -> 10.10.1.0/24\n", NULL,
	    "error a8 a5, ", "write Netmap = to" },
	{ "a_line_beside_a_twin",
	    "[Lab]\nLayout = single\n" PRODUCTION
	    "[Nat]\nAddress = 192.168.149.1/24\n"
	    "Twin = 192.168.150.0/24 -> 192.168.149.0/24\n"
	    "Masquerade = 192.168.149.0/24\n", NULL,
	    "error a10 a9, ", "delete this line" },
	{ "all_of_a_line_denied",
	    ROUTER "Snat = 10.10.1.20 -> 203.0.113.98\n"
	    "Deny = 10.10.1.0/24\n", NULL,
	    "error a8 a9, ", "delete one" },
	{ "a_denial_twice",
	    ROUTER "Deny = 10.10.1.0/24 tcp 25\nDeny = 10.10.1.7 tcp 25\n",
	    NULL, "warning a9 a8, ", "delete this line" },
	{ "a_destination_twice",
	    ROUTER "Dnat = 203.0.113.9 tcp 80,443 -> 10.10.1.10\n"
	    "Dnat = 203.0.113.9 tcp 80 -> 10.10.1.11\n", NULL,
	    "error a9 a8, ", "just the same" },
	{ "a_destination_behind_a_redirection",
	    ROUTER "Redirect = any -> 10.10.1.10\n"
	    "Dnat = 203.0.113.9 -> 10.10.1.11\n", NULL,
	    "error a9 a8, ", "write it before that line" },
	{ "a_netmap_of_two_sizes",
	    ROUTER "Netmap = to 198.51.100.0/25 -> 10.10.1.0/24\n", NULL,
	    "error a8, ", "of one size" },
	{ "a_netmap_over_itself",
	    ROUTER "Netmap = from 10.10.1.0/25 -> 10.10.1.128/25\n", NULL,
	    "error a8 a7, ", "write a network that is free" },
	{ "a_netmap_that_nobody_answers_for",
	    ROUTER "Netmap = to 203.0.113.0/24 -> 10.10.1.0/24\n", NULL,
	    "warning a8 a5, ", "write Claim = ADDRESS" },
	{ "a_source_elsewhere",
	    ROUTER "Masquerade = 10.10.2.0/24\n", NULL,
	    "error a8 a7, ", "not in the network 10.10.1.0/24" },
	{ "a_destination_that_is_the_router",
	    ROUTER "Dnat = 203.0.113.9 -> 10.10.1.1\n", NULL,
	    "error a8 a7, ", "is the router itself" },
	{ "a_destination_that_nobody_has",
	    ROUTER "Redirect = tcp 80 -> 10.10.1.255\n", NULL,
	    "error a8 a7, ", "which no machine has" },
	{ "a_claim_of_an_isolated_machines_address",
	    "[Lab]\nLayout = single\n" LAB
	    "Static = 192.168.149.136 -> 192.168.149.36\n"
	    "[Nat]\nAddress = 10.10.1.1/24\nClaim = 192.168.149.136\n", NULL,
	    "error a13 a10, ", "an isolated machine's" },
	{ "a_claim_of_productions_gateway",
	    "[Lab]\nLayout = single\n" PRODUCTION
	    "[Nat]\nAddress = 10.10.1.1/24\n"
	    "Snat = 10.10.1.2 -> 192.168.149.2\n", NULL,
	    "error a9 a6, ", "production's gateway" },
	{ "a_claim_of_what_is_there",
	    ROUTER "Claim = 203.0.113.7\n", NULL,
	    "warning a8 a5, ", "delete this line" },
	{ "two_labs_in_the_hosts_namespace",
	    ROUTER "Interface = eth1\n",
	    "[Lab]\nLayout = single\n[Production]\nAttach = eth2\n"
	    "Address = 198.51.100.7/24\n[Nat]\nAddress = 10.10.2.1/24\n"
	    "Interface = eth3\n",
	    "error b2 a2, ", "write Layout = cells" },
};

/* No word about these. */
static const struct contradiction good[] = {
	/* its addresses and links are the host's */
	{ "a_router_of_its_own_that_stands",
	    "[Lab]\nLayout = single\n[Production]\nAttach = eth0\n"
	    "Address = 192.168.149.9/24\n"
	    "[Network \"n\"]\nGateway = 192.168.122.1/24\n"
	    "Mask = 192.168.150.0/24\nInterface = virbr0\n", NULL,
	    "", NULL },
	{ "addresses_of_no_link_of_a_single_router",
	    "[Lab]\nLayout = single\n[Production]\nAttach = eth0\n"
	    "Address = 192.168.149.50/24\n"
	    "[Network \"n\"]\nGateway = 169.254.1.2/24\n"
	    "Mask = 10.20.1.0/24\n", NULL,
	    "", NULL },
	{ "the_simple_network", LAB, NULL, "", NULL },
	{ "a_static_mapping",
	    LAB "Static = 192.168.149.136 -> 192.168.149.36\n", NULL, "", NULL },
	{ "two_outer_addresses_for_one_machine",
	    LAB "Static = 192.168.149.136 -> 192.168.149.36\n"
	    "Static = 192.168.149.137 -> 192.168.149.36\n", NULL, "", NULL },
	{ "three_networks", LAB DMZ OFFICE, NULL, "", NULL },
	{ "two_labs_with_one_subnet",
	    LAB, BESIDE "Mask = 192.168.151.0/24\n", "", NULL },
	{ "two_labs_that_publish_a_copy_each",
	    LAB "Publish = 99.99.99.98 tcp 25 -> 192.168.149.36\n",
	    BESIDE "Mask = 192.168.151.0/24\n"
	    "Publish = 99.99.99.99 tcp 25 -> 192.168.149.36\n", "", NULL },
	{ "one_subnet_twice_in_cells",
	    LAB "[Network \"twin\"]\nGateway = 192.168.149.2/24\n"
	    "Mask = 192.168.151.0/24\n", NULL, "", NULL },
	{ "published_services",
	    PRODUCTION DMZ
	    "Publish = 99.99.99.99 tcp 80,443 -> 10.10.1.10\n"
	    "Publish = 99.99.99.98 tcp 25,993 -> 10.10.1.20\n"
	    "Publish = 99.99.99.99 udp 53 -> 10.10.1.30\n"
	    "Publish = 99.99.99.99 tcp 53 -> 10.10.1.30\n"
	    "Allow = 10.10.1.30 udp 53\n", NULL, "", NULL },
	{ "ports_of_one_outer_address_for_two_machines",
	    LAB "Publish = 99.99.99.99 tcp 80-89 -> 192.168.149.36\n"
	    "Publish = 99.99.99.99 tcp 79,90 -> 192.168.149.37\n",
	    NULL, "", NULL },
	{ "one_inner_port_behind_two_outer_ones",
	    LAB "Publish = 99.99.99.99 tcp 80 -> 192.168.149.36 8080\n"
	    "Publish = 99.99.99.99 tcp 8080 -> 192.168.149.36\n",
	    NULL, "", NULL },
	{ "udp_open_at_the_port_that_a_publication_leads_to",
	    LAB "Publish = 99.99.99.99 udp 5353 -> 192.168.149.36 53\n"
	    "Allow = 192.168.149.36 udp 53\n", NULL, "", NULL },
	{ "udp_open_over_several_publications",
	    LAB "Publish = 99.99.99.99 udp 200-300 -> 192.168.149.36\n"
	    "Publish = 99.99.99.99 udp 100-199 -> 192.168.149.36\n"
	    "Allow = 192.168.149.36 udp 100-300\n", NULL, "", NULL },
	{ "udp_open_for_those_who_come_by_the_mask",
	    LAB "Publish = 99.99.99.99 tcp 53 -> 192.168.149.36\n"
	    "Allow = from 192.168.149.0/24 192.168.149.36 udp 161\n",
	    NULL, "", NULL },
	{ "udp_open_at_a_machine_that_is_mapped_as_a_whole",
	    LAB "Publish = 192.168.149.136 tcp 53 -> 192.168.149.36\n"
	    "Static = 192.168.149.136 -> 192.168.149.36\n"
	    "Allow = 192.168.149.36 udp 53\n", NULL, "", NULL },
	{ "udp_open_at_a_machine_that_is_not_published",
	    LAB "Publish = 99.99.99.99 tcp 53 -> 192.168.149.36\n"
	    "Allow = 192.168.149.37 udp 53\n", NULL, "", NULL },
	{ "entries_that_cross",
	    LAB "Allow = 192.168.149.36 tcp 20-30\n"
	    "Allow = 192.168.149.36 tcp 22-31\n"
	    "Allow = 192.168.149.36 udp 22\n"
	    "Allow = 192.168.149.36 icmp\n"
	    "Allow = 192.168.149.37\n"
	    "Allow = from 10.0.0.0/9 192.168.149.38\n"
	    "Allow = from 10.128.0.0/9 192.168.149.38 tcp 22\n",
	    NULL, "", NULL },
	{ "an_entry_from_a_prefix_wider_than_a_mask",
	    LAB "Allow = from 192.168.0.0/16 192.168.149.36\n",
	    NULL, "", NULL },
	{ "a_join_that_one_side_names", LAB "Join = DMZ\n" DMZ, NULL, "", NULL },
	{ "a_join_that_both_sides_name",
	    LAB "Join = DMZ\n" DMZ "Join = VM Network\n", NULL, "", NULL },
	{ "bridges_of_their_own",
	    LAB "Bridge = vmbr7\n" DMZ "Bridge = vmbr8\n", NULL, "", NULL },
	{ "single_layout",
	    "[Lab]\nLayout = single\n" LAB "Interface = eth1\n"
	    DMZ "Interface = eth3\n", NULL, "", NULL },
	{ "services",
	    LAB "Proxy = yes\nDns = yes\nFtp = yes\n" DMZ "Dns = yes\n",
	    NULL, "", NULL },
	{ "a_name_that_one_of_two_copies_has",
	    LAB "Dns = yes\n[Network \"n\"]\nGateway = 192.168.149.2/24\n"
	    "Mask = 192.168.151.0/24\nProxy = yes\n", NULL, "", NULL },
	{ "a_proxy_by_dhcp",
	    "[Production]\nAttach = eth0\nAddress = dhcp\n" VM_NETWORK
	    "Proxy = yes\n", NULL, "", NULL },
	{ "single_layout_in_a_namespace",
	    "[Lab]\nLayout = single\n" LAB DMZ, NULL, "", NULL },
	{ "translations_from_narrow_to_wide",
	    ROUTER "Deny = 10.10.1.4 tcp 25\nPass = 10.10.1.5 icmp\n"
	    "Snat = 10.10.1.20 -> 203.0.113.98\n"
	    "Dnat = 203.0.113.98 tcp 25,993 -> 10.10.1.20\n"
	    "Dnat = 203.0.113.7 tcp 80 -> 10.10.1.10 8080\n"
	    "Redirect = any -> 10.10.1.9\n"
	    "Masquerade = 10.10.1.0/24 -> 30000-40000\n", NULL, "", NULL },
	{ "netmaps_both_ways_and_claims",
	    ROUTER "Netmap = to 203.0.113.0/24 -> 10.10.1.0/24\n"
	    "Netmap = from 10.10.1.0/24 -> 203.0.113.0/24\n"
	    "Claim = 203.0.113.9\n", NULL, "", NULL },
	{ "a_twin_of_production",
	    "[Lab]\nLayout = single\n" PRODUCTION
	    "[Nat]\nAddress = 192.168.149.1/24\n"
	    "Twin = 192.168.150.0/24 -> 192.168.149.0/24\n", NULL, "", NULL },
	{ "an_address_by_dhcp",
	    "[Production]\nAttach = eth0\nAddress = dhcp\n" VM_NETWORK,
	    "[Production]\nAttach = eth0\nAddress = dhcp\n" DMZ, "", NULL },
	{ "masks_and_routes_side_by_side",
	    PRODUCTION "[Network \"n\"]\nGateway = 192.168.149.2/24\n"
	    "Mask = 192.168.148.0/24\n"
	    "[Network \"o\"]\nGateway = 10.10.1.1/24\n"
	    "Mask = 192.168.121.0/24\n", NULL, "", NULL },
	{ "a_real_subnet_within_a_routed_one",
	    PRODUCTION "[Network \"n\"]\nGateway = 172.16.129.1/24\n"
	    "Mask = 192.168.150.0/24\n", NULL, "", NULL },
	{ "machines_of_one_address_in_two_networks",
	    LAB "[Network \"twin\"]\nGateway = 192.168.149.2/24\n"
	    "Mask = 192.168.151.0/24\n"
	    "[Machine \"m\"]\nNetwork = VM Network\n"
	    "Address = 192.168.149.36\n"
	    "[Machine \"o\"]\nNetwork = twin\n"
	    "Address = 192.168.149.36\n", NULL, "", NULL },
	{ "the_page_of_the_design",
	    PRODUCTION VM_NETWORK
	    "Static = 192.168.149.136 -> 192.168.149.36\n"
	    "Publish = 99.99.99.99 tcp 80,443 -> 192.168.149.36\n"
	    "Allow = from 192.168.149.0/24 192.168.149.36 tcp 22,80,443\n"
	    "Join = DMZ\nBridge = vmbr7\n" DMZ
	    "[Machine \"SF0006\"]\nNetwork = VM Network\n"
	    "Address = 192.168.149.36\nTcp = 22, 443\n", NULL, "", NULL },
};
/* clang-format on */

static void
parse(struct lab *lab, const char *file, const char *text)
{
	struct err err = ERR_INIT;
	char buf[512];

	if (lab_parse(lab, file, text, strlen(text), &err) != 0)
		fail_msg("%s", err_text(&err, buf, sizeof(buf)));
}

static void
finds_what_it_should(void **state)
{
	const struct contradiction *t = *state;
	struct lab a = { 0 }, b = { 0 };
	const struct lab *labs[] = { &a, &b };
	size_t n = t->b != NULL ? 2 : 1, n_errors = 0;
	struct lab_findings f;
	struct err err = ERR_INIT;
	struct buf got = { 0 }, texts = { 0 };

	parse(&a, "a.lab", t->a);
	if (t->b != NULL)
		parse(&b, "b.lab", t->b);
	assert_int_equal(lab_check(&f, labs, n, &host, &err), 0);
	for (size_t i = 0; i < f.n; i++) {
		const struct lab_finding *item = &f.item[i];
		char line[512];

		buf_printf(&got, "%s %c%d", item->warning ? "warning" : "error",
		    labs[item->lab]->file[0], item->line);
		if (item->other_line != 0)
			buf_printf(&got, " %c%d",
			    labs[item->other_lab]->file[0], item->other_line);
		buf_printf(&got, ", ");
		buf_printf(&texts, "%s\n",
		    lab_finding_text(item, labs, line, sizeof(line)));
		n_errors += !item->warning;
		/* A text that was cut says nothing at its end. */
		assert_true(strlen(item->text) < sizeof(item->text) - 1);
	}
	if (strcmp(buf_str(&got), t->finds) != 0)
		fail_msg("want \"%s\", got \"%s\":\n%s", t->finds,
		    buf_str(&got), buf_str(&texts));
	if (t->says != NULL && strstr(buf_str(&texts), t->says) == NULL)
		fail_msg("want \"%s\" in:\n%s", t->says, buf_str(&texts));
	assert_int_equal(f.n_errors, n_errors);
	lab_findings_done(&f);
	buf_done(&got);
	buf_done(&texts);
	lab_done(&a);
	lab_done(&b);
}

/* Without routes: samples are for other hosts than this one. */
static void
nothing_found(const struct lab *const *labs, size_t n)
{
	struct lab_findings f;
	struct err err = ERR_INIT;
	char buf[512];

	assert_int_equal(
	    lab_check(&f, labs, n, &(struct lab_host){ 0 }, &err), 0);
	if (f.n != 0)
		fail_msg(
		    "%s", lab_finding_text(&f.item[0], labs, buf, sizeof(buf)));
	lab_findings_done(&f);
}

static void
every_sample_is_clean(void **state)
{
	struct strlist files = { 0 };
	struct err err = ERR_INIT;
	char *none = NULL;

	(void)state;
	assert_int_equal(labs_find(&files, "etc/labs", &none, &err), 0);
	for (size_t i = 0; i < files.n; i++) {
		struct lab lab;
		const struct lab *labs[] = { &lab };

		assert_int_equal(lab_read(&lab, files.item[i], &err), 0);
		nothing_found(labs, 1);
		lab_done(&lab);
	}
	strlist_done(&files);
}

static void
the_samples_with_one_subnet_stand_together(void **state)
{
	struct lab a, b;
	const struct lab *labs[] = { &a, &b };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(lab_read(&a, "etc/labs/same-subnet-a.lab", &err), 0);
	assert_int_equal(lab_read(&b, "etc/labs/same-subnet-b.lab", &err), 0);
	nothing_found(labs, 2);
	lab_done(&a);
	lab_done(&b);
}

static void
a_finding_reads_as_a_compilers(void **state)
{
	const struct lab a = { .file = (char[]){ "a.lab" } };
	const struct lab b = { .file = (char[]){ "/etc/b.lab" } };
	const struct lab *labs[] = { &a, &b };
	struct lab_finding f = { .lab = 1, .line = 7, .text = "no" };
	char buf[64];

	(void)state;
	assert_string_equal(lab_finding_text(&f, labs, buf, sizeof(buf)),
	    "/etc/b.lab:7: error: no");
	f.other_line = 5;
	f.warning = true;
	assert_string_equal(lab_finding_text(&f, labs, buf, sizeof(buf)),
	    "/etc/b.lab:7: warning: no (a.lab:5)");
}

int
main(void)
{
	enum { N_BAD = sizeof(bad) / sizeof(*bad) };
	enum { N_GOOD = sizeof(good) / sizeof(*good) };
	enum { N_OWN = 3 };
	struct CMUnitTest tests[N_OWN + N_BAD + N_GOOD] = {
		cmocka_unit_test(a_finding_reads_as_a_compilers),
		cmocka_unit_test(every_sample_is_clean),
		cmocka_unit_test(the_samples_with_one_subnet_stand_together),
	};

	for (size_t i = 0; i < N_BAD + N_GOOD; i++) {
		const struct contradiction *t = i < N_BAD ? &bad[i] :
							    &good[i - N_BAD];

		tests[N_OWN + i] = (struct CMUnitTest){
			.name = t->name,
			.test_func = finds_what_it_should,
			.initial_state = (void *)(uintptr_t)t,
		};
	}
	return cmocka_run_group_tests_name("lab_check", tests, NULL, NULL);
}
