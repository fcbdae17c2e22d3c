/*
 * A lab: what its file says, and nothing else. Pure: no root, no sockets, no
 * look at this host. Addresses are numbers in host byte order.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_MODEL_H
#define LABROUTER_MODEL_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An address with the length of its network's prefix: 192.168.149.2/24. */
struct prefix {
	uint32_t addr;
	unsigned len; /* 0..32 */
};

static inline uint32_t
prefix_mask(unsigned len)
{
	return len == 0 ? 0 : UINT32_MAX << (32 - len);
}

/* The front's address on each link to a cell, 169.254.1.1, which nobody else may
 * have there. */
#define LAB_HUB UINT32_C(0xa9fe0101)

enum lab_layout { LAB_CELLS, LAB_SINGLE };
enum lab_proto { LAB_ANY, LAB_TCP, LAB_UDP, LAB_ICMP };

struct port_range {
	uint16_t first, last;
};
struct ports {
	struct port_range *range; /* owned; rising, apart; none: all */
	size_t n;
};

/* Static = OUTER -> INNER */
struct lab_static {
	uint32_t outer, inner;
	int line;
};

/* Publish = OUTER tcp|udp PORTS -> INNER [PORT] */
struct lab_publish {
	uint32_t outer, inner;
	enum lab_proto proto;
	struct ports ports;
	uint16_t inner_port; /* 0: the same */
	int line;
};

/* Allow = [from PREFIX] ADDRESS [tcp|udp PORTS|icmp] */
struct lab_allow {
	bool has_from;
	struct prefix from;
	uint32_t addr;
	enum lab_proto proto;
	struct ports ports;
	int line;
};

/* Join = NETWORK */
struct lab_join {
	char *name;	/* owned */
	size_t network; /* its index, once all were read */
	int line;
};

struct lab_network {
	char *name; /* owned; free text */
	int line;   /* of its section, as are all lines here */
	struct prefix gateway;
	int gateway_line; /* 0: not given */
	struct prefix mask;
	int mask_line;
	struct lab_static *statics; /* owned */
	size_t n_statics;
	struct lab_publish *publish; /* owned */
	size_t n_publish;
	struct lab_allow *allow; /* owned */
	size_t n_allow;
	struct lab_join *join; /* owned */
	size_t n_join;
	bool proxy, dns, ftp;
	int proxy_line, dns_line; /* 0: not given */
	unsigned mtu;		  /* 0: not given */
	char *interface; /* owned; NULL: not given. Single layout only */
	char *bridge;	 /* owned; NULL */
};

struct lab_machine {
	char *name; /* owned */
	int line;
	char *network_name; /* owned */
	int network_line;
	size_t network; /* its index */
	uint32_t addr;
	int addr_line;
	bool ping;
	struct ports tcp;
	char *script;	    /* owned; NULL */
	int64_t timeout_ns; /* default 60 s */
};

/* [Nat]: translations between production and one network behind the router
 * that is not isolated, and has no mask. One list, in the file's order.
 *
 * Inward, what comes in from production: the first of LAB_DNAT, LAB_REDIRECT,
 * LAB_NETMAP_TO and LAB_TWIN that holds the destination, protocol and port
 * translates it, and it may pass; what none of them holds does not.
 * Outward, what comes from the network: what any LAB_DENY holds does not pass,
 * wherever it stands; else the first of LAB_SNAT, LAB_MASQUERADE,
 * LAB_NETMAP_FROM and LAB_PASS that holds the source, protocol and port of the
 * destination lets it pass, and translates the source; else it does not pass.
 * Answers, and errors about what passed, pass and are translated back. */
