/*
 * How what a plan does not have is found, by kind.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_EXTRA_PRIVATE_H
#define LAB_NFT_EXTRA_PRIVATE_H

#include <stdbool.h>
#include <string.h>

#include "extra.h"

struct finding {
	struct job *job;
	struct extras *to;
	bool home_rules; /* the lab lives in the host's namespace */
};

/* One more, with a copy of the name, and no step. NULL: out of memory. */
struct extra *extra_add(struct finding *, enum extra_what, const char *name);
/* A failure, in words. */
int extra_no_memory(struct finding *);
/* The namespace, in words. */
const char *extra_where(const struct netns *);

/* Add those in this namespace that no step was for, when all had been looked
 * at: links, ... */
int extra_links(struct finding *, struct netns *);
/* ... and addresses, routes, rules and neighbours. The links were seen. */
int extra_things(struct finding *, struct netns *);

/* Of names in a plan, NULL being one: the host's namespace, no device. */
static inline bool
is_same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

#endif
