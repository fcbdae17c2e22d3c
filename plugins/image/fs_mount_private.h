/*
 * Within the reader of what the kernel mounted.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_FS_MOUNT_PRIVATE_H
#define IMAGE_FS_MOUNT_PRIVATE_H

#include "kernel_mount.h"

#include "base/buf.h"

#include <dirent.h>

struct fs_mount {
	struct fs fs;
	const struct image_env *env; /* borrowed */
	int root;		     /* borrowed */
	struct dir *todo;	     /* owned; directories yet to be read */
	DIR *now;		     /* owned; NULL: none is being read */
	struct buf dir;		     /* its path, "" for "/" */
	struct buf path;	     /* of the item */
	char target[4096];
	bool begun;
};

/* As openat of a path below root, which may be longer than the kernel takes at
 * once; no link is followed. -1 with errno. */
int fs_mount_at(int root, const char *path, size_t len, int flags);

/* Of struct fs_reader. */
int fs_mount_read(struct fs *, const struct lookback_want *, size_t n,
    lookback_piece_fn *give, void *ctx, int *ret_stop, struct err *);

#endif
