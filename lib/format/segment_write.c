/*
 * Writing a segment. The file, all numbers little-endian:
 *
 *   head       8 bytes "LKBKSEG\n", u32 version (1), u32 0
 *   blocks     each: its paths, then its events (format/block.h); parts of a
 *              large index may lie between them
 *   sections   in any order, found by the table:
 *     1 snaps      u32 series, u32 snapshot, i64 time (format/block.h), sorted;
 *                  events refer to them
 *     2 attrs      varint n, then n times: u8 fields, u8 type, varint mode,
 *                  varint uid, varint gid
 *     3 blocks     a row a block: u64 offset, u32 bytes of paths, u32 bytes of
 *                  events, u32 paths, u32 events, u64 checksum of the paths'
 *                  bytes, u64 of the events'
 *     4 firsts     the first path of each block, coded as the paths of a block,
 *                  in runs of some hundred paths: u32 bytes, u64 checksum,
 *                  bytes
 *     5 directory  of a part of the index, right before its
 *     6 postings   (format/index.h). A segment of one block has neither
 *   table      a row a section: u32 id, u32 0, u64 offset, u64 bytes,
 *              u64 checksum (0 for postings and firsts: they have their own)
 *   foot       u64 offset of the table, u32 sections, u32 version,
 *              u64 checksum of the table, u64 checksum of the 24 bytes before,
 *              8 bytes "LKBKEND\n"
 *
 * Checksums are XXH3-64.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/path.h"
#include "format/block.h"
#include "format/index.h"
#include "format/layout.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* A search inflates whole blocks, so a block is as small as a good
	 * compression allows: tuned on a million paths of Debian's packages. */
	PATHS_A_BLOCK = 512,
	TEXT_A_BLOCK = 128 * 1024,
	EVENTS_A_BLOCK = 16 * 1024,
};

struct segment_writer {
	struct segment_sink sink;
	uint64_t off;		    /* bytes written */
	struct segment_snap *snaps; /* owned */
	size_t n_snaps;
	int64_t *snap_times; /* owned */
	struct attr_table attrs;
	struct block_encoder *block;  /* owned */
	struct block_encoder *firsts; /* owned */
	struct buf firsts_done;	      /* runs of first paths */
	struct index_builder *index;  /* owned; NULL with one block */
	struct buf first_paths;	      /* of the first block, NUL behind each */
	struct buf paths, events;     /* of the block, coded */
	struct buf rows;	      /* section 3 */
	struct buf table;
	uint32_t n_sections;
	struct buf last; /* the path before */
	struct segment_totals totals;
};

void
segment_writer_free(struct segment_writer *w)
{
	if (w == NULL)
		return;
	free(w->snaps);
	free(w->snap_times);
	attr_table_done(&w->attrs);
	block_encoder_free(w->block);
	block_encoder_free(w->firsts);
	index_builder_free(w->index);
	buf_done(&w->first_paths);
	buf_done(&w->firsts_done);
	buf_done(&w->paths);
	buf_done(&w->events);
	buf_done(&w->rows);
	buf_done(&w->table);
	buf_done(&w->last);
	free(w);
}

static int
emit(struct segment_writer *w, const void *p, size_t n, struct err *err)
{
	if (n > 0 && w->sink.write(w->sink.ctx, p, n, err) != 0)
		return err->code;
	w->off += n;
	return 0;
}

int
segment_writer_new(struct segment_writer **ret, const struct segment_sink *sink,
    const struct segment_snap *snaps, size_t n_snaps, struct err *err)
{
	struct segment_writer *w = calloc(1, sizeof(*w));
	/* Several snapshots are a merge, which nobody waits for. */
	enum block_effort effort = n_snaps > 1 ? BLOCK_SMALL : BLOCK_FAST;
	struct buf head = { 0 };

	if (w == NULL)
		return err_nomem(err);
	w->sink = *sink;
	w->n_snaps = n_snaps;
	if ((w->snaps = calloc(n_snaps + 1, sizeof(*snaps))) == NULL ||
	    (w->snap_times = calloc(n_snaps + 1, sizeof(int64_t))) == NULL ||
	    (w->block = block_encoder_new(effort)) == NULL ||
	    (w->firsts = block_encoder_new(effort)) == NULL ||
	    buf_add_str(&head, SEGMENT_MAGIC) != 0 ||
	    buf_add_u32(&head, SEGMENT_VERSION) != 0 ||
	    buf_add_u32(&head, 0) != 0) {
		(void)err_nomem(err);
		goto fail;
	}
	for (size_t i = 0; i < n_snaps; i++) {
		w->snaps[i] = snaps[i];
		w->snap_times[i] = SNAP_TIME_NONE;
	}
	if (emit(w, head.data, head.len, err) != 0)
		goto fail;
	buf_done(&head);
	*ret = w;
	return 0;
fail:
	buf_done(&head);
	segment_writer_free(w);
	return err->code;
}

