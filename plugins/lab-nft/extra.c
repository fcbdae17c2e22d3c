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
#include "extra_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generation.h"
#include "program.h"
#include "steps.h"

struct extra *
extra_add(struct finding *f, enum extra_what what, const char *name)
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

int
extra_no_memory(struct finding *f)
{
	return job_why(f->job, ENOMEM, "out of memory");
}

const char *
extra_where(const struct netns *ns)
{
	return ns->name != NULL ? ns->name : "this host's namespace";
}

/* ---- in a namespace ---- */

static int
find_in(struct finding *f, struct netns *ns)
{
	int rc = extra_links(f, ns);

	return rc != 0 ? rc : extra_things(f, ns);
}

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

		if (s->type == LOOKBACK_RULESET &&
		    is_same(s->netns, ns->name) &&
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
	if ((x = extra_add(at->f, EXTRA_TABLE, name)) == NULL)
		return extra_no_memory(at->f);
	x->ns = at->ns;
	x->closes = true;
	(void)snprintf(x->text, sizeof(x->text), "table %s in %s", name,
	    extra_where(at->ns));
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
	if ((x = extra_add(f, EXTRA_NETNS, name)) == NULL)
		return extra_no_memory(f);
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
	struct extra *x = extra_add(f, EXTRA_PROGRAM, dir);

	if (x == NULL)
		return extra_no_memory(f);
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
