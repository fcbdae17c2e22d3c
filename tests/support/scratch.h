/*
 * A directory for one test, and stores in it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_SCRATCH_H
#define SUPPORT_SCRATCH_H

#include "store/recorder.h"

#define SCRATCH_PATH 256

struct scratch {
	char dir[SCRATCH_PATH / 2];
	char path[SCRATCH_PATH]; /* of the last scratch_path */
};

/* Make it under $TMPDIR, else in memory; fails the test when it cannot. */
void scratch_make(struct scratch *);
/* Remove it with all that is in it. */
void scratch_remove(struct scratch *);
/* "DIR/name". */
const char *scratch_path(struct scratch *, const char *name);

/* A store that must open; fails the test when it does not. */
struct store *open_or_fail(const char *dir, enum store_mode);

/* One line of a listing as tests write it: a file of this size, or of another
 * type. NULL ends a list. */
struct line {
	const char *path;
	uint64_t size;
	char type;	    /* 0: 'f' */
	const char *target; /* of a link */
};
struct entry line_entry(const struct line *);

/* Record a snapshot of these lines as observations, dated date_ns; the scope
 * is "/" without settings where `scope` is NULL. Fails the test on error. */
struct record_result record_lines(struct store *, const char *series,
    int64_t date_ns, const struct scope *scope, const struct line *);

/* The listing as text, one line each: "PATH SIZE", "PATH SIZE unseen". The
 * caller frees it. `at`: a snapshot id, 0 for the newest. */
char *listing_text(struct store *, const char *series, uint32_t at);

/* What changed on one snapshot: "put PATH SIZE", "gone PATH", "unseen PATH".
 * The caller frees it. */
char *changes_text(struct store *, const char *series, uint32_t snap);

/* Number of files in a directory below, "." and ".." apart; -1 without it. */
int scratch_count(struct scratch *, const char *name);

/* The error as one line, for messages of tests; static. */
const char *told(const struct err *);

#endif
