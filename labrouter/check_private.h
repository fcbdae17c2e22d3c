/*
 * What the parts of the check share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_CHECK_PRIVATE_H
#define LABROUTER_CHECK_PRIVATE_H

#include "check.h"

struct checker {
	const struct lab *const *labs;
	size_t n_labs;
	const struct host_route *routes;
	size_t n_routes;
	const struct host_port *ports;
	size_t n_ports;
	struct lab_findings *found;
	size_t cap;
	bool nomem; /* sticky: the parts need not look at it */
};

/* Where something stands. */
struct place {
	size_t lab;
	int line;
};
#define NO_PLACE ((struct place){ 0, 0 })

void check_error(struct checker *, struct place, struct place other,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void check_warning(struct checker *, struct place, struct place other,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The parts, each over all labs. */
void check_networks(struct checker *);	 /* real subnets, masks */
void check_links(struct checker *);	 /* Interface, Bridge */
void check_production(struct checker *); /* Address, Gateway */
void check_claims(struct checker *);	 /* Static, Publish */
void check_access(struct checker *);	 /* Allow, Join */
void check_machines(struct checker *);
void check_services(struct checker *); /* Proxy, Dns */
void check_nat(struct checker *);

/* A machine's address in a network: in its real subnet, none that the router
 * or nobody has. Says so under the key's name where it is not. */
void check_inner(struct checker *, struct place, const struct lab_network *,
    const char *key, uint32_t addr);

/* What the address is in a lab and its production already, and the line that
 * says so; NULL: nothing. */
const char *check_taken_as(const struct lab *, uint32_t addr, int *ret_line);

/* Has this host the address itself? Nobody else may then, but a lab in the
 * host's own namespace. */
bool check_is_hosts(const struct checker *, const struct lab *, uint32_t addr);

/* Is all of b in a? Of one protocol: both have ports, or both are icmp. */
bool check_ports_cover(const struct ports *a, const struct ports *b);

/* With DHCP nothing is known before the start. */
static inline bool
has_address(const struct lab *lab)
{
	return lab->production.address_line != 0 && !lab->production.dhcp;
}

/* ---- addresses ---- */

static inline struct prefix
prefix_net(struct prefix p)
{
	return (struct prefix){ p.addr & prefix_mask(p.len), p.len };
}

static inline bool
prefix_holds(struct prefix p, uint32_t addr)
{
	return ((p.addr ^ addr) & prefix_mask(p.len)) == 0;
}

/* Is the front's own address for its cells in it? */
static inline bool
holds_hub(const struct lab *lab, struct prefix p)
{
	return lab->layout == LAB_CELLS && prefix_holds(p, LAB_HUB);
}

/* Is all of b in a? */
static inline bool
prefix_covers(struct prefix a, struct prefix b)
{
	return a.len <= b.len && prefix_holds(a, b.addr);
}

/* Two prefixes are apart or one lies in the other. */
static inline bool
prefix_overlaps(struct prefix a, struct prefix b)
{
	return prefix_holds(
	    a.len < b.len ? a : b, a.len < b.len ? b.addr : a.addr);
}

/* The subnet's own name or its broadcast: no machine's. */
static inline bool
prefix_reserves(struct prefix p, uint32_t addr)
{
	uint32_t host = addr & ~prefix_mask(p.len);

	return p.len < 31 && (host == 0 || host == ~prefix_mask(p.len));
}

/* Some of it can be the source of a packet from one machine to another. */
static inline bool
prefix_is_unicast(struct prefix p)
{
	return !prefix_covers((struct prefix){ 0, 8 }, p) &&
	    !prefix_covers((struct prefix){ 127U << 24, 8 }, p) &&
	    !prefix_covers((struct prefix){ 224U << 24, 3 }, p);
}

/* For printf: IP_FMT takes IP(addr), NET_FMT takes NET(prefix). */
#define IP_FMT "%u.%u.%u.%u"
#define IP(a) (a) >> 24, (a) >> 16 & 255, (a) >> 8 & 255, (a)&255
#define NET_FMT IP_FMT "/%u"
#define NET(p) IP(prefix_net(p).addr), (p).len

#endif
