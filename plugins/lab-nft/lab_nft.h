/*
 * Within lab-nft: one apply, and who does its steps.
 *
 * A function that does a step returns 1 when it changed something, 0 when that
 * stood so already, and a negative errno after job_why.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_H
#define LAB_NFT_H

#include <lookback/plan.h>
#include <lookback/plugin.h>

#include <libmnl/libmnl.h>

/* A namespace that is in use. */
struct netns {
	char *name;	       /* owned; NULL: the host's own */
	int fd;		       /* owned */
	struct mnl_socket *nl; /* owned; NULL until it is needed */
	unsigned seq;
};

struct job {
	const struct lookback_host *host;
	const struct lookback_plan *plan;
	struct netns home;
	struct netns **spaces; /* owned, each one too */
	size_t n_spaces;
	bool changed;	    /* a step of this apply changed something */
	const char *advice; /* of a step that could not be done; or NULL */
	/* Routes of the host's that are not ours; read when first needed. */
	struct foreign_route *foreign; /* owned */
	size_t n_foreign;
	bool has_foreign;
	char why[512]; /* of the last failure */
};

/* Keep the words of a failure; returns -err. */
int job_why(struct job *, int err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- netns.c: they are named in /run/netns, as by ip-netns(8) ---- */

int netns_begin(struct job *);
/* Closes what is open; the namespaces stay. */
void netns_end(struct job *);
/* The namespace of this name, NULL for the host's. -ENOENT: there is none. */
int netns_get(struct job *, const char *name, struct netns **ret);
int netns_make(struct job *, const char *name);
int netns_delete(struct job *, const char *name);
/* One that ends with what is in it, when it is closed or the process ends. */
int netns_make_nameless(struct job *, struct netns *ret);
void netns_close(struct netns *);
/* The calling thread goes there, and back. */
int netns_enter(struct job *, const struct netns *);
int netns_leave(struct job *);

/* ---- rtnl.c ---- */

struct request {
	struct nlmsghdr *h;
	char room[4096] __attribute__((aligned(8)));
};

/* An empty message; the header of its family comes next. */
void rtnl_begin(struct request *, uint16_t type, uint16_t flags);
/* Send it and await its end; `answer` sees what comes before that. 0, or a
 * negative errno with the kernel's words. */
int rtnl_talk(struct job *, struct netns *, struct request *, mnl_cb_t answer,
    void *data);

/* The attribute of this type behind a header of this size, or inside another
 * attribute; NULL where there is none. */
const struct nlattr *rtnl_find(
    const struct nlmsghdr *, unsigned header, uint16_t type);
const struct nlattr *rtnl_find_in(const struct nlattr *, uint16_t type);

/* ---- the steps ---- */

/* What is known of a link. */
struct link {
	int index;
	unsigned type; /* ARPHRD_ */
	char name[16];
	int lower; /* the link of the same namespace below this one; 0: none */
	int other; /* the same in whichever namespace: a macvlan's parent, the
		    * other end of a pair */
	unsigned flags; /* IFF_ */
	uint8_t mac[6];
	uint32_t mtu, master;
	char alias[256], kind[16];
};

/* 1: ret is filled in. 0: there is none. */
int link_find(struct job *, struct netns *, const char *dev, struct link *ret);
/* The same, where one that is missing is a failure; 0 when found. */
int link_get(struct job *, struct netns *, const char *dev, struct link *ret);
/* Each one there is, until `see` returns MNL_CB_ERROR. It must not talk. */
typedef int link_see_fn(const struct link *, void *data);
int link_each(struct job *, struct netns *, link_see_fn *, void *data);
/* A request about links. */
struct ifinfomsg *link_begin(struct request *, uint16_t type, uint16_t flags);
/* 1 where there was one. */
int link_delete(struct job *, struct netns *, const char *dev);
int link_step(struct job *, struct netns *, const struct lookback_step *);
/* LOOKBACK_MAC to LOOKBACK_UP_NOARP. */
int link_set_step(struct job *, struct netns *, const struct lookback_step *);

int address_step(struct job *, struct netns *, const struct lookback_step *);
int route_step(struct job *, struct netns *, const struct lookback_step *);
int rule_step(struct job *, struct netns *, const struct lookback_step *);
/* Of both kinds: a neighbour, or a proxy for one. */
int neighbour_step(struct job *, struct netns *, const struct lookback_step *);
/* 1: ARP for addr is answered on dev. 0: it is not. */
int neighbour_is_proxied(
    struct job *, struct netns *, const struct lookback_step *);
/* 1: addr is one of dev's own. 0: it is not. */
int address_is_there(
    struct job *, struct netns *, const struct lookback_step *);

/* ---- host.c: what is the host's own ---- */

/* The host's address on this device, in the network of `in`. A failure where
 * there is none. */
int host_address(struct job *, const char *dev, uint32_t in, uint32_t *ret);
/* A failure where the host has a route to just this prefix that is not ours. */
int host_route_is_free(struct job *, const struct lookback_step *);

int sysctl_step(struct job *, struct netns *, const struct lookback_step *);
int ruleset_step(struct job *, struct netns *, const struct lookback_step *);
/* A context of nftables that stays in the namespace, the caller's to free. */
struct nft_ctx;
int rules_begin(struct job *, const struct netns *, struct nft_ctx **ret);
int rules_run(struct job *, struct nft_ctx *, const char *text);

/* n probes, all of one device. */
int probe_steps(
    struct job *, struct netns *, const struct lookback_step *, size_t n);
int announce_step(struct job *, struct netns *, const struct lookback_step *);

#endif
