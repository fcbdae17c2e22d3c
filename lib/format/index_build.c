/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/index.h"
#include "format/zframe.h"

#include <stdlib.h>
#include <string.h>

#define TRIGRAMS ((size_t)1 << 24)
#define MEMORY_MAX ((size_t)44 * 1024 * 1024)
#define NO_LINK UINT32_MAX

/* Gaps of one trigram's blocks, as varints, in a chain of links. */
enum { LINK_BYTES = 28 };

struct link {
	uint32_t next;
	uint8_t data[LINK_BYTES];
};

struct posting {
	uint32_t trigram;
	uint32_t last;	     /* block added last */
	uint32_t n;	     /* blocks */
	uint32_t head, tail; /* links of the blocks before `last` */
	uint32_t used;	     /* bytes in the tail */
};

struct index_builder {
	uint32_t *slot; /* by place: index of the trigram's posting + 1 */
	struct posting *posting;
	size_t n_postings, postings_cap;
	struct link *link;
	size_t n_links, links_cap;
	uint32_t first;	  /* block of the part */
	uint32_t *blocks; /* of one posting, while it is written */
	size_t blocks_cap;
};

struct index_builder *
index_builder_new(void)
{
	struct index_builder *b = calloc(1, sizeof(*b));

	/* Mostly never touched: the usual bytes' lie together. */
	if (b != NULL &&
	    (b->slot = calloc(TRIGRAMS, sizeof(*b->slot))) == NULL) {
		free(b);
		return NULL;
	}
	return b;
}

void
index_builder_free(struct index_builder *b)
{
	if (b == NULL)
		return;
	free(b->slot);
	free(b->posting);
	free(b->link);
	free(b->blocks);
	free(b);
}

/* Where a trigram's slot is: those of 64 usual bytes (letters, digits, what
 * stands between them, the end) fill the first 2^18 places and hardly more
 * pages than they need. */
struct place {
	uint32_t low;  /* 6 bits of each byte */
	uint32_t high; /* 2 bits of each byte */
};

static void
place_add(struct place *p, uint8_t c)
{
	/* 0x60-0x7e to the front, 0x20-0x3f behind them, NUL in between. */
	uint8_t r = c == 0 ? 0x1f : c == 0x7f ? 0x60 : c ^ 0x60;

	if (c >= 0x20 && c < 0x60)
		r = c;
	p->low = (p->low << 6 | (r & 0x3f)) & 0x3ffff;
	p->high = (p->high << 2 | r >> 6) & 0x3f;
}

static uint32_t *
slot_at(const struct index_builder *b, const struct place *p)
{
	return &b->slot[p->high << 18 | p->low];
}

static uint32_t *
slot_of(const struct index_builder *b, uint32_t trigram)
{
	struct place p = { 0 };

	place_add(&p, (uint8_t)(trigram >> 16));
	place_add(&p, (uint8_t)(trigram >> 8));
	place_add(&p, (uint8_t)trigram);
	return slot_at(b, &p);
}

/* Room for one more element. 0, -1 */
static int
room_for_one(void *array, size_t *cap, size_t n, size_t size)
{
	void **p = array, *q;
	size_t more;

	if (n < *cap)
		return 0;
	/* By halves, so that what was outgrown can be used again. */
	more = *cap < 1024 ? 1024 : *cap + *cap / 2;
	if ((q = realloc(*p, more * size)) == NULL)
		return -1;
	*p = q;
	*cap = more;
	return 0;
}

static int
add_byte(struct index_builder *b, struct posting *p, uint8_t v)
{
	if (p->tail == NO_LINK || p->used == LINK_BYTES) {
		uint32_t at = (uint32_t)b->n_links;

		if (room_for_one(&b->link, &b->links_cap, b->n_links,
			sizeof(*b->link)) != 0)
			return -1;
		b->n_links++;
		b->link[at].next = NO_LINK;
		if (p->tail == NO_LINK)
			p->head = at;
		else
			b->link[p->tail].next = at;
		p->tail = at;
		p->used = 0;
	}
	b->link[p->tail].data[p->used++] = v;
	return 0;
}