/* Close the run of first paths that is being collected. */
static int
flush_firsts(struct segment_writer *w, struct err *err)
{
	struct buf run = { 0 }, none = { 0 };
	int rc = 0;

	if (block_encoder_paths(w->firsts) == 0)
		return 0;
	if (block_encoder_flush(w->firsts, &run, &none) != 0 ||
	    buf_add_u32(&w->firsts_done, (uint32_t)run.len) != 0 ||
	    buf_add_u64(&w->firsts_done, checksum(run.data, run.len)) != 0 ||
	    buf_add(&w->firsts_done, run.data, run.len) != 0)
		rc = err_nomem(err);
	buf_done(&run);
	buf_done(&none);
	return rc;
}

static int
add_section(struct segment_writer *w, enum section_id id, const struct buf *b,
    bool own_sum, struct err *err)
{
	uint64_t off = w->off;

	if (emit(w, b->data, b->len, err) != 0)
		return err->code;
	if (buf_add_u32(&w->table, id) != 0 || buf_add_u32(&w->table, 0) != 0 ||
	    buf_add_u64(&w->table, off) != 0 ||
	    buf_add_u64(&w->table, b->len) != 0 ||
	    buf_add_u64(&w->table, own_sum ? 0 : checksum(b->data, b->len)) !=
		0)
		return err_nomem(err);
	w->n_sections++;
	return 0;
}

/* A part of the index over the blocks since the part before. It may come to
 * lie between blocks, which is why their rows have offsets. */
static int
flush_index(struct segment_writer *w, struct err *err)
{
	struct buf directory = { 0 }, postings = { 0 };
	int rc = 0;

	if (index_builder_flush(w->index, (uint32_t)w->totals.blocks,
		&directory, &postings) != 0)
		rc = err_nomem(err);
	else if (add_section(w, SECTION_DIRECTORY, &directory, false, err) != 0)
		rc = err->code;
	else
		rc = add_section(w, SECTION_POSTINGS, &postings, true, err);
	buf_done(&directory);
	buf_done(&postings);
	return rc;
}

static int
flush_block(struct segment_writer *w, struct err *err)
{
	size_t n = block_encoder_paths(w->block);
	size_t n_events = block_encoder_events(w->block);

	if (n == 0)
		return 0;
	buf_clear(&w->paths);
	buf_clear(&w->events);
	if (block_encoder_flush(w->block, &w->paths, &w->events) != 0 ||
	    buf_add_u64(&w->rows, w->off) != 0 ||
	    buf_add_u32(&w->rows, (uint32_t)w->paths.len) != 0 ||
	    buf_add_u32(&w->rows, (uint32_t)w->events.len) != 0 ||
	    buf_add_u32(&w->rows, (uint32_t)n) != 0 ||
	    buf_add_u32(&w->rows, (uint32_t)n_events) != 0 ||
	    buf_add_u64(&w->rows, checksum(w->paths.data, w->paths.len)) != 0 ||
	    buf_add_u64(&w->rows, checksum(w->events.data, w->events.len)) != 0)
		return err_nomem(err);
	if (emit(w, w->paths.data, w->paths.len, err) != 0 ||
	    emit(w, w->events.data, w->events.len, err) != 0)
		return err->code;
	w->totals.blocks++;
	if (w->index != NULL && index_builder_full(w->index))
		return flush_index(w, err);
	return 0;
}

static int
add_first(
    struct segment_writer *w, const char *path, size_t len, struct err *err)
{
	struct attr_table none = { 0 };
	struct event gone = { .kind = EVENT_GONE };
	size_t common;

	if ((block_encoder_paths(w->firsts) >= PATHS_A_BLOCK ||
		block_encoder_text(w->firsts) + len >= TEXT_A_BLOCK) &&
	    flush_firsts(w, err) != 0)
		return err->code;
	/* The events of this coding are never written. */
	if (block_encoder_add(
		w->firsts, &none, NULL, path, len, &gone, 1, &common) != 0)
		return err_nomem(err);
	return 0;
}

/* A second block begins, so there is an index. */
static int
begin_index(struct segment_writer *w)
{
	const char *last = "", *p = (const char *)w->first_paths.data;
	size_t last_len = 0;

	if ((w->index = index_builder_new()) == NULL)
		return -1;
	for (size_t off = 0, len; off < w->first_paths.len; off += len + 1) {
		len = strlen(p + off);
		if (index_builder_add(w->index, 0, p + off, len,
			path_common(last, last_len, p + off, len)) != 0)
			return -1;
		last = p + off;
		last_len = len;
	}
	buf_done(&w->first_paths);
	return 0;
}

