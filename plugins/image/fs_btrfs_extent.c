/*
 * EXTENT_DATA: u64 generation, u64 unpacked bytes, u8 packing, u8 encryption, u16
 * other encoding, u8 type; then
 *
 *	inline:            the bytes, packed or not
 *	regular, reserved: u64 address (0: a hole), u64 bytes there, u64 where in
 *	                   what they unpack to, u64 bytes of the file
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_btrfs_private.h"

#include <errno.h>

#define EXTENT_HEAD 21u
#define EXTENT_SIZE 53u

enum kind { INLINE = 0, REGULAR = 1, RESERVED = 2 };

static bool
lies(struct ill *ill)
{
	*ill = (struct ill){ EUCLEAN, "an extent of it lies" };
	return false;
}

static bool
on_disk(struct btrfs_extent *e, const struct btrfs_item *item, struct ill *ill)
{
	const uint8_t *p = item->p;
	uint64_t within, end;

	if (item->len < EXTENT_SIZE)
		return lies(ill);
	e->logical = load_u64(p + 21);
	e->stored = load_u64(p + 29);
	e->skip = load_u64(p + 37);
	e->len = load_u64(p + 45);
	within = e->packing == BTRFS_PLAIN ? e->stored : e->unpacked;
	if (e->len == 0 || __builtin_add_overflow(e->at, e->len, &end) ||
	    end > INT64_MAX)
		return lies(ill);
	e->hole = p[20] == RESERVED || e->logical == 0;
	if (e->hole)
		return true;
	if (e->skip > within || e->len > within - e->skip ||
	    (e->packing != BTRFS_PLAIN &&
		(e->stored == 0 || e->stored > FS_PIECE)))
		return lies(ill);
	if (e->packing == BTRFS_PLAIN) {
		if (__builtin_add_overflow(e->logical, e->skip, &e->logical))
			return lies(ill);
		e->stored = e->len;
		e->skip = 0;
	}
	return true;
}

bool
btrfs_extent_of(
    struct btrfs_extent *e, const struct btrfs_item *item, struct ill *ill)
{
	const uint8_t *p = item->p;

	*e = (struct btrfs_extent){ .at = item->key.offset };
	if (item->len < EXTENT_HEAD)
		return lies(ill);
	if (p[17] != 0 || load_u16(p + 18) != 0 || p[16] > BTRFS_ZSTD) {
		*ill = (struct ill){ EOPNOTSUPP,
			"it is encoded in a way that is not known" };
		return false;
	}
	e->packing = (enum btrfs_packing)p[16];
	if (e->packing != BTRFS_PLAIN) {
		e->unpacked = load_u64(p + 8);
		if (e->unpacked == 0 || e->unpacked > FS_PIECE)
			return lies(ill);
	}
	if (p[20] == REGULAR || p[20] == RESERVED)
		return on_disk(e, item, ill);
	/* Small files have one, at the front. */
	if (p[20] != INLINE || e->at != 0)
		return lies(ill);
	e->here = p + EXTENT_HEAD;
	e->stored = item->len - EXTENT_HEAD;
	e->len = e->packing == BTRFS_PLAIN ? e->stored : e->unpacked;
	return true;
}
