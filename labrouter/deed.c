/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "deed.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* What the plugin is handed. */
struct told {
	struct deed *deed;
	const struct lab_use *use;
	struct buf failed; /* owned; what failed, in the plan's words */
};

int
deed_place(
    struct buf *to, const struct lab *lab, const struct lookback_step *step)
{
	if (lab->file == NULL)
		return 0;
	if (text_tame(to, lab->file, strlen(lab->file)) != 0)
		return -1;
	return step->line == 0 ? buf_add_str(to, ": ") :
				 buf_printf(to, ":%d: ", step->line);
}

/* "FILE:LINE: ip link ...", or the plugin's own words for what is in no step. */
static int
put_change(struct buf *to, const struct told *told,
    const struct lookback_finding *f, const struct lookback_step *step)
{
	if (step == NULL)
		return text_tame(to, f->text, strlen(f->text));
	if (deed_place(to, &told->use->lab, step) != 0)
		return -1;
	return lab_step_line(to, step);
}

static void
say(const struct told *told, const struct lookback_finding *f,
    const struct lookback_step *step)
{
	struct buf line = { 0 };

	if (put_change(&line, told, f, step) == 0)
		printf("%s\n", buf_str(&line));
	buf_done(&line);
}

static void
tell(void *ctx, const struct lookback_finding *f)
{
	struct told *told = ctx;
	struct deed *deed = told->deed;
	const struct lookback_plan *plan = told->use->plan;
	const struct lookback_step *step = f->step < plan->n_steps ?
	    &plan->steps[f->step] :
	    NULL;

	if (f->state == LOOKBACK_FAILED && step != NULL) {
		/* Without memory the plugin's words alone are told. */
		if (put_change(&told->failed, told, f, step) != 0 ||
		    buf_printf(&told->failed, ": %s", f->text) != 0)
			buf_clear(&told->failed);
	} else if (f->state == LOOKBACK_CHANGED) {
		if (step == NULL ||
		    (step->type != LOOKBACK_PROBE &&
			step->type != LOOKBACK_ANNOUNCE))
			deed->n_changed++;
		deed->made = deed->made || f->step == 0;
		if (deed->verbose)
			say(told, f, step);
	}
}

int
deed_do(struct deed *deed, struct lab_use *use, struct err *err)
{
	struct told told = { .deed = deed, .use = use };
	int rc = plugin_result(&use->handle,
	    use->plugin.lab.apply(use->handle.self, use->plan, tell, &told),
	    err);

	if (rc < 0 && told.failed.len > 0) {
		int sys = err->sys;

		rc = err_set(err, ERR_SYS, "%s", buf_str(&told.failed));
		err->sys = sys;
	}
	buf_done(&told.failed);
	return rc < 0 ? rc : 0;
}
