/*
 * The events of one series between two snapshots, path by path, from all
 * segments of a view.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef STORE_SERIES_EVENTS_H
#define STORE_SERIES_EVENTS_H

#include "store/listing.h"

struct series_events;

/* Those with lo < snapshot id <= hi. A damaged segment is an error, as nobody
 * knows what it held. */
int series_events_open(struct series_events **ret, struct view *,
    uint32_t series, uint32_t lo, uint32_t hi, struct err *);
void series_events_close(struct series_events *);

struct series_events_item {
	const char *path;
	size_t len;
	struct store_event *events; /* n >= 1, in any order */
	size_t n;
};
/* 0, 1 at the end, or an error. Valid until the next call. */
int series_events_next(
    struct series_events *, struct series_events_item *, struct err *);
/* Forward only: the next item is the first >= path. */
int series_events_seek(
    struct series_events *, const char *path, size_t len, struct err *);

#endif
