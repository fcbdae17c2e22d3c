/*
 *	label	 0 "LABELONE", 8 its sector, 16 sum of 20 to the sector's end,
 *		 20 where the header is (from the label), 24 "LVM2 001"
 *	header	 0 id, 32 size, 40 areas of data: (offset, size) ... (0, 0),
 *		 then areas of metadata in the same way
 *	area	 0 sum of 4 to 512, 4 magic, 20 version, 24 its start, 32 its
 *		 size, 40 texts: (offset, size, sum, flags) ... (0, ...)
 *
 * A text begins at an offset of the area, and goes on at 512 where the area ends.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "lvm_label.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#define SECTOR 512
#define TEXT_MAX ((uint64_t)16 * 1024 * 1024)

static int
bad(struct err *err)
{
	return err_set(err, ERR_FORMAT, "LVM's metadata are damaged");
}

/* LVM's sum: CRC-32 begun with a number of its own and not turned over. */
static uint32_t
sum_of(const void *data, size_t n)
{
	const uint8_t *p = data;
	uint32_t sum = 0xf597a6cf;

	for (; n > 0; n--, p++) {
		sum ^= *p;
		for (int i = 0; i < 8; i++)
			sum = (sum >> 1) ^ (0xedb88320u & -(sum & 1));
	}
	return sum;
}

/* The sector with the label. */
static int
find_label(struct disk *disk, uint8_t ret[static SECTOR], struct err *err)
{
	int rc;

	for (uint64_t i = 0; i < 4; i++) {
		if ((rc = disk_read(disk, ret, SECTOR, i * SECTOR, err)) != 0)
			return rc;
		if (memcmp(ret, "LABELONE", 8) == 0 &&
		    memcmp(ret + 24, "LVM2 001", 8) == 0 &&
		    load_u64(ret + 8) == i &&
		    load_u32(ret + 16) == sum_of(ret + 20, SECTOR - 20))
			return 0;
	}
	return bad(err);
}

/* A text of an area, in one piece. */
static int
read_text(struct disk *disk, uint64_t start, uint64_t size, const uint8_t *locn,
    struct lvm_label *ret, struct err *err)
{
	uint64_t off = load_u64(locn), len = load_u64(locn + 8), in;
	int rc;

	if (off < SECTOR || off >= size || len > TEXT_MAX ||
	    len > size - SECTOR)
		return bad(err);
	if ((ret->text = malloc((size_t)len + 1)) == NULL)
		return err_nomem(err);
	in = len < size - off ? len : size - off;
	rc = disk_read(disk, ret->text, (size_t)in, start + off, err);
	if (rc == 0)
		rc = disk_read(disk, ret->text + in, (size_t)(len - in),
		    start + SECTOR, err);
	if (rc == 0 && sum_of(ret->text, (size_t)len) != load_u32(locn + 16))
		rc = bad(err);
	ret->len = (size_t)len;
	if (rc != 0) {
		free(ret->text);
		ret->text = NULL;
	}
	return rc;
}

static int
read_area(struct disk *disk, uint64_t start, uint64_t size,
    struct lvm_label *ret, struct err *err)
{
	static const char magic[] = " LVM2 x[5A%r0N*>";
	uint8_t h[SECTOR];
	int rc;

	if ((rc = disk_read(disk, h, sizeof(h), start, err)) != 0)
		return rc;
	if (memcmp(h + 4, magic, 16) != 0 ||
	    load_u32(h) != sum_of(h + 4, sizeof(h) - 4) ||
	    load_u64(h + 24) != start || size < 2 * SECTOR)
		return bad(err);
	/* None: a physical volume that no group has taken. The second text is
	 * one that was never committed. */
	if (load_u64(h + 40) == 0 || load_u64(h + 48) == 0)
		return 0;
	return read_text(disk, start, size, h + 40, ret, err);
}

int
lvm_label_read(struct lvm_label *ret, struct disk *disk, struct err *err)
{
	uint8_t label[SECTOR];
	struct reader in;
	uint64_t start, size;
	int rc;

	*ret = (struct lvm_label){ 0 };
	if ((rc = find_label(disk, label, err)) != 0)
		return rc;
	if (load_u32(label + 20) > SECTOR - LVM_ID)
		return bad(err);
	in = reader_of(
	    label + load_u32(label + 20), SECTOR - load_u32(label + 20));
	memcpy(ret->id, reader_bytes(&in, LVM_ID), LVM_ID);
	(void)reader_u64(&in);
	do {
		start = reader_u64(&in);
		(void)reader_u64(&in);
	} while (!in.bad && start != 0);
	/* Of several copies, the first good one. */
	for (rc = 0; !in.bad;) {
		start = reader_u64(&in);
		size = reader_u64(&in);
		if (in.bad || start == 0)
			return rc;
		if ((rc = read_area(disk, start, size, ret, err)) == 0)
			return 0;
	}
	return bad(err);
}
