/*
 * What packs extents: one stream of zlib or zstd, or pieces of LZO, each of which
 * unpacks to a sector:
 *
 *	u32 bytes in all, these four too; of each piece u32 bytes, bytes; where
 *	less than four are left of a sector, the next length is in the next one
 *
 * Behind a stream there may be anything, up to the end of its last sector.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_btrfs_private.h"

#define ZLIB_CONST
#include <zlib.h>

#include "format/zframe.h"
#include "lzo.h"

/* Returns how much came out; SIZE_MAX: it is no stream. */
static size_t
unpack_zlib(const uint8_t *in, size_t len, uint8_t *out, size_t size)
{
	z_stream z = { .next_in = in,
		.avail_in = (uInt)len,
		.next_out = out,
		.avail_out = (uInt)size };
	int rc;

	if (inflateInit(&z) != Z_OK)
		return SIZE_MAX;
	rc = inflate(&z, Z_FINISH);
	size -= z.avail_out;
	(void)inflateEnd(&z);
	return rc == Z_STREAM_END || (rc == Z_BUF_ERROR && z.avail_out == 0) ?
	    size :
	    SIZE_MAX;
}

static size_t
unpack_zstd(const uint8_t *in, size_t len, uint8_t *out, size_t size)
{
	struct zunpack *z = zunpack_new();
	struct reader from = reader_of(in, len);
	struct buf to = { .data = out, .cap = size };
	uint64_t whole;
	/* There is room for all of it, so one call does it. */
	bool good = z != NULL && zunpack_part(z, &from, &to) &&
	    (!zframe_size(in, len, &whole) || whole == to.len);

	zunpack_free(z);
	return good ? to.len : SIZE_MAX;
}

static size_t
unpack_lzo(
    const uint8_t *in, size_t len, size_t sector, uint8_t *out, size_t size)
{
	size_t at = 4, done = 0, all = len < 4 ? 0 : load_u32(in);

	if (all < at || all > len)
		return SIZE_MAX;
	while (done < size && at < all) {
		size_t left = sector - at % sector, n, got,
		       room = size - done < sector ? size - done : sector;

		if (left < 4)
			at += left;
		if (at > all || all - at < 4)
			break;
		n = load_u32(in + at);
		at += 4;
		if (n > all - at)
			return SIZE_MAX;
		got = lzo_unpack(in + at, n, out + done, room);
		if (got == SIZE_MAX)
			return SIZE_MAX;
		at += n;
		done += got;
	}
	return done;
}

bool
btrfs_unpack(enum btrfs_packing packing, uint32_t sector, const uint8_t *in,
    size_t len, uint8_t *out, size_t size)
{
	size_t n = SIZE_MAX;

	switch (packing) {
	case BTRFS_PLAIN:
		break;
	case BTRFS_ZLIB:
		n = unpack_zlib(in, len, out, size);
		break;
	case BTRFS_LZO:
		n = unpack_lzo(in, len, sector, out, size);
		break;
	case BTRFS_ZSTD:
		n = unpack_zstd(in, len, out, size);
		break;
	}
	if (n == SIZE_MAX)
		return false;
	memset(out + n, 0, size - n);
	return true;
}
