/*
 * The attack: frames by which a machine in an isolated network could try to
 * reach production, on purpose or because it believes to be there. Every way
 * out that we know of, as whole Ethernet frames, the same for the same seed.
 * Pure: whoever asks for the frames sends them.
 *
 * Each frame carries a mark by which it is known again wherever it turns up,
 * also when its addresses were translated or only a piece of it came through:
 * its payload is nothing but the mark's text; what has no payload bears an own
 * MAC address; and a TCP segment or ICMP message, whose answer may leave the
 * payload out, has it in its numbers. The mark names the class as well.
 *
 * Nothing here is meant to break a machine that listens inside: routers that
 * are made up have a lifetime of 0, bridges the worst priority, and of the
 * network's addresses only the gateway's and some that the caller found free
 * are claimed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_ATTACK_H
#define LABROUTER_ATTACK_H

#include "model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum attack_class {
	/* What a machine says that believes to be in production: from its own
	 * address, to machines, gateway, mask, claims and far away. */
	ATTACK_UDP,
	ATTACK_TCP_SYN,
	ATTACK_ICMP_ECHO,
	/* What only an answer would be: SYN-ACK, RST and the like; echo replies;
	 * DNS answers; errors that quote a packet nobody sent. */
	ATTACK_TCP_ANSWER,
	ATTACK_ICMP_REPLY,
	ATTACK_DNS_ANSWER,
	ATTACK_ICMP_ERROR,
	ATTACK_REDIRECT, /* ICMP redirects, over the attacker */
	/* Other protocols of IP: ESP, OSPF, VRRP, SCTP ... */
	ATTACK_PROTOCOL,
	ATTACK_TUNNEL,	     /* IP in IP, GRE, 6in4, VXLAN; production inside */
	ATTACK_TTL,	     /* 0, 1 and 2, and 255 */
	ATTACK_CHECKSUM,     /* wrong ones, of IP, UDP, TCP and ICMP */
	ATTACK_HEADER,	     /* lengths and versions that cannot be */
	ATTACK_FRAGMENT,     /* in order, backwards, never complete */
	ATTACK_OVERLAP,	     /* fragments that overlap or are tiny */
	ATTACK_SOURCE_ROUTE, /* LSRR and SSRR by way of gateway and mask */
	ATTACK_OPTION,	     /* record route, timestamp, router alert ... */
	/* From addresses of others: production's, interface 0's, the gateway's,
	 * masked and claimed ones, far ones. */
	ATTACK_SPOOFED,
	/* From and to what no machine can be: loopback, 0.0.0.0, broadcast,
	 * multicast, reserved, the target's own address. */
	ATTACK_MARTIAN,
	ATTACK_BROADCAST, /* directed and limited, to all MACs and the router */
	ATTACK_MULTICAST,
	ATTACK_IGMP,
	ATTACK_ARP_REQUEST, /* for production's addresses, from several */
	ATTACK_ARP_REPLY,
	ATTACK_ARP_GRATUITOUS,
	ATTACK_DHCP, /* of a client, and of a server that is none */
	ATTACK_IPV6, /* any payload, routing and fragment headers */
	ATTACK_IPV6_ND,
	ATTACK_MLD,
	ATTACK_VLAN, /* tagged once and twice */
	ATTACK_STP,
	ATTACK_LLDP,	  /* and CDP */
	ATTACK_ETHERTYPE, /* MPLS, PPPoE, EAPOL, LLC ... */
	ATTACK_CLASSES,	  /* how many there are */
};

/* "tcp-syn" */
const char *attack_class_name(enum attack_class);

/* No frame is longer, in bytes. */
#define ATTACK_FRAME_MAX 512

struct attack_mark {
	uint8_t text[7]; /* the class follows it */
	uint8_t mac[5];	 /* the class follows it */
	uint16_t port;
	uint32_t sequence; /* upper 20 bits, then 6 of the class: the sequence
			    * number of TCP, or what identifies an ICMP echo */
};

/* Two seeds have two marks. */
struct attack_mark attack_mark_of(uint64_t seed);
/* The attacker's MAC address in frames of the class. */
void attack_mac(
    const struct attack_mark *, enum attack_class, uint8_t ret_mac[6]);
/* The class of a frame that bears the mark; -1 of any other. */
int attack_class_of(const struct attack_mark *, const void *frame, size_t len);

#define ATTACK_NEIGHBOURS 6

/* Where the attack happens. Addresses may be 0 but for `own`; there are less
 * frames then. */
struct attack_scene {
	uint8_t router[6];	/* the gateway's MAC address inside */
	struct prefix gateway;	/* as the router mimics it */
	struct prefix mask;	/* as long */
	uint32_t own;		/* of the subnet, the attacker's own */
	uint32_t peer[2];	/* two more, which it claims */
	uint32_t outer;		/* interface 0's */
	uint32_t outer_gateway; /* production's */
	uint32_t claim;		/* one that interface 0 claims */
	/* Gateways, masked gateways and claims of the lab's other networks. */
	uint32_t neighbour[ATTACK_NEIGHBOURS];
	/* Of production's network, for the frames of one class alone. */
	uint32_t bait[ATTACK_CLASSES];
};

/* The scene of a lab's network, less `router`. The attacker's addresses are
 * some that the file names for nobody, from the subnet's end down, less the
 * first `skip` of them; 0 where there are no more. */
struct attack_scene attack_scene_of(
    const struct lab *, const struct lab_network *, unsigned skip);

/* Set the scene's baits, as many as there are: addresses of production's network
 * that the file names for nobody, that are not `known` to anybody and of no
 * other use here. Another seed has others. What is routed there although nobody
 * has it shows by the ARP request that nobody answers. Returns how many classes
 * have none and would need one. */
size_t attack_baits(struct attack_scene *, const struct lab *, uint64_t seed,
    bool (*known)(void *ctx, uint32_t addr), void *ctx);

/* Addresses that are in frames of all classes, and that interface 0 asks for
 * only where it is to forward one of them: claims, masked and far ones. Returns
 * how many. */
#define ATTACK_STRANGE 6
size_t attack_strange(
    const struct attack_scene *, uint32_t ret_addr[ATTACK_STRANGE]);

/* No attack: an ARP request from the attacker, who is at `sender` or, where
 * that is 0, nowhere. Its MAC address is that of ATTACK_ARP_REQUEST. */
#define ATTACK_ASK_SIZE 42
void attack_ask(const struct attack_mark *, uint32_t sender, uint32_t target,
    uint8_t ret_frame[ATTACK_ASK_SIZE]);
/* The address of which an ARP answer says that it is at this MAC address, and
 * that for which somebody asks who has an address himself, and another one; 0 of
 * any other frame. */
uint32_t attack_answerer(const void *frame, size_t len, uint8_t ret_mac[6]);
uint32_t attack_asked_for(const void *frame, size_t len);

/* The frame is borrowed for the call. */
typedef void attack_frame_fn(void *ctx, const uint8_t *frame, size_t len);

/* Make the frames of one class; more than 1800 in all classes together. */
void attack_frames(const struct attack_scene *, const struct attack_mark *,
    enum attack_class, attack_frame_fn *, void *ctx);

#endif
