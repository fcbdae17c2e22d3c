/*
 * Files whose content is wanted. They are gathered, for each the cheapest place
 * is chosen that can be reached, and all that lie in one source are taken from it
 * in one pass. What did not come from there is looked for in the next place, as
 * long as there is one.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FETCH_BATCH_H
#define FETCH_BATCH_H

#include "fetch/options.h"
#include "fetch/reach.h"
#include "fetch/target.h"

struct batch;

/* All borrowed. */
struct batch_setup {
	const struct options *options;
	struct places *places;
	struct reach *reach;
	struct target *target;
	volatile const int *stop;
};

/* How it went: each is what becomes the exit status. */
struct outcome {
	bool wrong;   /* refused, or an error: 2 */
	bool missing; /* something asked for was not to be had: 1 */
	bool partly;  /* something below a directory was not: 3 */
};

int batch_new(struct batch **ret, const struct batch_setup *, struct err *);
/* Removes what is half done. */
void batch_free(struct batch *);

/* Wants this version of a regular file, as `rel` of the target. `top`: it was
 * asked for by itself. */
int batch_add(struct batch *, const struct wanted *, const struct moment *,
    const char *rel, bool top, struct err *);
/* So many are gathered that it is time to take them. */
bool batch_is_full(const struct batch *);

/* Take all of them; with dry_run say from where. What went wrong with one was
 * told and is in the outcome; an error is one that ends everything: no room, no
 * memory, stopped. Then nothing half done is left, and the batch is empty. */
int batch_take(struct batch *, struct outcome *, struct err *);

#endif
