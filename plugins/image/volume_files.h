/*
 * Volumes as files, for the kernel to mount: it needs one run of bytes, and a
 * qcow2's or a striped logical volume's stand all over the image.
 *
 *	image file -> disk -> volumes      the server, in a jail of its own
 *	                         |
 *	                       FUSE        a mount that is at no place
 *	                         |
 *	              loop device -> mount    the kernel, for us
 *
 * The server reads the image anew, by a helper of its own if it takes one, and
 * nobody else holds its end of FUSE: whoever dies, the rest does not wait. Where
 * the server is gone, what the kernel wants of it is EIO; where we are, it is
 * killed; and where the mounts are gone, it ends.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_VOLUME_FILES_H
#define IMAGE_VOLUME_FILES_H

#include "volumes.h"

struct volume_files {
	int image;	  /* its descriptor; borrowed */
	const char *name; /* of the image, for `losetup -a`; borrowed */
	int root;	  /* of the mount; -1: not begun yet */
};

/* A descriptor of the file of volumes->v[i], as volumes_find has it on this image,
 * to read. Begins the server at the first. -1 with errno. */
int volume_files_open(struct volume_files *, size_t i);
/* What is open stays so, and the server with it. */
void volume_files_done(struct volume_files *);

/* The server: volumes by their number at the front of their file's name, told to
 * the kernel by `fuse`, until nobody has them any more. */
void volume_files_serve(const struct volumes *, int fuse);

#endif
