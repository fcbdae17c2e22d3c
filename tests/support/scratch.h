/*
 * A directory for one test, and stores in it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_SCRATCH_H
#define SUPPORT_SCRATCH_H

#include "store/store.h"

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
void scratch_keep_path(
    struct scratch *, const char *name, char ret[static SCRATCH_PATH]);

/* A store that must open; fails the test when it does not. */
struct store *open_or_fail(const char *dir, enum store_mode);

/* The check finds nothing that differs in it, or the test fails. */
void expect_clean(struct store *);

/* Number of files in a directory below, "." and ".." apart; -1 without it. */
int scratch_count(struct scratch *, const char *name);

/* The error as one line, for messages of tests; static. */
const char *told(const struct err *);

#endif
