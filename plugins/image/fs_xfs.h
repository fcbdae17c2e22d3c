/*
 * XFS, versions 4 and 5, read without a kernel. The log is not replayed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_FS_XFS_H
#define IMAGE_FS_XFS_H

#include "image.h"

extern const struct fs_reader fs_xfs_reader;

#endif
