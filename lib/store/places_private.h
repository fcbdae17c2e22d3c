/*
 * Within lib/store: what places.c and places_list.c share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef STORE_PLACES_PRIVATE_H
#define STORE_PLACES_PRIVATE_H

#include "store/path_events.h"
#include "store/places.h"

/* A path is looked for as it is, and below the directories of volumes; each has
 * its own way through the segments, so that all of them go forward. */
struct variant {
	char *volume; /* "/p1", "" for none; owned */
	bool strip;   /* without the first component, a volume's itself */
	struct path_events *events; /* owned */
	struct buf path;
};

struct found {
	struct place place;
	struct buf path; /* behind place.path; owned */
	unsigned rank, order;
};

struct places {
	struct store *store;
	struct view *view;
	struct origin **origin;	    /* by snapshot of the catalogue; owned */
	struct path_events *events; /* of places_find; owned */
	struct buf target;	    /* of what was found last */

	struct change *changes; /* owned */
	struct version *versions;
	size_t cap; /* of both */

	/* For places_list; the variants are those of one host. */
	char *host;		 /* owned */
	struct variant *variant; /* owned */
	size_t n_variants;
	struct found *found; /* owned; n_room have a path to be used again */
	size_t n_found, n_room;
	struct place *list; /* owned */
};

/* The life of a path in one series. */
struct told {
	struct life life;	/* n is 0 where it has none */
	struct horizon horizon; /* all snapshots of the series */
	size_t n_changes;	/* of places.changes */
};
int places_tell(struct places *, uint32_t series, struct store_event *,
    size_t n, struct told *ret, struct err *);

#endif
