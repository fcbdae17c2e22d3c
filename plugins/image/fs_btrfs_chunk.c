/*
 * Chunks: runs of logical addresses, and the stripes of devices they lie on. A
 * chunk is read where each of its stripes holds all of it.
 *
 * CHUNK_ITEM: u64 length, u64 owner, u64 stripe length, u64 type, u32 x 3, u16
 * stripes, u16 sub stripes; of each stripe u64 device, u64 offset, 16 bytes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_btrfs_private.h"

#include <errno.h>
#include <stdlib.h>

#define CHUNK_HEAD 48u
#define STRIPE 32u

enum profile {
	RAID0 = 1u << 3,
	RAID1 = 1u << 4,
	DUP = 1u << 5,
	RAID10 = 1u << 6,
	RAID5 = 1u << 7,
	RAID6 = 1u << 8,
	RAID1C3 = 1u << 9,
	RAID1C4 = 1u << 10,
};
#define MIRRORED ((uint64_t)(RAID1 | DUP | RAID1C3 | RAID1C4))
#define STRIPED ((uint64_t)(RAID0 | RAID10 | RAID5 | RAID6))

/* Of 1 GiB and more each, mostly. */
#define CHUNKS_MAX ((size_t)1 << 20)

/* The first that ends behind an address. */
static size_t
chunk_behind(const struct btrfs *b, uint64_t logical)
{
	size_t lo = 0, hi = b->n_chunks;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (b->chunk[mid].logical + b->chunk[mid].len <= logical)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int
insert(struct btrfs *b, const struct btrfs_chunk *chunk)
{
	size_t i = chunk_behind(b, chunk->logical);

	/* The superblock's own come again in the tree: the first counts. */
	if (b->n_chunks == CHUNKS_MAX ||
	    (i < b->n_chunks &&
		b->chunk[i].logical < chunk->logical + chunk->len))
		return 0;
	if (b->n_chunks == b->chunk_room) {
		size_t room = b->chunk_room == 0 ? 16 : b->chunk_room * 2;
		struct btrfs_chunk *p = reallocarray(
		    b->chunk, room, sizeof(*p));

		if (p == NULL)
			return -1;
		b->chunk = p;
		b->chunk_room = room;
	}
	memmove(b->chunk + i + 1, b->chunk + i,
	    (b->n_chunks - i) * sizeof(*b->chunk));
	b->chunk[i] = *chunk;
	b->n_chunks++;
	return 0;
}

int
btrfs_chunk_add(
    struct btrfs *b, uint64_t logical, const uint8_t *item, size_t len)
{
	struct btrfs_chunk chunk = { .logical = logical };
	uint64_t type, end;
	uint16_t stripes;

	if (len < CHUNK_HEAD)
		return 0;
	chunk.len = load_u64(item);
	type = load_u64(item + 24);
	stripes = load_u16(item + 44);
	if (chunk.len == 0 ||
	    __builtin_add_overflow(logical, chunk.len, &end) || stripes == 0 ||
	    len != CHUNK_HEAD + (size_t)stripes * STRIPE)
		return 0;
	if (stripes > 1 && (type & STRIPED) != 0) {
		chunk.why = "part of it lies on a RAID that is not read here";
		return insert(b, &chunk);
	}
	if (stripes > 1 && (type & MIRRORED) == 0)
		return 0;
	for (size_t i = 0; i < stripes && chunk.n < BTRFS_COPIES; i++) {
		const uint8_t *stripe = item + CHUNK_HEAD + i * STRIPE;
		uint64_t at = load_u64(stripe + 8);

		if (load_u64(stripe) == b->device &&
		    !__builtin_add_overflow(at, chunk.len, &end))
			chunk.at[chunk.n++] = at;
	}
	if (chunk.n == 0)
		chunk.why = "part of it lies on another device";
	return insert(b, &chunk);
}

unsigned
btrfs_copies(const struct btrfs *b, uint64_t logical, uint64_t len,
    uint64_t at[static BTRFS_COPIES], struct ill *ill)
{
	const struct btrfs_chunk *chunk;
	size_t i = chunk_behind(b, logical);
	uint64_t within;

	if (i == b->n_chunks || b->chunk[i].logical > logical) {
		*ill = (struct ill){ EUCLEAN,
			"part of it lies where there is nothing" };
		return 0;
	}
	chunk = &b->chunk[i];
	within = logical - chunk->logical;
	if (len > chunk->len - within) {
		*ill = (struct ill){ EUCLEAN, "part of it has no true place" };
		return 0;
	}
	if (chunk->n == 0)
		*ill = (struct ill){ EOPNOTSUPP, chunk->why };
	for (unsigned k = 0; k < chunk->n; k++)
		at[k] = chunk->at[k] + within;
	return chunk->n;
}

static int
no_chunks(struct err *err, const struct ill *ill)
{
	return err_set(
	    err, ERR_FORMAT, "where its parts lie is not known: %s", ill->why);
}

int
btrfs_chunks_read(struct btrfs *b, const uint8_t *array, size_t len,
    const struct btrfs_pointer *tree, struct err *err)
{
	struct btrfs_cursor cursor;
	struct btrfs_item item;
	int rc = 0;

	while (len >= BTRFS_KEY + CHUNK_HEAD) {
		const struct btrfs_key key = btrfs_key_at(array);
		size_t n = CHUNK_HEAD +
		    (size_t)STRIPE * load_u16(array + BTRFS_KEY + 44);

		if (key.type != BTRFS_CHUNK_ITEM || n > len - BTRFS_KEY)
			break;
		if (btrfs_chunk_add(b, key.offset, array + BTRFS_KEY, n) != 0)
			return err_nomem(err);
		array += BTRFS_KEY + n;
		len -= BTRFS_KEY + n;
	}
	btrfs_cursor_init(
	    &cursor, b, tree, BTRFS_CHUNK_TREE_ID, BTRFS_CHUNK_ITEM);
	while (rc == 0 && btrfs_cursor_next(&cursor, &item))
		if (btrfs_chunk_add(b, item.key.offset, item.p, item.len) != 0)
			rc = err_nomem(err);
	if (rc == 0 && cursor.ill.why != NULL)
		rc = no_chunks(err, &cursor.ill);
	btrfs_cursor_done(&cursor);
	return rc;
}
