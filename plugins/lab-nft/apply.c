/*
 * A plan is done: looked through first, then step by step.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "apply.h"
#include "lab_nft.h"
#include "program.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
job_why(struct job *job, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(job->why, sizeof(job->why), fmt, ap);
	va_end(ap);
	return err > 0 ? -err : -EIO;
}

typedef int step_fn(struct job *, struct netns *, const struct lookback_step *);

/* NETNS and PROBE are not done by one function for one step in a namespace. */
static const struct {
	const char *name;
	step_fn *run;
	bool lasts; /* cannot be taken away */
} types[] = {
	[LOOKBACK_NETNS] = { .name = "namespace" },
	[LOOKBACK_SYSCTL] = { "sysctl", sysctl_step, true },
	[LOOKBACK_RULESET] = { "rules", ruleset_step, false },
	[LOOKBACK_LINK] = { "link", link_step, false },
	[LOOKBACK_MAC] = { "MAC address", link_set_step, true },
	[LOOKBACK_MTU] = { "MTU", link_set_step, true },
	[LOOKBACK_ALIAS] = { "alias", link_set_step, false },
	[LOOKBACK_MASTER] = { "port of a bridge", link_set_step, false },
	[LOOKBACK_UP] = { "link up", link_set_step, false },
	[LOOKBACK_UP_NOARP] = { "link up", link_set_step, false },
	[LOOKBACK_ADDRESS] = { "address", address_step, false },
	[LOOKBACK_ROUTE] = { "route", route_step, false },
	[LOOKBACK_RULE] = { "rule", rule_step, false },
	[LOOKBACK_NEIGHBOUR] = { "neighbour", neighbour_step, false },
	[LOOKBACK_PROXY] = { "proxy ARP", neighbour_step, false },
	[LOOKBACK_PROBE] = { .name = "ARP probe", .lasts = true },
	[LOOKBACK_ANNOUNCE] = { "gratuitous ARP", announce_step, true },
	[LOOKBACK_FILE] = { "file", file_step, true },
	[LOOKBACK_RUN] = { "program", program_step, false },
};
#define N_TYPES (sizeof(types) / sizeof(*types))

static const char *
or_none(const char *text, const char *none)
{
	return text == NULL ? none : text;
}

static int
check(struct job *job, size_t *ret_step)
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

/* How many steps from i are done at once. */
static size_t
side_by_side(const struct lookback_plan *plan, size_t i)
{
	const struct lookback_step *s = &plan->steps[i];
	size_t n = 1;

	if (s->type != LOOKBACK_PROBE)
		return 1;
	while (i + n < plan->n_steps && s[n].type == s->type &&
	    strcmp(or_none(s[n].netns, ""), or_none(s->netns, "")) == 0 &&
	    strcmp(s[n].dev, s->dev) == 0)
		n++;
	return n;
}

static int
run(struct job *job, const struct lookback_step *s, size_t n)
{
	struct netns *ns;
	int rc;

	if (s->type == LOOKBACK_NETNS)
		return s->remove ? netns_delete(job, s->netns) :
				   netns_make(job, s->netns);
	/* A program may outlive the name of its namespace. */
	if (s->type == LOOKBACK_RUN && s->remove)
		return program_remove(s->u.run.dir);
	if ((rc = netns_get(job, s->netns, &ns)) != 0)
		/* Where there is no namespace, there is nothing in it. */
		return rc == -ENOENT && s->remove ? 0 : rc;
	if (s->type == LOOKBACK_PROBE)
		return probe_steps(job, ns, s, n);
	return types[s->type].run(job, ns, s);
}

static void
tell_step(struct lab_tell *tell, size_t step, uint32_t state, const char *text)
{
	const struct lookback_finding finding = { .size = sizeof(finding),
		.state = state,
		.step = step,
		.text = text };

	tell->fn(tell->ctx, &finding);
}

/* Which step, and what it was to do. */
static const char *
step_words(const struct job *job, size_t i, char *buf, size_t size)
{
	const struct lookback_step *s = &job->plan->steps[i];
	const char *name = (unsigned)s->type < N_TYPES ? types[s->type].name :
							 "unknown";

	(void)snprintf(buf, size,
	    "step %zu (%s%s%s%s in %s, line %d of the lab)", i, name,
	    s->remove ? " removed" : "", s->dev != NULL ? " of " : "",
	    or_none(s->dev, ""), or_none(s->netns, "this host's namespace"),
	    s->line);
	return buf;
}

static int
failed(struct job *job, size_t i, int rc, struct lab_tell *tell)
{
	char words[256];

	tell_step(tell, i, LOOKBACK_FAILED, job->why);
	return job->host->fail(job->host->ctx, -rc, "%s: %s",
	    step_words(job, i, words, sizeof(words)), job->why);
}

/* The lab stands without it. */
static void
leave_out(struct job *job, size_t i, struct lab_tell *tell)
{
	char words[256];

	job->advice = job->plan->steps[i].advice;
	tell_step(tell, i, LOOKBACK_LEFT_OUT, job->why);
	job->host->log(job->host->ctx, LOOKBACK_WARN, "%s: %s: %s",
	    step_words(job, i, words, sizeof(words)), job->why, job->advice);
}

static bool
is_left_out(const struct job *job, const struct lookback_step *s)
{
	return s->advice != NULL && job->advice != NULL &&
	    strcmp(s->advice, job->advice) == 0;
}

int
lab_apply(const struct lookback_host *host, const struct lookback_plan *plan,
    struct lab_tell *tell)
{
	struct job job = { .host = host, .plan = plan };
	size_t i = 0, n;
	int rc;

	if ((rc = check(&job, &i)) != 0)
		return failed(&job, i, rc, tell);
	if ((rc = netns_begin(&job)) != 0)
		return host->fail(host->ctx, -rc, "%s", job.why);
	for (i = 0; i < plan->n_steps && rc >= 0; i += n) {
		n = side_by_side(plan, i);
		if (is_left_out(&job, &plan->steps[i]))
			continue;
		rc = run(&job, &plan->steps[i], n);
		if (rc < 0 && plan->steps[i].advice != NULL) {
			leave_out(&job, i, tell);
			rc = 0;
		} else if (rc < 0)
			rc = failed(&job, i, rc, tell);
		else if (rc > 0) {
			job.changed = true;
			tell_step(tell, i, LOOKBACK_CHANGED,
			    types[plan->steps[i].type].name);
		}
	}
	free(job.foreign);
	netns_end(&job);
	return rc < 0 ? rc : 0;
}
