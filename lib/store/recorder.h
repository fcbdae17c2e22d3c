/*
 * Recording one snapshot of a series: the one way into a store.
 *
 * Two ways to feed it, one or the other for a snapshot:
 *  - observations, of a source that says what is there (scan, import, a full
 *    resend): the merge join with the current listing finds the changes;
 *  - events, of a peer whose state before is ours (a push): each is checked
 *    against the state that it changes.
 * Both need strictly rising paths, track the digest and the number of entries,
 * and write a temporary segment which finish() commits.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef STORE_RECORDER_H
#define STORE_RECORDER_H

#include "store/listing.h"

struct recorder;

/* Begin a snapshot of `series` (made at the commit when new). The caller holds
 * the series lock. `scope` and the strings are copied. */
struct record_head {
	const char *series;
	const char *origin;
	const struct scope *scope;
	uint8_t fields;	  /* what this source observes */
	int64_t clock_ns; /* the source's clock when the walk began */
	int64_t date_ns;  /* its date; raised to the previous + 1 ns */
	bool additive;	  /* absence says nothing */
	bool events;	  /* fed by recorder_event, not by observations */
	/* The observations are a listing as another store recorded it: fields
	 * that they do not observe are not kept from before, so that the
	 * listing, and its digest, become that store's. */
	bool exact;
};
int recorder_begin(struct recorder **ret, struct store *,
    const struct record_head *, struct err *);

/* The current listing's snapshot, or NULL for a new series. */
const struct snapshot_row *recorder_previous(const struct recorder *);

/* An observation: this path is there with these (observed) fields. Where the
 * listing holds an entry that agrees, nothing changes, except that fields
 * observed for the first time are added. */
int recorder_observe(struct recorder *, const char *path, size_t len,
    const struct entry *, struct err *);
/* The content of this directory (`below`), or the path itself, could not be
 * looked at: what the listing holds there stays. Makes the snapshot
 * incomplete. Comes in path order with the observations, a directory's right
 * after its own observation. */
int recorder_unread(struct recorder *, const char *path, size_t len, bool below,
    int error, struct err *);
/* Nobody wanted to look below this directory: pruned, another file system. What
 * the listing holds there becomes unseen; the snapshot is complete all the same.
 * Comes as recorder_unread does. Of several directories around a path of which
 * one or the other was said the innermost counts; of one that is both,
 * recorder_unread, which comes first. */
int recorder_outside(
    struct recorder *, const char *path, size_t len, struct err *);
/* Of a listing as another store holds it: this path is unseen there, and so it
 * becomes here, whatever was said of what is above it. What this store does not
 * list stays unlisted: there is no entry to be unseen. In path order with the
 * observations, in place of one. */
int recorder_unseen(
    struct recorder *, const char *path, size_t len, struct err *);
/* The source ended early: what the listing holds behind what was observed
 * stays, and "/" is unread. Nothing is observed after it. */
int recorder_cut(struct recorder *, int error, struct err *);
/* This directory's names are exactly as in the snapshot before: its children
 * that are not directories are there unchanged, without an observation; its
 * sub-directories are observed one by one. Right after its own observation. */
int recorder_unchanged(
    struct recorder *, const char *path, size_t len, struct err *);

/* An event. ERR_FORMAT when it is illegal on the state before it: a put equal
 * to it, unseen of what is not present. Gone of what is not listed is no event
 * (a store that dropped snapshots can have forgotten what was unseen). */
int recorder_event(struct recorder *, const char *path, size_t len,
    uint8_t kind, const struct entry *, struct err *);
/* The unread list of a push, told apart from the events. */
int recorder_note_unread(struct recorder *, const char *path, size_t len,
    bool below, int error, struct err *);

/* For a push: who sent it. Before finish. */
void recorder_set_peer(struct recorder *, const uint8_t store[STORE_ID_SIZE],
    uint64_t number, const struct digest *);

struct record_result {
	uint32_t snap; /* its id */
	uint64_t number;
	int64_t date_ns; /* as recorded */
	bool clock_back; /* the date was raised: the clock fell */
	bool complete;
	uint64_t entries, puts, gone, unseen;
	size_t n_unread;
	struct digest digest;
	uint64_t bytes; /* of the new segment; 0 when nothing changed */
};

/* The digest is over the entries that are present: what is unseen counts
 * neither there nor in `entries`. */

/* What finish would record: for comparing with what a peer claims. Ends the
 * feeding (the rest of the listing is joined). */
int recorder_seal(struct recorder *, struct record_result *, struct err *);

/* Commit: on return 0 the snapshot is on disk. Seals if need be. On failure
 * nothing is committed. ERR_BUSY when the series moved on meanwhile. */
int recorder_finish(struct recorder *, struct record_result *, struct err *);

/* Frees; without a finish, the temporary goes and nothing was recorded. */
void recorder_free(struct recorder *);

#endif
