/*
 * The times used last, shared by the encoder and the decoder of a block, and
 * the small numbers of the event columns.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FORMAT_TIMES_H
#define FORMAT_TIMES_H

#include <stdint.h>
#include <string.h>

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
 * that came or went last. Zeroed: sixteen times the epoch. */
struct recent_times {
	int64_t sec[RECENT_TIMES];
	uint32_t ns[RECENT_TIMES];
	int64_t newest; /* seconds of the last new one */
};

static inline unsigned
recent_times_find(const struct recent_times *r, int64_t sec, uint32_t ns)
{
	unsigned i = 0;

	while (i < RECENT_TIMES && (r->sec[i] != sec || r->ns[i] != ns))
		i++;
	return i;
}

/* Move the at-th to the front. */
static inline void
recent_times_use(struct recent_times *r, unsigned at)
{
	int64_t sec = r->sec[at];
	uint32_t ns = r->ns[at];

	memmove(r->sec + 1, r->sec, at * sizeof(r->sec[0]));
	memmove(r->ns + 1, r->ns, at * sizeof(r->ns[0]));
	r->sec[0] = sec;
	r->ns[0] = ns;
}

static inline void
recent_times_add(struct recent_times *r, int64_t sec, uint32_t ns)
{
	recent_times_use(r, RECENT_TIMES - 1);
	r->sec[0] = sec;
	r->ns[0] = ns;
	r->newest = sec;
}

#endif
