/*
 * Within volumes as files: what its server and who mounts it agree on.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_VOLUME_FILES_PRIVATE_H
#define IMAGE_VOLUME_FILES_PRIVATE_H

#include "volume_files.h"

/* So many bytes the kernel may ask for at once. */
#define VOLUME_FILES_READ ((uint32_t)1024 * 1024)

#endif
