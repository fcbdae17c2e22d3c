/*
 * The matching paths of one block with their events: a copy, so that the block
 * can be forgotten.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_BATCH_H
#define SEARCH_BATCH_H

#include "base/buf.h"
#include "search/query.h"
#include "store/listing.h"

struct batch_path {
	size_t off, len; /* in bytes */
	size_t first, n; /* in events */
};

/* Zeroed is empty. */
struct batch {
	struct batch_path *path; /* owned */
	size_t n, cap;
	struct store_event *events; /* owned; targets stand in bytes */
	size_t n_events, cap_events;
	struct buf bytes; /* paths and link targets */
};

/* What one thread needs to fill batches. */
struct batch_tools {
	struct query_matcher matcher;
	struct block block;
};

int batch_tools_init(struct batch_tools *, const struct query *, struct err *);
void batch_tools_done(struct batch_tools *);

/* Replace the content by block i's. Events of snaps whose byte in `want` is 0
 * are left out, and paths without any other. */
int batch_fill(struct batch *, struct segment *, size_t i, const uint8_t *want,
    struct batch_tools *, struct err *);
void batch_done(struct batch *);
/* Bytes of memory that it holds. */
size_t batch_weight(const struct batch *);

#endif
