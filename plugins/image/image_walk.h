/*
 * One volume after the other: its files, below a directory of its name.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_IMAGE_WALK_H
#define IMAGE_IMAGE_WALK_H

#include "volumes.h"

#include "base/buf.h"

/* Zeroed: none. */
struct image_walk {
	const struct volumes *volumes; /* borrowed, as is env */
	const struct image_env *env;
	size_t at;	/* the volume that is walked */
	bool open;	/* it was begun */
	struct fs *fs;	/* owned; NULL: it has none that is known */
	bool cut;	/* that the disk ends before was told */
	bool untold;	/* why it, or its rest, cannot be read is to be told */
	struct err why; /* that */
	struct buf path, words;
};

void image_walk_init(
    struct image_walk *, const struct volumes *, const struct image_env *);
void image_walk_done(struct image_walk *);

/* As lookback_source.next. Failures of one volume are items of it, and the walk
 * goes on; an error is of all. */
int image_walk_next(struct image_walk *, struct lookback_item *, struct err *);

/* As fs_reader.read, with paths of the whole image. */
int image_walk_read(struct image_walk *, const struct lookback_want *, size_t n,
    lookback_piece_fn *give, void *ctx, int *ret_stop, struct err *);

#endif
