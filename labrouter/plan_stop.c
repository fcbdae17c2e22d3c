/*
 * The end of a lab of which nobody knows more than the names of its namespaces.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_private.h"

/* In the order in which a lab stops that is known: the switches first, then
 * interface 0, whose other end in this host goes with it. */
int
lab_plan_stop_named(const struct lab *lab, const unsigned *cells, size_t n,
    struct lookback_plan **ret_plan, struct err *err)
{
	struct plan *p = plan_new(lab);
	const char *front;

	if (p == NULL)
		return err_nomem(err);
	front = plan_printf(p, "lookback.%s", lab->name);
	for (size_t i = 0; i < n; i++)
		plan_add(p, LOOKBACK_UP,
		    plan_printf(p, "%s.%u", front, cells[i]), PLAN_IN, 0)
		    ->remove = true;
	plan_add(p, LOOKBACK_LINK, front, PLAN_OUTER, 0)->remove = true;
	for (size_t i = 0; i < n; i++)
		plan_add(p, LOOKBACK_NETNS,
		    plan_printf(p, "%s.%u", front, cells[i]), NULL, 0)
		    ->remove = true;
	plan_add(p, LOOKBACK_NETNS, front, NULL, 0)->remove = true;
	return plan_end(p, ret_plan, err);
}
