/*
 * The names of one directory in order, in bounded memory: a batch holds the
 * first of them, and the directory is read again for those that come after.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_FS_BATCH_H
#define IMAGE_FS_BATCH_H

#include "fs_tree.h"

/* What all batches together aim at, and what one may have in any case. */
#define FS_BATCH_BUDGET ((size_t)96 << 20)
#define FS_BATCH_LEAST ((size_t)32 << 10)

struct fs_batch_name {
	uint64_t key; /* the first eight bytes, as a number that sorts alike */
	uint64_t id;
	uint32_t at;   /* in names */
	uint32_t meta; /* in metas */
	uint16_t len;
};

/* Zeroed: none. */
struct fs_batch {
	struct fs_batch_name *by_name; /* owned; rising, each once */
	size_t n, room;
	struct buf names;
	struct fs_meta *metas; /* owned */
	bool more;	       /* there are names behind the last one */
};

/* The names behind `after` (of `after_len` bytes; 0: all), as many as fit
 * `bytes`, and what their files are. `ill` says what could not be read. */
int fs_batch_load(struct fs_batch *, struct fs_tree *, uint64_t dir,
    const uint8_t *after, size_t after_len, size_t bytes, struct ill *,
    struct err *);
size_t fs_batch_bytes(const struct fs_batch *);
void fs_batch_done(struct fs_batch *);

#endif
