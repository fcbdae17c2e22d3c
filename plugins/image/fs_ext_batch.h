/*
 * The names of one directory in order, in bounded memory: a batch holds the
 * first of them, and the directory is read again for those that come after.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_FS_EXT_BATCH_H
#define IMAGE_FS_EXT_BATCH_H

#include "fs_ext_private.h"

/* What all batches together aim at, and what one may have in any case. */
#define EXT_BATCH_BUDGET ((size_t)96 << 20)
#define EXT_BATCH_LEAST ((size_t)32 << 10)

struct ext_batch_name {
	uint64_t key; /* the first eight bytes, as a number that sorts alike */
	uint32_t ino;
	uint32_t at;   /* in names */
	uint32_t meta; /* in metas */
	uint8_t len;
};

/* Zeroed: none. */
struct ext_batch {
	struct ext_batch_name *by_name; /* owned; rising, each once */
	size_t n, room;
	struct buf names;
	struct ext_meta *metas; /* owned */
	bool more;		/* there are names behind the last one */
};

/* The names behind `after` (of `after_len` bytes; 0: all), as many as fit
 * `bytes`, and what their inodes say. `ill` says what could not be read. */
int ext_batch_load(struct ext_batch *, struct ext *, uint32_t dir,
    const uint8_t *after, size_t after_len, size_t bytes, struct ill *,
    struct err *);
size_t ext_batch_bytes(const struct ext_batch *);
void ext_batch_done(struct ext_batch *);

#endif
