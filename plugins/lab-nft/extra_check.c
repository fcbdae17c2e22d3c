/*
 * Machines on the switches of a lab whose networks move.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "extra_private.h"

#include <errno.h>
#include <string.h>

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
			    is_same(plan->steps[k].netns,
				plan->steps[port->step].netns) &&
			    is_same(plan->steps[k].dev,
				plan->steps[port->step].dev))
				rc = check_switch(job, port, &plan->steps[k]);
	}
	return rc;
}
