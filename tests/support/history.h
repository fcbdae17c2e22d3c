/*
 * Random histories, in a store and in plain memory.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_HISTORY_H
#define SUPPORT_HISTORY_H

#include "tests/support/model.h"

struct history {
	uint64_t first_seed, n_seeds; /* of small trees */
	int n_steps;		      /* of their histories */
	/* Merge somehow; look at all after each step. */
	void (*merge)(struct model *, struct store *);
	void (*look)(struct model *, struct store *);
};

/* `TEST FIRST COUNT` runs other seeds than the usual ones. */
void history_arguments(struct history *, int argc, char **argv);

/* A history of each seed: snapshots, merges and drops. */
void history_small_trees(const struct history *);
/* One of a tree that takes many blocks. */
void history_large_tree(const struct history *);

#endif
