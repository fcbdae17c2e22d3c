/*
 * The classes of the attack, and whom it is about.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "attack_private.h"

#include <string.h>

/* Addresses that nobody has in production but for those that are there by
 * mistake: two to document with, a private one, and link-local ones, the first
 * of which is the front's for its cells. */
#define FAR UINT32_C(0xcb007109)	/* 203.0.113.9 */
#define FARTHER UINT32_C(0xc6336407)	/* 198.51.100.7 */
#define PRIVATE UINT32_C(0x0affff09)	/* 10.255.255.9 */
#define HUB UINT32_C(0xa9fe0101)	/* 169.254.1.1 */
#define LINK_LOCAL UINT32_C(0xa9fe0707) /* 169.254.7.7 */

#define DRAWS 500 /* of baits, all in all */

const uint8_t attack_everybody[6] = { 255, 255, 255, 255, 255, 255 };

static const struct {
	const char *name;
	attack_class_fn *make;
	bool unrouted; /* nobody would ask where its frames are to go */
} classes[ATTACK_CLASSES] = {
	[ATTACK_UDP] = { "udp", attack_udp },
	[ATTACK_TCP_SYN] = { "tcp-syn", attack_tcp_syn },
	[ATTACK_ICMP_ECHO] = { "icmp-echo", attack_icmp_echo },
	[ATTACK_TCP_ANSWER] = { "tcp-answer", attack_tcp_answer },
	[ATTACK_ICMP_REPLY] = { "icmp-reply", attack_icmp_reply },
	[ATTACK_DNS_ANSWER] = { "dns-answer", attack_dns_answer },
	[ATTACK_ICMP_ERROR] = { "icmp-error", attack_icmp_error },
	[ATTACK_REDIRECT] = { "redirect", attack_redirect },
	[ATTACK_PROTOCOL] = { "protocol", attack_protocol },
	[ATTACK_TUNNEL] = { "tunnel", attack_tunnel },
	[ATTACK_TTL] = { "ttl", attack_ttl },
	[ATTACK_CHECKSUM] = { "checksum", attack_checksum },
	[ATTACK_HEADER] = { "header", attack_header },
	[ATTACK_FRAGMENT] = { "fragment", attack_fragment },
	[ATTACK_OVERLAP] = { "overlap", attack_overlap },
	[ATTACK_SOURCE_ROUTE] = { "source-route", attack_source_route },
	[ATTACK_OPTION] = { "option", attack_option },
	[ATTACK_SPOOFED] = { "spoofed", attack_spoofed },
	[ATTACK_MARTIAN] = { "martian", attack_martian },
	[ATTACK_BROADCAST] = { "broadcast", attack_broadcast },
	[ATTACK_MULTICAST] = { "multicast", attack_multicast, true },
	[ATTACK_IGMP] = { "igmp", attack_igmp, true },
	[ATTACK_ARP_REQUEST] = { "arp-request", attack_arp_request },
	[ATTACK_ARP_REPLY] = { "arp-reply", attack_arp_reply, true },
	[ATTACK_ARP_GRATUITOUS] = { "arp-gratuitous", attack_arp_gratuitous,
	    true },
	[ATTACK_DHCP] = { "dhcp", attack_dhcp },
	[ATTACK_IPV6] = { "ipv6", attack_ipv6, true },
	[ATTACK_IPV6_ND] = { "ipv6-nd", attack_ipv6_nd, true },
	[ATTACK_MLD] = { "mld", attack_mld, true },
	[ATTACK_VLAN] = { "vlan", attack_vlan },
	[ATTACK_STP] = { "stp", attack_stp, true },
	[ATTACK_LLDP] = { "lldp", attack_lldp, true },
	[ATTACK_ETHERTYPE] = { "ethertype", attack_ethertype, true },
};

const char *attack_class_name(enum attack_class class)
{
	return classes[class].name;
}

/* ---- the scene ---- */

