/*
 * The plan of a lab file, for scripts that compare it or do it by hand.
 *
 *   lab_plan [-b] [-s] [-l] FILE
 *
 * -b: Attach is a bridge, not a NIC. -s: the plan that stops the lab. -l: each
 * step with the line that it is for in front.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "labrouter/plan.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int
fail(const struct err *err)
{
	char text[2048];

	fprintf(stderr, "lab_plan: %s\n", err_text(err, text, sizeof(text)));
	return 2;
}

int
main(int argc, char **argv)
{
	enum lab_attach attach = LAB_NIC;
	bool stop = false, lines = false;
	struct lookback_plan *plan = NULL;
	struct err err = ERR_INIT;
	struct buf text = { 0 };
	struct lab lab;
	int c, rc;

	while ((c = getopt(argc, argv, "bsl")) != -1) {
		if (c == 'b')
			attach = LAB_BRIDGE;
		else if (c == 's')
			stop = true;
		else if (c == 'l')
			lines = true;
		else
			return 2;
	}
	if (optind + 1 != argc)
		return 2;
	if (lab_read(&lab, argv[optind], &err) != 0)
		return fail(&err);
	if ((stop ? lab_plan_stop(&lab, &plan, &err) :
		    lab_plan(&lab, attach, &plan, &err)) != 0) {
		lab_done(&lab);
		return fail(&err);
	}
	for (size_t i = 0; i < plan->n_steps; i++) {
		buf_clear(&text);
		rc = lab_step_text(&text, &plan->steps[i]);
		if (lines)
			printf("%d: ", plan->steps[i].line);
		puts(rc == 0 ? buf_str(&text) : "out of memory");
	}
	buf_done(&text);
	lab_plan_free(plan);
	lab_done(&lab);
	return 0;
}
