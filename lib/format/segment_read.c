/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/segment_private.h"

#include <stdlib.h>
#include <string.h>

/* Sections are read into memory; none of ours comes near. */
#define SECTION_MAX ((uint64_t)256 * 1024 * 1024)

struct section {
	uint32_t id;
	uint64_t off, len, sum;
};

static int
bad(struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, "%s", what);
}

int
segment_range(const struct segment_source *src, struct buf *b, uint64_t off,
    uint64_t len, struct err *err)
{
	if (off > src->size || len > src->size - off || len > SECTION_MAX)
		return bad(err, "a part that lies outside the file");
	buf_clear(b);
	if (buf_reserve(b, len) != 0)
		return err_nomem(err);
	if (len > 0 && src->read_at(src->ctx, b->data, len, off, err) != 0)
		return err->code;
	b->len = len;
	return 0;
}

static int
read_section(const struct segment *s, const struct section *at, struct buf *b,
    const char *name, struct err *err)
{
	if (segment_range(&s->source, b, at->off, at->len, err) != 0)
		return err_wrap(err, "%s", name);
	if (checksum(b->data, b->len) != at->sum)
		return err_set(err, ERR_FORMAT, "%s: a wrong checksum", name);
	return 0;
}

/* Head and foot; then the table of sections into b. */
static int
read_table(
    const struct segment *s, struct buf *b, uint32_t *ret_n, struct err *err)
{
	struct reader r, sum;
	uint64_t off, table_sum;
	uint32_t version;

	if (s->source.size < HEAD_SIZE)
		return bad(err, "not a segment");
	if (segment_range(&s->source, b, 0, HEAD_SIZE, err) != 0)
		return err->code;
	if (memcmp(b->data, SEGMENT_MAGIC, 8) != 0)
		return bad(err, "not a segment");
	r = reader_of(b->data + 8, 8);
	if ((version = reader_u32(&r)) > SEGMENT_VERSION)
		return err_set(err, ERR_VERSION,
		    "format %u is newer than this program reads (%u)", version,
		    SEGMENT_VERSION);
	if (version != SEGMENT_VERSION || reader_u32(&r) != 0)
		return bad(err, "a damaged head");
	if (s->source.size < HEAD_SIZE + FOOT_SIZE)
		return bad(err, "cut short");
	if (segment_range(
		&s->source, b, s->source.size - FOOT_SIZE, FOOT_SIZE, err) != 0)
		return err->code;
	r = reader_of(b->data, FOOT_SIZE);
	off = reader_u64(&r);
	*ret_n = reader_u32(&r);
	version = reader_u32(&r);
	table_sum = reader_u64(&r);
	sum = reader_of(b->data + 24, 8);
	if (memcmp(b->data + 32, SEGMENT_END, 8) != 0)
		return bad(err, "no end mark: cut short");
	if (checksum(b->data, 24) != reader_u64(&sum) ||
	    version != SEGMENT_VERSION)
		return bad(err, "a damaged foot");
	if (*ret_n > SECTION_MAX / SECTION_SIZE || off > s->source.size ||
	    s->source.size - off != (uint64_t)*ret_n * SECTION_SIZE + FOOT_SIZE)
		return bad(err, "a table that cannot be");
	if (segment_range(
		&s->source, b, off, (uint64_t)*ret_n * SECTION_SIZE, err) != 0)
		return err->code;
	return checksum(b->data, b->len) == table_sum ?
	    0 :
	    bad(err, "table: a wrong checksum");
}

