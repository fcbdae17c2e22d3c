/*
 * What the parts of a trace share. Each function walks on from where the packet
 * is and returns when it has come to its end.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_TRACE_PRIVATE_H
#define LABROUTER_TRACE_PRIVATE_H

#include "check_private.h"
#include "plan_private.h"
#include "trace.h"

struct tracer {
	struct plan *names; /* owned; of the cells */
	const char *front;  /* the front's, among them */
	const struct lab *lab;
	struct plan_cell *cells; /* owned */
};

struct walk {
	const struct lab *lab;
	const struct plan_cell *cells;
	struct trace *t;
	/* The packet. */
	uint32_t src, dst;
	enum lab_proto proto;
	uint16_t port;
};

void trace_hop(struct walk *, enum trace_type, size_t at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void trace_end(struct walk *, enum trace_end, size_t at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The end at a machine of `net`, or at all of them. */
void trace_arrives(struct walk *, size_t at, size_t net, const char *how);

/* It comes to the front from production or from a network's cell. */
void trace_front(struct walk *, size_t from);
/* It comes to a cell, from its switch or from the front. */
void trace_cell(struct walk *, size_t cell, bool from_switch);

/* Whether the front finds the way back to who asked, out of interface 0. */
bool trace_finds_back(const struct walk *);

/* What no router takes for a source, or for a destination of its own. */
static inline bool
trace_no_source(uint32_t a)
{
	return a >> 24 == 0 || a >> 24 == 127 || a >> 28 == 14 ||
	    a == UINT32_MAX;
}

static inline bool
trace_no_destination(uint32_t a)
{
	return a >> 24 == 0 || a >> 24 == 127;
}

/* For all who hear it. */
static inline bool
trace_for_many(uint32_t a)
{
	return a >> 28 == 14 || a == UINT32_MAX;
}

/* The subnet's last address. */
static inline bool
trace_is_broadcast(struct prefix p, uint32_t a)
{
	return p.len < 31 && a == (p.addr | ~prefix_mask(p.len));
}

static inline struct prefix
trace_real(const struct plan_cell *c)
{
	return (struct prefix){ c->real, c->len };
}

static inline struct prefix
trace_mask(const struct plan_cell *c)
{
	return (struct prefix){ c->mask, c->len };
}

bool trace_claims(const struct plan_cell *, uint32_t addr);

#endif
