/*
 * Walking over a segment's paths in order, and checking all of it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/path.h"
#include "format/segment_private.h"

#include <stdlib.h>
#include <string.h>

struct segment_cursor {
	struct segment *s; /* borrowed */
	struct block block;
	size_t row;  /* the block at hand, or to be read next */
	uint32_t at; /* path in it */
	bool has_paths, has_events;
	const uint8_t *want; /* borrowed */
};

int
segment_cursor_new(
    struct segment_cursor **ret, struct segment *s, struct err *err)
{
	struct segment_cursor *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return err_nomem(err);
	c->s = s;
	*ret = c;
	return 0;
}

void
segment_cursor_free(struct segment_cursor *c)
{
	if (c == NULL)
		return;
	block_done(&c->block);
	free(c);
}

void
segment_cursor_filter(struct segment_cursor *c, const uint8_t *want)
{
	c->want = want;
}

static void
enter(struct segment_cursor *c, size_t row)
{
	c->row = row;
	c->at = 0;
	c->has_paths = false;
	c->has_events = false;
}

static int
load_paths(struct segment_cursor *c, struct err *err)
{
	if (!c->has_paths &&
	    segment_block_paths(c->s, c->row, &c->block, err) != 0)
		return err->code;
	c->has_paths = true;
	return 0;
}

static int
load_events(struct segment_cursor *c, struct err *err)
{
	if (!c->has_events &&
	    segment_block_events(c->s, c->row, c->want, &c->block, err) != 0)
		return err->code;
	c->has_events = true;
	return 0;
}

/* Move to the next path of the block with a wanted event, whose events are
 * there; at n_paths when there is none. */
static int
next_wanted(struct segment_cursor *c, uint32_t n_paths,
    struct segment_item *item, struct err *err)
{
	for (; c->at < n_paths; c->at++) {
		if (block_path_events(
			&c->block, c->at, &item->events, &item->n, err) != 0)
			return err_wrap(err, "block %zu", c->row);
		if (item->n > 0)
			break;
	}
	return 0;
}

int
segment_cursor_next(
    struct segment_cursor *c, struct segment_item *item, struct err *err)
{
	for (; c->row < c->s->n_rows; enter(c, c->row + 1)) {
		uint32_t n = c->s->rows[c->row].n_paths, at;

		/* With a filter the events decide whether paths are read. */
		if (load_events(c, err) != 0 ||
		    next_wanted(c, n, item, err) != 0)
			return err->code;
		if (c->at >= n)
			continue;
		if (load_paths(c, err) != 0)
			return err->code;
		at = c->at++;
		item->path = c->block.text + c->block.off[at];
		item->len = c->block.off[at + 1] - 1 - c->block.off[at];
		return 0;
	}
	return 1;
}

int
segment_firsts(struct segment *s, struct err *err)
{
	struct buf raw = { 0 };
	struct block run = { 0 };
	struct reader r;
	size_t n = 0;
	int rc = 0;

	(void)pthread_mutex_lock(&s->lock);
	if (s->first_off != NULL)
		goto done;
	if ((rc = segment_range(
		 &s->source, &raw, s->firsts_off, s->firsts_len, err)) != 0)
		goto done;
	if ((s->first_off = calloc(s->n_rows + 1, sizeof(uint32_t))) == NULL) {
		rc = err_nomem(err);
		goto done;
	}
	r = reader_of(raw.data, raw.len);
	while (reader_left(&r) > 0) {
		uint32_t len = reader_u32(&r);
		uint64_t sum = reader_u64(&r);
		const uint8_t *p = reader_bytes(&r, len);

		if (p == NULL || checksum(p, len) != sum) {
			rc = err_set(
			    err, ERR_FORMAT, "first paths: a wrong checksum");
			goto done;
		}
		if ((rc = block_decode_paths(&run, p, len, err)) != 0)
			goto done;
		if (run.n > s->n_rows - n ||
		    s->firsts.len + run.off[run.n] > UINT32_MAX)
			break;
		for (uint32_t i = 0; i < run.n; i++)
			s->first_off[n++] = (uint32_t)s->firsts.len +
			    run.off[i];
		if (buf_add(&s->firsts, run.text, run.off[run.n]) != 0) {
			rc = err_nomem(err);
			goto done;
		}
	}
	s->first_off[s->n_rows] = (uint32_t)s->firsts.len;
	if (n != s->n_rows || reader_left(&r) > 0)
		rc = err_set(err, ERR_FORMAT, "first paths: not one a block");
done:
	if (rc != 0) {
		free(s->first_off);
		s->first_off = NULL;
		buf_done(&s->firsts);
	}
	(void)pthread_mutex_unlock(&s->lock);
	buf_done(&raw);
	block_done(&run);
	return rc;
}

