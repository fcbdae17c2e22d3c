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

/* Blocks of a window, so that a trigram and a block fit in 32 bits, and the
 * keys at which one ends sooner. */
#define WINDOW_BLOCKS 256u
#define WINDOW_KEYS ((size_t)256 * 1024)

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

/*
 * What a block holds is noted as it comes: its trigrams, each once. A window of
 * blocks is sorted by trigram when it is full, and then merged into the
 * postings, which are sorted too: no step goes to and fro in memory.
 */
struct index_builder {
	uint64_t *seen;	  /* a bit for each trigram of the block at hand */
	uint32_t *key;	  /* of the window: trigram << 8 | block */
	uint32_t *sorted; /* as large as key; used while it is sorted */
	size_t n_keys, keys_cap;
	uint32_t window;	 /* its first block */
	uint32_t block;		 /* at hand */
	size_t of_block;	 /* its first key */
	struct posting *posting; /* sorted by trigram */
	size_t n_postings;
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

	/* Mostly never touched: letters and digits lie close together. */
	if (b != NULL &&
	    (b->seen = calloc(TRIGRAMS / 64, sizeof(*b->seen))) == NULL) {
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
	free(b->seen);
	free(b->key);
	free(b->sorted);
	free(b->posting);
	free(b->link);
	free(b->blocks);
	free(b);
}

/* ---- a window ---- */

static int
room_for_keys(struct index_builder *b, size_t n)
{
	size_t cap = b->keys_cap < 4096 ? 4096 : b->keys_cap;
	uint32_t *p;

	if (n <= b->keys_cap - b->n_keys)
		return 0;
	while (cap - b->n_keys < n)
		cap *= 2;
	if ((p = reallocarray(b->key, cap, sizeof(*p))) == NULL)
		return -1;
	b->key = p;
	b->keys_cap = cap;
	free(b->sorted);
	if ((b->sorted = calloc(cap, sizeof(*b->sorted))) == NULL) {
		b->keys_cap = 0;
		return -1;
	}
	return 0;
}

/* By 12 bits of each, those that are alike in their order. */
static void
sort_pass(const uint32_t *from, uint32_t *to, size_t n, unsigned shift)
{
	uint32_t at[4096] = { 0 }, before = 0;

	for (size_t i = 0; i < n; i++)
		at[from[i] >> shift & 0xfff]++;
	for (size_t i = 0; i < 4096; i++) {
		uint32_t here = at[i];

		at[i] = before;
		before += here;
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i] >> shift & 0xfff]++] = from[i];
}

static int
add_byte(struct index_builder *b, struct posting *p, uint8_t v)
{
	if (p->tail == NO_LINK || p->used == LINK_BYTES) {
		uint32_t at = (uint32_t)b->n_links;

		if (b->n_links == b->links_cap) {
			/* By halves, so that what was outgrown can be used
			 * again. */
			size_t cap = b->links_cap < 1024 ?
			    1024 :
			    b->links_cap + b->links_cap / 2;
			struct link *l = reallocarray(b->link, cap, sizeof(*l));

			if (l == NULL)
				return -1;
			b->link = l;
			b->links_cap = cap;
		}
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

/* The keys of one trigram, key[*i] the first. */
static int
add_run(struct index_builder *b, struct posting *p, size_t *i)
{
	const uint32_t *key = b->key;

	if (p->n == 0) {
		p->last = b->window + (key[*i] & 0xff);
		p->n = 1;
		(*i)++;
	}
	for (; *i < b->n_keys && key[*i] >> 8 == p->trigram; (*i)++)
		if (add_block(b, p, b->window + (key[*i] & 0xff)) != 0)
			return -1;
	return 0;
}

/* Merge the window, sorted, into the postings. */
static int
merge_window(struct index_builder *b)
{
	size_t fresh = b->n_keys > 0, n = 0, k = 0;
	struct posting *merged;

	for (size_t i = 1; i < b->n_keys; i++)
		fresh += b->key[i] >> 8 != b->key[i - 1] >> 8;
	merged = reallocarray(NULL, b->n_postings + fresh + 1, sizeof(*merged));
	if (merged == NULL)
		return -1;
	for (size_t i = 0; i < b->n_keys || k < b->n_postings;) {
		struct posting *to = &merged[n++];
		uint32_t t = i < b->n_keys ? b->key[i] >> 8 : UINT32_MAX;

		if (k < b->n_postings && b->posting[k].trigram <= t)
			*to = b->posting[k++];
		else
			*to = (struct posting){
				.trigram = t, .head = NO_LINK, .tail = NO_LINK
			};
		if (to->trigram == t && add_run(b, to, &i) != 0) {
			free(merged);
			return -1;
		}
	}
	free(b->posting);
	b->posting = merged;
	b->n_postings = n;
	return 0;
}

static void
end_block(struct index_builder *b)
{
	for (size_t i = b->of_block; i < b->n_keys; i++)
		b->seen[b->key[i] >> 14] = 0;
	b->of_block = b->n_keys;
}

static int
end_window(struct index_builder *b)
{
	end_block(b);
	/* Blocks rise already. */
	sort_pass(b->key, b->sorted, b->n_keys, 8);
	sort_pass(b->sorted, b->key, b->n_keys, 20);
	if (merge_window(b) != 0)
		return -1;
	b->n_keys = b->of_block = 0;
	return 0;
}

static int
begin_block(struct index_builder *b, uint32_t block)
{
	if (b->n_keys >= WINDOW_KEYS ||
	    (b->n_keys > 0 && block - b->window >= WINDOW_BLOCKS)) {
		if (end_window(b) != 0)
			return -1;
	} else
		end_block(b);
	if (b->n_keys == 0)
		b->window = block;
	b->block = block;
	return 0;
}

int
index_builder_add(struct index_builder *b, uint32_t block, const char *path,
    size_t len, size_t common)
{
	size_t i = common < 2 ? 0 : common - 2;
	uint32_t t;

	if (block != b->block && begin_block(b, block) != 0)
		return -1;
	if (len < 2)
		return 0;
	if (room_for_keys(b, len) != 0)
		return -1;
	/* The first two bytes, then a trigram with each byte that follows; the
	 * byte behind the path counts as NUL. */
	t = (uint32_t)trigram_fold((uint8_t)path[i]) << 8 |
	    trigram_fold((uint8_t)path[i + 1]);
	for (i += 2; i <= len; i++) {
		uint8_t c = i == len ? 0 : trigram_fold((uint8_t)path[i]);
		uint64_t bit;

		t = (t << 8 | c) & 0xffffff;
		bit = UINT64_C(1) << (t & 63);
		if ((b->seen[t >> 6] & bit) == 0) {
			b->seen[t >> 6] |= bit;
			b->key[b->n_keys++] = t << 8 | (block - b->window);
		}
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

/* ---- a part ---- */

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

int
index_builder_flush(struct index_builder *b, uint32_t end,
    struct buf *directory, struct buf *postings)
{
	uint32_t all = end - b->first;
	struct buf scratch = { 0 };
	size_t n_chunks;
	int rc = -1;

	if (end_window(b) != 0)
		return -1;
	n_chunks = (b->n_postings + INDEX_CHUNK - 1) / INDEX_CHUNK;
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
