/*
 * What lies on a disk: partition tables, volume groups, bare file systems.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_VOLUMES_H
#define IMAGE_VOLUMES_H

#include "image.h"

/* Of one disk; more are left unread, in words. */
#define VOLUMES_MAX 512u

struct volumes {
	struct volume *v; /* owned; in the order of the disk */
	size_t n;
	/* While tables are read: the volume they lie on, "" for the whole, and
	 * the first partition of it. */
	const char *within;
	size_t from;
};

/* Finds them all. A table that lies is cut where it does, and what of it cannot
 * be read is a volume that says so; so this fails (negative) only where the disk
 * cannot be read at all, or memory ends. The disk must outlive them. */
int volumes_find(struct volumes *, struct disk *, struct err *);
void volumes_done(struct volumes *);

/* Add one, which takes the disk whatever comes; fmt may be NULL. 0 or ERR_NOMEM;
 * past VOLUMES_MAX nothing is added, and the last one says so. */
int volumes_add(struct volumes *, const char *name, struct disk *,
    enum volume_kind, const char *why, struct err *);

/* What the first bytes of a disk say: fills kind, what and why. A disk that
 * cannot be read says that. */
void volume_look(struct volume *);

#endif
