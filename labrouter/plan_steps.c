/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_steps.h"

#include <inttypes.h>
#include <string.h>

#include "base/sum.h"

/* Of the lab and a part of it, the same each time. */
static uint64_t
hash(const struct lab *lab, const char *part, size_t i)
{
	struct sum sum = { 0 };
	uint64_t number = htole64(i);

	sum_add(&sum, lab->name, strlen(lab->name) + 1);
	sum_add(&sum, part, strlen(part) + 1);
	sum_add(&sum, &number, sizeof(number));
	return sum_end(&sum);
}

const char *
plan_host_link(struct plan *p, const struct lab *lab, const char *part)
{
	return plan_printf(p, "lb%012" PRIx64, hash(lab, part, 0) >> 16);
}

void
plan_mac(uint8_t mac[6], const struct lab *lab, const char *part, size_t i)
{
	uint64_t h = hash(lab, part, i);

	mac[0] = 0x02; /* locally administered */
	for (int k = 1; k < 6; k++)
		mac[k] = (uint8_t)(h >> (8 * k));
}

/* New namespaces may have the host's values. The first must stand first: it
 * sets accept_redirects as well. */
static const struct sysctl hardening[] = {
	{ "net.ipv4.ip_forward", "0" },
	{ "net.ipv4.conf.all.arp_ignore", "1" },
	{ "net.ipv4.conf.all.arp_announce", "2" },
	{ "net.ipv4.conf.all.proxy_arp", "0" },
	{ "net.ipv4.conf.default.proxy_arp", "0" },
	{ "net.ipv4.conf.all.rp_filter", "0" },
	{ "net.ipv4.conf.default.rp_filter", "0" },
	{ "net.ipv4.conf.all.accept_redirects", "0" },
	{ "net.ipv4.conf.default.accept_redirects", "0" },
	{ "net.ipv4.conf.all.send_redirects", "0" },
	{ "net.ipv4.conf.default.send_redirects", "0" },
	{ "net.ipv4.conf.all.accept_source_route", "0" },
	{ "net.ipv4.conf.default.accept_source_route", "0" },
	{ "net.ipv4.icmp_echo_ignore_broadcasts", "1" },
	{ "net.ipv4.icmp_errors_use_inbound_ifaddr", "1" },
};
/* With bridge filtering in the kernel, what goes from VM to VM would meet the
 * cell's rules. */
static const struct sysctl bridging[] = {
	{ "net.bridge.bridge-nf-call-iptables", "0" },
	{ "net.bridge.bridge-nf-call-arptables", "0" },
};

void
add_sysctl(
    struct plan *p, const char *netns, struct sysctl s, bool may_lack, int line)
{
	struct lookback_step *step = plan_add(
	    p, LOOKBACK_SYSCTL, netns, NULL, line);

	step->u.sysctl.key = s.key;
	step->u.sysctl.value = s.value;
	step->u.sysctl.may_lack = may_lack;
}

void
add_no_ipv6(struct plan *p, const char *netns, int line)
{
	const struct sysctl all = { "net.ipv6.conf.all.disable_ipv6", "1" };
	const struct sysctl new = { "net.ipv6.conf.default.disable_ipv6", "1" };

	/* A kernel without IPv6 is as good. */
	add_sysctl(p, netns, all, true, line);
	add_sysctl(p, netns, new, true, line);
}

void
add_bridging(struct plan *p, const char *netns, int line)
{
	for (size_t i = 0; i < sizeof(bridging) / sizeof(*bridging); i++)
		add_sysctl(p, netns, bridging[i], true, line);
}

void
add_hardening(struct plan *p, const char *netns, int line)
{
	for (size_t i = 0; i < sizeof(hardening) / sizeof(*hardening); i++)
		add_sysctl(p, netns, hardening[i], false, line);
}

struct lookback_step *
add_address(struct plan *p, const char *netns, const char *dev, uint32_t addr,
    unsigned len, int line)
{
	struct lookback_step *s = plan_add(
	    p, LOOKBACK_ADDRESS, netns, dev, line);

	s->addr = addr;
	s->len = len;
	return s;
}

struct lookback_step *
add_route(struct plan *p, const char *netns, const char *dev, uint32_t to,
    unsigned len, uint32_t via, uint32_t table, int line)
{
	struct lookback_step *s = plan_add(p, LOOKBACK_ROUTE, netns, dev, line);

	s->addr = to;
	s->len = len;
	s->u.route.via = via;
	s->u.route.table = table;
	return s;
}

