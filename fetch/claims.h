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

/* `what` says what it is, as "" does of nothing. 0; 1: the same thing has the name
 * already; ERR_REFUSED: another one has. */
int claims_add(
    struct claims *, const char *name, const char *what, struct err *);
void claims_done(struct claims *);

#endif
