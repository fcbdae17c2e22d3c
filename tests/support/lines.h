/*
 * Snapshots as tests write them: lines go into a store, and what it lists
 * comes out as text.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_LINES_H
#define SUPPORT_LINES_H

#include "store/recorder.h"

/* One line of a listing: a file of this size, or of another type. NULL ends a
 * list. */
struct line {
	const char *path;
	uint64_t size;
	char type;	    /* 0: 'f' */
	const char *target; /* of a link */
};
/* /, /etc, /etc/hosts (100), /etc/passwd (200), /tmp, /tmp/a (1). */
extern const struct line small_tree[];
struct entry line_entry(const struct line *);

/* Record a snapshot of these lines as observations, dated date_ns; the scope
 * is "/" without settings where `scope` is NULL. Fails the test on error. */
struct record_result record_lines(struct store *, const char *series,
    int64_t date_ns, const struct scope *scope, const struct line *);

/* Night n of a series: /a stays, /b changes, /nNNN is of that night alone; of
 * sizes 1, n and 3. */
void record_nth_night(struct store *, const char *series, int n);

/* The same step by step. What the head leaves out is of series web01, all of
 * "/", every field. */
struct recorder *record_begin(
    struct store *, int64_t date_ns, struct record_head);
void record_see(struct recorder *, struct line);
struct record_result record_finish(struct recorder *); /* frees it */

/* The listing as text, one line each: "PATH SIZE", "PATH SIZE unseen". The
 * caller frees it. `at`: a snapshot id, 0 for the newest. */
char *listing_text(struct store *, const char *series, uint32_t at);

/* What changed on one snapshot: "put PATH SIZE", "gone PATH", "unseen PATH".
 * The caller frees it. */
char *changes_text(struct store *, const char *series, uint32_t snap);

/* They are these; else the test fails. */
void expect_listing(
    struct store *, const char *series, uint32_t at, const char *want);
void expect_changes(
    struct store *, const char *series, uint32_t snap, const char *want);

/* The newest listing of web01 adds up to digest and number of entries of what
 * recorded it. */
void expect_digest(struct store *, const struct record_result *);

#endif
