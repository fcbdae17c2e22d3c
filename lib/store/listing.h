/*
 * The rule of kept snapshots, and the listings that follow from it.
 *
 * An event of a dropped snapshot counts as an event of the next kept snapshot
 * of its series; of several events of one path falling on one snapshot the
 * last wins; an event equal to the state before it is none.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef STORE_LISTING_H
#define STORE_LISTING_H

#include "format/segment.h"
#include "store/store.h"

/* What a path is in a series from one snapshot on. */
struct change {
	const struct snapshot_row *snap; /* the kept snapshot it falls on */
	uint8_t kind;			 /* enum event_kind */
	struct entry entry;		 /* of a put */
};

/* An event with the numbers of the store, not of a segment. */
struct store_event {
	uint32_t series, snap; /* snap: the number it was written with */
	uint8_t kind;
	struct entry entry;
};

/* The changes of one path in one series, oldest first, by the rule above.
 * `events` are all of this path and series that any segment holds, in any
 * order; sorted in place. Gone or unseen before any put is no change. Writes
 * at most n changes and returns their number. */
size_t changes_resolve(const struct catalog *, struct store_event *events,
    size_t n, struct change *ret);

/* Whether an event is a change of the state before it: `was` and, of a put,
 * its entry; EVENT_GONE where nothing is known. */
bool event_is_change(uint8_t was, const struct entry *before, uint8_t kind,
    const struct entry *now);

/* ---- the listing of one series at one snapshot, in path order ---- */

struct listing;

struct listing_item {
	const char *path;
	size_t len;
	uint8_t kind;			  /* EVENT_PUT: present; EVENT_UNSEEN */
	struct entry entry;		  /* the last put, also where unseen */
	const struct snapshot_row *since; /* of the last change */
};

/* `at`: the snapshot id (a kept one of that series), 0 for the newest. A
 * series without snapshots has an empty listing. A damaged segment is an
 * error here: a listing is whole or none. */
int listing_open(struct listing **ret, struct view *, uint32_t series,
    uint32_t at, struct err *);
/* 0, 1 at the end, or an error. Valid until the next call. Paths whose state
 * is gone are passed over. */
int listing_next(struct listing *, struct listing_item *, struct err *);
/* Forward only: the next item is the first >= path. */
int listing_seek(struct listing *, const char *path, size_t len, struct err *);
void listing_close(struct listing *);

/* ---- the changes that fall on one kept snapshot, in path order ---- */

struct changes;
/* `snap` must be a kept snapshot; what differs from the kept snapshot before
 * it. */
int changes_open(struct changes **ret, struct view *, uint32_t series,
    uint32_t snap, struct err *);
/* The same, and much cheaper where the snapshot before is kept; but a path may
 * be told gone that is not there before either, where the dropping of an older
 * snapshot forgot it. */
int changes_open_as_recorded(struct changes **ret, struct view *,
    uint32_t series, uint32_t snap, struct err *);
int changes_next(struct changes *, const char **path, size_t *len,
    struct change *, struct err *);
void changes_close(struct changes *);

#endif