static int
take_snaps(struct segment *s, struct buf *b, struct err *err)
{
	struct reader r = reader_of(b->data, b->len);
	const struct segment_snap *before = NULL;

	s->n_snaps = b->len / SNAP_SIZE;
	if (b->len % SNAP_SIZE != 0 || s->snaps != NULL)
		return bad(err, "a damaged table of snapshots");
	if ((s->snaps = calloc(s->n_snaps + 1, sizeof(*s->snaps))) == NULL ||
	    (s->snap_times = calloc(s->n_snaps + 1, sizeof(int64_t))) == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < s->n_snaps; i++) {
		struct segment_snap *snap = &s->snaps[i];

		snap->series = reader_u32(&r);
		snap->id = reader_u32(&r);
		s->snap_times[i] = (int64_t)reader_u64(&r);
		if (before != NULL &&
		    (before->series > snap->series ||
			(before->series == snap->series &&
			    before->id >= snap->id)))
			return bad(err, "snapshots out of order");
		before = snap;
	}
	return 0;
}

static int
take_attrs(struct segment *s, struct buf *b, struct err *err)
{
	struct reader r = reader_of(b->data, b->len);

	if (s->attrs.attr != NULL)
		return bad(err, "two tables of attributes");
	if (attr_table_read(&s->attrs, &r) != 0)
		return err_nomem(err);
	return r.bad || reader_left(&r) != 0 ?
	    bad(err, "a damaged table of attributes") :
	    0;
}

static int
take_rows(struct segment *s, struct buf *b, struct err *err)
{
	const uint8_t *p = b->data;

	s->n_rows = b->len / BLOCK_ROW_SIZE;
	if (b->len % BLOCK_ROW_SIZE != 0 || s->rows != NULL)
		return bad(err, "a damaged table of blocks");
	if ((s->rows = calloc(s->n_rows + 1, sizeof(*s->rows))) == NULL)
		return err_nomem(err);
	/* Every search begins here: no reader's checks for each number. */
	for (size_t i = 0; i < s->n_rows; i++, p += BLOCK_ROW_SIZE) {
		struct block_row *row = &s->rows[i];

		row->off = load_u64(p);
		row->paths_len = load_u32(p + 8);
		row->events_len = load_u32(p + 12);
		row->n_paths = load_u32(p + 16);
		row->n_events = load_u32(p + 20);
		row->paths_sum = load_u64(p + 24);
		row->events_sum = load_u64(p + 32);
		if (row->n_paths == 0 || row->n_paths > BLOCK_PATHS_MAX ||
		    row->n_events < row->n_paths ||
		    row->n_events > BLOCK_EVENTS_MAX)
			return bad(err, "a block that cannot be");
		s->totals.paths += row->n_paths;
		s->totals.events += row->n_events;
	}
	s->totals.blocks = s->n_rows;
	return 0;
}

static int
take_index(struct segment *s, const struct section *at, struct err *err)
{
	struct index_section *index = realloc(
	    s->index, (s->n_index + 1) * sizeof(*index));

	if (index == NULL)
		return err_nomem(err);
	s->index = index;
	s->index[s->n_index++] = (struct index_section){
		.off = at->off, .len = at->len, .sum = at->sum
	};
	return 0;
}

static int
take_section(struct segment *s, const struct section *at, uint32_t before,
    struct buf *b, struct err *err)
{
	switch (at->id) {
	case SECTION_SNAPS:
		return read_section(s, at, b, "snapshots", err) != 0 ?
		    err->code :
		    take_snaps(s, b, err);
	case SECTION_ATTRS:
		return read_section(s, at, b, "attributes", err) != 0 ?
		    err->code :
		    take_attrs(s, b, err);
	case SECTION_BLOCKS:
		return read_section(s, at, b, "table of blocks", err) != 0 ?
		    err->code :
		    take_rows(s, b, err);
	case SECTION_FIRSTS:
		s->firsts_off = at->off;
		s->firsts_len = at->len;
		return 0;
	case SECTION_DIRECTORY:
		return take_index(s, at, err);
	case SECTION_POSTINGS:
		if (before != SECTION_DIRECTORY)
			return bad(err, "postings without a directory");
		s->index[s->n_index - 1].postings_off = at->off;
		s->index[s->n_index - 1].postings_len = at->len;
		return 0;
	default:
		return bad(err, "an unknown section");
	}
}