static int
cmp_first(const struct segment *s, size_t row, const char *path, size_t len)
{
	return path_cmp((const char *)s->firsts.data + s->first_off[row],
	    s->first_off[row + 1] - 1 - s->first_off[row], path, len);
}

/* The last block that begins at or before path, not before c->row. */
static size_t
block_of(const struct segment_cursor *c, const char *path, size_t len)
{
	size_t lo = c->row, hi = lo + 1, step = 1;

	/* Probes mostly come close together: gallop, then halve. */
	while (hi < c->s->n_rows && cmp_first(c->s, hi, path, len) <= 0) {
		lo = hi;
		hi += step;
		step *= 2;
	}
	if (hi > c->s->n_rows)
		hi = c->s->n_rows;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (cmp_first(c->s, mid, path, len) <= 0)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static int
cmp_at(const struct segment_cursor *c, uint32_t i, const char *path, size_t len)
{
	const struct block *b = &c->block;

	return path_cmp(
	    b->text + b->off[i], b->off[i + 1] - 1 - b->off[i], path, len);
}

int
segment_cursor_seek(
    struct segment_cursor *c, const char *path, size_t len, struct err *err)
{
	uint32_t lo, hi;
	size_t row;

	if (c->row >= c->s->n_rows)
		return 0;
	if (segment_firsts(c->s, err) != 0)
		return err->code;
	row = block_of(c, path, len);
	if (row != c->row)
		enter(c, row);
	if (load_paths(c, err) != 0)
		return err->code;
	for (lo = c->at, hi = c->block.n; lo < hi;) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (cmp_at(c, mid, path, len) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	c->at = lo;
	if (lo == c->block.n)
		enter(c, row + 1);
	return 0;
}

/* Every chunk of a part, by way of asking for everything. */
static int
verify_index(struct segment *s, struct err *err)
{
	struct triquery all = { .kind = TRIQ_RANGE, .lo = 0, .hi = 0xffffff };
	struct bitset found = { 0 };

	if (segment_candidates(s, &all, &found, err) != 0)
		return err->code;
	bitset_done(&found);
	return 0;
}

static int
verify_block(struct segment *s, size_t i, struct block *b, struct err *err)
{
	const struct event *events;
	size_t n;

	if (segment_block_paths(s, i, b, err) != 0 ||
	    segment_block_events(s, i, NULL, b, err) != 0)
		return err->code;
	for (uint32_t p = 0; p < b->n; p++) {
		if (!path_is_valid(
			b->text + b->off[p], b->off[p + 1] - 1 - b->off[p]))
			return err_set(err, ERR_FORMAT,
			    "block %zu: a path that cannot be", i);
		if (block_path_events(b, p, &events, &n, err) != 0)
			return err_wrap(err, "block %zu", i);
	}
	return cmp_first(s, i, b->text, b->off[1] - 1) == 0 ?
	    0 :
	    err_set(err, ERR_FORMAT, "block %zu: another first path", i);
}

int
segment_verify(struct segment *s, struct err *err)
{
	struct block b = { 0 };
	int rc;

	if ((rc = segment_firsts(s, err)) != 0 ||
	    (rc = verify_index(s, err)) != 0)
		return rc;
	for (size_t i = 0; i < s->n_rows && rc == 0; i++)
		rc = verify_block(s, i, &b, err);
	block_done(&b);
	return rc;
}
