/*
 * btrfs on one device, read without a kernel: all subvolumes, from its top level
 * on. Its log is not replayed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_FS_BTRFS_H
#define IMAGE_FS_BTRFS_H

#include "image.h"

extern const struct fs_reader fs_btrfs_reader;

#endif
