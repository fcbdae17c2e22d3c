/*
 * Pieces of a disk in memory, so that readers may ask for blocks of a few
 * hundred bytes anywhere.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_DISK_CACHE_H
#define IMAGE_DISK_CACHE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Where pieces come from. */
struct cache_source {
	uint64_t size; /* of all */
	size_t piece;  /* bytes, a power of two; the last may be shorter */
	size_t n;      /* pieces kept */
	/* Pieces asked for ahead where reads follow each other; below n / 4. */
	size_t ahead;
	/* Begin to read [off, off + len); more may be begun before one is
	 * waited for. The buffer stays until wait returns. */
	int (*start)(void *ctx, void *buf, size_t len, uint64_t off,
	    int64_t *ret_ticket, struct err *);
	/* Until that one is there. NULL: it is when start returns. */
	int (*wait)(void *ctx, int64_t ticket, struct err *);
	void *ctx;
};

struct cache;

/* NULL: out of memory. */
struct cache *cache_new(const struct cache_source *);
/* What was begun must be over, or never come. NULL is fine. */
void cache_free(struct cache *);

/* [off, off + len) lies within the size. */
int cache_read(struct cache *, void *, size_t len, uint64_t off, struct err *);

#endif
