/*
 * What was searched and what was not: the end of every search.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SEARCH_SUMMARY_H
#define SEARCH_SUMMARY_H

#include "search/hits.h"

/* A segment that could not be read. */
struct skipped {
	uint32_t segment;
	const struct err *err; /* borrowed */
};

/* A host whose last snapshot is too old: that of its live series, or where that
 * is not searched, the last of its others. Those end when their source does: an
 * old database, a restore point. */
struct stale {
	const char *series; /* which that is; borrowed */
	int64_t last_ns;
};

/* Zeroed is one of a search that found nothing nowhere. */
struct summary {
	uint64_t hits;
	bool limited; /* there may be more hits */
	size_t hosts, series;
	struct skipped *skipped; /* owned */
	size_t n_skipped;
	struct stale *stale; /* owned */
	size_t n_stale;
};

/* What a finished or limited search could not read, and how much it searched.
 */
int summary_count(
    struct summary *, const struct view *, const struct hits *, struct err *);
/* The searched hosts whose newest snapshot is dated before `oldest_ns`, whether
 * it counts for this search or not. */
int summary_stale(struct summary *, const struct view *, const struct hits *,
    int64_t oldest_ns, struct err *);
void summary_done(struct summary *);

#endif
