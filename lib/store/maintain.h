/*
 * What keeps a store small and proves it whole: merge, prune, check.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef STORE_MAINTAIN_H
#define STORE_MAINTAIN_H

#include "store/store.h"

/* ---- merging: one process at a time, others return at once ---- */

enum merge_what {
	MERGE_TIERED, /* what the size-tiered policy asks for, maybe nothing */
	MERGE_ALL,    /* everything into one segment */
};

struct merge_result {
	bool busy;		  /* another process merges; nothing was done */
	unsigned merged, written; /* segments taken away, made */
	uint64_t bytes_before, bytes_after;
};

/* Reads inputs, writes one output outside the commit lock, and under it checks
 * that all inputs are still live, else discards the output. Applies the rule
 * of kept snapshots physically, and gives back the place of dropped ones.
 * Damaged segments are left alone. Reading and writing run in a thread of their
 * own at idle priority, which also calls `progress` (may be NULL). */
int store_merge(struct store *, enum merge_what, struct merge_result *,
    void (*progress)(void *ctx, uint64_t paths_done, uint64_t paths_all),
    void *ctx, struct err *);

/* ---- retention, pure ---- */

struct retention {
	/* 0: not given; -1: without bound */
	int keep_last, keep_daily, keep_weekly, keep_monthly, keep_yearly;
	int64_t keep_within_ns; /* 0: not given */
};

/* Whether nothing was given: everything is kept. */
bool retention_is_empty(const struct retention *);

/* restic's meaning, by snapshot date in local time; keep[i] for snaps[i], which
 * are one series' kept ones, oldest first. The rules are a union: a snapshot
 * that one of them keeps is kept.
 *  - Each keep-* counts from the newest snapshot back and keeps the newest one
 *    of each period (day, ISO week, month, year) until its number is reached.
 *    Periods without a snapshot do not count.
 *  - Where the number is not reached by the oldest snapshot, that one is kept
 *    too, so that the history reaches back as far as it can.
 *  - keep-within keeps all that are younger than the newest one minus that
 *    time; dates after the newest one's receipt do not count as newest.
 * The newest is always kept, and an empty retention keeps everything. */
void retention_select(const struct retention *, const struct snapshot_row *,
    size_t n, bool *keep);

/* What counts for one series. */
struct prune_rule {
	struct retention keep;
	bool bounded; /* the series is pushed: never drop what is not
			   acknowledged, nor the last acknowledged one */
};

struct prune_request {
	/* The rule for a series, by its row and its newest snapshot. */
	struct prune_rule (*rule)(void *ctx, const struct series_row *,
	    const struct snapshot_row *newest);
	/* Told of each snapshot of the series once it is done; may be NULL. */
	void (*seen)(void *ctx, const struct series_row *,
	    const struct snapshot_row *, bool kept);
	void *ctx;
	const char *glob; /* series to look at; NULL: all */
	bool dry_run;	  /* changes nothing */
};

struct prune_result {
	size_t kept, dropped; /* snapshots of the series looked at */
};

/* Drop what the retention does not keep. Place comes back with the next
 * merge. */
int store_prune(struct store *, const struct prune_request *,
    struct prune_result *, struct err *);

/* ---- whole series ---- */

/* Drop a series with all its snapshots; one that is not there is none. The
 * caller sees to it that nobody records it. */
int store_drop_series(struct store *, const char *name, struct err *);
/* The same, and the series `with` (NULL: none) gets its name, in one
 * transaction. */
int store_replace_series(
    struct store *, const char *name, const char *with, struct err *);

/* ---- check ---- */

struct check_result {
	size_t segments, snapshots, differences;
};

/* Every checksum of every segment, every listing rebuilt and its digest and
 * number of entries compared, every file of DIR/seg named by the manifest and
 * the other way round, the manifest's own integrity. Each difference is told
 * to `differs` in one line, from a thread at idle priority; the call itself
 * fails only where it cannot go on. */
int store_check(struct store *, struct check_result *,
    void (*differs)(void *ctx, const char *text), void *ctx, struct err *);

#endif
