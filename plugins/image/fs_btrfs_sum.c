/*
 * Checksums of nodes and superblocks.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_btrfs_private.h"

#include <ext2fs/ext2fs.h>

#include "format/zframe.h"

bool
btrfs_sum_is_right(uint16_t sum_type, const uint8_t *p, size_t len)
{
	const uint8_t *data = p + BTRFS_SUM;
	size_t n = len - BTRFS_SUM;

	switch (sum_type) {
	case 0:
		return load_u32(p) == ~ext2fs_crc32c_le(~0u, data, n);
	case 1:
		return load_u64(p) == checksum_xxh64(data, n);
	default:
		return true;
	}
}
