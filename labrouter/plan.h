/*
 * From a lab to its plan, and the plan in words. Pure: what has to be known of
 * this host is a parameter.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_PLAN_H
#define LABROUTER_PLAN_H

#include "base/buf.h"
#include "base/err.h"
#include "model.h"
#include "remains.h"

#include "lookback/plan.h"

/* What the lab's Attach is on this host. */
enum lab_attach { LAB_NIC, LAB_BRIDGE };

/* The plan that starts the lab, or the one that stops it. What the file asks
 * and no plan does yet is refused with its line. The plan borrows from the lab
 * and dies first, by lab_plan_free. */
int lab_plan(const struct lab *, enum lab_attach,
    struct lookback_plan **ret_plan, struct err *);
int lab_plan_stop(
    const struct lab *, struct lookback_plan **ret_plan, struct err *);
/* The plan that stops a lab of which only the name is known, which may be all
 * that is set in it, and what is found by that. */
int lab_plan_stop_named(const struct lab *, const struct remains *,
    struct lookback_plan **ret_plan, struct err *);
void lab_plan_free(struct lookback_plan *);

/* Append the step in the words of ip(8), sysctl(8), nft(8) and arping(8): one
 * line for a shell, but rulesets and files, which are here-documents. 0, -1. */
int lab_step_text(struct buf *, const struct lookback_step *);
/* The same as one line for people: of a ruleset, which table; of a program, how
 * it is called. 0, -1. */
int lab_step_line(struct buf *, const struct lookback_step *);
/* All of them. */
int lab_plan_text(struct buf *, const struct lookback_plan *);

#endif
