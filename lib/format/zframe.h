/*
 * zstd frames in and out of memory, and checksums: the only door to both
 * libraries.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FORMAT_ZFRAME_H
#define FORMAT_ZFRAME_H

#include "base/buf.h"
#include "base/err.h"

struct zpack; /* a compressor; one thread */

/* min_match: the shortest repetition looked for, 0 for the level's own. */
struct zpack *zpack_new(int level, int min_match);
void zpack_free(struct zpack *);
/* Append one frame. 0, -1 out of memory. */
int zpack_add(struct zpack *, struct buf *, const void *, size_t);

struct zunpack; /* a decompressor; one thread */

struct zunpack *zunpack_new(void);
void zunpack_free(struct zunpack *);
/* Inflate a frame to exactly `size` bytes; false when it is not one. */
bool zunpack_get(
    struct zunpack *, void *to, size_t size, const void *frame, size_t len);

/* Of frames that others wrote: the bytes that one inflates to, as it says;
 * false when it is no frame or does not say. */
bool zframe_size(const void *frame, size_t len, uint64_t *ret);
/* What is inflated from now on was deflated with this dictionary, which is
 * copied. false: it is none, or out of memory. */
bool zunpack_dictionary(struct zunpack *, const void *, size_t);
/* The next part of one that comes in parts: takes what it can from `in`, and
 * appends to `out` within its capacity. false when it is no frame. */
bool zunpack_part(struct zunpack *, struct reader *in, struct buf *out);

/* XXH3-64. */
uint64_t checksum(const void *, size_t);
/* XXH64, as btrfs has it. */
uint64_t checksum_xxh64(const void *, size_t);

#endif
