/*
 * Frames of the push protocol over a stream, for both of its ends.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_WIRE_LINK_H
#define INDEXER_WIRE_LINK_H

#include "format/wire.h"

struct wire_link {
	void *ctx;
	/* Exactly len bytes; 1 when the stream ended before the first. */
	int (*read)(void *ctx, void *, size_t len, struct err *);
	int (*write)(void *ctx, const void *, size_t len, struct err *);
	/* Nothing more will be written. NULL: that is not told. */
	int (*end)(void *ctx, struct err *);
	struct buf out; /* owned; frames to be sent: wire_put_... */
	struct buf in;	/* owned; the payload received last */
	uint64_t n_in;	/* bytes received */
};

void wire_link_done(struct wire_link *);

/* Send what stands in `out`. */
int wire_link_flush(struct wire_link *, struct err *);
/* The same, once it is worth while. */
int wire_link_relieve(struct wire_link *, struct err *);

/* Receive a frame: its payload is in `in`. 1 when the stream ended. */
int wire_link_next(struct wire_link *, enum wire_type *ret, struct err *);

/* For messages: "EVENTS". */
const char *wire_type_name(enum wire_type);

/* A link over two descriptors; a wait longer than idle_s (0: for ever) is
 * ERR_BUSY. `fds` is borrowed. */
struct wire_fds {
	int in, out;
	int idle_s;
};
void wire_link_fds(struct wire_link *, struct wire_fds *fds);

#endif
