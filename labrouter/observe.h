/*
 * What stands of a lab, as its plugin reads it back.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_OBSERVE_H
#define LABROUTER_OBSERVE_H

#include "use.h"

enum lab_state {
	LAB_STANDS, /* as planned */
	LAB_DRIFT,  /* something is missing, differs, or is extra */
	LAB_DOWN,   /* nothing that only the lab has is there */
};

struct lab_seen {
	struct seen {
		enum lookback_state state;
		size_t step; /* or LOOKBACK_NO_STEP */
		char *text;  /* owned; NULL: nothing was said */
	} * item;	     /* owned; as told, but for what stands */
	size_t n;
	size_t n_steps, n_missing, n_differs, n_extra;
	enum lab_state state;
};

/* Is this machine's interface on a switch of the lab? Else it is drift. */
static inline bool
seen_is_port(const struct seen *seen)
{
	return seen->state == LOOKBACK_EXTRA && seen->step != LOOKBACK_NO_STEP;
}

/* Of a lab whose plugin is open; lab_seen_done frees it, also after an error. */
int lab_observe(struct lab_seen *, struct lab_use *, struct err *);
void lab_seen_done(struct lab_seen *);
/* ERR_NOTFOUND, with what to do, for one that is down. */
int lab_refuse_down(struct lab_use *, struct err *);

/* "stands", "drift", "down" */
const char *lab_state_name(enum lab_state);

#endif
