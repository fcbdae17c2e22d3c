/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "disk_lv.h"

#include <stdlib.h>

struct lv {
	struct disk disk;
	struct lv_segment *segment; /* owned */
	size_t n;
};

void
lv_segments_free(struct lv_segment *segment, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(segment[i].stripes);
	free(segment);
}

static const struct lv_segment *
segment_at(const struct lv *lv, uint64_t off)
{
	size_t from = 0, to = lv->n;

	while (to - from > 1) {
		size_t mid = from + (to - from) / 2;

		if (lv->segment[mid].start <= off)
			from = mid;
		else
			to = mid;
	}
	return &lv->segment[from];
}

static int
lv_pread(
    struct disk *disk, void *buf, size_t len, uint64_t off, struct err *err)
{
	const struct lv *lv = (const struct lv *)disk;
	uint8_t *to = buf;
	int rc;

	while (len > 0) {
		const struct lv_segment *s = segment_at(lv, off);
		uint64_t in = off - s->start, left = s->len - in, at = in;
		const struct lv_stripe *stripe = &s->stripes[0];
		size_t n;

		if (s->n > 1) {
			uint64_t number = in / s->stripe;

			stripe = &s->stripes[number % s->n];
			at = number / s->n * s->stripe + in % s->stripe;
			left = s->stripe - in % s->stripe;
		}
		n = left < len ? (size_t)left : len;
		if ((rc = disk_read(
			 stripe->disk, to, n, stripe->off + at, err)) != 0)
			return rc;
		to += n;
		off += n;
		len -= n;
	}
	return 0;
}

/* One segment is; two that happen to follow each other are not worth it. */
static bool
lv_run(struct disk *disk, uint64_t len, uint64_t off, uint64_t *ret_at)
{
	const struct lv *lv = (const struct lv *)disk;
	const struct lv_stripe *stripe = lv->segment[0].stripes;

	return lv->n == 1 && lv->segment[0].n == 1 &&
	    stripe->disk->run != NULL &&
	    stripe->disk->run(stripe->disk, len, stripe->off + off, ret_at);
}

static void
lv_close(struct disk *disk)
{
	struct lv *lv = (struct lv *)disk;

	lv_segments_free(lv->segment, lv->n);
	free(lv);
}

struct disk *
disk_lv(struct lv_segment *segment, size_t n)
{
	struct lv *lv = calloc(1, sizeof(*lv));

	if (lv == NULL) {
		lv_segments_free(segment, n);
		return NULL;
	}
	lv->segment = segment;
	lv->n = n;
	lv->disk = (struct disk){
		.size = segment[n - 1].start + segment[n - 1].len,
		.sector = 512,
		.pread = lv_pread,
		.run = lv_run,
		.close = lv_close,
	};
	return &lv->disk;
}
