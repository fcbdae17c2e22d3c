/*
 * Files whose content is wanted. They are gathered, for each the cheapest place
 * is chosen that can be reached, and all that lie in one source are taken from it
 * in one pass. What did not come from there is looked for in the next place, as
 * long as there is one.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FETCH_HAUL_H
#define FETCH_HAUL_H

#include "fetch/request.h"
#include "fetch/reach.h"
#include "fetch/target.h"

struct haul;

/* All borrowed. */
struct haul_setup {
	const struct request *options;
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

int haul_new(struct haul **ret, const struct haul_setup *, struct err *);
/* Removes what is half done. */
void haul_free(struct haul *);

/* Wants this version of a regular file, as `rel` of the target. `top`: it was
 * asked for by itself. */
int haul_add(struct haul *, const struct wanted *, const struct moment *,
    const char *rel, bool top, struct err *);
/* So many are gathered that it is time to take them. */
bool haul_is_full(const struct haul *);

/* Take all of them; with dry_run say from where. What went wrong with one was
 * told and is in the outcome; an error is one that ends everything: no room, no
 * memory, stopped. Then nothing half done is left, and the haul is empty. */
int haul_take(struct haul *, struct outcome *, struct err *);

#endif
