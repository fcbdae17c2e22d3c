/*
 * Many segments as one: their paths in path order, each path once, with the
 * events that each segment holds of it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef STORE_GATHER_H
#define STORE_GATHER_H

#include "format/segment.h"

struct gather;

/* What one segment holds of a path. */
struct gather_part {
	size_t segment;		    /* index into the array given */
	const struct event *events; /* snap: of that segment's table */
	size_t n;
};

struct gather_item {
	const char *path;
	size_t len;
	const struct gather_part *parts; /* by segment index */
	size_t n;
};

/* Segments are borrowed; those that are NULL are passed over. */
int gather_new(
    struct gather **ret, struct segment *const *, size_t n, struct err *);
void gather_free(struct gather *);

/* As segment_cursor_filter, for segment i. Before the first next. */
void gather_filter(struct gather *, size_t i, const uint8_t *want);

/* 0, 1 at the end, or an error. Valid until the next call. */
int gather_next(struct gather *, struct gather_item *, struct err *);

/* The segment on which the last call failed. */
size_t gather_failed(const struct gather *);

/* Forward only: the next item is the first >= path. */
int gather_seek(struct gather *, const char *path, size_t len, struct err *);

#endif
