/*
 * The digest of a listing: the sum modulo 2^128 of XXH3-128 over each entry's
 * canonical bytes. A sum, so that it follows a change of one entry without the
 * others, whatever the order.
 *
 * Canonical bytes, little-endian: u32 path length, path, u8 fields, u8 type,
 * u16 mode, u32 uid, u32 gid, u64 size, i64 mtime, u32 mtime_ns, u32 target
 * length, target. Unobserved fields are zero.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FORMAT_DIGEST_H
#define FORMAT_DIGEST_H

#include "base/entry.h"

#include <stddef.h>

struct digest {
	uint64_t lo, hi;
};

void digest_add(
    struct digest *, const char *path, size_t len, const struct entry *);
void digest_sub(
    struct digest *, const char *path, size_t len, const struct entry *);
bool digest_equal(const struct digest *, const struct digest *);

#define DIGEST_HEX 33
/* 32 hex digits, the high half first. Returns text. */
const char *digest_hex(const struct digest *, char text[static DIGEST_HEX]);

#endif
