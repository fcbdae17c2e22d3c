/*
 * Links that are of the lab and in no step of its plan, and machines' interfaces
 * on its switches.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "extra_private.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>

/* The plan's step that makes this link, and is a switch; or none. */
static size_t
switch_step(const struct job *job, const struct netns *ns, const struct link *l)
{
	for (size_t i = 0; l != NULL && i < job->plan->n_steps; i++) {
		const struct lookback_step *s = &job->plan->steps[i];

		if (s->type == LOOKBACK_LINK &&
		    s->u.link.kind == LOOKBACK_BRIDGE && !s->remove &&
		    is_same(s->netns, ns->name) && is_same(s->dev, l->name))
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
	if ((x = extra_add(f, EXTRA_THING, l->name)) == NULL)
		return extra_no_memory(f);
	x->ns = ns;
	x->kind = SEEN_LINKS;
	x->step = step;
	x->stays = step != LOOKBACK_NO_STEP || l->master != 0 ||
	    (ns != &f->job->home && !is_called_as_ours(l->name));
	if (step != LOOKBACK_NO_STEP)
		(void)snprintf(x->text, sizeof(x->text), "%s", l->name);
	else
		(void)snprintf(x->text, sizeof(x->text), "link %s in %s%s",
		    l->name, extra_where(ns),
		    x->stays && master == NULL ? ", on no switch" : "");
	return 0;
}

int
extra_links(struct finding *f, struct netns *ns)
{
	const struct seen_list *list;
	const struct link *l;
	int rc = seen_get(f->job, ns, SEEN_LINKS, &list);

	l = list->items;
	for (size_t i = 0; rc == 0 && i < list->n; i++)
		if (!l[i].item.wanted)
			rc = add_link(f, ns, &l[i]);
	return rc;
}
