/*
 * Names of one file, which its source knows by a number while it is read: no
 * index does. What comes by a second name becomes a hard link to what came by the
 * first.
 *
 * A source may lie, so what is joined must be equal in all that hard links share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FETCH_TWINS_H
#define FETCH_TWINS_H

#include "fetch/join.h"

#include <stddef.h>

/* Those after it stay copies. */
#define TWINS_BYTES_MAX ((size_t)128 * 1024 * 1024)

/* Files of one run. Zeroed: none. */
struct twins {
	void *root; /* a tree of tsearch(3); owned */
	size_t bytes;
};

/* One that has come. All borrowed. */
struct twin_file {
	uint32_t snap; /* where it is from ... */
	uint64_t same; /* ... its number there, not 0 ... */
	const char *path;
	size_t len; /* ... and its path there */
	const char *rel;
	const struct body *body;
	bool timed; /* somebody knows its time */
};

/* Make it a name of the one before it, if there is one, and keep it in mind if
 * not. Whatever stands against that: it stays a file of its own. */
void twins_join(struct twins *, const struct target *, const struct twin_file *,
    volatile const int *stop);
void twins_done(struct twins *);

#endif
