/*
 * File systems that the kernel reads, of images that it was told to trust.
 *
 * They are mounted nowhere: a mount without a place is a descriptor, and it ends,
 * and the loop device below it, with the process that holds it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_KERNEL_MOUNT_H
#define IMAGE_KERNEL_MOUNT_H

#include "volume_files.h"

/* Whether it is for the kernel: no reader here knows what it holds, or not as much
 * as the kernel does. */
bool kernel_mounts(const struct volume *);

/* Mount volume `i` of the image read-only, without devices, programs, privileges
 * and a replay of its journal, into volume->mounted; or make it VOLUME_UNREAD with
 * why not. */
void kernel_mount(struct volume *, size_t i, struct volume_files *);

/* A reader of what is mounted there; the descriptor is borrowed. As fs_open. */
int fs_mount_open(
    struct fs **ret, int mounted, const struct image_env *, struct err *);

#endif
