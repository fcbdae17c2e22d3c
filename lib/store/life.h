/*
 * The life of a path in a series: its versions, when it was seen, what it is
 * now. Pure.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef STORE_LIFE_H
#define STORE_LIFE_H

#include "store/listing.h"

/* One version: from the snapshot that saw it first to the next event. */
struct version {
	struct entry entry; /* with what later ones of it observed */
	const struct snapshot_row *put;
	const struct snapshot_row *end; /* NULL: still so */
};

struct life {
	struct version *version; /* those of the window, oldest first */
	size_t n;
	uint8_t state; /* enum event_kind: PUT is present, GONE
				   deleted */
	const struct snapshot_row *since; /* of that state */
	const struct snapshot_row *last;  /* the last one that saw it; told by
					     life_last_seen */
};

/* The kept snapshots of the series that count, oldest first: all, or those
 * dated not after some time. */
struct horizon {
	const struct snapshot_row *snaps;
	size_t n;
};

/* Versions count whose life overlaps [since_ns, until_ns]; both ends may be
 * the ends of time. */
struct window {
	int64_t since_ns, until_ns;
};

/* Tells the life from the changes of the path, oldest first; `version` has room
 * for n of them. False when no version is in the window (or the path was first
 * put behind the horizon). */
bool life_tell(struct life *ret, struct version *version, const struct change *,
    size_t n, const struct horizon *, const struct window *);

/* The last snapshot that saw the last version: its put, or a later one of its
 * life for which `looked` says 1 (0: it did not look there; or an error). */
int life_last_seen(struct life *, const struct horizon *,
    int (*looked)(void *ctx, const struct snapshot_row *), void *ctx);

#endif
