/*
 * A logical volume as a disk: extents in a row, each on one physical volume or
 * striped over some.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_DISK_LV_H
#define IMAGE_DISK_LV_H

#include "image.h"

struct lv_stripe {
	struct disk *disk; /* borrowed */
	uint64_t off;	   /* bytes */
};

struct lv_segment {
	uint64_t start, len; /* bytes within the volume */
	uint64_t stripe;     /* bytes; counts where there are several */
	struct lv_stripe *stripes;
	size_t n;
};

/* Takes the segments, which stand in order without a gap from 0, and their
 * stripes, whatever comes. NULL: out of memory. */
struct disk *disk_lv(struct lv_segment *, size_t n);
void lv_segments_free(struct lv_segment *, size_t n);

#endif
