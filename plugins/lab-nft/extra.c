/*
 * What a lab leaves when its file changes, and what hands put into it.
 *
 * All in a namespace of the lab's is the lab's, but what the kernel makes by
 * itself and what a DHCP client does with its device. In the host's only these
 * are: links of our names with the lab's alias, what is on links that the plan
 * makes, routes of ours by the plan's routers, and all routes and rules of ours
 * where the plan has its rules there.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "extra.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generation.h"
#include "program.h"
#include "steps.h"

struct finding {
	struct job *job;
	struct extras *to;
	bool home_rules; /* the lab lives in the host's namespace */
};

static struct extra *
add(struct finding *f, enum extra_what what, const char *name)
{
	struct extras *to = f->to;
	struct extra *more;

	if (to->n == to->cap) {
		to->cap = to->cap == 0 ? 16 : to->cap * 2;
		more = reallocarray(to->all, to->cap, sizeof(*more));
		if (more == NULL) {
			to->cap = to->n;
			return NULL;
		}
		to->all = more;
	}
	more = &to->all[to->n];
	*more = (struct extra){ .what = what, .step = LOOKBACK_NO_STEP };
	if ((more->name = strdup(name)) == NULL)
		return NULL;
	to->n++;
	return more;
}

static int
no_memory(struct finding *f)
{
	return job_why(f->job, ENOMEM, "out of memory");
}

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* ---- things in a namespace ---- */

/* What a DHCP client does there is its own matter. */
static bool
is_leased(const struct finding *f, const struct netns *ns, int index)
{
	const struct lookback_plan *plan = f->job->plan;
	const struct link *l = seen_link_of(ns, index);

	for (size_t i = 0; l != NULL && i < plan->n_steps; i++)
		if (plan->steps[i].type == LOOKBACK_RUN &&
		    same(plan->steps[i].netns, ns->name) &&
		    same(plan->steps[i].dev, l->name))
			return true;
	return false;
}

/* Of the links in the host's namespace, those that the plan makes are its own. */
static bool
is_on_ours(const struct finding *f, const struct netns *ns, int index)
{
	const struct lookback_plan *plan = f->job->plan;
	const struct link *l;

	if (ns != &f->job->home)
		return true;
	if ((l = seen_link_of(ns, index)) == NULL)
		return false;
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].type == LOOKBACK_LINK &&
		    plan->steps[i].netns == NULL &&
		    same(plan->steps[i].dev, l->name))
			return true;
	return false;
}

static bool
is_by_our_router(const struct finding *f, const struct seen_route *r)
{
	const struct lookback_plan *plan = f->job->plan;
	const struct lookback_step *s;
	struct lookback_step room;

	for (size_t i = 0; r->via != 0 && i < plan->n_steps; i++)
		if (plan->steps[i].type == LOOKBACK_ROUTE &&
		    plan->steps[i].netns == NULL &&
		    step_known(f->job, &plan->steps[i], &room, &s) == 0 &&
		    s->u.route.via == r->via)
			return true;
	return false;
}

static bool
address_is_extra(
    const struct finding *f, struct netns *ns, const struct seen_address *a)
{
	return a->addr >> 24 != 127 && is_on_ours(f, ns, a->index) &&
	    !is_leased(f, ns, a->index);
}

static bool
route_is_extra(
    const struct finding *f, struct netns *ns, const struct seen_route *r)
{
	if (r->proto == RTPROT_KERNEL)
		return false;
	if (ns == &f->job->home)
		return r->proto == LOOKBACK_PROTO &&
		    (f->home_rules || is_on_ours(f, ns, r->index) ||
			is_by_our_router(f, r));
	return !is_leased(f, ns, r->index);
}

static bool
rule_is_extra(
    const struct finding *f, struct netns *ns, const struct seen_rule *r)
{
	if (ns == &f->job->home)
		return f->home_rules && r->proto == LOOKBACK_PROTO;
	return r->proto != RTPROT_KERNEL;
}

static bool
is_extra(const struct finding *f, struct netns *ns, enum seen_kind kind,
    const void *item)
{
	const struct seen_neighbour *n = item;

	if (((const struct seen_item *)item)->wanted)
		return false;
	switch (kind) {
	case SEEN_ADDRESSES:
		return address_is_extra(f, ns, item);
	case SEEN_ROUTES:
		return route_is_extra(f, ns, item);
	case SEEN_RULES:
		return rule_is_extra(f, ns, item);
	case SEEN_NEIGHBOURS:
		return n->permanent && is_on_ours(f, ns, n->index);
	case SEEN_PROXIES:
		return n->index == 0 ? ns != &f->job->home :
				       is_on_ours(f, ns, n->index);
	case SEEN_LINKS:
	case SEEN_KINDS:
		break;
	}
	return false;
}

