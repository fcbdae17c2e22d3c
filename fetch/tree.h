/*
 * A directory with all that was below it at one snapshot.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FETCH_TREE_H
#define FETCH_TREE_H

#include "fetch/haul.h"

struct tree_request {
	struct view *view;
	const struct series_row *series;
	const struct snapshot_row *snap;
	const char *path; /* the directory */
	size_t len;
	const char *rel; /* its place; "": the target itself */
	const struct request *options;
	const struct target *target;
	struct places *places;
	struct haul *haul;
	volatile const int *stop;
};

/* As haul_take: what went wrong with parts of it was told; an error ends
 * everything. Directories come first, and last of all get their modes and
 * times. */
int tree_fetch(const struct tree_request *, struct outcome *, struct err *);

#endif
