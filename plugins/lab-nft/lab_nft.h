/*
 * Within lab-nft: one call on a plan, and who looks at its steps and does them.
 *
 * Each type of step has a function that looks, and one that does what a look
 * found missing or different; so observe and apply cannot disagree. All return
 * a negative errno after job_why where they fail.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_H
#define LAB_NFT_H

#include <lookback/lab.h>
#include <lookback/plan.h>
#include <lookback/plugin.h>

#include <libmnl/libmnl.h>

#include "seen.h"

enum netns_bus { BUS_ROUTE, BUS_NETFILTER, N_BUSES };

/* A namespace that is in use. */
struct netns {
	char *name; /* owned; NULL: the host's own */
	int fd;	    /* owned; -1: there is none of this name */
	struct mnl_socket *bus[N_BUSES]; /* owned; NULL until one is needed */
	unsigned seq;
	struct seen seen;
};

struct job {
	const struct lookback_host *host;
	const struct lookback_plan *plan;
	struct netns home;
	struct netns **spaces; /* owned, each one too; by name */
	size_t n_spaces;
	const struct netns *at;	 /* where the thread is */
	struct wire *wire;	 /* owned; NULL until probe.c needs it */
	struct nft_ctx *scratch; /* owned; NULL until rules.c needs it */
	const char **last;	 /* owned; sysctl.c's */
	bool *changed;		 /* owned; the steps that this apply changed */
	size_t blamed;	    /* of steps done together the one that failed */
	const char *advice; /* of a step that could not be done; or NULL */
	char why[512];	    /* of the last failure */
};

/* Keep the words of a failure; returns -err. */
int job_why(struct job *, int err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* 0; or -ECANCELED, where the host asks us to stop. */
int job_go_on(struct job *);
/* How long a wait may last between two such looks. */
#define JOB_LOOK_NS 50000000u

/* ---- netns.c: they are named in /run/netns, as by ip-netns(8) ---- */

int netns_begin(struct job *);
/* Closes what is open; the namespaces stay. The thread is back. */
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
/* More descriptors may be open from here on: there are some for each
 * namespace. */
int netns_more_files(struct job *);
/* Call fn with each name in the directory, until it returns other than 0. */
int netns_each(
    struct job *, int (*fn)(struct job *, const char *name, void *), void *ctx);

/* ---- rtnl.c ---- */

struct request {
	struct nlmsghdr *h;
	char room[4096] __attribute__((aligned(8)));
};

/* An empty message; the header of its family comes next. */
void rtnl_begin(struct request *, uint16_t type, uint16_t flags);
/* Send it and await its end; `answer` sees what comes before that. 0, or a
 * negative errno with the kernel's words. What was seen before is forgotten,
 * unless the request only asks. */
int rtnl_talk(struct job *, struct netns *, struct request *, mnl_cb_t answer,
    void *data);
/* A change that others see nothing of but this thing: what was seen stays. */
int rtnl_add(struct job *, struct netns *, struct request *);
/* Any message, on any bus; nothing is forgotten. */
int netlink_talk(struct job *, struct netns *, enum netns_bus,
    struct nlmsghdr *, mnl_cb_t answer, void *data);

/* The attribute of this type behind a header of this size, or inside another
 * attribute; NULL where there is none. */
const struct nlattr *rtnl_find(
    const struct nlmsghdr *, unsigned header, uint16_t type);
const struct nlattr *rtnl_find_in(const struct nlattr *, uint16_t type);

/* ---- the steps ---- */

/* What a look found. */
struct look {
	enum lookback_state state; /* STANDS, MISSING or DIFFERS */
	char text[256];		   /* what there is instead; one line, or "" */
};

void look_is(struct look *, enum lookback_state, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Of one step, in a namespace that is there. */
typedef int look_fn(
    struct job *, struct netns *, const struct lookback_step *, struct look *);
/* The look said that it does not stand. */
typedef int do_fn(struct job *, struct netns *, const struct lookback_step *,
    const struct look *);

/* 1: ret is filled in. 0: there is none. */
int link_find(struct job *, struct netns *, const char *dev, struct link *ret);
/* The same, where one that is missing is a failure; 0 when found. */
int link_get(struct job *, struct netns *, const char *dev, struct link *ret);
/* Each one there is, until `see` returns MNL_CB_ERROR. It must not talk. */
typedef int link_see_fn(const struct link *, void *data);
int link_each(struct job *job, struct netns *ns, link_see_fn *fn, void *data);
/* A request about links. */
struct ifinfomsg *link_begin(struct request *, uint16_t type, uint16_t flags);
/* 1 where there was one. */
int link_delete(struct job *, struct netns *, const char *dev);
look_fn link_look;
do_fn link_do;
/* LOOKBACK_MAC to LOOKBACK_UP_NOARP. */
look_fn link_set_look;
do_fn link_set_do;

/* dev's number; 0 where there is no dev, and the look is done. */
int look_number(struct job *, struct netns *, const struct lookback_step *,
    struct look *, int *ret);

look_fn address_look;
do_fn address_do;
look_fn route_look;
do_fn route_do;
look_fn rule_look;
do_fn rule_do;
/* Of both kinds: a neighbour, or a proxy for one. */
look_fn neighbour_look;
do_fn neighbour_do;

/* ---- host.c: what is the host's own ---- */

/* The host's address on this device, in the network of `in`. A failure where
 * there is none. */
int host_address(struct job *, const char *dev, uint32_t in, uint32_t *ret);
/* A failure where the host has a route to just this prefix that is not ours. */
int host_route_is_free(struct job *, const struct lookback_step *);

look_fn sysctl_look;
do_fn sysctl_do;
look_fn rules_look;
do_fn rules_do;
void rules_end(struct job *);
/* A context of nftables that stays in the namespace, the caller's to free. */
struct nft_ctx;
int rules_begin(struct job *, const struct netns *, struct nft_ctx **ret);
int rules_run(struct job *, struct nft_ctx *, const char *text);

/* n steps of one device; nothing of them lasts. */
int probe_steps(
    struct job *, struct netns *, const struct lookback_step *, size_t n);
/* The kernel takes its time to close a packet socket, so there is one. */
void probe_end(struct job *);
/* Those whose address came now, or all if their device did; job->changed says
 * which it told of. */
int announce_steps(
    struct job *, struct netns *, const struct lookback_step *, size_t n);

#endif
