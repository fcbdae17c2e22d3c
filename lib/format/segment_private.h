/*
 * An open segment, shared by the files that read it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FORMAT_SEGMENT_PRIVATE_H
#define FORMAT_SEGMENT_PRIVATE_H

#include "format/block.h"
#include "format/index.h"
#include "format/layout.h"

#include <pthread.h>

struct block_row {
	uint64_t off;
	uint32_t paths_len, events_len, n_paths, n_events;
	uint64_t paths_sum, events_sum;
};

struct index_section {
	struct index_part part;
	uint8_t *directory;	/* owned; NULL until first asked */
	uint64_t off, len, sum; /* of the directory */
	uint64_t postings_off, postings_len;
};

struct segment {
	struct segment_source source;
	struct segment_snap *snaps; /* owned */
	int64_t *snap_times;	    /* owned */
	size_t n_snaps;
	struct attr_table attrs;
	struct block_row *rows; /* owned */
	size_t n_rows;
	struct segment_totals totals;
	uint64_t firsts_off, firsts_len;
	pthread_mutex_t lock;	     /* guards what is read when first asked:
					   index directories, firsts */
	struct index_section *index; /* owned */
	size_t n_index;
	struct buf firsts;   /* the first paths, each with a NUL */
	uint32_t *first_off; /* owned; n_rows + 1; NULL until read */
};

/* Read the table of first paths, once. */
int segment_firsts(struct segment *, struct err *);

/* A range of the file into b, which it replaces. */
int segment_range(const struct segment_source *, struct buf *b, uint64_t off,
    uint64_t len, struct err *);

/* The directory of a part, read and checked once. */
int segment_index_part(struct segment *, size_t i, struct err *);

#endif
