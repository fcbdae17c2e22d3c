/*
 * IPv6, which no lab routes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "attack_private.h"

#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

enum {
	NEXT_HOP_BY_HOP = 0,
	NEXT_ROUTING = 43,
	NEXT_FRAGMENT = 44,
	NEXT_ICMP = 58
};

struct addr6 {
	uint8_t at[16];
};

/* The attacker's: link-local, unique local, and one to document with. */
static const struct addr6 sources[] = { { { 0xfe, 0x80, [15] = 0x36 } },
	{ { 0xfd, [15] = 0x36 } }, { { 0x20, 1, 0x0d, 0xb8, [15] = 0x36 } } };
static const struct addr6 all_nodes = { { 0xff, 2, [15] = 1 } };
static const struct addr6 all_routers = { { 0xff, 2, [15] = 2 } };

static void
send_ipv6(struct attack *a, const uint8_t mac[6], const struct addr6 *src,
    const struct addr6 *dst, uint8_t next, const struct bytes *payload)
{
	struct bytes b = { 0 };

	put32(&b, UINT32_C(6) << 28);
	put16(&b, (unsigned)payload->len);
	put8(&b, next);
	put8(&b, 255);
	put(&b, src, 16);
	put(&b, dst, 16);
	put_bytes(&b, payload);
	attack_send(a, mac, TYPE_IPV6, &b);
}

/* The checksum at `at` of a payload whose protocol is `next`. */
static void
set_sum(struct bytes *b, size_t at, const struct addr6 *src,
    const struct addr6 *dst, uint8_t next)
{
	struct bytes pseudo = { 0 };

	put(&pseudo, src, 16);
	put(&pseudo, dst, 16);
	put32(&pseudo, (uint32_t)b->len);
	put32(&pseudo, next);
	put_bytes(&pseudo, b);
	set16(b, at, internet_sum(pseudo.at, pseudo.len, 0));
}

static void
group_mac(const struct addr6 *group, uint8_t mac[6])
{
	mac[0] = mac[1] = 0x33;
	memcpy(mac + 2, group->at + 12, 4);
}

static struct bytes
udp6(struct attack *a, const struct addr6 *src, const struct addr6 *dst)
{
	struct bytes b = { 0 };

	put16(&b, a->mark->port);
	put16(&b, 53);
	put16(&b, 8 + 32);
	put16(&b, 0);
	put_mark(a, &b, 4);
	set_sum(&b, 6, src, dst, PROTO_UDP);
	return b;
}

static struct bytes
icmp6(struct attack *a, unsigned type, const struct addr6 *src,
    const struct addr6 *dst, const struct bytes *body)
{
	struct bytes b = { 0 };

	put8(&b, type);
	put8(&b, 0);
	put16(&b, 0);
	put_bytes(&b, body);
	put_mark(a, &b, 2);
	set_sum(&b, 2, src, dst, NEXT_ICMP);
	return b;
}

/* Each kind of payload, also behind headers that change the way. */
static void
send_kinds(struct attack *a, const uint8_t mac[6], const struct addr6 *src,
    const struct addr6 *dst)
{
	const struct bytes udp = udp6(a, src, dst);
	struct bytes body = { 0 }, b;

	send_ipv6(a, mac, src, dst, PROTO_UDP, &udp);
	put32(&body, 0x10001);
	b = icmp6(a, 128, src, dst, &body);
	send_ipv6(a, mac, src, dst, NEXT_ICMP, &b);

	b.len = 0; /* by way of another machine: type 0, one address left */
	put8(&b, PROTO_UDP);
	put8(&b, 2);
	put8(&b, 0);
	put8(&b, 1);
	put32(&b, 0);
	put(&b, &sources[2], 16);
	put_bytes(&b, &udp);
	send_ipv6(a, mac, src, dst, NEXT_ROUTING, &b);

	b.len = 0;
	put8(&b, PROTO_UDP);
	put8(&b, 0);
	put16(&b, 1); /* the first, others follow */
	put32(&b, 7);
	put_bytes(&b, &udp);
	send_ipv6(a, mac, src, dst, NEXT_FRAGMENT, &b);

	b.len = 0; /* router alert */
	put8(&b, PROTO_UDP);
	put8(&b, 0);
	put32(&b, UINT32_C(0x05020000));
	put16(&b, 0x0100);
	put_bytes(&b, &udp);
	send_ipv6(a, mac, src, dst, NEXT_HOP_BY_HOP, &b);

	b.len = 0;
	put_mark(a, &b, 4);
	send_ipv6(a, mac, src, dst, 59, &b); /* nothing follows */
}

