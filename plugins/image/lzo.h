/*
 * Unpacking LZO1X, as btrfs packs by it. The library for it is under the GPL, which
 * does not fit libtsk's licence in one process.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_LZO_H
#define IMAGE_LZO_H

#include <stddef.h>
#include <stdint.h>

/* How many bytes came out; SIZE_MAX: it is no stream up to its last byte, or one
 * of more than `size`. */
size_t lzo_unpack(const uint8_t *in, size_t len, uint8_t *out, size_t size);

#endif
