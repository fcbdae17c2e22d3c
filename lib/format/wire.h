/*
 * The push protocol's messages, as bytes: lookback-push(5).
 *
 * A frame is u32 length (little-endian, of what follows the 5 bytes), u8 type,
 * payload. Encoders append a whole frame; decoders take a payload and check
 * everything. No I/O here.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FORMAT_WIRE_H
#define FORMAT_WIRE_H

#include "base/buf.h"
#include "base/err.h"
#include "format/digest.h"
#include "format/block.h"

#define WIRE_VERSION 2
/* Since when a whole listing says what is unseen in it. */
#define WIRE_UNSEEN 2u
#define WIRE_FRAME_MAX (4u * 1024 * 1024) /* payload bytes */
#define WIRE_HEAD 5
#define WIRE_ORIGIN_MAX (64u * 1024) /* bytes */

enum wire_type {
	WIRE_HELLO = 1,	   /* client: protocol version, store id */
	WIRE_WELCOME = 2,  /* server: protocol version */
	WIRE_SERIES = 3,   /* client: series name below the host, may be "" */
	WIRE_STATE = 4,	   /* server: where the series stands */
	WIRE_SNAPSHOT = 5, /* client: a snapshot begins */
	WIRE_EVENTS = 6,   /* client: a batch of its events */
	WIRE_END = 7,	   /* client: the snapshot is whole */
	WIRE_ACK = 8,	   /* server: it is on disk */
	WIRE_BYE = 9,	   /* client: nothing more */
	WIRE_ERROR = 10,   /* server: why it stops, as text */
	WIRE_NOTE = 11,	   /* server: a warning for people, as text */
	WIRE_UNREAD = 12,  /* client: what could not be looked at, before
				   the events; as many frames as it takes */
};

struct wire_hello {
	uint32_t version;
	uint8_t store[16];
};
struct wire_state {
	bool known;	   /* false: events cannot be added, only a full
				   listing; store, number, digest are zero */
	uint8_t store[16]; /* as the client told with the last snapshot */
	uint64_t number;
	struct digest digest;
	int64_t date_ns; /* of the server's newest, as it recorded it;
				   INT64_MIN when it has none */
};
struct wire_unread {
	const char *path;
	size_t len;
	int error;  /* errno */
	bool below; /* its content; false: itself */
};
struct wire_snapshot {
	uint64_t number; /* the client's own */
	bool full;	 /* the whole listing follows: puts, and unseen */
	uint8_t fields;
	bool complete;
	int64_t date_ns, clock_ns;
	uint64_t entries;
	struct digest digest; /* of the listing, after */
	const char *origin;
	size_t origin_len;
	const uint8_t *scope; /* scope_encode's bytes */
	size_t scope_len;
};
struct wire_ack {
	uint64_t number;
	struct digest digest; /* both as the client told them */
};

int wire_put_hello(struct buf *, const struct wire_hello *); /* 0, -1 */
int wire_put_welcome(struct buf *, uint32_t version);
int wire_put_series(struct buf *, const char *name, size_t len);
int wire_put_state(struct buf *, const struct wire_state *);
int wire_put_snapshot(struct buf *, const struct wire_snapshot *);
/* As many of the n as one frame holds (at least one); how many comes back. */
int wire_put_unread(
    struct buf *, const struct wire_unread *, size_t n, size_t *ret_done);
int wire_put_end(struct buf *);
int wire_put_ack(struct buf *, const struct wire_ack *);
int wire_put_bye(struct buf *);
int wire_put_text(struct buf *, enum wire_type, const char *text);

/* Takes a payload of that type; borrowed pointers lead into it. */
int wire_get_hello(struct wire_hello *, const void *, size_t, struct err *);
int wire_get_welcome(uint32_t *version, const void *, size_t, struct err *);
int wire_get_state(struct wire_state *, const void *, size_t, struct err *);
int wire_get_snapshot(
    struct wire_snapshot *, const void *, size_t, struct err *);
/* One after the other out of a payload: 0, 1 at the end, or an error. */
int wire_next_unread(struct wire_unread *, struct reader *, struct err *);
int wire_get_ack(struct wire_ack *, const void *, size_t, struct err *);

/* A batch of events: the same block coding as in a segment, at a higher level
 * of compression. Collect with add, then append one WIRE_EVENTS frame with
 * flush when `full` says so and at the end. */
struct wire_batch;
struct wire_batch *wire_batch_new(void);
void wire_batch_free(struct wire_batch *);
int wire_batch_add(struct wire_batch *, const char *path, size_t len,
    uint8_t kind, const struct entry *, struct err *);
bool wire_batch_full(const struct wire_batch *);
int wire_batch_flush(struct wire_batch *, struct buf *, struct err *);

/* A WIRE_EVENTS payload that is read; zeroed is empty, reused by the next. */
struct wire_events {
	struct block block;
	struct attr_table attrs;
	int64_t snap_time;
	uint32_t at;	 /* the next path */
	uint64_t weight; /* what came out of it so far */
	uint64_t room;	 /* and may at most */
};
void wire_events_done(struct wire_events *);

/* Open a payload, which must stay until its end, and may inflate to `room`
 * bytes: paths, targets, and a few for each event. */
int wire_open_events(
    struct wire_events *, const void *, size_t, uint64_t room, struct err *);

/* The next event and its path: 0, 1 at the end, or an error. Paths are valid
 * and rise strictly within the payload; snap is 0. All is valid until the next
 * call, the path until the next payload is opened. */
int wire_next_event(struct wire_events *, const char **path, size_t *len,
    const struct event **, struct err *);

#endif
