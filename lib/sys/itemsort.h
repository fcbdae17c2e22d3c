/*
 * Items of any source in path order: an external sort. What is given in any
 * order is kept in memory within a bound, beyond it in sorted runs in one
 * unlinked file, and comes out merged.
 *
 * Items of one path come by kind, the lowest first; of several with the same
 * path and kind the last one given counts.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SYS_ITEMSORT_H
#define SYS_ITEMSORT_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* What it keeps in memory, about. */
#define ITEMSORT_MEMORY ((size_t)64 * 1024 * 1024)

struct itemsort;

struct itemsort_item {
	const char *path; /* valid (path_is_valid) */
	size_t len;
	uint8_t kind;
	const void *data; /* the caller's */
	size_t size;	  /* with len at most ITEMSORT_ITEM_MAX */
};
#define ITEMSORT_ITEM_MAX ((size_t)1024 * 1024)

/* `tmpdir` (borrowed) is touched only when `memory` bytes are not enough;
 * nothing ever stands in it under a name, whatever happens. */
int itemsort_open(
    struct itemsort **ret, const char *tmpdir, size_t memory, struct err *);
/* Before the first itemsort_next. The item is copied. After an error, of this or
 * of itemsort_next, a sort can only be closed. */
int itemsort_add(struct itemsort *, const struct itemsort_item *, struct err *);
/* 0 with an item, valid until the next call; 1 at the end; or an error. */
int itemsort_next(struct itemsort *, struct itemsort_item *, struct err *);
/* Frees. NULL is fine. */
void itemsort_close(struct itemsort *);

#endif
