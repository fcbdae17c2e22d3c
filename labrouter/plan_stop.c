/*
 * The end of a lab of which nobody knows more than its name, and what that
 * tells.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plan_steps.h"

/* Networks of which nobody knows more than their bridges. */
static void
bridges(struct plan *p, const struct lab *lab, const struct remains *r,
    void (*each)(struct plan *, const struct lab *, const struct plan_cell *))
{
	static const struct lab_network unknown;

	for (size_t i = 0; i < r->n_bridges; i++) {
		const struct plan_cell cell = { .net = &unknown,
			.index = r->bridges[i].index,
			.bridge = plan_printf(p, "%s", r->bridges[i].name) };

		each(p, lab, &cell);
	}
}

/* In the order in which a lab stops that is known: the switches first, then
 * interface 0. */
int
lab_plan_stop_named(const struct lab *lab, const struct remains *r,
    struct lookback_plan **ret_plan, struct err *err)
{
	struct plan *p = plan_new(lab);
	const char *front;

	if (p == NULL)
		return err_nomem(err);
	front = plan_printf(p, "lookback.%s", lab->name);
	bridges(p, lab, r, plan_bridge_cut);
	for (size_t i = 0; i < r->n_cells; i++)
		plan_add(p, LOOKBACK_UP,
		    plan_printf(p, "%s.%u", front, r->cells[i]), PLAN_IN, 0)
		    ->remove = true;
	remove_outer(p, lab, front);
	plan_add(p, LOOKBACK_LINK, NULL, plan_host_link(p, lab, "host"), 0)
	    ->remove = true;
	for (size_t i = 0; i < r->routes.n; i++) {
		const struct host_route *route = &r->routes.route[i];

		add_route(p, NULL, NULL, route->to.addr, route->to.len,
		    route->via, TABLE_MAIN, 0)
		    ->remove = true;
	}
	for (size_t i = 0; i < r->n_cells; i++)
		plan_add(p, LOOKBACK_NETNS,
		    plan_printf(p, "%s.%u", front, r->cells[i]), NULL, 0)
		    ->remove = true;
	plan_add(p, LOOKBACK_NETNS, front, NULL, 0)->remove = true;
	bridges(p, lab, r, plan_bridge_remove);
	return plan_end(p, ret_plan, err);
}
