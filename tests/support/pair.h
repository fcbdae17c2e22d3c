/*
 * The store of host web01 and the server's, for tests of pushes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_PAIR_H
#define SUPPORT_PAIR_H

#include "base/when.h"
#include "tests/support/lines.h"
#include "tests/support/pushing.h"
#include "tests/support/scratch.h"

#define PAIR_MINUTE (60 * NS_PER_S)

struct pair {
	struct scratch scratch;
	char local[SCRATCH_PATH], central[SCRATCH_PATH]; /* not there yet */
	int64_t start; /* before any date used */
};

/* For cmocka; *state is a struct pair. */
int pair_setup(void **state);
int pair_done(void **state);

/* A snapshot `minute` minutes after the start. */
void pair_record(const struct pair *, const char *dir, const char *series,
    int minute, const struct line *);

/* What a small host may list on three nights. */
extern const struct line night1[], night2[], night3[];

struct pushed pair_push(const struct pair *);
/* A push that must go well, of so many snapshots. */
void pair_push_well(const struct pair *, size_t snapshots);

/* The whole history of a series as text: date, origin, listing and changes of
 * each kept snapshot; "nothing" without any. The caller frees it. */
char *pair_history(const struct pair *, const char *dir, const char *series);
/* Both know the same of web01. */
void pair_expect_same(const struct pair *);
/* The check finds nothing that differs on the server. */
void pair_expect_clean(const struct pair *);

#endif