static int
add_block(struct index_builder *b, struct posting *p, uint32_t block)
{
	uint32_t gap = block - p->last;

	for (; gap >= 0x80; gap >>= 7)
		if (add_byte(b, p, (uint8_t)(gap | 0x80)) != 0)
			return -1;
	if (add_byte(b, p, (uint8_t)gap) != 0)
		return -1;
	p->last = block;
	p->n++;
	return 0;
}

static int
new_posting(
    struct index_builder *b, uint32_t *slot, uint32_t trigram, uint32_t block)
{
	if (room_for_one(&b->posting, &b->postings_cap, b->n_postings,
		sizeof(*b->posting)) != 0)
		return -1;
	b->posting[b->n_postings++] = (struct posting){ .trigram = trigram,
		.last = block,
		.n = 1,
		.head = NO_LINK,
		.tail = NO_LINK };
	*slot = (uint32_t)b->n_postings;
	return 0;
}

int
index_builder_add(struct index_builder *b, uint32_t block, const char *path,
    size_t len, size_t common)
{
	size_t first = common < 2 ? 0 : common - 2;
	struct place place = { 0 };
	uint32_t t = 0;

	if (len < 2)
		return 0;
	/* The first two bytes, then a trigram with each byte that follows; the
	 * byte behind the path counts as NUL. */
	for (size_t i = first; i <= len; i++) {
		uint8_t c = i == len ? 0 : trigram_fold((uint8_t)path[i]);
		uint32_t *slot;

		t = (t << 8 | c) & 0xffffff;
		place_add(&place, c);
		if (i < first + 2)
			continue;
		slot = slot_at(b, &place);
		if (*slot == 0) {
			if (new_posting(b, slot, t, block) != 0)
				return -1;
		} else if (b->posting[*slot - 1].last != block &&
		    add_block(b, &b->posting[*slot - 1], block) != 0)
			return -1;
	}
	return 0;
}

bool
index_builder_full(const struct index_builder *b)
{
	return b->n_postings * sizeof(*b->posting) +
	    b->n_links * sizeof(*b->link) >
	    MEMORY_MAX;
}

/* The blocks of a posting, counted from the part's first: b->blocks. */
static int
collect(struct index_builder *b, const struct posting *p)
{
	uint32_t link = p->head, used = 0, block = p->last, back = 0;
	size_t n = 0;

	if (p->n > b->blocks_cap) {
		free(b->blocks);
		b->blocks_cap = 0;
		if ((b->blocks = malloc(2 * p->n * sizeof(*b->blocks))) == NULL)
			return -1;
		b->blocks_cap = 2 * (size_t)p->n;
	}
	/* The chain holds gaps, the posting the last block: count back. */
	for (n = 1; n < p->n; n++) {
		uint32_t gap = 0;
		uint8_t c;

		for (unsigned shift = 0;; shift += 7) {
			if (used == LINK_BYTES) {
				link = b->link[link].next;
				used = 0;
			}
			c = b->link[link].data[used++];
			gap |= (uint32_t)(c & 0x7f) << shift;
			if ((c & 0x80) == 0)
				break;
		}
		b->blocks[n] = gap;
		back += gap;
	}
	b->blocks[0] = block - back - b->first;
	for (n = 1; n < p->n; n++)
		b->blocks[n] += b->blocks[n - 1];
	return 0;
}

struct bits {
	struct buf *to;
	uint64_t word;
	unsigned n;
};

static int
bits_add(struct bits *b, uint64_t v, unsigned n)
{
	b->word |= v << b->n;
	b->n += n;
	while (b->n >= 8) {
		if (buf_add_byte(b->to, (uint8_t)b->word) != 0)
			return -1;
		b->word >>= 8;
		b->n -= 8;
	}
	return 0;
}

