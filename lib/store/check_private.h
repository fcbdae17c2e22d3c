/*
 * What the files of the check share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef STORE_CHECK_PRIVATE_H
#define STORE_CHECK_PRIVATE_H

#include "store/maintain.h"
#include "store/store_private.h"

struct check {
	struct store *store; /* borrowed */
	struct view *view;   /* owned */
	struct check_result res;
	void (*differs)(void *, const char *);
	void *ctx;
	bool *unsure; /* of view->cat.series: a segment is damaged; owned */
};

/* Name a difference. */
void check_differ(struct check *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/* Every kept listing against its recorded digest and number of entries. */
int check_listings(struct check *, struct err *);

#endif
