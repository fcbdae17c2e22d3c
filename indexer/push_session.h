/*
 * The sending end of a push: what the server lacks of our own series goes
 * there, each snapshot acknowledged by it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_PUSH_SESSION_H
#define INDEXER_PUSH_SESSION_H

#include "store/store.h"
#include "wire_link.h"

struct push_options {
	const char *host;   /* whose series are sent */
	const char *server; /* its name, for messages and progress */
};

struct push_result {
	size_t series;	  /* of this host, with snapshots */
	size_t snapshots; /* acknowledged now */
	uint64_t events;
};

/* All of it, over a link to `lindex receive`. What was acknowledged before an
 * error stays acknowledged, here and there; *ret counts it in any case. The
 * server's warnings are printed. */
int push_session(struct wire_link *, struct store *,
    const struct push_options *, struct push_result *ret, struct err *);

/* The name of a series below the host's ("" for the host's own), or NULL when
 * it is another host's. */
const char *push_name_below(const char *series, const char *host);

#endif
