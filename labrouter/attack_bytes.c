/*
 * Bytes of frames, and the layers of IPv4.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "attack_private.h"

#include <string.h>

void
put(struct bytes *b, const void *p, size_t len)
{
	if (len == 0 || len > sizeof(b->at) - b->len)
		return;
	memcpy(b->at + b->len, p, len);
	b->len += len;
}

void
put_bytes(struct bytes *b, const struct bytes *more)
{
	put(b, more->at, more->len);
}

void
put_zeroes(struct bytes *b, size_t n)
{
	while (n-- > 0)
		put8(b, 0);
}

void
put8(struct bytes *b, unsigned v)
{
	const uint8_t byte = (uint8_t)v;

	put(b, &byte, 1);
}

void
put16(struct bytes *b, unsigned v)
{
	put8(b, v >> 8);
	put8(b, v);
}

void
put32(struct bytes *b, uint32_t v)
{
	put16(b, v >> 16);
	put16(b, v & 0xffff);
}

void
set16(struct bytes *b, size_t at, unsigned v)
{
	b->at[at] = (uint8_t)(v >> 8);
	b->at[at + 1] = (uint8_t)v;
}

void
put_mark(struct attack *a, struct bytes *b, unsigned n)
{
	while (n-- > 0) {
		put(b, a->mark->text, sizeof(a->mark->text));
		put8(b, a->class);
	}
}

uint32_t
marked_number(const struct attack *a)
{
	return a->mark->sequence | (uint32_t)a->class << 6;
}

uint16_t
internet_sum(const void *p, size_t len, uint32_t begin)
{
	const uint8_t *byte = p;
	uint32_t sum = begin;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 == 0 ? (uint32_t)byte[i] << 8 : byte[i];
	while (sum > 0xffff)
		sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)~sum;
}

/* The checksum at `at` of what goes from src to dst. */
static void
set_pseudo_sum(
    struct bytes *b, size_t at, uint32_t src, uint32_t dst, uint8_t proto)
{
	const uint32_t begin = (src >> 16) + (src & 0xffff) + (dst >> 16) +
	    (dst & 0xffff) + proto + (uint32_t)b->len;

	set16(b, at, internet_sum(b->at, b->len, begin));
}

struct bytes
ip_packet(struct attack *a, const struct ip *ip, const struct bytes *payload)
{
	const size_t header = 20 + ip->option_len;
	struct bytes b = { 0 };

	put8(&b, 0x40 | (unsigned)header / 4);
	put8(&b, 0);
	put16(&b, (unsigned)(header + payload->len));
	put16(&b, ip->id != 0 ? ip->id : a->id++);
	put16(&b, ip->fragment);
	put8(&b, ip->ttl);
	put8(&b, ip->proto);
	put16(&b, 0);
	put32(&b, ip->src);
	put32(&b, ip->dst);
	put(&b, ip->option, ip->option_len);
	set16(&b, 10, internet_sum(b.at, b.len, 0));
	put_bytes(&b, payload);
	return b;
}

struct bytes
ip_plain(struct attack *a, uint32_t src, uint32_t dst, uint8_t proto,
    const struct bytes *payload)
{
	const struct ip ip = {
		.src = src, .dst = dst, .proto = proto, .ttl = 64
	};

	return ip_packet(a, &ip, payload);
}

struct bytes
udp_segment(struct attack *a, uint32_t src, uint32_t dst, unsigned sport,
    unsigned dport)
{
	struct bytes b = { 0 };

	put16(&b, sport);
	put16(&b, dport);
	put16(&b, 8 + 24);
	put16(&b, 0);
	put_mark(a, &b, 3);
	set_pseudo_sum(&b, 6, src, dst, PROTO_UDP);
	return b;
}

struct bytes
tcp_segment(struct attack *a, uint32_t src, uint32_t dst, unsigned sport,
    unsigned dport, unsigned flags)
{
	const uint32_t sequence = marked_number(a);
	struct bytes b = { 0 };

	put16(&b, sport);
	put16(&b, dport);
	put32(&b, sequence);
	put32(&b, flags & TCP_ACK ? sequence : 0);
	put8(&b, 5 << 4);
	put8(&b, flags);
	put16(&b, 1024);
	put32(&b, 0);
	/* So little that what is acknowledged is the mark's still. */
	put_mark(a, &b, 2);
	set_pseudo_sum(&b, 16, src, dst, PROTO_TCP);
	return b;
}

struct bytes
icmp_message(struct attack *a, unsigned type, unsigned code, uint32_t rest)
{
	struct bytes b = { 0 };

	put8(&b, type);
	put8(&b, code);
	put16(&b, 0);
	put32(&b, rest);
	put_mark(a, &b, 3);
	set16(&b, 2, internet_sum(b.at, b.len, 0));
	return b;
}
