/*
 * What is of the lab and in no step of its plan.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_EXTRA_H
#define LAB_NFT_EXTRA_H

#include "lab_nft.h"

struct extra {
	const char *netns; /* borrowed; NULL: the host's */
	bool is_netns;	   /* all of it; else one thing in it: */
	enum seen_kind kind;
	struct nlmsghdr *raw; /* owned; what was seen of it, but of a link */
	int index;	      /* of a link */
	size_t step;	      /* that makes the switch that it hangs on */
	bool stays;	      /* apply takes it not away */
	char text[SEEN_TEXT]; /* one line */
};

struct extras {
	struct extra *all; /* owned */
	size_t n, cap;
	char **names; /* owned, each one too; of namespaces */
	size_t n_names;
};

/* After a look at each step, which leaves out what they want. Nothing for a plan
 * that neither starts nor stops a lab. */
int extras_find(struct job *, struct extras *);
void extras_free(struct extras *);

/* Take away what does not stay, in an order that opens nothing; `took` is told
 * of each that went. ret_failed is the one that could not. */
int extras_remove(struct job *, const struct extras *,
    void (*took)(void *ctx, const struct extra *), void *ctx,
    const struct extra **ret_failed);

/* True if the plan starts, or stops, a whole lab. */
bool plan_starts(const struct lookback_plan *);
bool plan_stops(const struct lookback_plan *);

#endif
