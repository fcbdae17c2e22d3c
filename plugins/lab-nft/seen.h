/*
 * What a namespace holds, as the kernel told it: each kind of thing is asked for
 * once, whole, and looked up as often as there are steps.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_SEEN_H
#define LAB_NFT_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job;
struct netns;
struct nlmsghdr;

enum seen_kind {
	SEEN_LINKS,
	SEEN_ADDRESSES,
	SEEN_ROUTES,
	SEEN_RULES,
	SEEN_NEIGHBOURS,
	SEEN_PROXIES,
	SEEN_KINDS
};

/* How each of them begins. */
struct seen_item {
	struct nlmsghdr *raw; /* owned; as the kernel told it; not of links */
	bool wanted;	      /* a step of the plan is for it */
};

struct link {
	struct seen_item item;
	char name[16];
	int index;
	unsigned type; /* ARPHRD_ */
	int lower; /* the link of the same namespace below this one; 0: none */
	int other; /* the same in whichever namespace: a macvlan's parent, the
		    * other end of a pair */
	unsigned flags; /* IFF_ */
	uint8_t mac[6];
	uint32_t mtu, master;
	bool
	    plain; /* a bridge without STP and delay, a macvlan in bridge mode */
	char alias[256], kind[16];
};

struct seen_address {
	struct seen_item item;
	int index;
	uint32_t addr; /* host byte order, as everywhere here */
	unsigned len;
	uint32_t net;	/* an address of its prefix */
	unsigned order; /* among those of its link */
	uint8_t scope;
	bool alone;   /* without a route to its prefix */
	bool expires; /* it goes by itself */
};

struct seen_route {
	struct seen_item item;
	uint32_t table, addr;
	unsigned len;
	uint32_t metric;
	unsigned order;	      /* among its equals, the kernel takes the first */
	uint32_t via, source; /* 0: none */
	int index;	      /* of its device; 0: none */
	uint8_t type, proto, scope, tos;
	bool onlink, odd; /* odd: it has what no step of a plan has */
};

struct seen_rule {
	struct seen_item item;
	uint32_t priority, mark, mask, table;
	char iif[16];
	uint8_t action, proto;
	bool odd;
};

struct seen_neighbour {
	struct seen_item item;
	int index;
	uint32_t addr;
	uint8_t mac[6];
	bool permanent;
};

struct seen_list {
	void *items; /* owned */
	size_t n, cap;
	bool known;
};

struct seen {
	struct seen_list list[SEEN_KINDS];
};

/* All of a kind, sorted for the functions below; links and rules as the kernel
 * has them. 0, or a negative errno. */
int seen_get(
    struct job *, struct netns *, enum seen_kind, const struct seen_list **ret);
/* Of one item. */
size_t seen_size(enum seen_kind);
/* NULL in ret: there is none. */
int seen_address(struct job *, struct netns *, int index, uint32_t addr,
    unsigned len, struct seen_address **ret);
/* All to this prefix in the table, in their order; table 0: in all of them. */
int seen_routes(struct job *, struct netns *, uint32_t table, uint32_t addr,
    unsigned len, struct seen_route **ret, size_t *ret_n);
/* kind: SEEN_NEIGHBOURS or SEEN_PROXIES. */
int seen_neighbour(struct job *, struct netns *, enum seen_kind, int index,
    uint32_t addr, struct seen_neighbour **ret);
int seen_link(
    struct job *, struct netns *, const char *name, struct link **ret);
/* The link of this number; NULL where that is not known. */
const struct link *seen_link_of(const struct netns *, int index);
/* Look at this link again: it was made or changed. */
int seen_link_again(struct job *, struct netns *, const char *name);

/* Something went or moved, and the kernel may have taken more with it. */
void seen_forget(struct seen *);
void seen_forget_all(struct job *);

/* A thing in words, as ip(8) has them; the namespace is for names of links. */
#define SEEN_TEXT 256
void seen_text(char text[static SEEN_TEXT], const struct netns *,
    enum seen_kind, const void *item);

#endif
