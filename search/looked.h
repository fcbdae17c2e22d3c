/*
 * Whether snapshots looked at a path. The lists of what they could not read are
 * loaded when they are needed; a bounded number of bytes of them is kept, and
 * a bounded number loaded again.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_LOOKED_H
#define SEARCH_LOOKED_H

#include "store/store.h"

struct looked;

/* The store is borrowed. */
int looked_new(struct looked **ret, struct store *, struct err *);
void looked_free(struct looked *);

/* 1 when it did; 0 when the path stands in its list or below what does, the
 * snapshot was dropped meanwhile, or its list is not loaded once more; or an
 * error. */
int looked_at(struct looked *, const struct snapshot_row *, const char *path,
    size_t len, struct err *);
/* A series of which a list was not loaded once more; 0: none. */
uint32_t looked_gave_up(const struct looked *);

#endif
