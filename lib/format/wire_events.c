/*
 * The events of a push, in batches: one frame holds
 *
 *   table of attributes, i64 time of the snapshot, varint length, paths of a
 *   block, events of the block
 *
 * coded as in a segment (block.h), each path with one event of snap 0.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/wire.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "format/block.h"

/* A batch ends behind either; a frame stays below WIRE_FRAME_MAX even where
 * nothing can be compressed. */
#define BATCH_PATHS 16384u
#define BATCH_TEXT (2u * 1024 * 1024)

/* What an event counts for beside its path and target when the expansion of a
 * batch is bounded. */
#define EVENT_WEIGHT 32u

struct wire_batch {
	struct block_encoder *enc; /* owned */
	struct attr_table attrs;
	int64_t snap_time; /* as block_encoder_add fills it */
	size_t targets;	   /* bytes */
};

struct wire_batch *
wire_batch_new(void)
{
	struct wire_batch *wb = calloc(1, sizeof(*wb));

	if (wb == NULL)
		return NULL;
	wb->snap_time = SNAP_TIME_NONE;
	if ((wb->enc = block_encoder_new(BLOCK_FAST)) == NULL) {
		free(wb);
		return NULL;
	}
	return wb;
}

void
wire_batch_free(struct wire_batch *wb)
{
	if (wb == NULL)
		return;
	block_encoder_free(wb->enc);
	attr_table_done(&wb->attrs);
	free(wb);
}

int
wire_batch_add(struct wire_batch *wb, const char *path, size_t len,
    uint8_t kind, const struct entry *e, struct err *err)
{
	struct event ev = { .snap = 0, .kind = kind };
	size_t common;

	if (kind == EVENT_PUT) {
		ev.entry = *e;
		wb->targets += e->target_len;
	}
	if (block_encoder_add(wb->enc, &wb->attrs, &wb->snap_time, path, len,
		&ev, 1, &common) != 0)
		return err_nomem(err);
	return 0;
}

bool
wire_batch_full(const struct wire_batch *wb)
{
	return block_encoder_paths(wb->enc) >= BATCH_PATHS ||
	    block_encoder_text(wb->enc) + wb->targets >= BATCH_TEXT;
}

int
wire_batch_flush(struct wire_batch *wb, struct buf *to, struct err *err)
{
	struct buf paths = { 0 }, events = { 0 };
	size_t at = to->len, len;
	int failed;

	if (block_encoder_paths(wb->enc) == 0)
		return 0;
	failed = block_encoder_flush(wb->enc, &paths, &events) |
	    buf_add_u32(to, 0) | buf_add_byte(to, WIRE_EVENTS) |
	    attr_table_write(&wb->attrs, to) |
	    buf_add_u64(to, (uint64_t)wb->snap_time) |
	    buf_add_varint(to, paths.len) | buf_add(to, paths.data, paths.len) |
	    buf_add(to, events.data, events.len);
	buf_done(&paths);
	buf_done(&events);
	attr_table_done(&wb->attrs);
	wb->targets = 0;
	wb->snap_time = SNAP_TIME_NONE;
	if (failed) {
		to->len = at;
		return err_nomem(err);
	}
	len = to->len - at - WIRE_HEAD;
	for (int i = 0; i < 4; i++)
		to->data[at + (size_t)i] = (uint8_t)(len >> (8 * i));
	return 0;
}

static int
bad(struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, "EVENTS message: %s", what);
}

void
wire_events_done(struct wire_events *e)
{
	block_done(&e->block);
	attr_table_done(&e->attrs);
}

int
wire_open_events(struct wire_events *e, const void *p, size_t len,
    uint64_t room, struct err *err)
{
	struct reader r = reader_of(p, len);
	struct event_tables tables = { .n_snaps = 1 };
	struct block *b = &e->block;
	const uint8_t *paths;
	uint64_t n;
	size_t n_events;
	int rc;

	attr_table_done(&e->attrs);
	if (attr_table_read(&e->attrs, &r) != 0)
		return err_nomem(err);
	e->snap_time = (int64_t)reader_u64(&r);
	tables.attrs = e->attrs.attr;
	tables.n_attrs = e->attrs.n;
	tables.snap_times = &e->snap_time;
	n = reader_varint(&r);
	paths = n <= reader_left(&r) ? reader_bytes(&r, (size_t)n) : NULL;
	if (r.bad || paths == NULL)
		return bad(err, "too short");
	if ((rc = block_decode_paths_within(b, paths, (size_t)n,
		 room < SIZE_MAX ? (size_t)room : SIZE_MAX, err)) != 0 ||
	    (rc = block_open_events(
		 b, b->n, r.p, reader_left(&r), &tables, &n_events, err)) != 0)
		return rc;
	if (n_events != b->n)
		return bad(err, "a path with several events");
	e->at = 0;
	e->weight = b->off[b->n];
	e->room = room;
	return 0;
}

int
wire_next_event(struct wire_events *e, const char **path, size_t *len,
    const struct event **ev, struct err *err)
{
	const struct block *b = &e->block;
	size_t n;
	int rc;

	if (e->at == b->n)
		return 1;
	*path = b->text + b->off[e->at];
	*len = b->off[e->at + 1] - 1 - b->off[e->at];
	if (!path_is_valid(*path, *len))
		return bad(err, "a path that is none");
	if ((rc = block_path_events(&e->block, e->at, ev, &n, err)) != 0)
		return rc;
	e->at++;
	e->weight += EVENT_WEIGHT + (*ev)->entry.target_len;
	return e->weight > e->room ? bad(err, "it expands beyond the limit") :
				     0;
}
