/*
 * Hits: one for each series and path that the query finds, in path order, and
 * for one path by the series' names.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_HITS_H
#define SEARCH_HITS_H

#include "store/life.h"
#include "search/query.h"

enum hit_states {
	HITS_ALL,
	HITS_EXISTING, /* still there */
	HITS_DELETED,
};

/* What of a store is searched. */
struct selection {
	const char *const *hosts; /* globs; none: all */
	size_t n_hosts;
	const char *const *series; /* globs; none: all */
	size_t n_series;
	bool has_at;
	int64_t at_ns; /* snapshots after it do not count */
	struct window window;
	enum hit_states states;
};

struct hits;

/* Store, view and query are borrowed. ERR_USAGE names a glob that matches
 * nothing. */
int hits_new(struct hits **ret, struct store *, struct view *,
    const struct query *, const struct selection *, struct err *);
void hits_free(struct hits *);

struct hit {
	const struct series_row *series;
	const char *path;
	size_t len;
	struct life life;
	const struct snapshot_row *newest; /* the last that counts */
};

/* 0, 1 at the end, or an error. Valid until the next call. */
int hits_next(struct hits *, struct hit *, struct err *);

/* As scan_damage. */
const struct err *hits_damage(const struct hits *, size_t segment);
/* The name of a series whose lists of what it could not read were too long to
 * go through for each hit: it may have been seen later than `last` says. NULL:
 * none. */
const char *hits_gave_up(const struct hits *);

/* The snapshots of catalog.series[i] that count: n is 0 when that series is not
 * searched. */
struct horizon hits_horizon(const struct hits *, size_t i);

/* The host's part of a series' name. */
size_t series_host_len(const char *name);

#endif
