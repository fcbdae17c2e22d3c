/*
 * What the files of the sending end share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_PUSH_PRIVATE_H
#define INDEXER_PUSH_PRIVATE_H

#include "push_session.h"

struct push {
	struct wire_link *link;
	struct store *store;
	const struct push_options *options;
	struct push_result *result;
	struct view *view;	  /* owned */
	struct wire_batch *batch; /* owned */
	uint32_t version;	  /* of the protocol, that both speak */
	uint64_t sent;		  /* bytes handed over */
	size_t n_to_send;	  /* snapshots, for progress */
};

/* The next message that is for the protocol; warnings are passed on, an error
 * that the server tells is ERR_REFUSED. */
int push_next(struct push *, enum wire_type *ret, struct err *);
/* It must be this one. */
int push_expect(struct push *, enum wire_type want, struct err *);
/* Send what is collected: all of it, or when it has become much. */
int push_out(struct push *, bool all, struct err *);

/* Send what the server lacks of a series, which is called `name` there. */
int push_series(
    struct push *, const struct series_row *, const char *name, struct err *);

/* Send a snapshot to its END: whole, or what changed in it. */
int push_snapshot(
    struct push *, const struct snapshot_row *, bool full, struct err *);

#endif
