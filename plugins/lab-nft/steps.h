/*
 * What can be done with a step, by its type.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_STEPS_H
#define LAB_NFT_STEPS_H

#include "lab_nft.h"

/* "rules", "link up"; never NULL. */
const char *step_name(const struct lookback_step *);
/* All steps are such as this plugin can do; else ret_step cannot. */
int steps_check(struct job *, size_t *ret_step);
/* How many steps from i on are done at once: probes and announcements of one
 * device. */
size_t steps_together(const struct lookback_plan *, size_t i);

/* The step with the addresses that files of programs have: itself, or what of it
 * is in `room`. 1: it is to do nothing. -ENOENT: no program left such a file. */
int step_known(struct job *, const struct lookback_step *,
    struct lookback_step *room, const struct lookback_step **ret);
/* How things are with the step; also where there is no such namespace. */
int step_look(struct job *, const struct lookback_step *, struct look *);
/* Do what of n steps that are done at once does not stand, and say so in
 * job->changed. */
int steps_do(struct job *, size_t i, size_t n);

#endif
