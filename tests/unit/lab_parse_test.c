/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/buf.h"
#include "labrouter/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS INT64_C(1000000)
#define ADDR(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (c) << 8 | (d))

static const char least[] = "[Production]\n"
			    "Attach = eth0\n"
			    "Address = 192.168.149.50/24\n"
			    "[Network \"VM Network\"]\n"
			    "Gateway = 192.168.149.2/24\n"
			    "Mask = 192.168.150.0/24\n";

static struct lab
lab_of(const char *text)
{
	struct lab lab;
	struct err err = ERR_INIT;

	if (lab_parse(&lab, "vlab.lab", text, strlen(text), &err) != 0)
		fail_msg("%s%s", err.where, err.cause);
	return lab;
}

static void
assert_error(const char *file, const char *text, const char *want)
{
	struct lab lab;
	struct err err = ERR_INIT;
	char got[1600];

	if (lab_parse(&lab, file, text, strlen(text), &err) == 0)
		fail_msg("taken: %s", text);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_string_equal(err_text(&err, got, sizeof(got)), want);
}

static void
a_short_file_gets_the_defaults(void **state)
{
	struct lab lab = lab_of(least);
	const struct lab_network *net = &lab.network[0];

	(void)state;
	assert_string_equal(lab.name, "vlab");
	assert_string_equal(lab.file, "vlab.lab");
	assert_int_equal(lab.layout, LAB_CELLS);
	assert_int_equal(lab.production.line, 1);
	assert_string_equal(lab.production.attach, "eth0");
	assert_int_equal(lab.production.attach_line, 2);
	assert_false(lab.production.dhcp);
	assert_int_equal(lab.production.address.addr, ADDR(192, 168, 149, 50));
	assert_int_equal(lab.production.address.len, 24);
	assert_int_equal(lab.production.address_line, 3);
	assert_int_equal(lab.production.gateway_line, 0);
	assert_true(lab.production.probe_wait_ns == 300 * MS);
	assert_int_equal(lab.n_networks, 1);
	assert_string_equal(net->name, "VM Network");
	assert_int_equal(net->line, 4);
	assert_int_equal(net->gateway.addr, ADDR(192, 168, 149, 2));
	assert_int_equal(net->gateway_line, 5);
	assert_int_equal(net->mask.addr, ADDR(192, 168, 150, 0));
	assert_int_equal(net->mask.len, 24);
	assert_int_equal(net->mask_line, 6);
	assert_false(net->proxy || net->dns || net->ftp);
	assert_int_equal(net->mtu, 0);
	assert_null(net->interface);
	assert_null(net->bridge);
	assert_int_equal(lab.n_machines, 0);
	lab_done(&lab);
}

static void
every_key_has_its_field(void **state)
{
	struct lab lab = lab_of(
	    "[Lab]\nlayout = SINGLE # as the seed\n"
	    "[Production]\nAttach = eth0\nAddress = DHCP\n"
	    "Gateway = 192.168.149.2\nProbeWait = 2s\n"
	    "[Network \"a\"]\nGateway = 192.168.149.2/24\n"
	    "Mask = 192.168.150.0/24\nProxy = yes\nDns = on\nFtp = 1\n"
	    "Mtu = 1400\nInterface = eth1\nBridge = vmbr7\nJoin = b\n"
	    "[Network \"b\"]\nGateway = 10.1.0.1/16\nMask = 10.2.0.0/16\n"
	    "Join = a\nJoin = b\n"
	    "[Machine \"SF0006\"]\nNetwork = b\nAddress = 10.1.0.36\n"
	    "Ping = no\nTcp = 443, 22\nScript = /etc/lookback/web.sh\n"
	    "Timeout = 1500ms\n"
	    "[Machine \"x\"]\nNetwork = a\nAddress = 192.168.149.36\n");
	const struct lab_machine *m = &lab.machine[0];

	(void)state;
	assert_int_equal(lab.layout, LAB_SINGLE);
	assert_true(lab.production.dhcp);
	assert_int_equal(lab.production.gateway, ADDR(192, 168, 149, 2));
	assert_true(lab.production.probe_wait_ns == 2000 * MS);
	assert_int_equal(lab.n_networks, 2);
	assert_true(lab.network[0].proxy);
	assert_true(lab.network[0].dns);
	assert_true(lab.network[0].ftp);
	assert_int_equal(lab.network[0].mtu, 1400);
	assert_string_equal(lab.network[0].interface, "eth1");
	assert_string_equal(lab.network[0].bridge, "vmbr7");
	assert_int_equal(lab.network[0].n_join, 1);
	assert_int_equal(lab.network[0].join[0].network, 1);
	assert_int_equal(lab.network[1].n_join, 2);
	assert_int_equal(lab.network[1].join[0].network, 0);
	assert_int_equal(lab.n_machines, 2);
	assert_string_equal(m->name, "SF0006");
	assert_int_equal(m->network, 1);
	assert_int_equal(m->addr, ADDR(10, 1, 0, 36));
	assert_false(m->ping);
	assert_int_equal(m->tcp.n, 2);
	assert_int_equal(m->tcp.range[0].first, 22);
	assert_int_equal(m->tcp.range[1].last, 443);
	assert_string_equal(m->script, "/etc/lookback/web.sh");
	assert_true(m->timeout_ns == 1500 * MS);
	assert_true(lab.machine[1].ping);
	assert_int_equal(lab.machine[1].tcp.n, 0);
	assert_null(lab.machine[1].script);
	assert_true(lab.machine[1].timeout_ns == 60000 * MS);
	lab_done(&lab);
}

