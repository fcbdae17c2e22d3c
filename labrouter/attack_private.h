/*
 * How frames of the attack are built: from the inside out, each layer around
 * the bytes of the one within.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_ATTACK_PRIVATE_H
#define LABROUTER_ATTACK_PRIVATE_H

#include "attack.h"

/* What does not fit is left out: the frames are all made here. */
struct bytes {
	size_t len;
	uint8_t at[ATTACK_FRAME_MAX];
};

void put(struct bytes *, const void *, size_t);
void put_bytes(struct bytes *, const struct bytes *);
void put_zeroes(struct bytes *, size_t);
void put8(struct bytes *, unsigned);
void put16(struct bytes *, unsigned); /* big-endian, as all here */
void put32(struct bytes *, uint32_t);
void set16(struct bytes *, size_t at, unsigned);
unsigned get16(const uint8_t *);
uint32_t get32(const uint8_t *);

/* The checksum of the internet; `begin` is what a pseudo header adds up to. */
uint16_t internet_sum(const void *, size_t, uint32_t begin);

/* ---- who attacks what ---- */

#define ATTACK_ADDRS 24
struct attack_addrs {
	uint32_t at[ATTACK_ADDRS];
	size_t n;
};

struct attack {
	const struct attack_scene *scene;
	const struct attack_mark *mark;
	enum attack_class class;
	uint8_t mac[6];		     /* the attacker's, in this class */
	struct attack_addrs targets; /* where production could be */
	struct attack_addrs others;  /* whose addresses can be taken */
	uint32_t net, mask;	     /* first addresses of both */
	uint16_t id;		     /* of the next IP packet */
	attack_frame_fn *fn;
	void *ctx;
};

/* Nothing secret, only seldom: the n-th number that follows from the seed. */
uint64_t attack_number(uint64_t seed, uint64_t n);

extern const uint8_t attack_everybody[6]; /* the broadcast MAC address */

#define EACH_TARGET(a, t) (size_t t = 0; (t) < (a)->targets.n; (t)++)

/* The frame is complete: handed out. */
void attack_send(struct attack *, const uint8_t to[6], unsigned ethertype,
    const struct bytes *payload);
/* An IPv4 packet to the router. */
void attack_route(struct attack *, const struct bytes *packet);

/* The mark's text n times, 8 bytes each. */
void put_mark(struct attack *, struct bytes *, unsigned n);
/* Of TCP and ICMP, which answers repeat. */
uint32_t marked_number(const struct attack *);

/* ---- layers of IPv4 ---- */

struct ip {
	uint32_t src, dst;
	uint8_t proto;
	uint8_t ttl;	       /* 0 is 0 */
	uint16_t id;	       /* 0: the next one */
	uint16_t fragment;     /* flags and offset, as in the header */
	const uint8_t *option; /* NULL: none */
	size_t option_len;     /* a multiple of 4 */
};

struct bytes ip_packet(
    struct attack *, const struct ip *, const struct bytes *payload);
/* Of the usual kind: ttl 64, nothing else. */
struct bytes ip_plain(struct attack *, uint32_t src, uint32_t dst,
    uint8_t proto, const struct bytes *payload);

/* From the attacker's MAC address. */
struct bytes arp_packet(struct attack *, unsigned op, uint32_t sender,
    const uint8_t mac[6], uint32_t target);

/* With the mark as payload. One port of TCP should be the mark's. */
struct bytes udp_segment(struct attack *, uint32_t src, uint32_t dst,
    unsigned sport, unsigned dport);
struct bytes tcp_segment(struct attack *, uint32_t src, uint32_t dst,
    unsigned sport, unsigned dport, unsigned flags);
/* The four bytes behind the checksum are `rest`. */
struct bytes icmp_message(
    struct attack *, unsigned type, unsigned code, uint32_t rest);

enum {
	TCP_FIN = 1,
	TCP_SYN = 2,
	TCP_RST = 4,
	TCP_PUSH = 8,
	TCP_ACK = 16,
	TCP_URG = 32
};
enum {
	PROTO_ICMP = 1,
	PROTO_IGMP = 2,
	PROTO_IPIP = 4,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_IPV6 = 41,
	PROTO_GRE = 47
};
enum {
	TYPE_IP = 0x800,
	TYPE_ARP = 0x806,
	TYPE_VLAN = 0x8100,
	TYPE_IPV6 = 0x86dd
};

/* ---- the classes ---- */

typedef void attack_class_fn(struct attack *);

/* attack_talk.c */
attack_class_fn attack_udp, attack_tcp_syn, attack_icmp_echo, attack_tcp_answer,
    attack_icmp_reply, attack_dns_answer, attack_icmp_error, attack_redirect,
    attack_protocol, attack_spoofed, attack_martian;
/* attack_forge.c */
attack_class_fn attack_tunnel, attack_ttl, attack_checksum, attack_header,
    attack_fragment, attack_overlap, attack_source_route, attack_option;
/* attack_link.c */
attack_class_fn attack_broadcast, attack_multicast, attack_igmp,
    attack_arp_request, attack_arp_reply, attack_arp_gratuitous, attack_dhcp,
    attack_vlan, attack_stp, attack_lldp, attack_ethertype;
/* attack_ipv6.c */
attack_class_fn attack_ipv6, attack_ipv6_nd, attack_mld;

#endif
