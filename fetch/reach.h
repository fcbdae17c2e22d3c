/*
 * Whether a place can be reached from here, and is still what it was.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FETCH_REACH_H
#define FETCH_REACH_H

#include "store/places.h"

struct reach;

/* `here` is this host's name; both are borrowed. */
int reach_new(
    struct reach **ret, const struct catalog *, const char *here, struct err *);
void reach_free(struct reach *);

enum reach_answer {
	REACH_YES,     /* it may be tried */
	REACH_NEVER,   /* it lies elsewhere, or is no source of content */
	REACH_NO_MORE, /* the source is gone, or no longer what it was */
	REACH_CHANGED, /* the file is */
};

/* Origins are looked at once, live files each time. `ret_why` is in words, about
 * the origin, and stays until the next call. */
int reach_check(struct reach *, const struct place *, const struct entry *,
    enum reach_answer *ret, const char **ret_why, struct err *);

/* The first time that this is asked of a place's origin. */
bool reach_is_news(struct reach *, const struct place *);

/* The origin and the path there, for people: "archive:/b/etc.tar",
 * "file:/etc/fstab"; the host where it is not here. 0, -1 */
int reach_words(const struct reach *, const struct place *, struct buf *);

#endif
