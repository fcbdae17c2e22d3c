/*
 * A plan is done, and what stands of it is told.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_APPLY_H
#define LAB_NFT_APPLY_H

#include <lookback/lab.h>
#include <lookback/plan.h>
#include <lookback/plugin.h>

struct lab_tell {
	lookback_finding_fn *fn;
	void *ctx;
};

/* As struct lookback_lab's operations of these names. */
int lab_apply(const struct lookback_host *, const struct lookback_plan *,
    const struct lab_tell *);
int lab_observe(const struct lookback_host *, const struct lookback_plan *,
    const struct lab_tell *);

#endif
