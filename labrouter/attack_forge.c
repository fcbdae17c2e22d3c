/*
 * Packets of IPv4 that are not as they should be.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "attack_private.h"

#define MORE 0x2000 /* fragments follow */

/* ---- packets within packets ---- */

static void
send_around(struct attack *a, uint32_t to, uint8_t proto, const uint8_t *header,
    size_t len, const struct bytes *inner)
{
	struct bytes b = { 0 }, packet;

	put(&b, header, len);
	put_bytes(&b, inner);
	packet = ip_plain(a, a->scene->own, to, proto, &b);
	attack_route(a, &packet);
}

static void
send_vxlan(struct attack *a, uint32_t to, const struct bytes *inner)
{
	struct bytes b = { 0 }, packet;

	put16(&b, a->mark->port);
	put16(&b, 4789);
	put16(&b, (unsigned)(8 + 8 + 14 + inner->len));
	put16(&b, 0);
	put32(&b, UINT32_C(0x08000000));
	put32(&b, 1 << 8);
	put(&b, attack_everybody, 6);
	put(&b, a->mac, 6);
	put16(&b, TYPE_IP);
	put_bytes(&b, inner);
	packet = ip_plain(a, a->scene->own, to, PROTO_UDP, &b);
	attack_route(a, &packet);
}

void
attack_tunnel(struct attack *a)
{
	static const uint8_t gre[] = { 0, 0, TYPE_IP >> 8, 0 };
	static const uint8_t ipv6[40] = { 0x60, [5] = 32, 253, 64,
		0xfd, [23] = 1, 0xfd, [39] = 2 };
	/* From a masked address to a machine of production, and far away. */
	const uint32_t src[] = { a->mask + 9, a->scene->own };
	const uint32_t dst[] = { a->net + 1, UINT32_C(0xcb007109) };

	for
		EACH_TARGET(a, t)
		{
			const uint32_t to = a->targets.at[t];
			struct bytes text = { 0 };

			for (size_t i = 0; i < 2; i++) {
				const struct bytes udp = udp_segment(
				    a, src[i], dst[i], a->mark->port, 53);
				const struct bytes inner = ip_plain(
				    a, src[i], dst[i], PROTO_UDP, &udp);

				send_around(a, to, PROTO_IPIP, NULL, 0, &inner);
				send_around(a, to, PROTO_GRE, gre, 4, &inner);
				send_vxlan(a, to, &inner);
			}
			put_mark(a, &text, 4);
			send_around(
			    a, to, PROTO_IPV6, ipv6, sizeof(ipv6), &text);
		}
}

/* ---- headers ---- */

void
attack_ttl(struct attack *a)
{
	static const uint8_t ttls[] = { 0, 1, 2, 255 };
	const uint32_t own = a->scene->own;

	for
		EACH_TARGET(a, t)
	for (size_t i = 0; i < sizeof(ttls); i++) {
		const uint32_t to = a->targets.at[t];
		struct ip ip = { .src = own,
			.dst = to,
			.proto = PROTO_UDP,
			.ttl = ttls[i] };
		struct bytes b = udp_segment(a, own, to, a->mark->port, 33434);
		struct bytes packet = ip_packet(a, &ip, &b);

		attack_route(a, &packet);
		ip.proto = PROTO_ICMP;
		b = icmp_message(a, 8, 0, marked_number(a));
		packet = ip_packet(a, &ip, &b);
		attack_route(a, &packet);
	}
}

static void
send_wrong(struct attack *a, uint32_t to, uint8_t proto, struct bytes segment,
    size_t at)
{
	struct bytes packet;

	segment.at[at] ^= 0x55;
	packet = ip_plain(a, a->scene->own, to, proto, &segment);
	attack_route(a, &packet);
}

void
attack_checksum(struct attack *a)
{
	const uint32_t own = a->scene->own;

	for
		EACH_TARGET(a, t)
		{
			const uint32_t to = a->targets.at[t];
			const struct bytes udp = udp_segment(
			    a, own, to, a->mark->port, 53);
			const struct bytes tcp = tcp_segment(
			    a, own, to, a->mark->port, 80, TCP_SYN);
			const struct bytes icmp = icmp_message(
			    a, 8, 0, marked_number(a));
			struct bytes packet = ip_plain(
			    a, own, to, PROTO_UDP, &udp);

			packet.at[10] ^= 0x55;
			attack_route(a, &packet);
			send_wrong(a, to, PROTO_UDP, udp, 6);
			send_wrong(a, to, PROTO_TCP, tcp, 16);
			send_wrong(a, to, PROTO_ICMP, icmp, 2);
		}
}

/* A right packet with another first byte and length. */
static void
send_bent(struct attack *a, uint32_t to, unsigned first, unsigned len)
{
	const struct bytes udp = udp_segment(
	    a, a->scene->own, to, a->mark->port, 53);
	struct bytes packet = ip_plain(a, a->scene->own, to, PROTO_UDP, &udp);

	packet.at[0] = (uint8_t)first;
	set16(&packet, 2, len);
	set16(&packet, 10, 0);
	set16(&packet, 10, internet_sum(packet.at, 20, 0));
	attack_route(a, &packet);
}

