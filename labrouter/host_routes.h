/*
 * The IPv4 routes of this host, for the check; needs no root.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_HOST_ROUTES_H
#define LABROUTER_HOST_ROUTES_H

#include "check.h"

#include <net/if.h>

/* What labs put into this host's routing bears this origin. */
#define LAB_ROUTE_PROTO 76

/* A route as the kernel has it. */
struct seen_route {
	struct prefix to;
	uint32_t via;	  /* 0: no gateway */
	unsigned ifindex; /* 0: none */
	uint32_t table;	  /* RT_TABLE_ */
	uint8_t proto;	  /* RTPROT_, LAB_ROUTE_PROTO */
	uint8_t type;	  /* RTN_ */
};
/* All there are; the list is the caller's to free. */
int host_routes_list(struct seen_route **ret, size_t *ret_n, struct err *);

struct host_routes {
	struct host_route *route; /* owned; borrows from dev */
	char (*dev)[IF_NAMESIZE]; /* owned */
	size_t n;
};

/* For the check: of all tables, but for labs' own routes and those to broadcasts. */
int host_routes_read(struct host_routes *, struct err *);
/* Of all tables, labs' own by this gateway only. */
int host_routes_read_ours(struct host_routes *, uint32_t via, struct err *);
void host_routes_done(struct host_routes *);

#endif
