/*
 * Built when the table of operations ended sooner.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <lookback/lab.h>

struct old_lab {
	uint32_t size;
	int (*apply)(void *, const struct lookback_plan *,
	    lookback_finding_fn *, void *);
	int (*observe)(void *, const struct lookback_plan *,
	    lookback_finding_fn *, void *);
};

#define OLD
#define OPS_TABLE struct old_lab
#define NAME "old"
#include "tests/plugins/usual.h"
