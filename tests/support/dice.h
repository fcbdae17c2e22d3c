/*
 * Chance that is the same for the same seed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_DICE_H
#define SUPPORT_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state; /* at first the seed */
};

uint32_t dice_below(struct dice *, uint32_t n); /* 0 .. n - 1 */

static inline bool
dice_one_in(struct dice *d, uint32_t n)
{
	return dice_below(d, n) == 0;
}

#endif
