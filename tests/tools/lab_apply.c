/*
 * Do a lab file's plan with a lab plugin, or look at it, and tell what the
 * plugin tells: a line each, of what stands only with -v.
 *
 *   lab_apply [-b] [-o] [-s] [-v] [-n STEPS] [-k STEP] [-u] PLUGIN FILE
 *
 * -b: Attach is a bridge, not a NIC. -o: only look. -s: the plan that stops the
 * lab. -n: only the first STEPS steps. -k: SIGKILL after the first change at
 * this step, from 0, or later; which one it was is told. -u: not that plan, but
 * a namespace and a step that nobody knows.
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

struct told {
	const struct lookback_plan *plan;
	bool look, all;
};

/* STATE: the step, or nothing where no tool could do it; when looking, also
 * what there is instead. */
static void
tell(void *ctx, const struct lookback_finding *f)
{
	static const char *const states[] = {
		[LOOKBACK_STANDS] = "stands",
		[LOOKBACK_MISSING] = "missing",
		[LOOKBACK_DIFFERS] = "differs",
		[LOOKBACK_EXTRA] = "extra",
		[LOOKBACK_CHANGED] = "changed",
		[LOOKBACK_FAILED] = "failed",
		[LOOKBACK_LEFT_OUT] = "left out",
	};
	const struct told *told = ctx;
	const struct lookback_step *s = f->step == LOOKBACK_NO_STEP ?
	    NULL :
	    &told->plan->steps[f->step];
	struct buf text = { 0 };

	if (f->state == LOOKBACK_STANDS && !told->all)
		return;
	if (f->state == LOOKBACK_CHANGED && s != NULL && f->step >= kill_at) {
		printf("killed after step %zu\n", f->step);
		(void)fflush(stdout);
		(void)kill(getpid(), SIGKILL);
	}
	if (s != NULL && s->type <= LOOKBACK_RUN)
		(void)lab_step_line(&text, s);
	printf("%s: %s", states[f->state], buf_str(&text));
	if ((told->look || s == NULL) && f->text[0] != '\0')
		printf("%s%s", s == NULL ? "" : " | ", f->text);
	printf("\n");
	buf_done(&text);
}

static int
run(const char *name, struct told *told, struct err *err)
{
	static const struct lookback_setting nothing[] = { { 0 } };
	struct plugin_handle handle;
	struct plugin plugin;
	int rc;

	if ((rc = plugin_load_lab(&plugin, name, err)) != 0 ||
	    (rc = plugin_open(&handle, &plugin, nothing, err)) != 0)
		return rc;
	rc = plugin_result(&handle,
	    (told->look ? plugin.lab.observe : plugin.lab.apply)(
		handle.self, told->plan, tell, told),
	    err);
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
	struct told told = { 0 };
	struct lab lab;
	int c, rc;

	while ((c = getopt(argc, argv, "bosvk:n:u")) != -1) {
		if (c == 'b')
			attach = LAB_BRIDGE;
		else if (c == 'o')
			told.look = true;
		else if (c == 's')
			stop = true;
		else if (c == 'v')
			told.all = true;
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
		told.plan = unknown ? &strange : plan;
		rc = run(argv[optind], &told, &err);
	}
	lab_plan_free(plan);
	lab_done(&lab);
	return rc != 0 ? fail(&err) : 0;
}
