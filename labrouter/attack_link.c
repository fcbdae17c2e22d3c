/*
 * Frames to more than one machine, and those that are not IP.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "attack_private.h"

#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

static void
send_to_all(struct attack *a, const uint8_t mac[6], uint32_t dst)
{
	const uint32_t src[] = { a->scene->own, a->others.at[0] };

	for (size_t i = 0; i < 2; i++) {
		struct bytes b = udp_segment(
		    a, src[i], dst, a->mark->port, 137);
		struct bytes packet = ip_plain(a, src[i], dst, PROTO_UDP, &b);

		attack_send(a, mac, TYPE_IP, &packet);
		b = icmp_message(a, 8, 0, marked_number(a));
		packet = ip_plain(a, src[i], dst, PROTO_ICMP, &b);
		attack_send(a, mac, TYPE_IP, &packet);
	}
}

void
attack_broadcast(struct attack *a)
{
	const uint32_t host = ~prefix_mask(a->scene->gateway.len);
	const uint32_t to[] = { UINT32_MAX, a->net | host, a->net,
		a->mask | host, a->mask, UINT32_C(0xa9feffff) };

	for (size_t i = 0; i < LENGTH(to); i++) {
		send_to_all(a, attack_everybody, to[i]);
		send_to_all(a, a->scene->router, to[i]);
	}
	/* What is for one address, to all MACs. */
	for
		EACH_TARGET(a, t)
	send_to_all(a, attack_everybody, a->targets.at[t]);
}

static void
multicast_mac(uint32_t group, uint8_t mac[6])
{
	mac[0] = 1;
	mac[1] = 0;
	mac[2] = 0x5e;
	mac[3] = (uint8_t)(group >> 16 & 0x7f);
	mac[4] = (uint8_t)(group >> 8);
	mac[5] = (uint8_t)group;
}

void
attack_multicast(struct attack *a)
{
	/* All machines, OSPF, VRRP, mDNS, LLMNR, SSDP, one of a source's. */
	static const uint32_t groups[] = { 0xe0000001, 0xe0000005, 0xe0000012,
		0xe00000fb, 0xe00000fc, 0xeffffffa, 0xe8010101 };
	uint8_t mac[6];

	for (size_t i = 0; i < LENGTH(groups); i++) {
		multicast_mac(groups[i], mac);
		send_to_all(a, mac, groups[i]);
		send_to_all(a, a->scene->router, groups[i]);
	}
}

void
attack_igmp(struct attack *a)
{
	/* Reports of versions 1, 2 and 3, a leave; a query is left out, since
	 * it would make all machines of the network answer. */
	static const uint8_t types[] = { 0x12, 0x16, 0x22, 0x17 };
	static const uint8_t alert[4] = { 148, 4 };
	static const uint32_t groups[] = { 0xe0000016, 0xe0000002, 0xef010101 };
	uint8_t mac[6];

	for (size_t i = 0; i < LENGTH(types) * LENGTH(groups); i++) {
		const uint32_t group = groups[i % LENGTH(groups)];
		const struct ip ip = { .src = a->scene->own,
			.dst = group,
			.proto = PROTO_IGMP,
			.ttl = 1,
			.option = alert,
			.option_len = 4 };
		struct bytes b = { 0 }, packet;

		put8(&b, types[i / LENGTH(groups)]);
		put_zeroes(&b, 3);
		put32(&b, UINT32_C(0xef010101));
		put_mark(a, &b, 3);
		set16(&b, 2, internet_sum(b.at, b.len, 0));
		packet = ip_packet(a, &ip, &b);
		multicast_mac(group, mac);
		attack_send(a, mac, TYPE_IP, &packet);
		attack_send(a, a->scene->router, TYPE_IP, &packet);
	}
}

/* ---- ARP ---- */

struct bytes
arp_packet(struct attack *a, unsigned op, uint32_t sender, const uint8_t mac[6],
    uint32_t target)
{
	struct bytes b = { 0 };

	put16(&b, 1);
	put16(&b, TYPE_IP);
	put8(&b, 6);
	put8(&b, 4);
	put16(&b, op);
	put(&b, a->mac, 6);
	put32(&b, sender);
	put(&b, mac, 6);
	put32(&b, target);
	return b;
}

