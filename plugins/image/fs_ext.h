/*
 * ext2, ext3 and ext4, read without a kernel. A journal is not replayed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_FS_EXT_H
#define IMAGE_FS_EXT_H

#include "image.h"

extern const struct fs_reader fs_ext_reader;

#endif