int
segment_open(
    struct segment **ret, const struct segment_source *src, struct err *err)
{
	struct segment *s = calloc(1, sizeof(*s));
	struct buf table = { 0 }, b = { 0 };
	struct reader r;
	uint32_t n = 0, before = 0;

	if (s == NULL)
		return err_nomem(err);
	(void)pthread_mutex_init(&s->lock, NULL);
	s->source = *src;
	s->totals.bytes = src->size;
	if (read_table(s, &table, &n, err) != 0)
		goto fail;
	r = reader_of(table.data, table.len);
	for (uint32_t i = 0; i < n; i++) {
		struct section at;

		at.id = reader_u32(&r);
		(void)reader_u32(&r);
		at.off = reader_u64(&r);
		at.len = reader_u64(&r);
		at.sum = reader_u64(&r);
		if (take_section(s, &at, before, &b, err) != 0)
			goto fail;
		before = at.id;
	}
	if (s->snaps == NULL || s->rows == NULL || s->firsts_off == 0 ||
	    before == SECTION_DIRECTORY) {
		(void)bad(err, "a section is missing");
		goto fail;
	}
	buf_done(&table);
	buf_done(&b);
	*ret = s;
	return 0;
fail:
	buf_done(&table);
	buf_done(&b);
	segment_close(s);
	return err->code;
}

void
segment_close(struct segment *s)
{
	if (s == NULL)
		return;
	free(s->snaps);
	free(s->snap_times);
	attr_table_done(&s->attrs);
	free(s->rows);
	for (size_t i = 0; i < s->n_index; i++) {
		index_part_done(&s->index[i].part);
		free(s->index[i].directory);
	}
	free(s->index);
	buf_done(&s->firsts);
	free(s->first_off);
	(void)pthread_mutex_destroy(&s->lock);
	free(s);
}

const struct segment_snap *
segment_snaps(const struct segment *s, size_t *n)
{
	*n = s->n_snaps;
	return s->snaps;
}

struct segment_totals
segment_totals(const struct segment *s)
{
	return s->totals;
}

static int
read_part(struct segment *s, uint64_t off, uint32_t len, uint64_t sum,
    struct buf *b, struct err *err)
{
	if (segment_range(&s->source, b, off, len, err) != 0)
		return err->code;
	return checksum(b->data, len) == sum ? 0 : bad(err, "a wrong checksum");
}

int
segment_block_paths(
    struct segment *s, size_t i, struct block *b, struct err *err)
{
	const struct block_row *row = &s->rows[i];
	struct buf raw = { 0 };
	int rc;

	rc = read_part(s, row->off, row->paths_len, row->paths_sum, &raw, err);
	if (rc == 0)
		rc = block_decode_paths(b, raw.data, raw.len, err);
	if (rc == 0 && b->n != row->n_paths)
		rc = bad(err, "other paths than the table says");
	buf_done(&raw);
	return rc == 0 ? 0 : err_wrap(err, "block %zu", i);
}

int
segment_block_events(struct segment *s, size_t i, const uint8_t *want,
    struct block *b, struct err *err)
{
	const struct event_tables tables = { .attrs = s->attrs.attr,
		.n_attrs = s->attrs.n,
		.snap_times = s->snap_times,
		.want = want,
		.n_snaps = s->n_snaps };
	const struct block_row *row = &s->rows[i];
	size_t n_events;
	int rc;

	rc = read_part(s, row->off + row->paths_len, row->events_len,
	    row->events_sum, &b->raw, err);
	if (rc == 0)
		rc = block_open_events(b, row->n_paths, b->raw.data, b->raw.len,
		    &tables, &n_events, err);
	if (rc == 0 && n_events != row->n_events)
		rc = bad(err, "other events than the table says");
	return rc == 0 ? 0 : err_wrap(err, "block %zu", i);
}