static void
send_arp(struct attack *a, unsigned op, uint32_t sender, uint32_t target)
{
	static const uint8_t nobody[6];
	const struct bytes b = arp_packet(
	    a, op, sender, op == 1 ? nobody : attack_everybody, target);

	attack_send(a, attack_everybody, TYPE_ARP, &b);
	attack_send(a, a->scene->router, TYPE_ARP, &b);
}

void
attack_arp_request(struct attack *a)
{
	for
		EACH_TARGET(a, t)
		{
			send_arp(a, 1, a->scene->own, a->targets.at[t]);
			send_arp(a, 1, 0, a->targets.at[t]);
			for (size_t i = 0; i < a->others.n; i++)
				send_arp(
				    a, 1, a->others.at[i], a->targets.at[t]);
		}
}

void
attack_arp_reply(struct attack *a)
{
	for (size_t i = 0; i < a->others.n; i++) {
		send_arp(a, 2, a->others.at[i], a->scene->gateway.addr);
		send_arp(a, 2, a->others.at[i], a->scene->own);
	}
}

void
attack_arp_gratuitous(struct attack *a)
{
	send_arp(a, 1, a->scene->own, a->scene->own);
	for (size_t i = 0; i < a->others.n; i++)
		for (unsigned op = 1; op <= 2; op++)
			send_arp(a, op, a->others.at[i], a->others.at[i]);
}

/* ---- DHCP ---- */

void
attack_dhcp(struct attack *a)
{
	/* Discover, request, decline, release, inform; offer, ack. */
	static const uint8_t types[] = { 1, 3, 4, 7, 8, 2, 5 };
	const uint32_t bait = a->scene->bait[a->class];

	for (size_t i = 0; i < LENGTH(types); i++) {
		const bool server = types[i] == 2 || types[i] == 5;
		const uint32_t src = server ? a->scene->own : 0;
		struct bytes b = { 0 }, packet;

		put16(&b, server ? 67 : 68);
		put16(&b, server ? 68 : 67);
		put16(&b, 8 + 240 + 4 + 32);
		put16(&b, 0);
		put8(&b, server ? 2 : 1);
		put8(&b, 1);
		put8(&b, 6);
		put8(&b, 0);
		put32(&b, a->mark->sequence | (uint32_t)i);
		put_zeroes(&b, 20); /* addresses: none is given */
		put(&b, a->mac, 6);
		put_zeroes(&b, 10 + 64 + 128);
		put32(&b, UINT32_C(0x63825363));
		put8(&b, 53);
		put8(&b, 1);
		put8(&b, types[i]);
		put8(&b, 255);
		put_mark(a, &b, 4);
		packet = ip_plain(a, src, UINT32_MAX, PROTO_UDP, &b);
		attack_send(a, attack_everybody, TYPE_IP, &packet);
		attack_send(a, a->scene->router, TYPE_IP, &packet);
		packet = ip_plain(
		    a, a->scene->own, a->scene->gateway.addr, PROTO_UDP, &b);
		attack_send(a, a->scene->router, TYPE_IP, &packet);
		if (bait == 0)
			continue;
		packet = ip_plain(a, a->scene->own, bait, PROTO_UDP, &b);
		attack_route(a, &packet);
	}
}

/* ---- below IP ---- */