void
attack_ipv6(struct attack *a)
{
	static const struct addr6 routed[] = {
		{ { 0x20, 1, 0x0d, 0xb8, [15] = 0x22 } },
		{ { 0xfd, [15] = 0x22 } }, { { 0xfe, 0x80, [15] = 1 } },
		{ { [15] = 1 } },			   /* loopback */
		{ { [10] = 255, 255, 203, 0, 113, 9 } },   /* mapped IPv4 */
		{ { 0x20, 2, 203, 0, 113, 9, [15] = 1 } }, /* 6to4 */
	};
	static const struct addr6 groups[] = { { { 0xff, 2, [15] = 1 } },
		{ { 0xff, 2, [15] = 0xfb } }, { { 0xff, 5, [15] = 2 } },
		{ { 0xff, 0x0e, [15] = 1 } } };
	uint8_t mac[6];

	for (size_t s = 0; s < LENGTH(sources); s++) {
		for (size_t i = 0; i < LENGTH(routed); i++)
			send_kinds(
			    a, a->scene->router, &sources[s], &routed[i]);
		for (size_t i = 0; i < LENGTH(groups); i++) {
			group_mac(&groups[i], mac);
			send_kinds(a, mac, &sources[s], &groups[i]);
		}
	}
}

static void
send_nd(struct attack *a, unsigned type, const struct addr6 *dst,
    const struct bytes *body)
{
	const struct bytes b = icmp6(a, type, &sources[0], dst, body);
	uint8_t mac[6];

	group_mac(dst, mac);
	send_ipv6(a, mac, &sources[0], dst, NEXT_ICMP, &b);
	send_ipv6(a, a->scene->router, &sources[0], dst, NEXT_ICMP, &b);
}

/* The attacker's MAC address, as an option of neighbour discovery. */
static void
put_link(struct attack *a, struct bytes *b, unsigned kind)
{
	put8(b, kind);
	put8(b, 1);
	put(b, a->mac, 6);
}

void
attack_ipv6_nd(struct attack *a)
{
	static const struct addr6 router = { { 0xfe, 0x80, [15] = 1 } };
	struct bytes b = { 0 };

	put32(&b, 0);
	put_link(a, &b, 1);
	send_nd(a, 133, &all_routers, &b); /* where are routers? */
	b.len = 0;
	put_zeroes(&b, 12); /* here is one no more */
	put_link(a, &b, 1);
	send_nd(a, 134, &all_nodes, &b);
	b.len = 0;
	put32(&b, 0);
	put(&b, &router, 16);
	put_link(a, &b, 1);
	send_nd(a, 135, &all_nodes, &b); /* who has the address? */
	b.len = 0;
	put32(&b, UINT32_C(1) << 29);
	put(&b, &sources[0], 16);
	put_link(a, &b, 2);
	send_nd(a, 136, &all_nodes, &b); /* I have mine */
	b.len = 0;
	put32(&b, 0);
	put(&b, &sources[0], 16);
	put(&b, &sources[2], 16);
	put_link(a, &b, 2);
	send_nd(a, 137, &all_nodes, &b); /* redirect */
}

void
attack_mld(struct attack *a)
{
	static const struct addr6 reports = { { 0xff, 2, [15] = 0x16 } };
	static const struct addr6 group = { { 0xff, 0x0e, [15] = 0x36 } };
	/* Report and done of version 1, report of version 2. */
	static const uint8_t types[] = { 131, 132, 143 };

	for (size_t i = 0; i < LENGTH(types); i++) {
		struct bytes b = { 0 };

		put32(&b, types[i] == 143 ? 1 : 0);
		if (types[i] == 143)
			put32(&b, UINT32_C(0x04000000));
		put(&b, &group, 16);
		send_nd(
		    a, types[i], types[i] == 132 ? &all_routers : &reports, &b);
	}
}
