/*
 * NTFS, FAT and exFAT, read by the Sleuth Kit (libtsk). What was deleted is not
 * shown, nor what only the file system itself sees.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_FS_TSK_H
#define IMAGE_FS_TSK_H

#include "image.h"

extern const struct fs_reader fs_tsk_reader;

#endif
