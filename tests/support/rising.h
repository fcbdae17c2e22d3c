/*
 * Paths that must be valid and rise; else the program aborts.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_RISING_H
#define SUPPORT_RISING_H

#include "base/buf.h"

/* Zeroed: none yet. */
struct rising {
	struct buf last;
};

/* again: the one before may come again, and no new one. */
void rising_next(struct rising *, const char *path, size_t len, bool again);
void rising_done(struct rising *);

#endif
