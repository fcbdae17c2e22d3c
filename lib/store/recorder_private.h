/*
 * What the files of the recorder share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef STORE_RECORDER_PRIVATE_H
#define STORE_RECORDER_PRIVATE_H

#include "store/recorder.h"
#include "store/store_private.h"

/* Directories of one chain, each below the one before it: a path, and how
 * much of it each of them is. */
struct dir_chain {
	struct buf path;
	struct dir_said {
		size_t len;
		bool outside; /* of `limits` */
	} * dir;	      /* owned */
	size_t n, cap;
};

struct recorder {
	struct store *store;   /* borrowed */
	struct view *view;     /* owned */
	char *series, *origin; /* owned */
	struct scope was, now; /* owned; was: of `previous` */
	struct scope seen; /* owned; of snapshot seen_snap, as asked for last */
	uint32_t seen_snap;		     /* 0: none */
	const struct snapshot_row *previous; /* in view; NULL: none */
	bool additive, events, exact;
	bool sealed, failed;

	struct snapshot_row row; /* the one to be */
	struct new_snapshot snap;
	struct segment_file *file; /* owned; NULL until something changed */
	struct record_result result;
	struct unread_writer unread;

	struct listing *listing;  /* owned; of `previous` */
	struct listing_item item; /* its next, while has_item */
	bool has_item, at_end;

	struct buf last; /* the last path fed */
	bool has_last;
	struct dir_chain unchanged; /* recorder_unchanged, above us */
	struct dir_chain limits;    /* recorder_unread and _outside, above us */
	bool cut;		    /* recorder_cut */
};

/* Append one event to the segment, and follow it in counts and digest. `was`
 * is the state before (NULL: nothing). */
int recorder_emit(struct recorder *, const char *path, size_t len,
    const struct listing_item *was, uint8_t kind, const struct entry *,
    struct err *);
/* The next item of the listing, if it is not at hand yet: 0, or an error. */
int recorder_peek(struct recorder *, struct err *);
/* Paths are valid and rise: strictly, or (`again`) the last may come again. */
int recorder_next_path(
    struct recorder *, const char *path, size_t len, bool again, struct err *);
/* What the listing still holds was not met. */
int recorder_join_rest(struct recorder *, struct err *);

#endif
