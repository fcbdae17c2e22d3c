/*
 * Packets that are as they should be, but for who sends them where.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "attack_private.h"

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

static void
send_ip(struct attack *a, uint32_t src, uint32_t dst, uint8_t proto,
    const struct bytes *payload)
{
	const struct bytes packet = ip_plain(a, src, dst, proto, payload);

	attack_route(a, &packet);
}

static void
send_udp(struct attack *a, uint32_t src, uint32_t dst, unsigned sport,
    unsigned dport)
{
	const struct bytes b = udp_segment(a, src, dst, sport, dport);

	send_ip(a, src, dst, PROTO_UDP, &b);
}

static void
send_tcp(struct attack *a, uint32_t src, uint32_t dst, unsigned sport,
    unsigned dport, unsigned flags)
{
	const struct bytes b = tcp_segment(a, src, dst, sport, dport, flags);

	send_ip(a, src, dst, PROTO_TCP, &b);
}

static void
send_icmp(struct attack *a, uint32_t src, uint32_t dst, unsigned type,
    unsigned code, uint32_t rest)
{
	const struct bytes b = icmp_message(a, type, code, rest);

	send_ip(a, src, dst, PROTO_ICMP, &b);
}

void
attack_udp(struct attack *a)
{
	/* Names, time, directory, logs, file shares, traceroute. */
	static const uint16_t ports[] = { 53, 123, 389, 514, 137, 33434 };

	for
		EACH_TARGET(a, t)
	for (size_t i = 0; i < LENGTH(ports); i++)
		send_udp(a, a->scene->own, a->targets.at[t], a->mark->port,
		    ports[i]);
}

void
attack_tcp_syn(struct attack *a)
{
	static const uint16_t ports[] = { 22, 25, 80, 443, 445, 3389, 3128,
		8080 };

	for
		EACH_TARGET(a, t)
	for (size_t i = 0; i < LENGTH(ports); i++)
		send_tcp(a, a->scene->own, a->targets.at[t], a->mark->port,
		    ports[i], TCP_SYN);
}

/* A message of each type to each target. */
static void
send_types(struct attack *a, const uint8_t *types, size_t n)
{
	for
		EACH_TARGET(a, t)
	for (size_t i = 0; i < n; i++)
		send_icmp(a, a->scene->own, a->targets.at[t], types[i], 0,
		    marked_number(a));
}

void
attack_icmp_echo(struct attack *a)
{
	/* Echo, timestamp, address mask, router solicitation. */
	static const uint8_t types[] = { 8, 13, 17, 10 };

	send_types(a, types, sizeof(types));
}

void
attack_tcp_answer(struct attack *a)
{
	static const uint8_t flags[] = { TCP_SYN | TCP_ACK, TCP_RST,
		TCP_RST | TCP_ACK, TCP_ACK, TCP_FIN | TCP_ACK,
		TCP_PUSH | TCP_ACK, 0, TCP_FIN | TCP_PUSH | TCP_URG };

	for
		EACH_TARGET(a, t)
	for (size_t i = 0; i < LENGTH(flags); i++)
		send_tcp(a, a->scene->own, a->targets.at[t],
		    i % 2 == 0 ? 80 : 443, a->mark->port, flags[i]);
}

void
attack_icmp_reply(struct attack *a)
{
	static const uint8_t types[] = { 0, 14, 18, 9 };

	send_types(a, types, sizeof(types));
}

void
attack_dns_answer(struct attack *a)
{
	for
		EACH_TARGET(a, t)
		{
			const uint32_t to = a->targets.at[t];

			send_udp(a, a->scene->own, to, 53, a->mark->port);
			send_udp(a, a->scene->own, to, 5353, 5353);
			send_tcp(a, a->scene->own, to, 53, a->mark->port,
			    TCP_PUSH | TCP_ACK);
		}
}

