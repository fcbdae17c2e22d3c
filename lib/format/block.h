/*
 * The coding of one block: a run of paths, and their events. Used by segments
 * (whole files of blocks) and by the wire (a batch of events).
 *
 * Bytes whose number is known to the reader are packed:
 *   u8 mode, 0: the bytes, 1: varint length, a zstd frame
 *
 * Paths:
 *   varint n, varint suffix bytes, varint expanded bytes
 *   column of n (format/numbers.h): how many bytes of the path before are
 *     dropped at its end before the suffix follows (the first path's is 0);
 *     its symbols, packed, then the rest of it
 *   the suffixes, each with a NUL, packed
 *
 * Events, n paths being known:
 *   varint n events
 *   varint n, the symbols of the columns that tell what happened, packed
 *   varint n, those of the columns of values, packed
 *   the rest of each column, in this order:
 *     events of each path, less one
 *     snap of each path's first event
 *     snap of the others: the distance to the one before, less one
 *     what: 0 put, 1 put with the same entry as the path's put before, 2 gone,
 *       3 unseen; the rest is for `0` alone
 *     attr: index in the table of attributes
 *     time: 0..15 one of the 16 times used last (0 the newest; it moves to the
 *       front); a new time: 16, with nanoseconds 17, and 18, 19 the same told
 *       from the snapshot's time
 *    and of values:
 *     size of what is not a directory; size of directories
 *     seconds of the new times, zigzag of the distance to the new time before,
 *       or to the snapshot's time: that of the first new time that was written
 *       for it, since what changes between two snapshots changes at about one
 *       time
 *     nanoseconds of the new times that have some
 *     length of link targets
 *   the link targets, packed
 * The fields that an entry did not observe have no value in any column.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FORMAT_BLOCK_H
#define FORMAT_BLOCK_H

#include "format/numbers.h"
#include "format/segment.h"
#include "format/zframe.h"

/* What a decoder accepts in one block. */
#define BLOCK_PATHS_MAX ((size_t)64 * 1024)
#define BLOCK_TEXT_MAX ((size_t)8 * 1024 * 1024)
#define BLOCK_EVENTS_MAX ((size_t)512 * 1024)

/* ---- attributes: what many entries have in common ---- */

struct attr {
	uint8_t fields;
	char type;
	uint16_t mode;
	uint32_t uid, gid;
};

struct attr_table {
	struct attr *attr; /* owned */
	size_t n;
	uint32_t *slot; /* owned; hash table of index + 1 */
	size_t n_slots;
};

/* The index of this entry's attributes, added when new. 0, -1 */
int attr_table_index(struct attr_table *, const struct entry *, uint32_t *ret);
void attr_table_done(struct attr_table *);
int attr_table_write(const struct attr_table *, struct buf *); /* 0, -1 */
/* Checks that each can be of a valid entry, else sets r->bad. 0, -1 out of
 * memory. */
int attr_table_read(struct attr_table *, struct reader *);

/* ---- encoding ---- */

struct block_encoder;

enum block_effort {
	BLOCK_FAST,  /* somebody waits: a scan, a push */
	BLOCK_SMALL, /* for merges: a tenth off the events */
};

struct block_encoder *block_encoder_new(enum block_effort);
void block_encoder_free(struct block_encoder *);

/* No time of this snapshot yet. */
#define SNAP_TIME_NONE INT64_MIN

/* Add a path with its events; the caller vouches for their order. The times of
 * snapshots, by event.snap, are filled as events bring them. The length of the
 * prefix shared with the path before comes back. */
int block_encoder_add(struct block_encoder *, struct attr_table *,
    int64_t *snap_times, const char *path, size_t len, const struct event *,
    size_t n, size_t *ret_common);

size_t block_encoder_paths(const struct block_encoder *);
size_t block_encoder_events(const struct block_encoder *);
size_t block_encoder_text(const struct block_encoder *); /* expanded */

/* Append both parts and begin the next block. 0, -1 */
int block_encoder_flush(
    struct block_encoder *, struct buf *paths, struct buf *events);

/* ---- decoding ---- */

/* On success block->n, text and off hold the paths, strictly rising and each
 * beginning with '/'; that they are valid otherwise is for the caller who
 * doubts it. */
int block_decode_paths(struct block *, const void *, size_t, struct err *);
/* The same with a tighter bound than BLOCK_TEXT_MAX. */
int block_decode_paths_within(
    struct block *, const void *, size_t, size_t text_max, struct err *);

/* What events refer to. */
struct event_tables {
	const struct attr *attrs;
	size_t n_attrs;
	const int64_t *snap_times;
	const uint8_t *want; /* a byte for each snap: events of the others
				   are left out; NULL: all */
	size_t n_snaps;
};

/* Begin to decode the events of a block with so many paths. The bytes and the
 * tables must stay until the last event was taken with block_path_events.
 * How many events there are, wanted or not, comes back. */
int block_open_events(struct block *, size_t n_paths, const void *, size_t,
    const struct event_tables *, size_t *ret_n, struct err *);

#endif
