/*
 * What is of the lab and in no step of its plan.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LAB_NFT_EXTRA_H
#define LAB_NFT_EXTRA_H

#include "lab_nft.h"

/* In the order in which they go. */
enum extra_what {
	EXTRA_THING, /* one that was seen in a namespace */
	EXTRA_TABLE,
	EXTRA_PROGRAM,
	EXTRA_NETNS,
};

struct extra {
	enum extra_what what;
	char *name; /* owned; of a namespace, a link, "FAMILY NAME" of a table,
		     * a program's directory */
	struct netns *ns;     /* where a thing or a table is */
	enum seen_kind kind;  /* of a thing */
	struct nlmsghdr *raw; /* owned; of a thing but a link */
	size_t step; /* that makes the switch that it hangs on, or none */
	bool stays;  /* apply takes it not away */
	bool closes; /* without it, more may pass */
	char text[SEEN_TEXT + 128]; /* one line */
};

struct extras {
	struct extra *all; /* owned */
	size_t n, cap;
};

/* Beside a plan that starts a lab; else there is nothing. All steps are looked
 * at for that, but those of rules, settings and programs. extras_free also
 * after a failure. */
int extras_find(struct job *, struct extras *);
void extras_free(struct extras *);

/* A failure where a machine hangs on a switch that would become that of another
 * network. */
int extras_check(struct job *, const struct extras *);
/* Take it away. 1: done. 0: it went with another one. */
int extra_remove(struct job *, const struct extra *);

#endif
