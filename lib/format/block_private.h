/*
 * What the decoders of a block's two parts share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FORMAT_BLOCK_PRIVATE_H
#define FORMAT_BLOCK_PRIVATE_H

#include "format/block.h"

/* The block's decompressor; NULL without memory. */
struct zunpack *block_unpack(struct block *, struct err *);

/* Packed bytes, `len` of them, to `to`. */
bool block_read_packed(struct reader *, struct zunpack *, void *to, size_t len);

void block_events_free(struct block_events *);

#endif
