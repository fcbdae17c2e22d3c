/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "trace_private.h"

#include <lookback/lab.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int
tracer_new(struct tracer **ret, const struct lab *lab, struct err *err)
{
	struct tracer *t;
	int rc;

	t = calloc(1, sizeof(*t));
	if (t == NULL || (t->names = plan_new(lab)) == NULL) {
		free(t);
		return err_nomem(err);
	}
	t->lab = lab;
	t->front = plan_printf(t->names, "lookback.%s", lab->name);
	rc = plan_cells(t->names, lab, &t->cells, err);
	if (rc == 0 && lab->layout == LAB_SINGLE)
		rc = plan_single_find(&t->single, t->names, lab, t->cells, err);
	if (rc == 0 && t->names->failed)
		rc = err_nomem(err);
	if (rc != 0) {
		tracer_free(t);
		return rc;
	}
	*ret = t;
	return 0;
}

void
tracer_free(struct tracer *t)
{
	if (t == NULL)
		return;
	plan_single_done(&t->single);
	plan_cells_free(t->cells, t->lab->n_networks);
	lab_plan_free(&t->names->pub);
	free(t);
}

void
trace_hop(struct walk *w, enum trace_type type, size_t at, const char *fmt, ...)
{
	struct trace_hop *hop = &w->t->hop[w->t->n];
	va_list ap;

	if (w->t->n == TRACE_HOPS)
		return;
	w->t->n++;
	hop->type = type;
	hop->at = at;
	va_start(ap, fmt);
	(void)vsnprintf(hop->text, sizeof(hop->text), fmt, ap);
	va_end(ap);
}

void
trace_end(struct walk *w, enum trace_end end, size_t at, const char *fmt, ...)
{
	struct trace *t = w->t;
	va_list ap;

	t->end = end;
	t->at = at;
	t->src = w->src;
	t->dst = w->dst;
	t->port = w->port;
	va_start(ap, fmt);
	(void)vsnprintf(t->why, sizeof(t->why), fmt, ap);
	va_end(ap);
}

void
trace_impossible(struct walk *w, size_t at)
{
	trace_end(w, TRACE_DROPPED, at,
	    "dropped: nothing comes from " IP_FMT " to " IP_FMT " this way",
	    IP(w->src), IP(w->dst));
}

void
trace_arrives(struct walk *w, size_t at, size_t net, const char *how)
{
	const bool nat = net == w->lab->n_networks;
	char port[8] = "";

	if (w->proto != LAB_ICMP)
		(void)snprintf(port, sizeof(port), ":%u", w->port);
	w->t->network = net;
	w->t->every = trace_for_many(w->dst) ||
	    trace_is_broadcast(
		nat ? trace_nat(w->lab) : trace_real(&w->cells[net]), w->dst);
	trace_end(w, TRACE_ARRIVES, at,
	    "arrives at %s" IP_FMT "%s in %s, from " IP_FMT "%s",
	    w->t->every ? "every machine by " : "", IP(w->dst), port,
	    nat ? "[Nat]" : w->lab->network[net].name, IP(w->src), how);
}

static int
compare_addr(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

bool
trace_among(const uint32_t *list, size_t n, uint32_t addr)
{
	return n != 0 &&
	    bsearch(&addr, list, n, sizeof(addr), compare_addr) != NULL;
}

/* A machine sends to its neighbours by itself, and to many at once; what
 * belongs to the router there, and all else, goes to the router. */
static void
from_switch(struct walk *w, size_t net)
{
	const bool nat = net == w->lab->n_networks;
	const struct prefix real = nat ? trace_nat(w->lab) :
					 trace_real(&w->cells[net]);
	const uint32_t gateway = nat ? w->lab->nat.address.addr :
				       w->cells[net].net->gateway.addr;
	const bool many = trace_for_many(w->dst) ||
	    trace_is_broadcast(real, w->dst);

	if (!many &&
	    (!prefix_holds(real, w->dst) || w->dst == gateway ||
		(!nat && trace_claims(&w->cells[net], w->dst)))) {
		if (w->lab->layout == LAB_SINGLE)
			trace_single(w, net);
		else
			trace_cell(w, net, true);
		return;
	}
	trace_arrives(w, TRACE_SWITCH, net,
	    " by the switch, where no router has a part in it");
}

void
tracer_run(
    const struct tracer *t, const struct trace_flow *flow, struct trace *ret)
{
	struct walk w = { .lab = t->lab,
		.cells = t->cells,
		.single = &t->single,
		.t = ret,
		.src = flow->src,
		.dst = flow->dst,
		.proto = flow->proto,
		.port = flow->proto == LAB_ICMP ? 0 : flow->port };

	ret->n = 0;
	ret->network = 0;
	ret->every = false;
	if (flow->from != TRACE_PRODUCTION)
		from_switch(&w, flow->from);
	else if (t->lab->layout == LAB_SINGLE)
		trace_single(&w, TRACE_PRODUCTION);
	else
		trace_front(&w, TRACE_PRODUCTION);
}

void
tracer_place(const struct tracer *t, size_t from, struct lookback_place *ret)
{
	const bool outer = from == TRACE_PRODUCTION;

	ret->size = sizeof(*ret);
	if (t->lab->layout == LAB_SINGLE) {
		ret->netns = t->single.netns;
		ret->dev = outer	? t->single.outer :
		    from == t->single.n ? t->single.inner :
					  t->cells[from].link;
		return;
	}
	ret->netns = outer ? t->front : t->cells[from].netns;
	ret->dev = outer ? PLAN_OUTER : PLAN_IN;
}
