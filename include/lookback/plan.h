/*
 * What makes a lab stand: an ordered list of steps, for the lab plugin.
 *
 * The host makes it from the lab file without a look at the machine; the
 * plugin does the steps in their order, or what of them is missing. Each says
 * where it happens and which line of the lab file it is for. All memory is the
 * host's and stays until the plugin's call returns. Addresses are numbers in
 * host byte order.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LOOKBACK_PLAN_H
#define LOOKBACK_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whose routes and rules are ours: `ip route flush proto 76`. */
#define LOOKBACK_PROTO 76

enum lookback_step_type {
	LOOKBACK_NETNS,	    /* the namespace `netns` itself */
	LOOKBACK_SYSCTL,    /* sysctl */
	LOOKBACK_RULESET,   /* text: one table, loaded in one transaction; dev:
			     * the one that a table of family netdev is for,
			     * which is taken away after that device only */
	LOOKBACK_LINK,	    /* dev is made as link says. Where mac is given, one
			     * that stands is left as it is, and only one with
			     * this MAC and without ports is taken away */
	LOOKBACK_MAC,	    /* dev gets mac */
	LOOKBACK_MTU,	    /* dev gets number */
	LOOKBACK_ALIAS,	    /* dev gets text as its alias, free text */
	LOOKBACK_MASTER,    /* dev becomes a port of the bridge text */
	LOOKBACK_UP,	    /* dev goes up; removed: down */
	LOOKBACK_UP_NOARP,  /* dev goes up and neither asks nor answers ARP */
	LOOKBACK_ADDRESS,   /* dev gets addr/len */
	LOOKBACK_ROUTE,	    /* route */
	LOOKBACK_RULE,	    /* rule */
	LOOKBACK_NEIGHBOUR, /* on dev, addr always is at mac */
	LOOKBACK_PROXY,	    /* on dev, ARP for addr is answered */
	LOOKBACK_PROBE,	    /* on dev, nobody may answer ARP for addr; number is
			     * how many ns to wait. Those that follow each
			     * other are made side by side. */
	LOOKBACK_ANNOUNCE,  /* on dev, gratuitous ARP tells where addr is */
	LOOKBACK_FILE,	    /* text, in a file below some run's directory, with
			     * which it goes */
	LOOKBACK_RUN,	    /* run: a program runs there until the lab stops;
			     * number is how many ns it may take to be ready.
			     * With dev, it is once it made a file `ready`
			     * and dev has an address. */
};

enum lookback_link_kind {
	LOOKBACK_VETH,	  /* with peer in peer_netns */
	LOOKBACK_MACVLAN, /* on parent, which is in the host's namespace */
	LOOKBACK_BRIDGE,  /* without STP and without forward delay */
};

struct lookback_step {
	enum lookback_step_type type;
	int line;	   /* of the lab file; 0: the whole lab */
	const char *netns; /* where; NULL: the host's namespace */
	const char *dev;   /* NULL where none is meant */
	const char *text;
	uint32_t addr;
	unsigned len; /* of addr's prefix */
	/* Not NULL, of a route or a neighbour: not addr, but the address that a
	 * program of an earlier step left in this file. */
	const char *addr_file;
	uint64_t number;
	uint8_t mac[6];
	bool remove; /* take away what the step else makes */
	/* Not NULL: the lab stands without this step. Where it cannot be done,
	 * the plugin warns with this text behind the cause, leaves out the later
	 * steps that have the same one, and goes on. */
	const char *advice;
	union {
		struct {
			const char *key; /* net.ipv4.ip_forward */
			const char *value;
			bool may_lack; /* no matter if there is no such key */
		} sysctl;
		struct {
			enum lookback_link_kind kind;
			const char *peer;
			const char *peer_netns; /* NULL: the host's */
			const char *parent;
		} link;
		struct {
			bool alone; /* without a route to its prefix */
		} address;
		struct {
			bool blackhole;
			uint32_t via;	/* 0: dev's own link; else onlink */
			uint32_t table; /* 254: main */
			/* via is in dev's own network, and not onlink: so it
			 * may be an address of another link here, too. */
			bool near;
			/* Not NULL: from that address which this device of
			 * the host's has in the next hop's network. */
			const char *source;
			/* Not NULL: via is what such a file holds; where that
			 * is empty no such route is wanted. */
			const char *via_file;
		} route; /* to addr/len, proto 76; in the host's namespace
			  * never in the place of anybody else's. Removed with
			  * neither dev nor via: by whatever next hop. */
		struct {
			/* Not NULL: not addr, but what this device of the
			 * host's has in the network of addr. */
			const char *owner;
		} neighbour;
		struct {
			uint32_t priority;
			uint32_t mark, mask; /* mask 0: any mark */
			const char *iif;     /* NULL: any */
			uint32_t table;	     /* 254: main, 255: local */
		} rule;			     /* proto 76, unless removed */
		struct {
			const char *path;
		} file;
		struct {
			const char *dir; /* its own: /run/lookback/LAB/NAME */
			const char *const *argv; /* [0] is sought in PATH;
						  * ended by NULL */
			const char *user;	 /* NULL: root */
			const char *package;	 /* where argv[0] comes from */
			bool resolves;		 /* it asks for names */
			uint16_t port; /* TCP: it is ready once it listens
					      * here; 0: none */
		} run;
	} u;
};

struct lookback_plan {
	const char *lab; /* its name */
	uint64_t hash;	 /* of all steps; also in each ruleset's comment */
	const struct lookback_step *steps;
	size_t n_steps;
};

#endif