static bool
is_named(const struct lab *lab, const struct lab_network *net, uint32_t addr)
{
	size_t i;

	if (addr == net->gateway.addr)
		return true;
	for (i = 0; i < net->n_statics; i++)
		if (addr == net->statics[i].inner ||
		    addr == net->statics[i].outer)
			return true;
	for (i = 0; i < net->n_publish; i++)
		if (addr == net->publish[i].inner ||
		    addr == net->publish[i].outer)
			return true;
	for (i = 0; i < net->n_allow; i++)
		if (addr == net->allow[i].addr)
			return true;
	for (i = 0; i < lab->n_machines; i++)
		if (addr == lab->machine[i].addr)
			return true;
	return addr == lab->production.address.addr ||
	    addr == lab->production.gateway;
}

static bool
is_named_anywhere(const struct lab *lab, uint32_t addr)
{
	for (size_t i = 0; i < lab->n_networks; i++)
		if (is_named(lab, &lab->network[i], addr))
			return true;
	return false;
}

static uint32_t
first_claim(const struct lab_network *net)
{
	return net->n_statics > 0 ? net->statics[0].outer :
	    net->n_publish > 0	  ? net->publish[0].outer :
				    0;
}

static uint32_t
masked(const struct prefix *mask, uint32_t addr)
{
	const uint32_t net = prefix_mask(mask->len);

	return (mask->addr & net) | (addr & ~net);
}

/* Of the other networks, as many as there is room for. */
static void
add_neighbours(struct attack_scene *scene, const struct lab *lab,
    const struct lab_network *net)
{
	size_t n = 0;

	for (size_t i = 0; i < lab->n_networks; i++) {
		const struct lab_network *other = &lab->network[i];

		if (other == net || n + 3 > ATTACK_NEIGHBOURS)
			continue;
		scene->neighbour[n++] = other->gateway.addr;
		scene->neighbour[n++] = masked(
		    &other->mask, other->gateway.addr);
		scene->neighbour[n++] = first_claim(other);
	}
}

struct attack_scene
attack_scene_of(
    const struct lab *lab, const struct lab_network *net, unsigned skip)
{
	struct attack_scene scene = {
		.gateway = net->gateway,
		.mask = net->mask,
		.outer = lab->production.address.addr,
		.outer_gateway = lab->production.gateway,
		.claim = first_claim(net),
	};
	const uint32_t room = ~prefix_mask(net->gateway.len);
	const uint32_t first = net->gateway.addr & ~room;
	uint32_t *const ours[] = { &scene.own, &scene.peer[0], &scene.peer[1] };
	size_t n = 0;

	for (uint32_t host = room; host-- > 1 && n < 3;) {
		if (is_named(lab, net, first + host))
			continue;
		if (skip > 0)
			skip--;
		else
			*ours[n++] = first + host;
	}
	add_neighbours(&scene, lab, net);
	return scene;
}

/* Of what has a use already in the scene, or is another class's bait. */
static bool
is_used(const struct attack_scene *s, uint32_t addr)
{
	for (size_t i = 0; i < ATTACK_CLASSES; i++)
		if (addr == s->bait[i])
			return true;
	return addr == s->own || addr == s->peer[0] || addr == s->peer[1] ||
	    addr == s->gateway.addr;
}

size_t
attack_baits(struct attack_scene *s, const struct lab *lab, uint64_t seed,
    bool (*known)(void *ctx, uint32_t addr), void *ctx)
{
	const struct prefix *net = &lab->production.address;
	uint64_t n = 0;
	size_t missing = 0;
	uint32_t room;

	memset(s->bait, 0, sizeof(s->bait));
	/* A lease may not say; mostly this is a copy of it. */
	if (net->len == 0 || net->len > 30)
		net = &s->gateway;
	room = ~prefix_mask(net->len);
	for (size_t c = 0; c < ATTACK_CLASSES; c++) {
		if (classes[c].unrouted)
			continue;
		while (s->bait[c] == 0 && room > 1 && n < DRAWS) {
			const uint64_t host = attack_number(seed, n++);
			const uint32_t addr = (net->addr & ~room) |
			    (uint32_t)(host % (room - 1) + 1);

			if (!is_used(s, addr) &&
			    !is_named_anywhere(lab, addr) && !known(ctx, addr))
				s->bait[c] = addr;
		}
		missing += s->bait[c] == 0;
	}
	return missing;
}

