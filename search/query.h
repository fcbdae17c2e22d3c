/*
 * All patterns of the command line: a path must match each of them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_QUERY_H
#define SEARCH_QUERY_H

#include "search/matcher.h"

/* Shared by threads. */
struct query {
	struct pattern **pattern; /* owned, each owned */
	size_t n;
	struct triquery needs; /* of all of them */
};

/* The texts must outlive the query. */
int query_init(struct query *, char *const *texts, size_t n,
    const struct pattern_options *, struct err *);
void query_done(struct query *);

/* One thread's way of matching. */
struct query_matcher {
	struct matcher **matcher; /* owned, each owned */
	size_t n;
};

int query_matcher_init(
    struct query_matcher *, const struct query *, struct err *);
void query_matcher_done(struct query_matcher *);

/* As matcher_next and matcher_failed. */
size_t query_next(
    struct query_matcher *, const struct path_list *, size_t from);
bool query_failed(const struct query_matcher *);

#endif