static const char *
where(const struct netns *ns)
{
	return ns->name != NULL ? ns->name : "this host's namespace";
}

static int
add_thing(struct finding *f, struct netns *ns, enum seen_kind kind,
    const struct seen_item *item)
{
	const struct seen_route *r = kind == SEEN_ROUTES ? (const void *)item :
							   NULL;
	struct extra *x = add(f, EXTRA_THING, "");
	char text[SEEN_TEXT];

	if (x == NULL || (x->raw = malloc(item->raw->nlmsg_len)) == NULL)
		return no_memory(f);
	memcpy(x->raw, item->raw, item->raw->nlmsg_len);
	x->ns = ns;
	x->kind = kind;
	x->closes = r != NULL && r->type != RTN_UNICAST;
	seen_text(text, ns, kind, item);
	(void)snprintf(x->text, sizeof(x->text), "%s in %s", text, where(ns));
	return 0;
}

/* ---- links ---- */

/* The plan's step that makes this link, and is a switch; or none. */
static size_t
switch_step(const struct job *job, const struct netns *ns, const struct link *l)
{
	for (size_t i = 0; l != NULL && i < job->plan->n_steps; i++) {
		const struct lookback_step *s = &job->plan->steps[i];

		if (s->type == LOOKBACK_LINK &&
		    s->u.link.kind == LOOKBACK_BRIDGE && !s->remove &&
		    same(s->netns, ns->name) && same(s->dev, l->name))
			return i;
	}
	return LOOKBACK_NO_STEP;
}

/* As a plan calls them in its namespaces: cI, if0, in, inI, out. */
static bool
is_called_as_ours(const char *name)
{
	static const char *const names[] = { "if", "in", "out", "c" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const size_t len = strlen(names[i]);

		if (strncmp(name, names[i], len) == 0 &&
		    name[len + strspn(name + len, "0123456789")] == '\0')
			return true;
	}
	return false;
}

/* "lb" and twelve digits, and the alias that a plan gives. */
static bool
is_of_lab(const struct job *job, const struct link *l)
{
	char alias[80];

	(void)snprintf(alias, sizeof(alias), "lab %s", job->plan->lab);
	return strncmp(l->name, "lb", 2) == 0 && strlen(l->name) == 14 &&
	    strspn(l->name + 2, "0123456789abcdef") == 12 &&
	    strcmp(l->alias, alias) == 0;
}

/* A machine's interface is its owner's: it is told where it hangs, and stays. */
static int
add_link(struct finding *f, struct netns *ns, const struct link *l)
{
	const struct link *master = l->master == 0 ?
	    NULL :
	    seen_link_of(ns, (int)l->master);
	const size_t step = switch_step(f->job, ns, master);
	struct extra *x;

	if ((l->flags & IFF_LOOPBACK) != 0 ||
	    (ns == &f->job->home && step == LOOKBACK_NO_STEP &&
		!is_of_lab(f->job, l)))
		return 0;
	if ((x = add(f, EXTRA_THING, l->name)) == NULL)
		return no_memory(f);
	x->ns = ns;
	x->kind = SEEN_LINKS;
	x->step = step;
	x->stays = step != LOOKBACK_NO_STEP || l->master != 0 ||
	    (ns != &f->job->home && !is_called_as_ours(l->name));
	if (step != LOOKBACK_NO_STEP)
		(void)snprintf(x->text, sizeof(x->text), "%s", l->name);
	else
		(void)snprintf(x->text, sizeof(x->text), "link %s in %s%s",
		    l->name, where(ns),
		    x->stays && master == NULL ? ", on no switch" : "");
	return 0;
}

static int
find_in(struct finding *f, struct netns *ns)
{
	const struct seen_list *list;
	const struct link *l;
	int rc = seen_get(f->job, ns, SEEN_LINKS, &list);

	l = list->items;
	for (size_t i = 0; rc == 0 && i < list->n; i++)
		if (!l[i].item.wanted)
			rc = add_link(f, ns, &l[i]);
	for (enum seen_kind k = SEEN_ADDRESSES; rc == 0 && k < SEEN_KINDS;
	     k++) {
		const char *at;

		rc = seen_get(f->job, ns, k, &list);
		at = list->items;
		for (size_t i = 0; rc == 0 && i < list->n; i++) {
			const void *item = at + i * seen_size(k);

			if (is_extra(f, ns, k, item))
				rc = add_thing(f, ns, k, item);
		}
	}
	return rc;
}