size_t
attack_strange(const struct attack_scene *s, uint32_t ret_addr[ATTACK_STRANGE])
{
	const uint32_t all[ATTACK_STRANGE] = { s->claim,
		masked(&s->mask, s->gateway.addr), masked(&s->mask, s->own),
		FAR, FARTHER, LINK_LOCAL };
	size_t n = 0;

	for (size_t i = 0; i < ATTACK_STRANGE; i++)
		if (all[i] != 0)
			ret_addr[n++] = all[i];
	return n;
}

/* ---- one class ---- */

static void
add(struct attack_addrs *to, uint32_t addr)
{
	for (size_t i = 0; i < to->n; i++)
		if (to->at[i] == addr)
			return;
	if (addr != 0 && to->n < ATTACK_ADDRS)
		to->at[to->n++] = addr;
}

static void
gather(struct attack *a)
{
	const struct attack_scene *s = a->scene;
	const uint32_t masked_gateway = masked(&s->mask, s->gateway.addr),
		       masked_own = masked(&s->mask, s->own);

	add(&a->targets, s->gateway.addr);
	add(&a->targets, s->outer_gateway);
	add(&a->targets, s->outer);
	add(&a->targets, s->claim);
	add(&a->targets, masked_gateway);
	add(&a->targets, masked_own);
	add(&a->targets, s->peer[0]);
	add(&a->targets, s->peer[1]);
	add(&a->targets, FAR);
	add(&a->targets, FARTHER);
	add(&a->targets, PRIVATE);
	add(&a->targets, HUB);
	add(&a->targets, LINK_LOCAL);
	for (size_t i = 0; i < ATTACK_NEIGHBOURS; i++)
		add(&a->targets, s->neighbour[i]);
	add(&a->targets, s->bait[a->class]);

	add(&a->others, s->peer[0]);
	add(&a->others, s->peer[1]);
	add(&a->others, s->gateway.addr);
	add(&a->others, s->outer_gateway);
	add(&a->others, s->outer);
	add(&a->others, s->claim);
	add(&a->others, masked_gateway);
	add(&a->others, masked_own);
	add(&a->others, FAR);
	add(&a->others, PRIVATE);
	add(&a->others, HUB);
	add(&a->others, LINK_LOCAL);
}

void
attack_frames(const struct attack_scene *scene, const struct attack_mark *mark,
    enum attack_class class, attack_frame_fn *fn, void *ctx)
{
	struct attack a = {
		.scene = scene,
		.mark = mark,
		.class = class,
		.net = scene->gateway.addr & prefix_mask(scene->gateway.len),
		.mask = scene->mask.addr & prefix_mask(scene->mask.len),
		.id = (uint16_t)((unsigned)class << 10 | 1),
		.fn = fn,
		.ctx = ctx,
	};

	attack_mac(mark, class, a.mac);
	gather(&a);
	classes[class].make(&a);
}

void
attack_send(struct attack *a, const uint8_t to[6], unsigned ethertype,
    const struct bytes *payload)
{
	struct bytes b = { 0 };

	put(&b, to, 6);
	put(&b, a->mac, 6);
	put16(&b, ethertype);
	put_bytes(&b, payload);
	a->fn(a->ctx, b.at, b.len);
}

void
attack_route(struct attack *a, const struct bytes *packet)
{
	attack_send(a, a->scene->router, TYPE_IP, packet);
}
