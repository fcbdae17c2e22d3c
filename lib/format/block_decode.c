/*
 * The paths of a block; its events are block_events.c's.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/block_private.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

/* What the paths of a block stand in; kept from block to block. */
struct block_paths {
	struct buf symbols; /* of what is dropped */
	char *suffixes, *text;
	size_t suffixes_cap, text_cap;
	uint32_t *off;
	size_t off_cap; /* elements */
};

void
block_done(struct block *b)
{
	struct block_paths *m = b->paths;

	if (m != NULL) {
		buf_done(&m->symbols);
		free(m->suffixes);
		free(m->text);
		free(m->off);
		free(m);
	}
	block_events_free(b->events);
	zunpack_free(b->z);
	buf_done(&b->raw);
	*b = (struct block){ 0 };
}

struct zunpack *
block_unpack(struct block *b, struct err *err)
{
	if (b->z == NULL && (b->z = zunpack_new()) == NULL)
		(void)err_nomem(err);
	return b->z;
}

static struct block_paths *
memory_of(struct block *b, struct err *err)
{
	if (b->paths == NULL &&
	    (b->paths = calloc(1, sizeof(*b->paths))) == NULL)
		(void)err_nomem(err);
	return b->paths;
}

/* Room for n elements; the old content is not kept. */
static int
room(void *array, size_t *cap, size_t n, size_t size, struct err *err)
{
	void **p = array, *q;

	if (n <= *cap)
		return 0;
	if ((q = malloc(n * size)) == NULL)
		return err_nomem(err);
	free(*p);
	*p = q;
	*cap = n;
	return 0;
}

static int
bad(struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, "block: %s", what);
}

bool
block_read_packed(struct reader *r, struct zunpack *z, void *to, size_t len)
{
	const uint8_t *p;
	uint64_t n;

	switch (reader_byte(r)) {
	case 0:
		if ((p = reader_bytes(r, len)) == NULL)
			return false;
		memcpy(to, p, len);
		return true;
	case 1:
		n = reader_varint(r);
		return (p = reader_bytes(r, n)) != NULL &&
		    zunpack_get(z, to, len, p, n);
	default:
		return false;
	}
}

static int
order_of(char c)
{
	return c == '/' ? 0 : (unsigned char)c;
}

/* What a copy may pass behind its bytes, where nothing stands yet. */
#define SLACK ((size_t)16)

/* Paths and suffixes are short: sixteen bytes a step cost less than a call. */
static inline void
copy_over(char *to, const char *from, size_t n)
{
	for (size_t i = 0; i < n; i += SLACK)
		memcpy(to + i, from + i, SLACK);
}

/* Join prefixes and suffixes to whole paths; that each rises above the one
 * before is checked at the first byte that differs. */
static const char *
expand(struct block_paths *m, size_t suffixes, struct numbers_reader *drops,
    size_t n, size_t size)
{
	const char *s = m->suffixes, *end = s + suffixes, *prev = "";
	size_t at = 0, prev_len = 0;

	for (size_t i = 0; i < n; i++) {
		const char *nul = memchr(s, '\0', (size_t)(end - s));
		uint64_t drop = numbers_next(drops);
		size_t keep, add;
		char *to = m->text + at;

		if (nul == NULL)
			return "a path without an end";
		add = (size_t)(nul - s);
		keep = prev_len - drop;
		if (drop > prev_len || keep + add > PATH_BYTES_MAX ||
		    keep + add + 1 > size - at)
			return "a path outside the block";
		if (add == 0 || (keep == 0 && s[0] != '/') ||
		    (keep == 0 && i > 0) ||
		    (keep < prev_len && order_of(s[0]) <= order_of(prev[keep])))
			return "paths not in order";
		copy_over(to, prev, keep);
		copy_over(to + keep, s, add + 1);
		m->off[i] = (uint32_t)at;
		prev = to;
		prev_len = keep + add;
		at += prev_len + 1;
		s = nul + 1;
	}
	m->off[n] = (uint32_t)at;
	return s == end && at == size && !drops->bad ?
	    NULL :
	    "lengths that do not add up";
}

int
block_decode_paths_within(struct block *b, const void *data, size_t len,
    size_t text_max, struct err *err)
{
	struct reader r = reader_of(data, len), symbols;
	struct zunpack *z = block_unpack(b, err);
	struct block_paths *m = memory_of(b, err);
	struct numbers_reader drops;
	uint64_t n, suffixes, expanded;
	const char *wrong;

	if (z == NULL || m == NULL)
		return err->code;
	b->n = 0;
	n = reader_varint(&r);
	suffixes = reader_varint(&r);
	expanded = reader_varint(&r);
	if (r.bad || n == 0 || n > BLOCK_PATHS_MAX || suffixes > expanded ||
	    suffixes < n)
		return bad(err, "counts of paths that cannot be");
	if (expanded > text_max || expanded > BLOCK_TEXT_MAX)
		return bad(err, "paths that expand beyond the limit");
	if (room(&m->text, &m->text_cap, expanded + SLACK, 1, err) != 0 ||
	    room(&m->suffixes, &m->suffixes_cap, suffixes + SLACK, 1, err) !=
		0 ||
	    room(&m->off, &m->off_cap, n + 1, sizeof(*m->off), err) != 0)
		return err->code;
	buf_clear(&m->symbols);
	if (buf_reserve(&m->symbols, n) != 0)
		return err_nomem(err);
	if (!block_read_packed(&r, z, m->symbols.data, n))
		return bad(err, "paths that cannot be inflated");
	symbols = reader_of(m->symbols.data, n);
	numbers_open(&drops, &symbols, &r, n);
	if (r.bad || !block_read_packed(&r, z, m->suffixes, suffixes) ||
	    reader_left(&r) != 0)
		return bad(err, "paths that cannot be inflated");
	if ((wrong = expand(m, suffixes, &drops, n, expanded)) != NULL)
		return bad(err, wrong);
	b->n = (uint32_t)n;
	b->text = m->text;
	b->off = m->off;
	return 0;
}

int
block_decode_paths(
    struct block *b, const void *data, size_t len, struct err *err)
{
	return block_decode_paths_within(b, data, len, BLOCK_TEXT_MAX, err);
}
