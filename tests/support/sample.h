/*
 * Sample segments in memory: random events over paths that look like paths.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_SAMPLE_H
#define SUPPORT_SAMPLE_H

#include "base/buf.h"
#include "format/segment.h"

struct sample_path {
	char *path; /* owned */
	size_t len;
	struct event *events; /* owned */
	size_t n;
};

struct sample {
	struct sample_path *path; /* owned, in path order */
	size_t n;
	struct segment_snap *snaps; /* owned */
	size_t n_snaps;
	struct buf file;	      /* the segment */
	struct segment_source source; /* over file */
};

/* n paths at most (fewer where two were alike), the same for the same seed;
 * any byte but NUL may be in them. */
void sample_make(struct sample *, unsigned seed, size_t n, size_t n_snaps);
/* Write the segment of it into file. Asserts. */
void sample_write(struct sample *);
void sample_done(struct sample *);

/* A source over bytes, and a sink into a buffer. */
struct segment_source source_of(const struct buf *);
struct segment_sink sink_into(struct buf *);

#endif
