/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/history.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/scratch.h"

static void
run(const struct history *h, uint64_t seed, size_t n_paths, int n_steps)
{
	struct scratch scratch;
	struct store *store;
	struct model m;

	(void)fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
	scratch_make(&scratch);
	store = open_or_fail(scratch_path(&scratch, "store"), STORE_CREATE);
	model_init(&m, seed, n_paths);
	for (int i = 0; i < n_steps; i++) {
		struct model_series *s =
		    &m.series[dice_below(&m.dice, MODEL_SERIES)];

		switch (dice_below(&m.dice, 8)) {
		case 0:
			model_drop(&m, store);
			break;
		case 1:
		case 2:
			h->merge(&m, store);
			break;
		default:
			model_live(&m, s);
			model_record(&m, s, store);
		}
		h->look(&m, store);
	}
	model_done(&m);
	store_close(store);
	scratch_remove(&scratch);
}

void
history_arguments(struct history *h, int argc, char **argv)
{
	if (argc > 2) {
		h->first_seed = strtoull(argv[1], NULL, 10);
		h->n_seeds = strtoull(argv[2], NULL, 10);
	}
}

void
history_small_trees(const struct history *h)
{
	for (uint64_t i = h->first_seed; i < h->first_seed + h->n_seeds; i++)
		run(h, i, 2 + i * 7 % 60, h->n_steps);
}

void
history_large_tree(const struct history *h)
{
	run(h, h->first_seed, 4000, 16);
}
