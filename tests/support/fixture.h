/*
 * What each test of a store begins with: a directory, and a store in it.
 * Programs run one test after the other, so there is one of each.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_FIXTURE_H
#define SUPPORT_FIXTURE_H

#include "tests/support/scratch.h"

extern struct scratch scratch;
extern char dir[SCRATCH_PATH]; /* "store" in it, whether it is there or not */
extern struct store *store;    /* in dir, or NULL */
extern struct err err;

/* For cmocka: setup without a store, with a new one that is open; teardown. */
int fixture_dir(void **state);
int fixture_store(void **state);
int fixture_done(void **state);

/* Open the store so, closing it first. */
void fixture_open(enum store_mode);
void fixture_close(void);
/* Run this on the manifest behind the store's back. */
void fixture_sql(const char *text);
/* Begin again in the middle of a test: no store, and nothing else. */
void fixture_renew(void);

#endif
