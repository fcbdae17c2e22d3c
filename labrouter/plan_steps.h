/*
 * The steps of which plans are made, one function each, whatever the layout.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_PLAN_STEPS_H
#define LABROUTER_PLAN_STEPS_H

#include "plan_private.h"

#define TABLE_INSIDE 2 /* to the isolated network, by mark 0x2/0x2 */
#define TABLE_MAIN 254
#define TABLE_LOCAL 255

/* A link of the lab's in the host's namespace: "lb" and 12 digits. */
const char *plan_host_link(struct plan *, const struct lab *, const char *part);
void plan_mac(uint8_t mac[6], const struct lab *, const char *part, size_t i);

struct sysctl {
	const char *key, *value;
};
void add_sysctl(
    struct plan *, const char *netns, struct sysctl, bool may_lack, int line);
/* What a namespace of ours begins with. */
void add_no_ipv6(struct plan *, const char *netns, int line);
void add_hardening(struct plan *, const char *netns, int line);
/* Where there are bridges. */
void add_bridging(struct plan *, const char *netns, int line);

struct lookback_step *add_address(struct plan *, const char *netns,
    const char *dev, uint32_t addr, unsigned len, int line);
struct lookback_step *add_route(struct plan *, const char *netns,
    const char *dev, uint32_t to, unsigned len, uint32_t via, uint32_t table,
    int line);
struct lookback_step *add_rule(struct plan *, const char *netns,
    uint32_t priority, uint32_t mark, const char *iif, uint32_t table,
    int line);
/* Interface 0 of a namespace of ours, still down. */
void add_outer(
    struct plan *, const struct lab *, const char *netns, enum lab_attach);
/* The end of that, and of its port on a bridge of this host. */
void remove_outer(struct plan *, const struct lab *, const char *netns);
/* The same lab has the same MAC addresses each time, so that nobody's ARP table
 * is wrong after a restart: of the i-th link of this name. */
void add_mac(struct plan *, const struct lab *, const char *netns,
    const char *dev, size_t i, int line);
struct lookback_step *add_neighbour(struct plan *, const struct lab *,
    const char *netns, const char *dev, uint32_t addr, const char *peer,
    size_t i, int line);
void add_alias(struct plan *, const char *netns, const char *dev,
    const char *text, int line);
/* A switch, in the order in which it is made; it is down yet. */
void add_switch(struct plan *, const struct lab *, const char *netns,
    const char *dev, size_t i, unsigned mtu, const char *alias, int line);

#endif