static int
add_gap(struct bits *b, uint32_t gap, unsigned k)
{
	uint32_t ones = gap >> k;

	for (; ones > 32; ones -= 32)
		if (bits_add(b, UINT32_MAX, 32) != 0)
			return -1;
	if (bits_add(b, (UINT64_C(1) << ones) - 1, ones + 1) != 0)
		return -1;
	return bits_add(b, gap & ((UINT32_C(1) << k) - 1), k);
}

/* The blocks, or the others of [0, all), as gaps. */
static int
add_rice(struct bits *b, const uint32_t *blocks, uint32_t n, uint32_t all,
    unsigned k)
{
	uint32_t next = 0;

	if (2 * (uint64_t)n <= all) {
		for (uint32_t i = 0; i < n; i++) {
			if (add_gap(b, blocks[i] - next, k) != 0)
				return -1;
			next = blocks[i] + 1;
		}
	} else {
		for (uint32_t i = 0, v = 0; v < all; v++) {
			if (i < n && blocks[i] == v) {
				i++;
				continue;
			}
			if (add_gap(b, v - next, k) != 0)
				return -1;
			next = v + 1;
		}
	}
	return b->n > 0 ? buf_add_byte(b->to, (uint8_t)b->word) : 0;
}

static int
write_posting(struct index_builder *b, const struct posting *p, uint32_t all,
    struct buf *to, struct buf *scratch)
{
	uint32_t n = p->n, coded;
	struct bits bits = { scratch, 0, 0 };
	unsigned k;

	if (buf_add_varint(to, n) != 0)
		return -1;
	if (n == all)
		return 0;
	if (collect(b, p) != 0)
		return -1;
	if (n == 1)
		return buf_add_varint(to, b->blocks[0]);
	coded = 2 * (uint64_t)n <= all ? n : all - n;
	k = index_rice_k(coded, all);
	buf_clear(scratch);
	return add_rice(&bits, b->blocks, n, all, k) != 0 ||
		buf_add_varint(to, scratch->len) != 0 ||
		buf_add(to, scratch->data, scratch->len) != 0 ?
	    -1 :
	    0;
}

static int
by_trigram(const void *a, const void *b)
{
	const struct posting *x = a, *y = b;

	return (x->trigram > y->trigram) - (x->trigram < y->trigram);
}

int
index_builder_flush(struct index_builder *b, uint32_t end,
    struct buf *directory, struct buf *postings)
{
	uint32_t all = end - b->first;
	size_t n_chunks = (b->n_postings + INDEX_CHUNK - 1) / INDEX_CHUNK;
	struct buf scratch = { 0 };
	int rc = -1;

	for (size_t i = 0; i < b->n_postings; i++)
		*slot_of(b, b->posting[i].trigram) = 0;
	qsort(b->posting, b->n_postings, sizeof(*b->posting), by_trigram);
	if (buf_add_u32(directory, b->first) != 0 ||
	    buf_add_u32(directory, all) != 0 ||
	    buf_add_u32(directory, (uint32_t)n_chunks) != 0 ||
	    buf_add_u32(directory, 0) != 0)
		goto done;
	for (size_t i = 0; i < b->n_postings;) {
		uint32_t before = b->posting[i].trigram, first = before;
		size_t at = postings->len, stop = i + INDEX_CHUNK;

		for (; i < b->n_postings && i < stop; i++) {
			if (buf_add_varint(postings,
				b->posting[i].trigram - before) != 0 ||
			    write_posting(b, &b->posting[i], all, postings,
				&scratch) != 0)
				goto done;
			before = b->posting[i].trigram;
		}
		if (buf_add_u32(directory, first) != 0 ||
		    buf_add_u32(directory, (uint32_t)(postings->len - at)) !=
			0 ||
		    buf_add_u64(directory,
			checksum(postings->data + at, postings->len - at)) != 0)
			goto done;
	}
	b->n_postings = 0;
	b->n_links = 0;
	b->first = end;
	rc = 0;
done:
	buf_done(&scratch);
	return rc;
}
