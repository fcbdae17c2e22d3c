/*
 * What the files of the receiving end share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_RECEIVE_PRIVATE_H
#define INDEXER_RECEIVE_PRIVATE_H

#include "receive_session.h"

struct receive {
	struct wire_link *link;
	struct store *store;
	const struct receive_options *options;
	struct receive_result *result;
	uint32_t version;	     /* of the protocol, that both speak */
	uint8_t peer[STORE_ID_SIZE]; /* the store that pushes */
	struct wire_events events;   /* owned; those in hand */

	/* The series in hand; NULL before the first. */
	char *series;		  /* owned */
	struct series_lock *lock; /* owned */
	struct wire_state state;  /* where it stands, as told */
	int64_t after_ns;	  /* when the push before was received */
	bool after_noted;	  /* receive_after_note was called */
	uint64_t recent;	  /* snapshots of this host in a day */
	bool other_store; /* the newest is from another store than this */
	bool in_turns;	  /* ...and from this one are older ones */
};

/* Receive the snapshot whose SNAPSHOT message is in hand, to its END; commit
 * it and answer. */
int receive_snapshot(struct receive *, struct err *);

/* Whether after_ns is that of a push which was cut (receive_after.c); that
 * this push may be; and that it was not. */
void receive_after_read(struct receive *);
void receive_after_note(struct receive *);
void receive_after_end(struct receive *);

/* Warn both sides' people. */
int receive_note(struct receive *, struct err *, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* ERR_REFUSED once more was received than a push may have. */
int receive_check_bytes(const struct receive *, struct err *);

#endif