/* A network with these lines in it. */
static char *
with(const char *lines)
{
	static char text[1024];

	(void)snprintf(text, sizeof(text), "%s%s\n", least, lines);
	return text;
}

static void
static_mappings_are_pairs(void **state)
{
	struct lab lab = lab_of(
	    with("Static = 192.168.149.136 -> 192.168.149.36\n"
		 "static = 192.168.149.137->192.168.149.37\n"
		 "Static = 192.168.149.138\t->\t192.168.149.38"));
	const struct lab_network *net = &lab.network[0];

	(void)state;
	assert_int_equal(net->n_statics, 3);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(
		    net->statics[i].outer, ADDR(192, 168, 149, 136) + i);
		assert_int_equal(
		    net->statics[i].inner, ADDR(192, 168, 149, 36) + i);
		assert_int_equal(net->statics[i].line, 7 + i);
	}
	lab_done(&lab);
}

static void
publications_have_ports_on_both_sides(void **state)
{
	struct lab lab = lab_of(
	    with("Publish = 99.99.99.99 tcp 443, 80 -> 10.10.1.10\n"
		 "Publish = 99.99.99.98 udp 53 -> 10.10.1.30\n"
		 "Publish = 99.99.99.98 tcp 2222 -> 10.10.1.30 22"));
	const struct lab_publish *pub = lab.network[0].publish;

	(void)state;
	assert_int_equal(lab.network[0].n_publish, 3);
	assert_int_equal(pub[0].outer, ADDR(99, 99, 99, 99));
	assert_int_equal(pub[0].inner, ADDR(10, 10, 1, 10));
	assert_int_equal(pub[0].proto, LAB_TCP);
	assert_int_equal(pub[0].ports.n, 2);
	assert_int_equal(pub[0].ports.range[0].first, 80);
	assert_int_equal(pub[0].ports.range[0].last, 80);
	assert_int_equal(pub[0].ports.range[1].first, 443);
	assert_int_equal(pub[0].inner_port, 0);
	assert_int_equal(pub[0].line, 7);
	assert_int_equal(pub[1].proto, LAB_UDP);
	assert_int_equal(pub[2].inner_port, 22);
	lab_done(&lab);
}

static void
allowances_name_who_whom_and_what(void **state)
{
	struct lab lab = lab_of(
	    with("Allow = 192.168.149.36\n"
		 "Allow = from 10.0.0.0/8 192.168.149.36 tcp 22, 8000-8010\n"
		 "Allow = from 0.0.0.0/0 192.168.149.36 udp 53\n"
		 "Allow = 192.168.149.37 icmp"));
	const struct lab_allow *allow = lab.network[0].allow;

	(void)state;
	assert_int_equal(lab.network[0].n_allow, 4);
	assert_false(allow[0].has_from);
	assert_int_equal(allow[0].proto, LAB_ANY);
	assert_int_equal(allow[0].ports.n, 0);
	assert_true(allow[1].has_from);
	assert_int_equal(allow[1].from.addr, ADDR(10, 0, 0, 0));
	assert_int_equal(allow[1].from.len, 8);
	assert_int_equal(allow[1].addr, ADDR(192, 168, 149, 36));
	assert_int_equal(allow[1].proto, LAB_TCP);
	assert_int_equal(allow[1].ports.range[1].first, 8000);
	assert_int_equal(allow[1].ports.range[1].last, 8010);
	assert_int_equal(allow[2].from.len, 0);
	assert_int_equal(allow[2].proto, LAB_UDP);
	assert_int_equal(allow[3].proto, LAB_ICMP);
	lab_done(&lab);
}

