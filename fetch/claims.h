/*
 * Which names of the target one run has given to what it was asked for: two
 * files of one name would replace each other, or come by chance.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FETCH_CLAIMS_H
#define FETCH_CLAIMS_H

#include "base/err.h"

/* Zeroed: none. */
struct claims {
	void *root; /* a tree of tsearch(3); owned */
};

/* ERR_REFUSED: the name was given before. */
int claims_add(struct claims *, const char *name, struct err *);
void claims_done(struct claims *);

#endif
