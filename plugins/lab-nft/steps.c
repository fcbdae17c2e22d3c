/*
 * The table of the types of steps.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "steps.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "program.h"

static int
look_file(struct job *job, struct netns *ns, const struct lookback_step *s,
    struct look *look)
{
	(void)job;
	(void)ns;
	look_is(look, file_look(s), "%s", "");
	return 0;
}

static int
look_program(struct job *job, struct netns *ns, const struct lookback_step *s,
    struct look *look)
{
	const char *text;
	const enum lookback_state state = program_look(job, ns, s, &text);

	look_is(look, state, "%s", state == LOOKBACK_STANDS ? "" : text);
	return 0;
}

/* A namespace, ARP and the end of a program are not done by these functions. */
static const struct {
	const char *name;
	look_fn *look;
	do_fn *run;
	bool lasts; /* cannot be taken away */
} types[] = {
	[LOOKBACK_NETNS] = { .name = "namespace" },
	[LOOKBACK_SYSCTL] = { "sysctl", sysctl_look, sysctl_do, true },
	[LOOKBACK_RULESET] = { "rules", rules_look, rules_do, false },
	[LOOKBACK_LINK] = { "link", link_look, link_do, false },
	[LOOKBACK_MAC] = { "MAC address", link_set_look, link_set_do, true },
	[LOOKBACK_MTU] = { "MTU", link_set_look, link_set_do, true },
	[LOOKBACK_ALIAS] = { "alias", link_set_look, link_set_do, false },
	[LOOKBACK_MASTER] = { "port of a bridge", link_set_look, link_set_do,
	    false },
	[LOOKBACK_UP] = { "link up", link_set_look, link_set_do, false },
	[LOOKBACK_UP_NOARP] = { "link up", link_set_look, link_set_do, false },
	[LOOKBACK_ADDRESS] = { "address", address_look, address_do, false },
	[LOOKBACK_ROUTE] = { "route", route_look, route_do, false },
	[LOOKBACK_RULE] = { "rule", rule_look, rule_do, false },
	[LOOKBACK_NEIGHBOUR] = { "neighbour", neighbour_look, neighbour_do,
	    false },
	[LOOKBACK_PROXY] = { "proxy ARP", neighbour_look, neighbour_do, false },
	[LOOKBACK_PROBE] = { .name = "ARP probe", .lasts = true },
	[LOOKBACK_ANNOUNCE] = { .name = "gratuitous ARP", .lasts = true },
	[LOOKBACK_FILE] = { "file", look_file, file_do, true },
	[LOOKBACK_RUN] = { "program", look_program, program_do, false },
};
#define N_TYPES (sizeof(types) / sizeof(*types))

