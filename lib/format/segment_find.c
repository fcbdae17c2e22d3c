/*
 * Asking a segment's index: the blocks that a formula of trigrams leaves.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/segment_private.h"

#include <stdlib.h>
#include <string.h>

void
bitset_done(struct bitset *b)
{
	free(b->word);
	*b = (struct bitset){ 0 };
}

static size_t
n_words(const struct bitset *b)
{
	return (b->n + 63) / 64;
}

static int
bitset_init(struct bitset *b, size_t n, struct err *err)
{
	b->n = n;
	if ((b->word = calloc(n_words(b) + 1, sizeof(*b->word))) == NULL)
		return err_nomem(err);
	return 0;
}

static void
bitset_fill(struct bitset *b)
{
	memset(b->word, 0xff, b->n / 64 * 8);
	if (b->n % 64 != 0)
		b->word[b->n / 64] = (UINT64_C(1) << (b->n % 64)) - 1;
}

static size_t
bitset_count(const struct bitset *b)
{
	size_t n = 0;

	for (size_t i = 0; i < n_words(b); i++)
		n += (size_t)__builtin_popcountll(b->word[i]);
	return n;
}

int
segment_index_part(struct segment *s, size_t i, struct err *err)
{
	struct index_section *x = &s->index[i];
	struct buf b = { 0 };
	int rc = 0;

	(void)pthread_mutex_lock(&s->lock);
	if (x->directory == NULL) {
		rc = segment_range(&s->source, &b, x->off, x->len, err);
		if (rc == 0 && checksum(b.data, b.len) != x->sum)
			rc = err_set(
			    err, ERR_FORMAT, "index: a wrong checksum");
		if (rc == 0)
			rc = index_part_init(
			    &x->part, b.data, b.len, x->postings_len, err);
		if (rc == 0 &&
		    (x->part.first > s->n_rows ||
			x->part.n > s->n_rows - x->part.first)) {
			index_part_done(&x->part);
			rc = err_set(err, ERR_FORMAT,
			    "index: of blocks that are not there");
		}
		if (rc == 0) {
			x->directory = b.data;
			b = (struct buf){ 0 };
		}
		buf_done(&b);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return rc;
}

static int
find_range(struct segment *s, struct index_section *x, uint32_t lo, uint32_t hi,
    struct buf *scratch, struct bitset *to, struct err *err)
{
	const struct index_part *p = &x->part;

	for (size_t c = index_part_chunk(p, lo);
	     c < p->n_chunks && index_chunk_first(p, c) <= hi; c++)
		if (segment_range(&s->source, scratch,
			x->postings_off + p->off[c], p->off[c + 1] - p->off[c],
			err) != 0 ||
		    index_chunk_find(p, c, scratch->data, lo, hi, to, err) != 0)
			return err->code;
	return 0;
}

/* Blocks that no part covers are candidates of everything. */
static int
find_leaf(struct segment *s, const struct triquery *q, struct buf *scratch,
    struct bitset *to, struct err *err)
{
	size_t covered = 0;

	for (size_t i = 0; i < s->n_index; i++) {
		struct index_section *x = &s->index[i];

		if (segment_index_part(s, i, err) != 0)
			return err->code;
		if (x->part.first != covered)
			return err_set(err, ERR_FORMAT, "index: parts missing");
		covered += x->part.n;
		if (find_range(s, x, q->lo, q->hi, scratch, to, err) != 0)
			return err->code;
	}
	for (; covered < to->n; covered++)
		to->word[covered / 64] |= UINT64_C(1) << (covered % 64);
	return 0;
}

static int find(struct segment *, const struct triquery *, struct buf *scratch,
    struct bitset *to, struct err *);

/* Whether another look-up is worth its time: it takes as long as inflating a
 * block, and where few are left and look-ups take none of them away any more,
 * they are mostly what was searched for. */
static bool
is_worth_more(size_t left, unsigned idle)
{
	return left > 4 || (left > 1 && idle < 2);
}

static int
find_and(struct segment *s, const struct triquery *q, struct buf *scratch,
    struct bitset *to, struct err *err)
{
	struct bitset one = { 0 };
	size_t left = SIZE_MAX;
	unsigned idle = 0; /* look-ups in a row that took nothing away */
	int rc = 0;

	bitset_fill(to);
	for (size_t i = 0; i < q->n && rc == 0 && is_worth_more(left, idle);
	     i++) {
		size_t before = left;

		if ((rc = bitset_init(&one, to->n, err)) == 0 &&
		    (rc = find(s, &q->child[i], scratch, &one, err)) == 0)
			for (size_t w = 0; w < n_words(to); w++)
				to->word[w] &= one.word[w];
		bitset_done(&one);
		left = bitset_count(to);
		idle = left == before ? idle + 1 : 0;
	}
	return rc;
}

/* Sets in `to`, empty before, the blocks that may satisfy q. */
static int
find(struct segment *s, const struct triquery *q, struct buf *scratch,
    struct bitset *to, struct err *err)
{
	switch (q->kind) {
	case TRIQ_ALL:
		break;
	case TRIQ_RANGE:
		return find_leaf(s, q, scratch, to, err);
	case TRIQ_AND:
		return find_and(s, q, scratch, to, err);
	case TRIQ_OR:
		for (size_t i = 0; i < q->n; i++) {
			struct bitset one = { 0 };
			int rc;

			if ((rc = bitset_init(&one, to->n, err)) == 0 &&
			    (rc = find(s, &q->child[i], scratch, &one, err)) ==
				0)
				for (size_t w = 0; w < n_words(to); w++)
					to->word[w] |= one.word[w];
			bitset_done(&one);
			if (rc != 0)
				return rc;
		}
		return 0;
	}
	bitset_fill(to);
	return 0;
}

int
segment_candidates(struct segment *s, const struct triquery *q,
    struct bitset *ret, struct err *err)
{
	struct bitset found = { 0 };
	struct buf scratch = { 0 };
	int rc;

	if ((rc = bitset_init(&found, s->n_rows, err)) != 0)
		return rc;
	if (s->n_index == 0)
		bitset_fill(&found);
	else
		rc = find(s, q, &scratch, &found, err);
	buf_done(&scratch);
	if (rc != 0)
		bitset_done(&found);
	else
		*ret = found;
	return rc;
}
