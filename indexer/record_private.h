/*
 * What the files of record_source share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_RECORD_PRIVATE_H
#define INDEXER_RECORD_PRIVATE_H

#include "record.h"
#include "scan_tell.h"
#include "sys/itemsort.h"

/* What gives the recorder items that come in path order, and what they leave
 * out: the directories above. */
struct feed {
	struct recorder *recorder; /* borrowed */
	struct scan_told *told;	   /* borrowed */
	bool names_only, verbose;
	struct buf last;  /* the path observed last */
	struct buf noted; /* that of the last note about what is above it */
	uint64_t upwards; /* names with a ".." in them */
};

int feed_item(struct feed *, const struct source_item *, struct err *);
void feed_done(struct feed *);

/* An item of the sort, and back. The bytes are our own. */
int item_encode(struct buf *, const struct source_item *); /* 0, -1 */
void item_decode(struct source_item *ret, const struct itemsort_item *);

#endif
