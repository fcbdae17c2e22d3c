/*
 * One stream a segment: its matching paths in path order, with their events.
 *
 * Candidate blocks are decoded and matched ahead of the caller, by more threads
 * when there are many of them, within a bound of memory.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_STREAMS_H
#define SEARCH_STREAMS_H

#include "search/query.h"
#include "store/listing.h"

struct streams;

/* Stream i is segment i of the view. `wanted(ctx, id)`: whether a series is
 * searched. View and query are borrowed. */
int streams_new(struct streams **ret, const struct view *, const struct query *,
    bool (*wanted)(void *ctx, uint32_t series), void *ctx, struct err *);
void streams_free(struct streams *);

/* Go to the next path of stream i, the first one at first: 0, 1 at its end, or
 * out of memory. What cannot be read is passed over. */
int streams_next(struct streams *, size_t i, struct err *);

/* Where stream i stands after a 0; valid until it goes on. */
struct stream_path {
	const char *path;
	size_t len;
	const struct store_event *events;
	size_t n;
};
struct stream_path streams_at(const struct streams *, size_t i);

/* The first that could not be read of segment i so far, or NULL. */
const struct err *streams_damage(const struct streams *, size_t i);

#endif