void
attack_vlan(struct attack *a)
{
	static const uint16_t ids[] = { 0, 1, 2, 100, 4094, 4095 };
	const uint32_t own = a->scene->own;

	for (size_t i = 0; i < LENGTH(ids); i++)
		for
			EACH_TARGET(a, t)
			{
				const uint32_t to = a->targets.at[t];
				const struct bytes udp = udp_segment(
				    a, own, to, a->mark->port, 53);
				const struct bytes packet = ip_plain(
				    a, own, to, PROTO_UDP, &udp);
				const struct bytes who = arp_packet(
				    a, 1, own, a->mac, to);
				struct bytes b = { 0 };

				put16(&b, ids[i]);
				put16(&b, TYPE_IP);
				put_bytes(&b, &packet);
				attack_send(a, a->scene->router, TYPE_VLAN, &b);
				b.len = 0;
				put16(&b, ids[i]);
				put16(&b, TYPE_ARP);
				put_bytes(&b, &who);
				attack_send(a, attack_everybody, TYPE_VLAN, &b);
				b.len =
				    0; /* the outer tag is that of a provider */
				put16(&b, 1);
				put16(&b, TYPE_VLAN);
				put16(&b, ids[i]);
				put16(&b, TYPE_IP);
				put_bytes(&b, &packet);
				attack_send(a, a->scene->router, 0x88a8, &b);
			}
}

/* LLC: the length stands where a type would. */
static void
send_llc(struct attack *a, const uint8_t to[6], const uint8_t *head, size_t len)
{
	struct bytes b = { 0 };

	put(&b, head, len);
	put_mark(a, &b, 4);
	attack_send(a, to, (unsigned)b.len, &b);
}

void
attack_stp(struct attack *a)
{
	static const uint8_t bridges[6] = { 1, 0x80, 0xc2, 0, 0, 0 };
	static const uint8_t pvst[6] = { 1, 0, 0x0c, 0xcc, 0xcc, 0xcd };
	static const uint8_t config[] = { 0x42, 0x42, 3, 0, 0, 0, 0, 0, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	static const uint8_t rapid[] = { 0x42, 0x42, 3, 0, 0, 2, 2, 0, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	static const uint8_t cisco[] = { 0xaa, 0xaa, 3, 0, 0, 0x0c, 1, 0x0b, 0,
		0, 0, 0, 0, 0xff, 0xff };

	send_llc(a, bridges, config, sizeof(config));
	send_llc(a, bridges, rapid, sizeof(rapid));
	send_llc(a, pvst, cisco, sizeof(cisco));
	send_llc(a, a->scene->router, config, sizeof(config));
}

void
attack_lldp(struct attack *a)
{
	static const uint8_t nearest[3] = { 0x0e, 0x03, 0x00 };
	static const uint8_t cdp[6] = { 1, 0, 0x0c, 0xcc, 0xcc, 0xcc };
	static const uint8_t cisco[] = { 0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0, 2,
		180 };
	struct bytes b = { 0 };

	put16(&b, 1 << 9 | 7); /* who: a MAC address */
	put8(&b, 4);
	put(&b, a->mac, 6);
	put16(&b, 2 << 9 | 7); /* its port: the same */
	put8(&b, 3);
	put(&b, a->mac, 6);
	put16(&b, 3 << 9 | 2); /* forget it at once */
	put16(&b, 0);
	put16(&b, 0);
	put_mark(a, &b, 2);
	for (size_t i = 0; i < sizeof(nearest); i++) {
		const uint8_t to[6] = { 1, 0x80, 0xc2, 0, 0, nearest[i] };

		attack_send(a, to, 0x88cc, &b);
	}
	send_llc(a, cdp, cisco, sizeof(cisco));
}

void
attack_ethertype(struct attack *a)
{
	/* Experiments, MPLS, PPPoE, EAPOL, AoE, PTP, MACsec, loopback, RARP,
	 * IPX, AppleTalk, wake on LAN, FCoE, HSR. */
	static const uint16_t types[] = { 0x88b5, 0x8847, 0x8848, 0x8863,
		0x8864, 0x888e, 0x88a2, 0x88f7, 0x88e5, 0x9000, 0x8035, 0x8137,
		0x809b, 0x0842, 0x8906, 0x892f };
	static const uint8_t null_sap[] = { 0, 0, 3 };
	struct bytes b = { 0 };

	put_mark(a, &b, 6);
	for (size_t i = 0; i < LENGTH(types); i++) {
		attack_send(a, attack_everybody, types[i], &b);
		attack_send(a, a->scene->router, types[i], &b);
	}
	send_llc(a, attack_everybody, null_sap, sizeof(null_sap));
	send_llc(a, a->scene->router, null_sap, sizeof(null_sap));
}
