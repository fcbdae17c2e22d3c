/*
 * What rules counted.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_COUNTERS_H
#define LAB_NFT_COUNTERS_H

#include "lab_nft.h"

#include <lookback/lab.h>

/* As struct lookback_lab's count, with job_why. */
int rules_count(struct job *, const struct lookback_place *,
    lookback_counter_fn *, void *ctx);

#endif
