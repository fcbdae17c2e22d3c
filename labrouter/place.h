/*
 * Where in a lab: the network that a command line means, and its switch.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_PLACE_H
#define LABROUTER_PLACE_H

#include "record.h"
#include "use.h"

/* Just the place of a network's switch, or of its Interface; borrows from the
 * lab and from these two. */
#define LAB_NETNS_SIZE 64
#define LAB_DEV_SIZE 16
struct lookback_place lab_switch(const struct lab *, size_t network,
    char netns[static LAB_NETNS_SIZE], char dev[static LAB_DEV_SIZE]);

/* A lab whose plugin is open, and a network of it. It must not move. */
struct lab_place {
	struct lab_use use; /* without a plan */
	struct record_lock lock;
	size_t network;
	struct lookback_place at; /* its switch; borrows from these */
	char netns[LAB_NETNS_SIZE], dev[LAB_DEV_SIZE];
};

/* Open the lab of this file, at its first network, and be the one at work on it.
 * What stands of another file's text is taken by that: a network's number may be
 * another one now. Refuses a layout that has no switches. lab_place_end frees it, which is not needed after an error. */
int lab_place_open(struct lab_place *, const char *file, struct err *);
void lab_place_end(struct lab_place *);
/* Go to the lab's network of this index. */
void lab_place_go(struct lab_place *, size_t network);

/* Open where the word means: the network of this name, or else of this number
 * in its file, from 1; of the lab, a name or a file, or where that is NULL of
 * the one lab of all that has such a network. */
int lab_place_find(
    struct lab_place *, const char *lab, const char *network, struct err *);

/* "NETWORK of LAB: " in front of an error. */
int lab_place_wrap(const struct lab_place *, struct err *);

#endif
