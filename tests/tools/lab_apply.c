/*
 * Do a lab file's plan with a lab plugin, and tell what the plugin tells.
 *
 *   lab_apply [-b] [-s] [-n STEPS] [-k STEP] [-u] PLUGIN FILE
 *
 * -b: Attach is a bridge, not a NIC. -s: the plan that stops the lab. -n: only the first STEPS
 * steps. -k: SIGKILL after the first change at this step, from 0, or later; which one
 * it was is told. -u: not that plan, but a namespace and a step that nobody knows.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "labrouter/plan.h"
#include "plugin/plugin.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static size_t kill_at = SIZE_MAX;

static int
fail(const struct err *err)
{
	char text[2048];

	fprintf(stderr, "%s\n", err_text(err, text, sizeof(text)));
	return 2;
}

/* A step's text, or its type where no tool could do it. */
static void
tell(void *ctx, const struct lookback_finding *f)
{
	const struct lookback_plan *const *plan = ctx;
	const struct lookback_step *s = &(*plan)->steps[f->step];
	struct buf text = { 0 };

	if (f->state == LOOKBACK_CHANGED && f->step >= kill_at) {
		printf("killed after step %zu\n", f->step);
		(void)fflush(stdout);
		(void)kill(getpid(), SIGKILL);
	}
	if (s->type <= LOOKBACK_RUN && lab_step_text(&text, s) == 0)
		printf("%s: %s\n",
		    f->state == LOOKBACK_CHANGED      ? "changed" :
			f->state == LOOKBACK_LEFT_OUT ? "left out" :
							"failed",
		    buf_str(&text));
	buf_done(&text);
}

static int
apply(const char *name, const struct lookback_plan *plan, struct err *err)
{
	static const struct lookback_setting nothing[] = { { 0 } };
	struct plugin_handle handle;
	struct plugin plugin;
	int rc;

	if ((rc = plugin_load_lab(&plugin, name, err)) != 0 ||
	    (rc = plugin_open(&handle, &plugin, nothing, err)) != 0)
		return rc;
	rc = plugin_result(
	    &handle, plugin.lab.apply(handle.self, plan, tell, &plan), err);
	plugin_close(&handle);
	return rc;
}

static const struct lookback_step strange_steps[] = {
	{ .type = LOOKBACK_NETNS, .netns = "lookback.strange" },
	{ .type = (enum lookback_step_type)999, .netns = "lookback.strange" },
};
static const struct lookback_plan strange = {
	.lab = "strange", .steps = strange_steps, .n_steps = 2
};

int
main(int argc, char **argv)
{
	size_t steps = SIZE_MAX;
	enum lab_attach attach = LAB_NIC;
	bool stop = false, unknown = false;
	struct lookback_plan *plan = NULL;
	struct err err = ERR_INIT;
	struct lab lab;
	int c, rc;

	while ((c = getopt(argc, argv, "bsk:n:u")) != -1) {
		if (c == 'b')
			attach = LAB_BRIDGE;
		else if (c == 's')
			stop = true;
		else if (c == 'k')
			kill_at = strtoul(optarg, NULL, 10);
		else if (c == 'n')
			steps = strtoul(optarg, NULL, 10);
		else if (c == 'u')
			unknown = true;
		else
			return 2;
	}
	if (optind + 2 != argc)
		return 2;
	if (lab_read(&lab, argv[optind + 1], &err) != 0)
		return fail(&err);
	rc = stop ? lab_plan_stop(&lab, &plan, &err) :
		    lab_plan(&lab, attach, &plan, &err);
	if (rc == 0) {
		if (steps < plan->n_steps)
			plan->n_steps = steps;
		rc = apply(argv[optind], unknown ? &strange : plan, &err);
	}
	lab_plan_free(plan);
	lab_done(&lab);
	return rc != 0 ? fail(&err) : 0;
}