/* An error that quotes a packet from `to` to the attacker. */
static void
send_error(struct attack *a, uint32_t src, uint32_t to, unsigned type,
    unsigned code, uint32_t rest)
{
	const uint32_t own = a->scene->own;
	const struct bytes segment = tcp_segment(
	    a, to, own, a->mark->port, 80, TCP_ACK);
	const struct bytes quoted = ip_plain(a, to, own, PROTO_TCP, &segment);
	struct bytes b = { 0 }, packet;

	put8(&b, type);
	put8(&b, code);
	put16(&b, 0);
	put32(&b, rest);
	put_bytes(&b, &quoted);
	set16(&b, 2, internet_sum(b.at, b.len, 0));
	packet = ip_plain(a, src, to, PROTO_ICMP, &b);
	attack_route(a, &packet);
}

void
attack_icmp_error(struct attack *a)
{
	for
		EACH_TARGET(a, t)
		{
			const uint32_t own = a->scene->own,
				       to = a->targets.at[t];

			send_error(a, own, to, 3, 1, 0); /* host unreachable */
			send_error(a, own, to, 3, 3, 0); /* port unreachable */
			send_error(a, own, to, 3, 4, 1400); /* too long */
			send_error(a, own, to, 11, 0, 0);   /* ttl exceeded */
			send_error(a, own, to, 12, 0, 0);   /* bad parameter */
			send_error(a, own, to, 4, 0, 0);    /* source quench */
		}
}

void
attack_redirect(struct attack *a)
{
	for
		EACH_TARGET(a, t)
	for (unsigned code = 0; code < 4; code++) {
		/* "Reach me by way of me", also in another's name. */
		send_error(
		    a, a->scene->own, a->targets.at[t], 5, code, a->scene->own);
		send_error(a, a->scene->gateway.addr, a->targets.at[t], 5, code,
		    a->scene->own);
	}
}

void
attack_protocol(struct attack *a)
{
	/* ST, EGP, DCCP, RSVP, ESP, AH, EIGRP, OSPF, PIM, VRRP, L2TP, SCTP,
	 * UDP-Lite, one to experiment with. */
	static const uint8_t protos[] = { 5, 8, 33, 46, 50, 51, 88, 89, 103,
		112, 115, 132, 136, 253 };
	struct bytes b = { 0 };

	put_mark(a, &b, 4);
	for
		EACH_TARGET(a, t)
	for (size_t i = 0; i < LENGTH(protos); i++)
		send_ip(a, a->scene->own, a->targets.at[t], protos[i], &b);
}

/* One packet of each kind. */
static void
send_kinds(struct attack *a, uint32_t src, uint32_t dst)
{
	send_udp(a, src, dst, a->mark->port, 53);
	send_icmp(a, src, dst, 8, 0, marked_number(a));
	send_tcp(a, src, dst, a->mark->port, 445, TCP_SYN);
	send_tcp(a, src, dst, 80, a->mark->port, TCP_SYN | TCP_ACK);
}

void
attack_spoofed(struct attack *a)
{
	for
		EACH_TARGET(a, t)
	for (size_t i = 0; i < a->others.n; i++)
		if (a->others.at[i] != a->targets.at[t])
			send_kinds(a, a->others.at[i], a->targets.at[t]);
}

void
attack_martian(struct attack *a)
{
	const uint32_t last = a->net | ~prefix_mask(a->scene->gateway.len);
	const uint32_t martians[] = { 0, UINT32_C(0x7f000001),
		UINT32_C(0xe0000001), UINT32_C(0xf0000001), UINT32_MAX, a->net,
		last };

	for
		EACH_TARGET(a, t)
		{
			for (size_t i = 0; i < LENGTH(martians); i++)
				send_kinds(a, martians[i], a->targets.at[t]);
			send_kinds(a, a->targets.at[t], a->targets.at[t]);
		}
	for (size_t i = 0; i < LENGTH(martians); i++)
		send_kinds(a, a->scene->own, martians[i]);
}