/* 0, -1. Most segments are the changes of a night and stay with one block:
 * their writers never need the memory of an index. */
static int
add_to_index(
    struct segment_writer *w, const char *path, size_t len, size_t common)
{
	if (w->totals.blocks == 0)
		return buf_add(&w->first_paths, path, len) != 0 ||
			buf_add_byte(&w->first_paths, 0) != 0 ?
		    -1 :
		    0;
	if (w->index == NULL && begin_index(w) != 0)
		return -1;
	return index_builder_add(
	    w->index, (uint32_t)w->totals.blocks, path, len, common);
}

int
segment_writer_add(struct segment_writer *w, const char *path, size_t len,
    const struct event *ev, size_t n, struct err *err)
{
	size_t common;

	assert(n > 0);
	assert(w->last.len == 0 ||
	    path_cmp((const char *)w->last.data, w->last.len, path, len) < 0);
	if (n > BLOCK_EVENTS_MAX)
		return err_set(err, ERR_REFUSED,
		    "a path with more than %zu events", BLOCK_EVENTS_MAX);
	if ((block_encoder_paths(w->block) >= PATHS_A_BLOCK ||
		block_encoder_text(w->block) + len >= TEXT_A_BLOCK ||
		block_encoder_events(w->block) + n > EVENTS_A_BLOCK) &&
	    flush_block(w, err) != 0)
		return err->code;
	if (block_encoder_paths(w->block) == 0 &&
	    add_first(w, path, len, err) != 0)
		return err->code;
	if (block_encoder_add(w->block, &w->attrs, w->snap_times, path, len, ev,
		n, &common) != 0 ||
	    add_to_index(w, path, len, common) != 0)
		return err_nomem(err);
	w->last.len = common;
	if (buf_add(&w->last, path + common, len - common) != 0)
		return err_nomem(err);
	w->totals.paths++;
	w->totals.events += n;
	return 0;
}

static int
add_tables(struct segment_writer *w, struct err *err)
{
	struct buf b = { 0 };
	int rc = 0;

	for (size_t i = 0; i < w->n_snaps && rc == 0; i++)
		if (buf_add_u32(&b, w->snaps[i].series) != 0 ||
		    buf_add_u32(&b, w->snaps[i].id) != 0 ||
		    buf_add_u64(&b, (uint64_t)w->snap_times[i]) != 0)
			rc = err_nomem(err);
	if (rc == 0)
		rc = add_section(w, SECTION_SNAPS, &b, false, err);
	buf_clear(&b);
	if (rc == 0 && attr_table_write(&w->attrs, &b) != 0)
		rc = err_nomem(err);
	if (rc == 0)
		rc = add_section(w, SECTION_ATTRS, &b, false, err);
	if (rc == 0)
		rc = add_section(w, SECTION_BLOCKS, &w->rows, false, err);
	buf_done(&b);
	return rc;
}

static int
add_foot(struct segment_writer *w, struct err *err)
{
	uint64_t off = w->off;
	struct buf foot = { 0 };
	int rc = emit(w, w->table.data, w->table.len, err);

	if (rc == 0 &&
	    (buf_add_u64(&foot, off) != 0 ||
		buf_add_u32(&foot, w->n_sections) != 0 ||
		buf_add_u32(&foot, SEGMENT_VERSION) != 0 ||
		buf_add_u64(&foot, checksum(w->table.data, w->table.len)) !=
		    0 ||
		buf_add_u64(&foot, checksum(foot.data, foot.len)) != 0 ||
		buf_add_str(&foot, SEGMENT_END) != 0))
		rc = err_nomem(err);
	if (rc == 0)
		rc = emit(w, foot.data, foot.len, err);
	buf_done(&foot);
	return rc;
}

int
segment_writer_finish(
    struct segment_writer *w, struct segment_totals *ret, struct err *err)
{
	if (flush_block(w, err) != 0 || flush_firsts(w, err) != 0)
		return err->code;
	/* One block is inflated sooner than an index is asked. */
	if (w->totals.blocks > 1 && flush_index(w, err) != 0)
		return err->code;
	if (add_section(w, SECTION_FIRSTS, &w->firsts_done, true, err) != 0 ||
	    add_tables(w, err) != 0 || add_foot(w, err) != 0)
		return err->code;
	w->totals.bytes = w->off;
	*ret = w->totals;
	return 0;
}
