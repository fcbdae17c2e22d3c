/*
 * The trigram index of a segment: for each trigram the blocks whose paths hold
 * it. It comes in parts, each over a run of blocks, so that building one takes
 * bounded memory; a segment of some millions of paths has one.
 *
 * A part is a directory and postings:
 *
 *   directory   u32 first block, u32 blocks N, u32 chunks, u32 0, then a chunk:
 *               u32 its first trigram, u32 bytes, u64 checksum
 *   postings    the chunks one after the other; a chunk is up to 64 trigrams:
 *               varint distance to the trigram before (0 for the first),
 *               varint n (1..N) blocks that hold it, and
 *                 n = N      nothing
 *                 n = 1      varint block
 *                 else       varint bytes, and in these, lowest bit first, the
 *                            blocks (or, where 2n > N, those that do not hold
 *                            it), as gaps in Rice coding: gap >> k ones, a
 *                            zero, k bits. With c numbers coded k is the
 *                            largest with c * 2^(k + 1) * 100 <= 69 * N, or 0.
 *   Blocks are counted from the part's first.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FORMAT_INDEX_H
#define FORMAT_INDEX_H

#include "format/segment.h"
#include "base/buf.h"

#define INDEX_CHUNK 64	  /* trigrams */
#define INDEX_DIR_HEAD 16 /* bytes */
#define INDEX_DIR_ENTRY 16

unsigned index_rice_k(uint32_t coded, uint32_t all);

/* ---- building ---- */

struct index_builder;

struct index_builder *index_builder_new(void);
void index_builder_free(struct index_builder *);
/* The path, of which the first `common` bytes are as in the path before in
 * the same block, stands in this block. Blocks never fall. 0, -1 */
int index_builder_add(struct index_builder *, uint32_t block, const char *path,
    size_t len, size_t common);
/* Whether its memory asks for a flush (at the end of a block). */
bool index_builder_full(const struct index_builder *);
/* Append a part over blocks [first, end) and begin anew. 0, -1 */
int index_builder_flush(struct index_builder *, uint32_t end,
    struct buf *directory, struct buf *postings);

/* ---- looking up ---- */

struct index_part {
	uint32_t first, n; /* blocks */
	size_t n_chunks;
	const uint8_t *chunks; /* directory entries */
	uint64_t *off;	       /* owned; n_chunks + 1 offsets */
};

/* Takes a checksummed directory (borrowed, must stay). */
int index_part_init(struct index_part *, const uint8_t *directory, size_t len,
    uint64_t postings_len, struct err *);
void index_part_done(struct index_part *);
/* The chunk that would hold this trigram; n_chunks when none can. */
size_t index_part_chunk(const struct index_part *, uint32_t trigram);
uint32_t index_chunk_first(const struct index_part *, size_t chunk);
/* Check a chunk's bytes and set in `to` (n bits from bit `first` on) the
 * blocks of its trigrams in [lo, hi]. */
int index_chunk_find(const struct index_part *, size_t chunk,
    const uint8_t *bytes, uint32_t lo, uint32_t hi, struct bitset *to,
    struct err *);

#endif