/* A lab without networks, of seven lines and these. */
static char *
with_nat(const char *lines)
{
	static char text[1024];

	(void)snprintf(text, sizeof(text),
	    "[Lab]\nLayout = single\n[Production]\nAttach = eth0\n"
	    "Address = 203.0.113.7/24\n[Nat]\nAddress = 192.168.1.1/24\n%s\n",
	    lines);
	return text;
}

static void
translations_are_one_list_in_the_files_order(void **state)
{
	static const struct {
		enum lab_nat_kind kind;
		const char *text; /* what it is told as */
	} want[] = {
		{ LAB_SNAT, "c0a80100/24 any 0 -> cb007114/32 0-0" },
		{ LAB_SNAT, "c0a80102/32 tcp 2 -> cb007114/32 3000-3009" },
		{ LAB_MASQUERADE, "c0a80100/24 any 0 -> nobody 0-0" },
		{ LAB_MASQUERADE, "c0a80100/24 udp 1 -> nobody 30001-30001" },
		{ LAB_PASS, "c0a80103/32 icmp 0 -> nobody 0-0" },
		{ LAB_DENY, "c0a80104/32 tcp 1 -> nobody 0-0" },
		{ LAB_DNAT, "cb007114/32 any 0 -> c0a80102/32 0-0" },
		{ LAB_DNAT, "cb007114/32 tcp 1 -> c0a80102/32 8080-8080" },
		{ LAB_REDIRECT, "00000000/0 any 0 -> c0a80102/32 0-0" },
		{ LAB_REDIRECT, "00000000/0 tcp 2 -> c0a80102/32 0-0" },
		{ LAB_REDIRECT, "00000000/0 udp 1 -> nobody 3128-3128" },
		{ LAB_NETMAP_TO, "c6336400/24 any 0 -> c0a80100/24 0-0" },
		{ LAB_NETMAP_FROM, "c0a80100/24 any 0 -> c6336400/24 0-0" },
		{ LAB_TWIN, "c0a80200/24 any 0 -> c0a80100/24 0-0" },
		{ LAB_CLAIM, "cb007108/32 any 0 -> nobody 0-0" },
	};
	static const char *const protos[] = { "any", "tcp", "udp", "icmp" };
	struct lab lab = lab_of(
	    with_nat("Interface = eth1\n"
		     "Snat = 192.168.1.0/24 -> 203.0.113.20\n"
		     "Snat = 192.168.1.2 tcp 25, 80 -> 203.0.113.20 3000-3009\n"
		     "Masquerade = 192.168.1.0/24\n"
		     "Masquerade = 192.168.1.0/24 udp 53->30001\n"
		     "Pass = 192.168.1.3 icmp\n"
		     "Deny = 192.168.1.4 tcp 25\n"
		     "Dnat = 203.0.113.20 -> 192.168.1.2\n"
		     "Dnat = 203.0.113.20 tcp 80 -> 192.168.1.2 8080\n"
		     "Redirect = any -> 192.168.1.2\n"
		     "Redirect = tcp 80,443 -> 192.168.1.2\n"
		     "Redirect = udp 88 -> 3128\n"
		     "Netmap = to 198.51.100.0/24 -> 192.168.1.0/24\n"
		     "Netmap = from 192.168.1.0/24 -> 198.51.100.0/24\n"
		     "Twin = 192.168.2.0/24 -> 192.168.1.0/24\n"
		     "Claim = 203.0.113.8\n"));
	const struct lab_nat *nat = &lab.nat;

	(void)state;
	assert_int_equal(lab.n_networks, 0);
	assert_int_equal(nat->line, 6);
	assert_int_equal(nat->address.addr, ADDR(192, 168, 1, 1));
	assert_int_equal(nat->address_line, 7);
	assert_string_equal(nat->interface, "eth1");
	assert_int_equal(nat->interface_line, 8);
	assert_int_equal(nat->n_rules, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < nat->n_rules; i++) {
		const struct lab_nat_rule *r = &nat->rule[i];
		char to[32] = "nobody", text[128];

		if (r->has_to)
			(void)snprintf(
			    to, sizeof(to), "%08x/%u", r->to.addr, r->to.len);
		(void)snprintf(text, sizeof(text), "%08x/%u %s %zu -> %s %u-%u",
		    r->from.addr, r->from.len, protos[r->proto], r->ports.n, to,
		    r->to_ports.first, r->to_ports.last);
		assert_string_equal(text, want[i].text);
		assert_int_equal(r->kind, want[i].kind);
		assert_int_equal(r->line, 9 + i);
	}
	lab_done(&lab);
}