/* ---- tables ---- */

struct tables {
	struct finding *f;
	struct netns *ns;
};

static bool
table_is_planned(
    const struct job *job, const struct netns *ns, const struct table *t)
{
	char text[96];

	(void)snprintf(text, sizeof(text), "table %s %s\n", t->family, t->name);
	for (size_t i = 0; i < job->plan->n_steps; i++) {
		const struct lookback_step *s = &job->plan->steps[i];

		if (s->type == LOOKBACK_RULESET && same(s->netns, ns->name) &&
		    strncmp(s->text, text, strlen(text)) == 0)
			return true;
	}
	return false;
}

static int
find_table(void *ctx, const struct table *t)
{
	const struct tables *at = ctx;
	char name[96];
	struct extra *x;

	if (table_is_planned(at->f->job, at->ns, t))
		return 0;
	(void)snprintf(name, sizeof(name), "%s %s", t->family, t->name);
	if ((x = add(at->f, EXTRA_TABLE, name)) == NULL)
		return no_memory(at->f);
	x->ns = at->ns;
	x->closes = true;
	(void)snprintf(
	    x->text, sizeof(x->text), "table %s in %s", name, where(at->ns));
	return 0;
}

/* ---- namespaces and programs ---- */

static int
find_in_ours(struct finding *f, struct netns *ns)
{
	struct tables at = { f, ns };
	int rc = find_in(f, ns);

	return rc != 0 ? rc : generation_tables(f->job, ns, find_table, &at);
}

static bool
is_planned(const struct job *job, const char *netns)
{
	for (size_t i = 0; i < job->plan->n_steps; i++)
		if (job->plan->steps[i].type == LOOKBACK_NETNS &&
		    strcmp(job->plan->steps[i].netns, netns) == 0)
			return true;
	return false;
}

/* An old network's machines stay where nothing leaves: its link to the front is
 * extra there and goes. */
static int
find_netns(struct job *job, const char *name, void *ctx)
{
	const size_t len = strlen("lookback.") + strlen(job->plan->lab);
	const struct seen_list *list;
	struct finding *f = ctx;
	const struct link *l;
	struct netns *ns;
	struct extra *x;
	char prefix[80];
	int rc;

	(void)snprintf(prefix, sizeof(prefix), "lookback.%s", job->plan->lab);
	if (strncmp(name, prefix, len) != 0 ||
	    (name[len] != '\0' &&
		(name[len] != '.' ||
		    name[len + 1 + strspn(name + len + 1, "0123456789")] !=
			'\0')))
		return 0;
	if (is_planned(job, name))
		return (rc = netns_get(job, name, &ns)) == 0 ?
		    find_in_ours(f, ns) :
		    rc == -ENOENT ? 0 :
				    rc;
	if ((x = add(f, EXTRA_NETNS, name)) == NULL)
		return no_memory(f);
	(void)snprintf(x->text, sizeof(x->text), "namespace %s", name);
	if ((rc = netns_get(job, name, &ns)) != 0)
		return rc == -ENOENT ? 0 : rc;
	rc = seen_get(job, ns, SEEN_LINKS, &list);
	l = list->items;
	for (size_t i = 0; rc == 0 && i < list->n; i++)
		if (l[i].master != 0 && strcmp(l[i].name, "host") != 0) {
			x->stays = true;
			(void)snprintf(x->text, sizeof(x->text),
			    "namespace %s, since %s hangs on its switch", name,
			    l[i].name);
		}
	return rc;
}

static int
find_program(void *ctx, const char *dir)
{
	struct finding *f = ctx;
	struct extra *x = add(f, EXTRA_PROGRAM, dir);

	if (x == NULL)
		return no_memory(f);
	(void)snprintf(x->text, sizeof(x->text), "program in %.200s", dir);
	return 0;
}

/* ---- all of it ---- */

/* A plan that is done in part, or beside a lab, says nothing of the rest. */
static bool
starts(const struct job *job, bool *ret_home)
{
	bool starts = false;

	*ret_home = false;
	for (size_t i = 0; i < job->plan->n_steps; i++) {
		const struct lookback_step *s = &job->plan->steps[i];

		if (s->remove)
			continue;
		starts = starts || s->type == LOOKBACK_NETNS;
		if (s->type == LOOKBACK_RULESET && s->netns == NULL &&
		    s->dev == NULL)
			*ret_home = true;
	}
	return starts || *ret_home;
}