enum lab_nat_kind {
	LAB_SNAT,	 /* Snat = SOURCE [PROTO] -> ADDRESS [PORTS] */
	LAB_MASQUERADE,	 /* Masquerade = SOURCE [PROTO] [-> PORTS] */
	LAB_PASS,	 /* Pass = SOURCE [PROTO]: it keeps its address */
	LAB_DENY,	 /* Deny = SOURCE [PROTO] */
	LAB_DNAT,	 /* Dnat = ADDRESS [PROTO] -> INNER [PORT] */
	LAB_REDIRECT,	 /* Redirect = any|PROTO -> INNER [PORT] | PORT: as
			  * LAB_DNAT, of whatever addresses the router has
			  * towards production */
	LAB_NETMAP_TO,	 /* Netmap = to OUTER -> INNER: nets of one size */
	LAB_NETMAP_FROM, /* Netmap = from INNER -> OUTER */
	LAB_TWIN,	 /* Twin = OUTER -> INNER: as LAB_NETMAP_TO, where
			  * production has the subnet INNER as well; who asks is
			  * seen as the router */
	LAB_CLAIM,	 /* Claim = ADDRESS: no rule; the router answers for
			  * it */
};

struct lab_nat_rule {
	enum lab_nat_kind kind;
	struct prefix from;   /* what is left of the arrow, an address as /32:
			      * outward sources, inward destinations.
			      * LAB_REDIRECT: 0/0. LAB_CLAIM: the address */
	enum lab_proto proto; /* LAB_ANY: any; else also the ports' */
	struct ports ports;   /* of the destination; none: all */
	bool has_to;	      /* false: no address behind the arrow */
	struct prefix to;     /* an address as /32 */
	struct port_range to_ports; /* first 0: as they were. Outward of the
				     * source, inward of the destination */
	int line;
};

/* Decides about what the network begins; LAB_DENY does so wherever it stands. */
static inline bool
lab_nat_is_outward(const struct lab_nat_rule *r)
{
	return r->kind == LAB_SNAT || r->kind == LAB_MASQUERADE ||
	    r->kind == LAB_NETMAP_FROM || r->kind == LAB_PASS;
}

static inline bool
lab_nat_is_inward(const struct lab_nat_rule *r)
{
	return r->kind == LAB_DNAT || r->kind == LAB_REDIRECT ||
	    r->kind == LAB_NETMAP_TO || r->kind == LAB_TWIN;
}

struct lab_nat {
	int line;	       /* of the section; 0: there is none */
	struct prefix address; /* the router's own, in the network behind it */
	int address_line;
	char *interface; /* owned; NULL: not given */
	int interface_line;
	struct lab_nat_rule *rule; /* owned */
	size_t n_rules;
};

struct lab {
	char *name; /* owned: the file's base name, [a-z0-9-]{1,32} */
	char *file; /* owned: as it was named */
	enum lab_layout layout;
	int layout_line; /* 0: not given */
	char *plugin;	 /* owned: which makes it stand */
	struct {
		int line;
		char *attach; /* owned: a NIC or a bridge */
		int attach_line;
		bool dhcp;
		struct prefix address;
		int address_line;
		uint32_t gateway;
		int gateway_line; /* 0: not given */
		int64_t probe_wait_ns;
	} production;
	struct lab_network *network; /* owned; in the file's order; at least
				      * one, unless there is a [Nat] */
	size_t n_networks;
	struct lab_nat nat;
	struct lab_machine *machine; /* owned */
	size_t n_machines;
};

/* Layout single in the namespace of the host itself, a router that does nothing
 * else: the links behind it are interfaces that the host has. */
bool lab_is_on_host(const struct lab *);

/* Parse a lab file's text. Every value is checked as far as it stands alone,
 * and names of networks are found; what contradicts what is for lab_check.
 * Errors read "FILE:LINE: cause". On success lab_done frees it. */
int lab_parse(
    struct lab *, const char *file, const char *text, size_t len, struct err *);
int lab_read(struct lab *, const char *file, struct err *);
/* A file's text, as lab_parse takes it. */
int lab_read_text(struct buf *, const char *file, struct err *);
/* The name of the lab that such a file is of; ERR_FORMAT where it can be of
 * none. */
#define LAB_FILE_NAME_MAX 32 /* it becomes part of the names of namespaces */
int lab_file_name(
    char name[static LAB_FILE_NAME_MAX + 1], const char *file, struct err *);
void lab_done(struct lab *);

#endif
