/*
 * mountinfo as a tree: each mount stands on a directory of its parent.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SYS_MOUNTINFO_H
#define SYS_MOUNTINFO_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NONE SIZE_MAX

struct mount {
	unsigned long id, parent_id;
	const char *dev;		      /* "254:0" */
	char *root, *point, *fstype, *source; /* in the text */
	size_t point_len;
	size_t parent;	       /* index, or NONE */
	size_t child, sibling; /* the first on it, the next on the same */
	/* the judgement of mounts.c */
	bool pruned; /* by type or path, or stands on such */
	bool bind;
	bool seen;
};

struct mounts {
	struct buf text;
	struct mount *m; /* owned; by id */
	size_t n;
	size_t top; /* the first without a parent here */
};

/* Read a mountinfo file; lines that are none of a mount are passed over. */
int mounts_read(struct mounts *ret, const char *mountinfo, struct err *);
/* The same of its text, which is taken: empty afterwards. */
int mounts_parse(struct mounts *ret, struct buf *text, struct err *);
void mounts_done(struct mounts *);

/* The first mount on this one, or of those without a parent here (NONE). */
size_t mounts_first_on(const struct mounts *, size_t);

/* What follows `dir` in path, with its '/'; NULL where path is not at or below
 * it. */
const char *rest_below(const char *path, const char *dir);

#endif