void
look_is(struct look *look, enum lookback_state state, const char *fmt, ...)
{
	va_list ap;

	look->state = state;
	va_start(ap, fmt);
	(void)vsnprintf(look->text, sizeof(look->text), fmt, ap);
	va_end(ap);
	/* It may hold what somebody wrote into an alias. */
	for (char *c = look->text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
}

const char *
step_name(const struct lookback_step *s)
{
	return (unsigned)s->type < N_TYPES ? types[s->type].name : "unknown";
}

int
steps_check(struct job *job, size_t *ret_step)
{
	int rc;

	for (size_t i = 0; i < job->plan->n_steps; i++) {
		const struct lookback_step *s = &job->plan->steps[i];

		*ret_step = i;
		if ((unsigned)s->type >= N_TYPES)
			return job_why(job, EOPNOTSUPP,
			    "a step of type %u, which this plugin does not "
			    "know",
			    (unsigned)s->type);
		if (s->type == LOOKBACK_LINK && !s->remove &&
		    (unsigned)s->u.link.kind > LOOKBACK_BRIDGE)
			return job_why(job, EOPNOTSUPP,
			    "a link of kind %u, which this plugin does not "
			    "know",
			    (unsigned)s->u.link.kind);
		if (s->remove && types[s->type].lasts)
			return job_why(job, EOPNOTSUPP, "cannot be taken away");
		if (s->type == LOOKBACK_RUN &&
		    (rc = program_check(job, s)) != 0)
			return rc;
	}
	return 0;
}

/* Neither leaves anything to look at. */
static bool
is_arp(const struct lookback_step *s)
{
	return s->type == LOOKBACK_PROBE || s->type == LOOKBACK_ANNOUNCE;
}

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

size_t
steps_together(const struct lookback_plan *plan, size_t i)
{
	const struct lookback_step *s = &plan->steps[i];
	size_t n = 1;

	if (!is_arp(s))
		return 1;
	while (i + n < plan->n_steps && s[n].type == s->type &&
	    same(s[n].netns, s->netns) && same(s[n].dev, s->dev))
		n++;
	return n;
}

static int
look_netns(struct job *job, const struct lookback_step *s, struct look *look)
{
	struct netns *ns;
	int rc = netns_get(job, s->netns, &ns);

	if (rc != 0 && rc != -ENOENT)
		return rc;
	look_is(look,
	    (rc == 0) != s->remove ? LOOKBACK_STANDS :
		s->remove	   ? LOOKBACK_DIFFERS :
				     LOOKBACK_MISSING,
	    "%s", rc == 0 && s->remove ? "it is there" : "");
	return 0;
}

/* A program may outlive the name of its namespace. */
static bool
ends_program(const struct lookback_step *s)
{
	return s->type == LOOKBACK_RUN && s->remove;
}

int
step_look(struct job *job, const struct lookback_step *s, struct look *look)
{
	struct lookback_step room;
	struct netns *ns;
	int rc;

	if (s->type == LOOKBACK_NETNS)
		return look_netns(job, s, look);
	look_is(look, LOOKBACK_STANDS, "%s", "");
	if (ends_program(s) && access(s->u.run.dir, F_OK) == 0)
		look_is(look, LOOKBACK_DIFFERS, "there is %s", s->u.run.dir);
	if (is_arp(s) || ends_program(s))
		return 0;
	if ((rc = step_known(job, s, &room, &s)) == -ENOENT)
		look_is(look, LOOKBACK_MISSING, "%s", job->why);
	if (rc != 0)
		return rc == 1 || rc == -ENOENT ? 0 : rc;
	if ((rc = netns_get(job, s->netns, &ns)) == 0)
		return types[s->type].look(job, ns, s, look);
	/* Where there is no namespace, there is nothing in it. */
	if (rc == -ENOENT && !s->remove)
		look_is(look, LOOKBACK_MISSING, "there is no %s", s->netns);
	return rc == -ENOENT ? 0 : rc;
}

static int
do_one(struct job *job, const struct lookback_step *s)
{
	struct lookback_step room;
	struct netns *ns;
	struct look look;
	int rc;

	if (s->type == LOOKBACK_NETNS)
		return s->remove ? netns_delete(job, s->netns) :
				   netns_make(job, s->netns);
	if (ends_program(s))
		return program_remove(s->u.run.dir);
	if ((rc = netns_get(job, s->netns, &ns)) != 0)
		return rc == -ENOENT && s->remove ? 0 : rc;
	if ((rc = step_known(job, s, &room, &s)) != 0)
		return rc == 1 ? 0 : rc;
	if ((rc = types[s->type].look(job, ns, s, &look)) != 0)
		return rc;
	return look.state == LOOKBACK_STANDS ?
	    0 :
	    types[s->type].run(job, ns, s, &look);
}

int
steps_do(struct job *job, size_t i, size_t n)
{
	const struct lookback_step *s = &job->plan->steps[i];
	struct netns *ns;
	int rc;

	if (is_arp(s)) {
		if ((rc = netns_get(job, s->netns, &ns)) != 0)
			return rc;
		return s->type == LOOKBACK_PROBE ?
		    probe_steps(job, ns, s, n) :
		    announce_steps(job, ns, s, n);
	}
	rc = do_one(job, s);
	job->changed[i] = rc > 0;
	return rc < 0 ? rc : 0;
}
