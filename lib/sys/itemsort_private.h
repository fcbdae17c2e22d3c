/*
 * What the files of the external sort share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SYS_ITEMSORT_PRIVATE_H
#define SYS_ITEMSORT_PRIVATE_H

#include "base/buf.h"
#include "sys/itemsort.h"

#include <stdbool.h>

/* An item in memory. Items that were added later lie behind. */
struct item_ref {
	uint64_t key; /* eight bytes of the path, while it is sorted */
	uint32_t off; /* of the item in the bytes */
	uint32_t len; /* of its path */
};
/* There: kind, u32 size, path, data. */
#define ITEM_HEAD 5u

/* Sort by path, kind and age; of one path and kind the youngest stays. Returns
 * how many stay. */
size_t item_refs_sort(struct item_ref *, size_t n, const uint8_t *bytes);

/* ---- runs: sorted items in the file ---- */

struct item_runs {
	int fd;		   /* -1: no run yet */
	uint64_t len;	   /* of the file */
	struct run *run;   /* owned; in the order that they were made */
	struct run **heap; /* owned; those not at their end */
	size_t n, n_heap;
	struct buf out; /* what is being written */
	bool started;
};

struct itemsort {
	char *tmpdir; /* owned */
	size_t memory;
	struct buf bytes;     /* of the items in memory */
	struct item_ref *ref; /* owned */
	size_t n, cap, next;
	bool in_order, /* those in memory rise as they came */
	    sorted;
	struct item_runs runs;
};

void item_at(
    const struct item_ref *, const uint8_t *bytes, struct itemsort_item *ret);

/* Append these, which are sorted, as one run. */
int item_runs_add(struct item_runs *, const char *tmpdir,
    const struct item_ref *, size_t n, const uint8_t *bytes, struct err *);
/* As itemsort_next, over all runs. */
int item_runs_next(struct item_runs *, struct itemsort_item *, struct err *);
void item_runs_done(struct item_runs *);

#endif