struct lookback_step *
add_rule(struct plan *p, const char *netns, uint32_t priority, uint32_t mark,
    const char *iif, uint32_t table, int line)
{
	struct lookback_step *s = plan_add(p, LOOKBACK_RULE, netns, NULL, line);

	s->u.rule.priority = priority;
	s->u.rule.mark = mark;
	s->u.rule.mask = mark;
	s->u.rule.iif = iif;
	s->u.rule.table = table;
	return s;
}

void
add_mac(struct plan *p, const struct lab *lab, const char *netns,
    const char *dev, size_t i, int line)
{
	struct lookback_step *s = plan_add(p, LOOKBACK_MAC, netns, dev, line);

	plan_mac(s->mac, lab, dev, i);
}

struct lookback_step *
add_neighbour(struct plan *p, const struct lab *lab, const char *netns,
    const char *dev, uint32_t addr, const char *peer, size_t i, int line)
{
	struct lookback_step *s = plan_add(
	    p, LOOKBACK_NEIGHBOUR, netns, dev, line);

	s->addr = addr;
	plan_mac(s->mac, lab, peer, i);
	return s;
}

void
add_alias(struct plan *p, const char *netns, const char *dev, const char *text,
    int line)
{
	plan_add(p, LOOKBACK_ALIAS, netns, dev, line)->text = text;
}

/* Interface 0's other end, where production is a bridge. */
#define OUTER_PORT "production"

static const char *
outer_port(struct plan *p, const struct lab *lab)
{
	return plan_host_link(p, lab, OUTER_PORT);
}

/* A bridge takes the lowest of its ports' addresses for its own, so this one is
 * high: production's ARP tables stay right. */
static void
port_mac(uint8_t mac[6], const struct lab *lab)
{
	plan_mac(mac, lab, OUTER_PORT, 0);
	mac[0] = 0xfe;
}

void
add_outer(struct plan *p, const struct lab *lab, const char *netns,
    enum lab_attach attach)
{
	const char *parent = lab->production.attach;
	int line = lab->production.attach_line;
	const char *alias = plan_printf(p, "lab %s", lab->name);
	struct lookback_step *s;

	if (attach == LAB_NIC) {
		s = plan_add(p, LOOKBACK_LINK, netns, PLAN_OUTER, line);
		s->u.link.kind = LOOKBACK_MACVLAN;
		s->u.link.parent = parent;
	} else {
		const char *port = outer_port(p, lab);

		s = plan_add(p, LOOKBACK_LINK, NULL, port, line);
		s->u.link.kind = LOOKBACK_VETH;
		s->u.link.peer = PLAN_OUTER;
		s->u.link.peer_netns = netns;
		s = plan_add(p, LOOKBACK_MAC, NULL, port, line);
		port_mac(s->mac, lab);
		add_alias(p, NULL, port, alias, line);
		plan_add(p, LOOKBACK_MASTER, NULL, port, line)->text = parent;
		plan_add(p, LOOKBACK_UP, NULL, port, line);
	}
	add_mac(p, lab, netns, PLAN_OUTER, 0, line);
	add_alias(p, netns, PLAN_OUTER, alias, line);
	/* A claim is answered at once, as if the address were here. */
	add_sysctl(p, netns,
	    (struct sysctl){ "net.ipv4.neigh." PLAN_OUTER ".proxy_delay", "0" },
	    false, line);
}

void
remove_outer(struct plan *p, const struct lab *lab, const char *netns)
{
	const int line = lab->production.attach_line;
	struct lookback_step *s;

	plan_add(p, LOOKBACK_LINK, netns, PLAN_OUTER, line)->remove = true;
	/* Whose namespace lost its name lives on while anybody is in it. */
	s = plan_add(p, LOOKBACK_LINK, NULL, outer_port(p, lab), line);
	s->remove = true;
	port_mac(s->mac, lab);
}

void
add_switch(struct plan *p, const struct lab *lab, const char *netns,
    const char *dev, size_t i, unsigned mtu, const char *alias, int line)
{
	plan_add(p, LOOKBACK_LINK, netns, dev, line)->u.link.kind =
	    LOOKBACK_BRIDGE;
	add_mac(p, lab, netns, dev, i, line);
	if (mtu != 0)
		plan_add(p, LOOKBACK_MTU, netns, dev, line)->number = mtu;
	add_alias(p, netns, dev, alias, line);
}
