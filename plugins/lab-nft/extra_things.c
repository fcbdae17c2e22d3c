/*
 * Addresses, routes, rules and neighbours that are of the lab and in no step of
 * its plan.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "extra_private.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steps.h"

/* What a DHCP client does there is its own matter. */
static bool
is_leased(const struct finding *f, const struct netns *ns, int index)
{
	const struct lookback_plan *plan = f->job->plan;
	const struct link *l = seen_link_of(ns, index);

	for (size_t i = 0; l != NULL && i < plan->n_steps; i++)
		if (plan->steps[i].type == LOOKBACK_RUN &&
		    is_same(plan->steps[i].netns, ns->name) &&
		    is_same(plan->steps[i].dev, l->name))
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
		    is_same(plan->steps[i].dev, l->name))
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

static int
add_thing(struct finding *f, struct netns *ns, enum seen_kind kind,
    const struct seen_item *item)
{
	const struct seen_route *r = kind == SEEN_ROUTES ? (const void *)item :
							   NULL;
	struct extra *x = extra_add(f, EXTRA_THING, "");
	char text[SEEN_TEXT];

	if (x == NULL || (x->raw = malloc(item->raw->nlmsg_len)) == NULL)
		return extra_no_memory(f);
	memcpy(x->raw, item->raw, item->raw->nlmsg_len);
	x->ns = ns;
	x->kind = kind;
	x->closes = r != NULL && r->type != RTN_UNICAST;
	seen_text(text, ns, kind, item);
	(void)snprintf(
	    x->text, sizeof(x->text), "%s in %s", text, extra_where(ns));
	return 0;
}

int
extra_things(struct finding *f, struct netns *ns)
{
	const struct seen_list *list;
	int rc = 0;

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