/* What is wanted is marked, all at once and last. 1: it cannot be told what is,
 * as a step cannot, when it is its turn. */
static int
mark(struct job *job)
{
	struct look look;
	int rc = 0;

	for (size_t i = 0; i < job->plan->n_steps; i++) {
		const struct lookback_step *s = &job->plan->steps[i];

		switch (s->type) {
		case LOOKBACK_LINK:
		case LOOKBACK_ADDRESS:
		case LOOKBACK_ROUTE:
		case LOOKBACK_RULE:
		case LOOKBACK_NEIGHBOUR:
		case LOOKBACK_PROXY:
			rc = step_look(job, s, &look);
			break;
		default:
			continue;
		}
		if (rc != 0 && s->advice == NULL)
			return 1;
	}
	return 0;
}

int
extras_find(struct job *job, struct extras *to)
{
	struct finding f = { .job = job, .to = to };
	int rc;

	*to = (struct extras){ 0 };
	if (!starts(job, &f.home_rules))
		return 0;
	if (mark(job) != 0)
		return 0;
	if ((rc = netns_each(job, find_netns, &f)) != 0 ||
	    (rc = find_in(&f, &job->home)) != 0)
		return rc;
	return programs_extra(job, find_program, &f);
}

void
extras_free(struct extras *xs)
{
	for (size_t i = 0; i < xs->n; i++) {
		free(xs->all[i].name);
		free(xs->all[i].raw);
	}
	free(xs->all);
	*xs = (struct extras){ 0 };
}

/* ---- machines ---- */

/* What a plan calls the switch of a network. */
#define OF_NETWORK "network "

static int
check_switch(
    struct job *job, const struct extra *port, const struct lookback_step *s)
{
	struct link *l;
	int rc = seen_link(job, port->ns, s->dev, &l);

	if (rc != 0 || l == NULL || strcmp(l->alias, s->text) == 0 ||
	    strncmp(l->alias, OF_NETWORK, strlen(OF_NETWORK)) != 0)
		return rc;
	return job_why(job, EBUSY,
	    "%s hangs on the switch of %s, which would become that of %s: "
	    "detach it first",
	    port->name, l->alias, s->text);
}

int
extras_check(struct job *job, const struct extras *xs)
{
	const struct lookback_plan *plan = job->plan;
	int rc = 0;

	for (size_t i = 0; i < xs->n; i++) {
		const struct extra *port = &xs->all[i];

		if (port->step == LOOKBACK_NO_STEP)
			continue;
		for (size_t k = port->step; rc == 0 && k < plan->n_steps; k++)
			if (plan->steps[k].type == LOOKBACK_ALIAS &&
			    same(plan->steps[k].netns,
				plan->steps[port->step].netns) &&
			    same(plan->steps[k].dev,
				plan->steps[port->step].dev))
				rc = check_switch(job, port, &plan->steps[k]);
	}
	return rc;
}

/* ---- away ---- */

/* As it was told, but DEL in place of NEW. */
static int
remove_thing(struct job *job, const struct extra *x)
{
	struct nlmsghdr *h = x->raw;
	int rc;

	h->nlmsg_type++;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	rc = netlink_talk(job, x->ns, BUS_ROUTE, h, NULL, NULL);
	h->nlmsg_type--;
	/* It may have gone with another one, or with its link. */
	if (rc == -ESRCH || rc == -ENOENT || rc == -EADDRNOTAVAIL ||
	    rc == -ENODEV)
		return 0;
	return rc == 0 ? 1 : rc;
}

static int
remove_table(struct job *job, const struct extra *x)
{
	struct nft_ctx *c;
	char delete[128];
	int rc = rules_begin(job, x->ns, &c);

	if (rc != 0)
		return rc;
	(void)snprintf(delete, sizeof(delete), "delete table %s", x->name);
	rc = rules_run(job, c, delete);
	nft_ctx_free(c);
	return rc == 0 ? 1 : rc;
}

int
extra_remove(struct job *job, const struct extra *x)
{
	switch (x->what) {
	case EXTRA_PROGRAM:
		return program_remove(x->name);
	case EXTRA_NETNS:
		return netns_delete(job, x->name);
	case EXTRA_TABLE:
		return remove_table(job, x);
	case EXTRA_THING:
		break;
	}
	return x->kind == SEEN_LINKS ? link_delete(job, x->ns, x->name) :
				       remove_thing(job, x);
}
