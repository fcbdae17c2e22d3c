/*
 * Journals that are not replayed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_JOURNAL_H
#define IMAGE_JOURNAL_H

#include "image.h"

/* Says so where an xfs or btrfs was not unmounted cleanly: its latest changes are
 * only in its journal, and the kernel mounts it without them. */
void journal_note(const struct volume *, const struct image_env *);

#endif
