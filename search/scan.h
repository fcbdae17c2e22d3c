/*
 * All matching paths of a view, in path order, each once, with their events
 * from every segment.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_SCAN_H
#define SEARCH_SCAN_H

#include "search/query.h"
#include "store/listing.h"

struct scan;

/* `wanted(ctx, id)`: whether a series is searched. View and query are borrowed.
 */
int scan_new(struct scan **ret, struct view *, const struct query *,
    bool (*wanted)(void *ctx, uint32_t series), void *ctx, struct err *);
void scan_free(struct scan *);

struct scan_item {
	const char *path;
	size_t len;
	struct store_event *events; /* may be reordered by the caller */
	size_t n;
};

/* 0, 1 at the end, or an error (memory). Valid until the next call. */
int scan_next(struct scan *, struct scan_item *, struct err *);

/* What could not be read of segment i so far, or NULL. */
const struct err *scan_damage(const struct scan *, size_t i);

#endif
