/*
 * The times used last, shared by the encoder and the decoder of a block, and
 * the small numbers of the event columns.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FORMAT_TIMES_H
#define FORMAT_TIMES_H

#include <stdint.h>

enum event_what {
	WHAT_PUT = 0,
	WHAT_PUT_AGAIN = 1, /* the entry of the path's put before */
	WHAT_GONE = 2,
	WHAT_UNSEEN = 3,
};

enum {
	RECENT_TIMES = 16,
	TIME_NEW = 16, /* whole seconds */
	TIME_NEW_NS = 17,
	TIME_OF_SNAP = 2, /* added: told from the snapshot's time */
	TIME_LAST = 19,
};

/* Most files of a package share one time, and a directory that of the file
 * that came or went last. Zeroed: sixteen times the epoch. A ring, since where
 * times are all different each is new. */
struct recent_times {
	int64_t sec[RECENT_TIMES];
	uint32_t ns[RECENT_TIMES];
	unsigned head;	/* where the last one stands, then the one before ... */
	int64_t newest; /* seconds of the last new one */
};

static inline unsigned
recent_times_place(const struct recent_times *r, unsigned at)
{
	return (r->head + at) % RECENT_TIMES;
}

static inline unsigned
recent_times_find(const struct recent_times *r, int64_t sec, uint32_t ns)
{
	unsigned i = 0;

	for (; i < RECENT_TIMES; i++) {
		unsigned p = recent_times_place(r, i);

		if (r->sec[p] == sec && r->ns[p] == ns)
			break;
	}
	return i;
}

/* Move the at-th to the front. */
static inline void
recent_times_use(struct recent_times *r, unsigned at)
{
	unsigned to = recent_times_place(r, at);
	int64_t sec = r->sec[to];
	uint32_t ns = r->ns[to];

	for (; at > 0; at--) {
		unsigned from = recent_times_place(r, at - 1);

		r->sec[to] = r->sec[from];
		r->ns[to] = r->ns[from];
		to = from;
	}
	r->sec[to] = sec;
	r->ns[to] = ns;
}

/* In place of the one used least recently. */
static inline void
recent_times_add(struct recent_times *r, int64_t sec, uint32_t ns)
{
	r->head = recent_times_place(r, RECENT_TIMES - 1);
	r->sec[r->head] = sec;
	r->ns[r->head] = ns;
	r->newest = sec;
}

#endif