void
attack_header(struct attack *a)
{
	for
		EACH_TARGET(a, t)
		{
			const uint32_t to = a->targets.at[t];

			send_bent(a, to, 0x55, 52); /* version 5 */
			send_bent(a, to, 0x65, 52); /* 6 */
			send_bent(a, to, 0x44, 52); /* a header of 16 bytes */
			send_bent(a, to, 0x4f, 52); /* longer than the packet */
			send_bent(
			    a, to, 0x45, 20); /* nothing behind the header */
			send_bent(a, to, 0x45, 44); /* less than there is */
			send_bent(a, to, 0x45, 1500);
		}
}

/* ---- fragments ---- */

/* Bytes [from, from + len) of the segment, and whether others follow. */
static void
send_piece(struct attack *a, struct ip ip, const struct bytes *segment,
    size_t from, size_t len, bool more)
{
	struct bytes piece = { 0 }, packet;

	put(&piece, segment->at + from, len);
	ip.fragment = (uint16_t)(from / 8 | (more ? MORE : 0));
	packet = ip_packet(a, &ip, &piece);
	attack_route(a, &packet);
}

static struct ip
in_pieces(struct attack *a, uint32_t to, uint8_t proto)
{
	return (struct ip){ .src = a->scene->own,
		.dst = to,
		.proto = proto,
		.ttl = 64,
		.id = a->id++ };
}

void
attack_fragment(struct attack *a)
{
	for
		EACH_TARGET(a, t)
		{
			const uint32_t to = a->targets.at[t];
			const struct bytes udp = udp_segment(
			    a, a->scene->own, to, a->mark->port, 53);
			struct ip ip = in_pieces(a, to, PROTO_UDP);

			send_piece(a, ip, &udp, 0, 16, true);
			send_piece(a, ip, &udp, 16, 16, false);
			ip = in_pieces(a, to, PROTO_UDP);
			send_piece(a, ip, &udp, 16, 16, false);
			send_piece(a, ip, &udp, 0, 16, true);
			ip = in_pieces(
			    a, to, PROTO_UDP); /* the end never comes */
			send_piece(a, ip, &udp, 0, 16, true);
			ip = in_pieces(
			    a, to, PROTO_UDP); /* nor the beginning */
			send_piece(a, ip, &udp, 16, 16, false);
		}
}

void
attack_overlap(struct attack *a)
{
	for
		EACH_TARGET(a, t)
		{
			const uint32_t to = a->targets.at[t];
			const struct bytes udp = udp_segment(
			    a, a->scene->own, to, a->mark->port, 53);
			const struct bytes tcp = tcp_segment(
			    a, a->scene->own, to, a->mark->port, 80, TCP_SYN);
			struct ip ip = in_pieces(a, to, PROTO_UDP);

			send_piece(a, ip, &udp, 0, 24, true);
			send_piece(a, ip, &udp, 8, 24, false);
			/* Flags of TCP in a piece of their own. */
			ip = in_pieces(a, to, PROTO_TCP);
			send_piece(a, ip, &tcp, 0, 8, true);
			send_piece(a, ip, &tcp, 8, 28, false);
			/* The beginning is replaced. */
			ip = in_pieces(a, to, PROTO_UDP);
			send_piece(a, ip, &udp, 0, 16, true);
			send_piece(a, ip, &udp, 0, 16, true);
			send_piece(a, ip, &udp, 16, 16, false);
		}
}

/* ---- options ---- */

static void
send_option(struct attack *a, uint32_t to, const struct bytes *option)
{
	const uint32_t own = a->scene->own;
	const struct ip ip = { .src = own,
		.dst = to,
		.proto = PROTO_UDP,
		.ttl = 64,
		.option = option->at,
		.option_len = option->len };
	const struct bytes udp = udp_segment(a, own, to, a->mark->port, 53);
	const struct bytes packet = ip_packet(a, &ip, &udp);

	attack_route(a, &packet);
}

void
attack_source_route(struct attack *a)
{
	const uint32_t masked = a->mask |
	    (a->scene->gateway.addr & ~prefix_mask(a->scene->mask.len));
	const uint32_t by[] = { a->scene->gateway.addr, masked };
	const uint8_t kinds[] = { 131, 137 }; /* loose, strict */

	for
		EACH_TARGET(a, t)
	for (size_t i = 0; i < 4; i++) {
		struct bytes option = { 0 };

		put8(&option, kinds[i % 2]);
		put8(&option, 7);
		put8(&option, 4);
		put32(&option, a->targets.at[t]);
		put8(&option, 0);
		send_option(a, by[i / 2], &option);
	}
}

void
attack_option(struct attack *a)
{
	/* Kind, length and what begins it; the rest is zeroes. */
	static const uint8_t options[][4] = { { 7, 7, 4 }, /* record route */
		{ 68, 8, 5, 1 },			   /* timestamps */
		{ 148, 4 },				   /* router alert */
		{ 130, 8 },				   /* security */
		{ 136, 4, 0, 1 },			   /* stream */
		{ 7, 3, 4 }, { 131, 40, 4 } };		   /* wrong lengths */

	for
		EACH_TARGET(a, t)
	for (size_t i = 0; i < sizeof(options) / 4; i++) {
		struct bytes option = { 0 };

		put(&option, options[i], 4);
		put_zeroes(&option, 4);
		send_option(a, a->targets.at[t], &option);
	}
}
