/*
 * A set of numbers: directories that were entered.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_FS_SEEN_H
#define IMAGE_FS_SEEN_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed: empty. */
struct fs_seen {
	uint64_t *slot; /* owned; number + 1, 0: free */
	size_t n, room; /* room is a power of two, or 0 */
};

/* 1: it is in already; 0: now it is; -1 out of memory. Not of UINT64_MAX. */
int fs_seen_add(struct fs_seen *, uint64_t number);
void fs_seen_done(struct fs_seen *);

#endif
