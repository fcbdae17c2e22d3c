/*
 * The answer to a question by brute force: every path of every listing of the
 * model is looked at.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_BRUTE_H
#define SUPPORT_BRUTE_H

#include "tests/support/question.h"

/* Add a line for each path and series:
 * SERIES:PATH STATE since TIME FIRST..LAST, then its versions. The store says
 * what could not be read. */
void brute_search(struct buf *to, const struct model *, const struct question *,
    struct store *, const struct catalog *);

/* A version as it stands there. */
void brute_add_version(
    struct buf *to, const struct entry *, int64_t from, int64_t until);

#endif
