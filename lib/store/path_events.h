/*
 * The events of single paths, of every series, from all segments of a view. No
 * listing is read: a path costs a block of each segment, and paths that come in
 * path order share those.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef STORE_PATH_EVENTS_H
#define STORE_PATH_EVENTS_H

#include "store/listing.h"

struct path_events;

/* The view is borrowed. Its damaged segments are passed over: view->error says
 * which, and what they held is not known. */
int path_events_open(struct path_events **ret, struct view *, struct err *);
void path_events_close(struct path_events *);

/* All events of this path, by segment, and in one by series; n is 0 where there
 * are none. They are the caller's to reorder, valid until the next call. */
int path_events_find(struct path_events *, const char *path, size_t len,
    struct store_event **ret, size_t *ret_n, struct err *);

#endif
