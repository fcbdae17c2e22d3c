/*
 * A segment: an immutable file of events sorted by path, and its trigram
 * index. Byte by byte in lookback-segment(5) and at the top of
 * segment_write.c.
 *
 * Nothing here touches a file: a writer hands bytes to a sink, a reader asks a
 * source for ranges. Every offset, length and count read is checked; a segment
 * may come from anyone.
 *
 * A struct segment may be read by several threads at once, each with its own
 * struct block.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FORMAT_SEGMENT_H
#define FORMAT_SEGMENT_H

#include "base/buf.h"
#include "base/entry.h"
#include "base/err.h"
#include "format/triquery.h"

#include <stddef.h>

enum event_kind {
	EVENT_PUT = 0,	  /* the path has this entry */
	EVENT_GONE = 1,	  /* looked for and not there */
	EVENT_UNSEEN = 2, /* not looked at */
};

/* A snapshot that events of this segment fall on. The numbers are the
 * store's own. */
struct segment_snap {
	uint32_t series;
	uint32_t id;
};

struct event {
	uint32_t snap;	    /* index into the segment's table of snaps */
	uint8_t kind;	    /* enum event_kind */
	struct entry entry; /* of a put; zeroed for the others */
};

/* ---- writing ---- */

struct segment_sink {
	void *ctx;
	/* Append these bytes. 0, or an error set. */
	int (*write)(void *ctx, const void *, size_t, struct err *);
};

struct segment_totals {
	uint64_t paths, events, blocks, bytes;
};

struct segment_writer;

/* `snaps` sorted by (series, id), no two alike; copied. Memory stays below 128
 * MiB whatever is written. */
int segment_writer_new(struct segment_writer **ret, const struct segment_sink *,
    const struct segment_snap *snaps, size_t n_snaps, struct err *);

/* Add one path with its events (n >= 1, rising `snap`). Paths rise strictly in
 * path order and are valid (base/path.h). Bytes are copied. */
int segment_writer_add(struct segment_writer *, const char *path, size_t len,
    const struct event *, size_t n, struct err *);

/* Write what is left and the tables. The writer only takes _free after it. */
int segment_writer_finish(
    struct segment_writer *, struct segment_totals *, struct err *);
void segment_writer_free(struct segment_writer *);

/* ---- reading ---- */

struct segment_source {
	void *ctx;
	uint64_t size;
	/* Exactly len bytes at off (inside size), or an error. Threads. */
	int (*read_at)(
	    void *ctx, void *, size_t len, uint64_t off, struct err *);
};

struct segment;

/* Reads and checks the tables (not the blocks). The source is borrowed and
 * must outlive the segment. */
int segment_open(
    struct segment **ret, const struct segment_source *, struct err *);
void segment_close(struct segment *);

const struct segment_snap *segment_snaps(const struct segment *, size_t *n);
struct segment_totals segment_totals(const struct segment *);

/* The blocks that may hold a matching path: sets bits in `ret`
 * (segment_totals().blocks bits, zeroed by the callee). Without an index every
 * block is a candidate. Never leaves out a block that has a match. */
struct bitset {
	uint64_t *word; /* owned */
	size_t n;	/* bits */
};
int segment_candidates(struct segment *, const struct triquery *,
    struct bitset *ret, struct err *);
void bitset_done(struct bitset *);
static inline bool
bitset_has(const struct bitset *b, size_t i)
{
	return (b->word[i / 64] >> (i % 64)) & 1;
}

/* One decoded block; zeroed is empty, reused by the next read. */
struct block {
	uint32_t n;	     /* paths */
	const char *text;    /* the paths, each followed by a NUL */
	const uint32_t *off; /* n + 1 offsets into text; path i is
				 [off[i], off[i + 1] - 1) */
	/* Owned by block_done: */
	struct block_paths *paths;
	struct block_events *events;
	struct zunpack *z;
	struct buf raw; /* where the events are taken from */
};
void block_done(struct block *);

/* Read the paths of block i. */
int segment_block_paths(
    struct segment *, size_t i, struct block *, struct err *);

/* Read its events, before its paths or after them. Only those of some snaps are
 * wanted: `want` has a byte for each snap of the segment's table, and stays
 * while events are taken; NULL: all. */
int segment_block_events(struct segment *, size_t i, const uint8_t *want,
    struct block *, struct err *);

/* The wanted events of path i of the block. Paths are asked for in rising
 * order, each once; those in between are passed over, which costs less than
 * taking them. Valid until the next call; targets as long as the events are
 * not read anew. Entries are valid. */
int block_path_events(struct block *, uint32_t i, const struct event **ret,
    size_t *ret_n, struct err *);

/* Every byte of the file is checked against its checksum and decoded: what
 * `lindex check` does first. */
int segment_verify(struct segment *, struct err *);

/* A walk over all paths in order, or from a place. */
struct segment_cursor;

int segment_cursor_new(
    struct segment_cursor **ret, struct segment *, struct err *);
void segment_cursor_free(struct segment_cursor *);

/* The next path: 0, 1 at the end, or an error. Path and events are valid until
 * the next call. */
struct segment_item {
	const char *path;
	size_t len;
	const struct event *events;
	size_t n;
};
int segment_cursor_next(
    struct segment_cursor *, struct segment_item *, struct err *);

/* Move forward so that the next item is the first path >= this one. Never
 * backward; blocks in between are not decoded. */
int segment_cursor_seek(
    struct segment_cursor *, const char *path, size_t len, struct err *);

/* Only events of these snaps are wanted from now on (`want` has a byte for each
 * snap of the segment's table; borrowed): paths without one are passed over,
 * blocks without one before their paths are decoded. NULL: all. Before the
 * first next. */
void segment_cursor_filter(struct segment_cursor *, const uint8_t *want);

#endif
