/*
 * What is said of references.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FETCH_WORDS_H
#define FETCH_WORDS_H

#include "base/entry.h"
#include "store/store.h"

/* Each appends: 0, -1 out of memory. */

/* That there is no such series, and those of its host, which may be meant. */
int words_no_series(struct buf *, const struct catalog *, const char *series);

/* Which version of a file it is, whichever series of its host told of it, as a
 * search finds it in many. Nothing where that is not known. */
int words_version(
    struct buf *, const char *series, const char *path, const struct entry *);

#endif
