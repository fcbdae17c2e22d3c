/*
 * Where a packet goes in a lab, predicted. Pure: the same tables that the plan
 * makes are walked here, with no look at the machine, and no packet is sent.
 *
 * The packet is the first of its connection: what answers it comes back by what
 * the router remembers of it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_TRACE_H
#define LABROUTER_TRACE_H

#include "base/buf.h"
#include "base/err.h"
#include "model.h"

/* Where a packet comes in or a hop is, if not at a network's index. */
#define TRACE_PRODUCTION SIZE_MAX
#define TRACE_FRONT (SIZE_MAX - 1)
/* Layout single, where all hops are in one place. */
#define TRACE_ROUTER (SIZE_MAX - 4)

struct trace_flow {
	size_t from; /* TRACE_PRODUCTION: it comes to interface 0; or a
		      * network's index, that of [Nat] behind them: a machine
		      * there sends it */
	uint32_t src, dst;
	enum lab_proto proto; /* LAB_ICMP is a ping */
	uint16_t port;	      /* of TCP and UDP, where it goes to */
};

enum trace_type {
	TRACE_ENTERS,
	TRACE_MARK,
	TRACE_DESTINATION, /* is translated */
	TRACE_ROUTE,	   /* rule, table and link */
	TRACE_GATE,	   /* a chain that lets it pass */
	TRACE_SOURCE,	   /* is translated */
};

struct trace_hop {
	enum trace_type type;
	size_t at; /* TRACE_FRONT, TRACE_ROUTER, or a network's index: its cell
		    */
	char text[200];
};

enum trace_end {
	TRACE_ARRIVES,	/* at a machine of `network` */
	TRACE_LEAVES,	/* it comes to production */
	TRACE_ANSWERED, /* by the router itself */
	TRACE_TAKEN,	/* by the router: for whatever it runs there */
	TRACE_DROPPED,	/* by a rule, or as one that cannot be */
	TRACE_UNROUTED, /* nothing leads there */
};

#define TRACE_HOPS 40 /* more than the longest way has */

struct trace {
	struct trace_hop hop[TRACE_HOPS];
	size_t n;
	enum trace_end end;
	size_t at;	   /* who said so: as a hop's, or TRACE_SWITCH */
	size_t network;	   /* TRACE_ARRIVES: as in `from` */
	bool every;	   /* at every machine there */
	uint32_t src, dst; /* as they are in the end; 0: not known before the
			    * router has a lease */
	uint16_t port;
	char why[300]; /* the end in words */
};
/* The network's own switch: the router has no part in it. */
#define TRACE_SWITCH (SIZE_MAX - 2)

struct tracer;

/* Fails for a lab that cannot be planned. The lab must outlive it. */
int tracer_new(struct tracer **ret, const struct lab *, struct err *);
void tracer_free(struct tracer *);
void tracer_run(
    const struct tracer *, const struct trace_flow *, struct trace *);

/* Where the packet comes in, for a plugin; borrowed from the tracer. */
struct lookback_place;
void tracer_place(
    const struct tracer *, size_t from, struct lookback_place *ret);

/* "SRC DST [PROTO [PORT]]", ended by NULL, into all but `from`. A ping where no
 * PROTO is given. ERR_USAGE. */
int trace_words(struct trace_flow *, char *const *words, struct err *);
/* A side by its name: that of a network, "production", or "nat". */
int trace_named_side(
    size_t *ret_from, const struct lab *, const char *name, struct err *);
/* Where a packet with this source comes from, if it can be from one side only:
 * ERR_USAGE names the sides and asks for --from. */
int trace_side(
    size_t *ret_from, const struct lab *, uint32_t src, struct err *);

/* Append a line a hop and one for the end. 0, -1. */
int trace_text(struct buf *, const struct trace *);
/* Add all of it to an object. */
struct json;
void trace_json(struct json *, const struct lab *, const struct trace_flow *,
    const struct trace *);

#endif
