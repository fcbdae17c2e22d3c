/*
 * The parts of a merge: which segments, what becomes of the events of one
 * path (both pure), and the doing.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef STORE_MERGE_PRIVATE_H
#define STORE_MERGE_PRIVATE_H

#include "format/segment.h"
#include "store/maintain.h"

/* Segments that a search opens without anybody minding. */
#define MERGE_LIVE_MAX 8

/* How many of the smallest segments to merge; 0 for none. `bytes` rise.
 * `dropped` of the `snaps` that segments name are no longer kept. */
size_t merge_pick(
    const uint64_t *bytes, size_t n, size_t dropped, size_t snaps);

/* The snapshots that one segment names, as segment_snaps gives them. */
struct snap_table {
	const struct segment_snap *snap;
	size_t n;
};

/* A snapshot that some input of the merge names. */
struct merge_snap {
	uint32_t series, id;
	uint32_t counts_on; /* the kept snapshot on which its events count */
	uint32_t out;	    /* index into merge_plan.out */
	bool settled;	    /* nothing outside is as old as it */
	bool dropped;	    /* its whole series was: its events go */
};

struct merge_plan {
	struct merge_snap *snap; /* by (series, id); owned */
	size_t n_snaps;
	uint32_t **rank; /* [input][index in its table]: into snap; owned */
	size_t n_inputs;
	struct segment_snap *out; /* the table of the output; owned */
	size_t n_out;
};

/* `blind`: there are segments outside of which nothing is known. */
int merge_plan_make(struct merge_plan *ret, const struct catalog *,
    const struct snap_table *inputs, size_t n_inputs,
    const struct snap_table *outside, size_t n_outside, bool blind,
    struct err *);
void merge_plan_done(struct merge_plan *);

/* All events of one path in the inputs, event.snap being a rank, in any order.
 * Leaves those of the output, event.snap being an index into its table, in
 * order, and returns their number. */
size_t merge_events(const struct merge_plan *, struct event *, size_t n);

/* Merge these readable segments of a view into one and commit it; adds to the
 * result. The caller holds merge.lock. */
struct merge_progress {
	void (*told)(void *ctx, uint64_t paths_done, uint64_t paths_all);
	void *ctx;
};
int merge_some(struct store *, struct view *, const uint32_t *id, size_t n,
    const struct merge_progress *, struct merge_result *, struct err *);

#endif