static void
wrong_translations_are_told_with_what_to_write(void **state)
{
	static const struct {
		const char *line, *want;
	} bad[] = {
		{ "Snat = 192.168.1.0/24",
		    "Snat: \"192.168.1.0/24\": want SOURCE [tcp|udp PORTS | "
		    "icmp] -> ADDRESS [PORTS], like 192.168.1.0/24 -> "
		    "203.0.113.7" },
		{ "Snat = 192.168.1.7/24 -> 203.0.113.20",
		    "Snat: 192.168.1.7/24 has bits behind its /24: write "
		    "192.168.1.0/24" },
		{ "Snat = 192.168.1.2 icmp -> 203.0.113.20 80",
		    "Snat: icmp has no ports: leave them out" },
		{ "Snat = 192.168.1.2 -> 203.0.113.20 80,90",
		    "Snat: \"80,90\": want one port or range" },
		{ "Masquerade = 192.168.1.0/24 ->",
		    "Masquerade: \"192.168.1.0/24 ->\": want SOURCE [tcp|udp "
		    "PORTS | icmp] [-> PORTS], like 192.168.1.0/24" },
		{ "Pass = 192.168.1.3 -> 203.0.113.20",
		    "Pass: \"192.168.1.3 -> 203.0.113.20\": want SOURCE "
		    "[tcp|udp PORTS | icmp], like 192.168.1.3" },
		{ "Deny = 192.168.1.4 tcp",
		    "Deny: \"192.168.1.4 tcp\": want SOURCE [tcp|udp PORTS | "
		    "icmp], like 192.168.1.4 tcp 25" },
		{ "Dnat = 203.0.113.0/24 -> 192.168.1.2",
		    "Dnat: \"203.0.113.0/24\" is not an address: want one "
		    "like 192.168.149.36" },
		{ "Dnat = 203.0.113.20 icmp -> 192.168.1.2",
		    "Dnat: \"203.0.113.20 icmp -> 192.168.1.2\": want ADDRESS "
		    "[tcp|udp PORTS] -> INNER [PORT], like 203.0.113.7 tcp 80 "
		    "-> 192.168.1.2 8080" },
		{ "Dnat = 203.0.113.20 tcp 80,81 -> 192.168.1.2 8080",
		    "Dnat: only one port can become another one: write a line "
		    "for each port" },
		{ "Dnat = 203.0.113.20 -> 192.168.1.2 8080",
		    "Dnat: only one port can become another one: write a line "
		    "for each port" },
		{ "Redirect = 203.0.113.20 -> 192.168.1.2",
		    "Redirect: \"203.0.113.20 -> 192.168.1.2\": want any -> "
		    "INNER, or tcp|udp PORTS -> INNER [PORT], or tcp|udp PORT "
		    "-> PORT of the router" },
		{ "Redirect = any -> 3128",
		    "Redirect: only one port can become another one: write a "
		    "line for each port" },
		{ "Netmap = 203.0.113.0/24 -> 192.168.1.0/24",
		    "Netmap: \"203.0.113.0/24 -> 192.168.1.0/24\": want to "
		    "OUTER -> INNER or from INNER -> OUTER, like to "
		    "203.0.113.0/24 -> 192.168.1.0/24" },
		{ "Twin = 192.168.2.0/24 -> 192.168.1.0/24 x",
		    "Twin: \"192.168.2.0/24 -> 192.168.1.0/24 x\": want OUTER "
		    "-> INNER, like 192.168.2.0/24 -> 192.168.1.0/24" },
		{ "Claim = 203.0.113.8 203.0.113.9",
		    "Claim: \"203.0.113.8 203.0.113.9\": want an address like "
		    "203.0.113.8" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char want[512];

		(void)snprintf(want, sizeof(want), "v.lab:8: %s", bad[i].want);
		assert_error("v.lab", with_nat(bad[i].line), want);
	}
}

static void
ports_are_sorted_and_what_touches_is_joined(void **state)
{
	static const struct port_range want[] = { { 1, 1 }, { 20, 30 },
		{ 65535, 65535 } };
	struct lab lab = lab_of(with("[Machine \"m\"]\nNetwork = VM Network\n"
				     "Address = 192.168.149.36\n"
				     "Tcp = 65535,25-30 , 20-24,22,1,26-27"));
	const struct ports *tcp = &lab.machine[0].tcp;

	(void)state;
	assert_int_equal(tcp->n, 3);
	assert_memory_equal(tcp->range, want, sizeof(want));
	lab_done(&lab);
}

static void
wrong_values_are_told_with_what_to_write(void **state)
{
	static const struct {
		const char *line, *want;
	} bad[] = {
		{ "Mask = 192.168.150.0/24", "Mask: given twice" },
		{ "Masks = 192.168.150.0/24",
		    "unknown key \"Masks\" in [Network]" },
		{ "Proxy = maybe", "Proxy: \"maybe\" is not yes or no" },
		{ "Mtu = 100",
		    "Mtu: \"100\" is not a number from 576 to 65535" },
		{ "Interface = eth0/1",
		    "Interface: \"eth0/1\" is no interface's name: want one "
		    "like eth0, of at most 15 characters" },
		{ "Bridge = br0$(id)",
		    "Bridge: \"br0$(id)\" is no interface's name: want one "
		    "like eth0, of at most 15 characters" },
		{ "Bridge = abcdefghijklmnop",
		    "Bridge: \"abcdefghijklmnop\" is no interface's name: want "
		    "one like eth0, of at most 15 characters" },
		{ "Static = 192.168.149.136 192.168.149.36",
		    "Static: \"192.168.149.136 192.168.149.36\": want OUTER -> "
		    "INNER, like 192.168.149.136 -> 192.168.149.36" },
		{ "Static = 192.168.149.136 -> 192.168.149.36 x",
		    "Static: \"192.168.149.136 -> 192.168.149.36 x\": want "
		    "OUTER -> INNER, like 192.168.149.136 -> 192.168.149.36" },
		{ "Static = 192.168.149.256 -> 192.168.149.36",
		    "Static: \"192.168.149.256\" is not an address: want one "
		    "like 192.168.149.36" },
		{ "Static = 192.168.149.136 -> 127.0.0.1",
		    "Static: 127.0.0.1 can be no machine's address" },
		{ "Static = 224.0.0.1 -> 192.168.149.36",
		    "Static: 224.0.0.1 can be no machine's address" },
		{ "Publish = 99.99.99.99 tcp -> 10.10.1.10",
		    "Publish: \"99.99.99.99 tcp -> 10.10.1.10\": want OUTER "
		    "tcp|udp PORTS -> INNER [PORT], like 203.0.113.7 tcp "
		    "80,443 -> 192.168.149.36" },
		{ "Publish = 99.99.99.99 icmp -> 10.10.1.10",
		    "Publish: \"99.99.99.99 icmp -> 10.10.1.10\": want OUTER "
		    "tcp|udp PORTS -> INNER [PORT], like 203.0.113.7 tcp "
		    "80,443 -> 192.168.149.36" },
		{ "Publish = 99.99.99.99 tcp 80,,443 -> 10.10.1.10",
		    "Publish: \"\" is no port: want numbers from 1 to 65535 "
		    "and ranges, like 80,443,8000-8010" },
		{ "Publish = 99.99.99.99 tcp 80,443 -> 10.10.1.10 8080",
		    "Publish: only one port can become another one: write a "
		    "line for each port" },
		{ "Publish = 99.99.99.99 tcp 80 -> 10.10.1.10 80-81",
		    "Publish: only one port can become another one: write a "
		    "line for each port" },
		{ "Allow = from 192.168.149.0/24",
		    "Allow: \"from 192.168.149.0/24\": want [from PREFIX] "
		    "ADDRESS [tcp|udp PORTS | icmp], like 192.168.149.36 tcp "
		    "22,80" },
		{ "Allow = from 192.168.149.7 192.168.149.36",
		    "Allow: \"192.168.149.7\" is not a network: want one like "
		    "192.168.150.0/24, a single address with /32" },
		{ "Allow = from 192.168.149.7/24 192.168.149.36",
		    "Allow: 192.168.149.7/24 has bits behind its /24: write "
		    "192.168.149.0/24" },
		{ "Allow = 192.168.149.36 tcp 0",
		    "Allow: \"0\" is no port: want numbers from 1 to 65535 "
		    "and ranges, like 80,443,8000-8010" },
		{ "Allow = 192.168.149.36 tcp 10-9",
		    "Allow: \"10-9\" is no port: want numbers from 1 to 65535 "
		    "and ranges, like 80,443,8000-8010" },
		{ "Allow = 192.168.149.36 icmp 8",
		    "Allow: \"192.168.149.36 icmp 8\": want [from PREFIX] "
		    "ADDRESS [tcp|udp PORTS | icmp], like 192.168.149.36 tcp "
		    "22,80" },
		{ "Join =", "Join: want a network of this file" },
		{ "Join = DMZ",
		    "Join: there is no [Network \"DMZ\"] in this file" },
		{ "[Network \"VM Network\"]",
		    "[Network \"VM Network\"] stands in line 4 already" },
		{ "[Network]", "write [Network \"NAME\"]" },
		{ "[Network \"a\tb\"]",
		    "[Network]: a name is at most 64 bytes of printable "
		    "text" },
		{ "[Netwrok \"a\"]", "unknown section [Netwrok \"a\"]" },
		{ "[Lab \"a\"]", "unknown section [Lab \"a\"]" },
		{ "[Network \"b\"]",
		    "[Network \"b\"] needs a line like \"Gateway = "
		    "192.168.149.2/24\"" },
		{ "[Machine \"m\"]",
		    "[Machine \"m\"] needs a line like \"Network = VM "
		    "Network\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char want[512];

		(void)snprintf(want, sizeof(want), "v.lab:7: %s", bad[i].want);
		assert_error("v.lab", with(bad[i].line), want);
	}
}

static void
other_wrong_files_are_told_as_well(void **state)
{
	static const struct {
		const char *text, *want;
	} bad[] = {
		{ "",
		    "v.lab: there is no [Production]: it names this host's "
		    "interface (Attach) and the router's own address "
		    "(Address)" },
		{ "[Production]",
		    "v.lab:1: [Production] needs a line like \"Attach = "
		    "eth0\"" },
		{ "[Production]\nAttach = eth0",
		    "v.lab:1: [Production] needs a line like \"Address = "
		    "192.168.149.50/24\"" },
		{ "[Production]\nAttach = eth0\nAddress = dhcp\n",
		    "v.lab: there is no [Network \"NAME\"] and no [Nat]: a lab "
		    "has at least one of them" },
		{ "[Production]\nAttach = eth0\nAddress = dhcp\n[Nat]\n"
		  "Snat = 192.168.1.2 -> 203.0.113.7\n",
		    "v.lab:4: [Nat] needs a line like \"Address = "
		    "192.168.1.1/24\"" },
		{ "[Lab]\nLayout = star",
		    "v.lab:2: Layout: \"star\" is no layout: want cells or "
		    "single" },
		{ "[Lab]\nPlugin = ../lab-nft",
		    "v.lab:2: Plugin: \"../lab-nft\" is no plugin's name: "
		    "want a-z, 0-9 and -" },
		{ "Layout = cells",
		    "v.lab:1: unknown key \"Layout\" before the first "
		    "section" },
		{ "[Production]\nProbeWait = 5",
		    "v.lab:2: ProbeWait: \"5\" is not a length of time: want "
		    "300ms, 2s or 1min" },
		{ "[Production]\nProbeWait = 61s",
		    "v.lab:2: ProbeWait: \"61s\" is not within 1ms and 60s" },
		{ "[Production]\nAddress = 192.168.149.50",
		    "v.lab:2: Address: \"192.168.149.50\": want an address "
		    "with its network's length, like 192.168.149.2/24" },
		{ "[Production]\nAddress = 192.168.149.50/31",
		    "v.lab:2: Address: 192.168.149.50/31: a network's length "
		    "is from /8 to /30" },
		{ "[Production]\nAddress = 192.168.149.255/24",
		    "v.lab:2: Address: 192.168.149.255/24: no machine can have "
		    "a network's first or last address, or one outside 1.0.0.0 "
		    "to 223.255.255.255" },
		{ "[Production]\nGateway = 192.168.149.2/24",
		    "v.lab:2: Gateway: \"192.168.149.2/24\" is not an address: "
		    "want one like 192.168.149.36" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_error("v.lab", bad[i].text, bad[i].want);
}

static void
a_machine_stands_in_a_network_of_the_file(void **state)
{
	(void)state;
	assert_error("v.lab",
	    with("[Machine \"m\"]\nNetwork = DMZ\nAddress = 10.0.0.1"),
	    "v.lab:8: Network: there is no [Network \"DMZ\"] in this file");
	assert_error("v.lab", with("[Machine \"m\"]\nNetwork = VM Network"),
	    "v.lab:7: [Machine \"m\"] needs a line like \"Address = "
	    "192.168.149.36\"");
}

static void
a_lab_is_named_by_its_file(void **state)
{
	static const char *const good[] = { "a.lab", "/x/y.z/a.lab", "./a" };
	static const char *const bad[] = { "A.lab", ".lab", "a b.lab", "/",
		"a.lab.sample", "\xc3\xa4.lab", "",
		"123456789012345678901234567890123.lab" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct lab lab;
		struct err err = ERR_INIT;

		assert_int_equal(
		    lab_parse(&lab, good[i], least, strlen(least), &err), 0);
		assert_string_equal(lab.name, "a");
		assert_string_equal(lab.file, good[i]);
		lab_done(&lab);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char want[512];

		(void)snprintf(want, sizeof(want),
		    "%s: a lab's file is called NAME.lab, NAME of at most 32 "
		    "small letters, digits and \"-\"",
		    bad[i]);
		assert_error(bad[i], least, want);
	}
}

static void
a_lab_has_so_many_networks_and_no_more(void **state)
{
	struct buf b = { 0 };
	struct lab lab;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    buf_add_str(&b, "[Production]\nAttach = e\nAddress = dhcp\n"), 0);
	for (int i = 0; i < 255; i++)
		assert_int_equal(buf_printf(&b,
				     "[Network \"%d\"]\nGateway = 10.0.0.1/24\n"
				     "Mask = 10.1.%d.0/24\n",
				     i, i),
		    0);
	assert_int_equal(
	    lab_parse(&lab, "v.lab", (const char *)b.data, b.len, &err), 0);
	assert_int_equal(lab.n_networks, 255);
	assert_string_equal(lab.network[254].name, "254");
	lab_done(&lab);
	assert_int_equal(buf_add_str(&b, "[Network \"x\"]\n"), 0);
	assert_error("v.lab", buf_str(&b),
	    "v.lab:769: a lab has at most 255 sections [Network]: write a "
	    "second file");
	buf_done(&b);
}

static void
a_file_that_is_not_there_is_named(void **state)
{
	struct lab lab;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(lab_read(&lab, "/nonexistent/a.lab", &err), ERR_SYS);
	assert_non_null(strstr(err.cause, "/nonexistent/a.lab"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_short_file_gets_the_defaults),
		cmocka_unit_test(every_key_has_its_field),
		cmocka_unit_test(static_mappings_are_pairs),
		cmocka_unit_test(publications_have_ports_on_both_sides),
		cmocka_unit_test(allowances_name_who_whom_and_what),
		cmocka_unit_test(translations_are_one_list_in_the_files_order),
		cmocka_unit_test(
		    wrong_translations_are_told_with_what_to_write),
		cmocka_unit_test(ports_are_sorted_and_what_touches_is_joined),
		cmocka_unit_test(wrong_values_are_told_with_what_to_write),
		cmocka_unit_test(other_wrong_files_are_told_as_well),
		cmocka_unit_test(a_machine_stands_in_a_network_of_the_file),
		cmocka_unit_test(a_lab_is_named_by_its_file),
		cmocka_unit_test(a_lab_has_so_many_networks_and_no_more),
		cmocka_unit_test(a_file_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
