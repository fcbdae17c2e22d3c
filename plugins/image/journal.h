/*
 * Journals that are not replayed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_JOURNAL_H
#define IMAGE_JOURNAL_H

#include "image.h"

/* Whether the latest changes of a file system, "xfs" or "btrfs", are only in its
 * journal. Of what cannot be read as one nothing is known: it is not. */
bool journal_is_dirty(const char *what, struct disk *);
/* Says so of what the kernel mounts, which it does without them. */
void journal_note(const struct volume *, const struct image_env *);

#endif
