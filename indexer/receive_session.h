/*
 * The receiving end of a push. What comes is a stranger's: everything is
 * checked before it counts, and nothing counts before it is committed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_RECEIVE_SESSION_H
#define INDEXER_RECEIVE_SESSION_H

#include "store/store.h"
#include "wire_link.h"

/* 0 is without bound. */
struct receive_limits {
	uint64_t bytes;	  /* received in one push */
	uint64_t entries; /* of a listing */
	uint64_t path_bytes;
	uint64_t expansion; /* what events inflate to, against their bytes */
	uint64_t snapshots_a_day; /* of a host, in any 24 hours */
};

struct receive_options {
	const char *host; /* the only one whose series may be added to */
	struct receive_limits limits;
	int lock_wait_ms; /* for a series that is being recorded */
};

struct receive_result {
	size_t snapshots; /* committed */
};

/* One push, to its end. On an error the other side is told, what it had not
 * finished is not recorded, and what was acknowledged before stays. Warnings
 * go to the other side and into the store's log. */
int receive_session(struct wire_link *, struct store *,
    const struct receive_options *, struct receive_result *ret, struct err *);

/* The date that a snapshot gets: what the host claims, brought into (after,
 * now + 5 minutes], where `after` is when the push before was received. */
int64_t receive_date(int64_t claim_ns, int64_t after_ns, int64_t now_ns);

#endif
