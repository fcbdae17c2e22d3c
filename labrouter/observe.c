/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "observe.h"

#include <stdlib.h>
#include <string.h>

/* What the plugin is handed. */
struct told {
	struct lab_seen *seen;
	const struct lookback_plan *plan;
	bool any; /* of what only this lab has, something is there */
	bool nomem;
};

static void
keep(struct told *told, const struct lookback_finding *f)
{
	struct lab_seen *s = told->seen;
	struct seen *item = reallocarray(s->item, s->n + 1, sizeof(*item));

	if (item == NULL) {
		told->nomem = true;
		return;
	}
	s->item = item;
	item[s->n] = (struct seen){ (enum lookback_state)f->state, f->step,
		f->text != NULL ? strdup(f->text) : NULL };
	told->nomem = told->nomem ||
	    (f->text != NULL && item[s->n].text == NULL);
	s->n++;
}

/* An address or a setting may be as planned by chance. */
static bool
is_its_own(const struct lookback_plan *plan, size_t step)
{
	return step < plan->n_steps &&
	    (plan->steps[step].type == LOOKBACK_NETNS ||
		plan->steps[step].type == LOOKBACK_LINK ||
		plan->steps[step].type == LOOKBACK_RULESET);
}

static void
tell(void *ctx, const struct lookback_finding *f)
{
	struct told *told = ctx;

	if (f->state != LOOKBACK_MISSING && is_its_own(told->plan, f->step))
		told->any = true;
	if (f->state == LOOKBACK_STANDS)
		return;
	/* What is left out cannot be here, and the lab stands without it. */
	told->seen->n_missing += f->state == LOOKBACK_MISSING;
	told->seen->n_differs += f->state == LOOKBACK_DIFFERS;
	told->seen->n_extra += f->state == LOOKBACK_EXTRA &&
	    f->step == LOOKBACK_NO_STEP;
	keep(told, f);
}

int
lab_observe(struct lab_seen *ret, struct lab_use *use, struct err *err)
{
	struct told told = { .seen = ret, .plan = use->plan };
	int rc;

	*ret = (struct lab_seen){ .n_steps = use->plan->n_steps };
	rc = plugin_result(&use->handle,
	    use->plugin.lab.observe(use->handle.self, use->plan, tell, &told),
	    err);
	if (rc >= 0 && told.nomem)
		rc = err_nomem(err);
	if (ret->n_missing + ret->n_differs + ret->n_extra == 0)
		ret->state = LAB_STANDS;
	else
		ret->state = told.any || ret->n_extra > 0 ? LAB_DRIFT :
							    LAB_DOWN;
	return rc < 0 ? rc : 0;
}

int
lab_refuse_down(struct lab_use *use, struct err *err)
{
	struct lab_seen seen;
	int rc = lab_observe(&seen, use, err);

	if (rc == 0 && seen.state == LAB_DOWN)
		rc = err_set(err, ERR_NOTFOUND,
		    "%s does not stand: labrouter start makes it",
		    use->lab.name);
	lab_seen_done(&seen);
	return rc;
}

void
lab_seen_done(struct lab_seen *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->item[i].text);
	free(s->item);
	*s = (struct lab_seen){ 0 };
}

const char *
lab_state_name(enum lab_state state)
{
	switch (state) {
	case LAB_STANDS:
		return "stands";
	case LAB_DRIFT:
		return "drift";
	case LAB_DOWN:
		break;
	}
	return "down";
}
