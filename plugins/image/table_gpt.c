/*
 * GUID partition tables: the header in the second sector, or its copy in the
 * last one, both checked by their sums.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "volumes_private.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX ((size_t)1024 * 1024) /* bytes of the table */

struct gpt {
	uint64_t entries; /* sector */
	uint32_t n, size; /* of them */
	uint32_t sum;
};

/* Types that never hold files, as they lie on the disk. */
static const uint8_t no_files[][16] = {
	/* BIOS boot */
	{ 0x48, 0x61, 0x68, 0x21, 0x49, 0x64, 0x6f, 0x6e, 0x74, 0x4e, 0x65,
	    0x65, 0x64, 0x45, 0x46, 0x49 },
	/* Microsoft reserved */
	{ 0x16, 0xe3, 0xc9, 0xe3, 0x5c, 0x0b, 0xb8, 0x4d, 0x81, 0x7d, 0xf9,
	    0x2d, 0xf0, 0x02, 0x15, 0xae },
	/* PowerPC PReP boot */
	{ 0x38, 0x2d, 0x1a, 0x9e, 0x12, 0xc6, 0x16, 0x43, 0xaa, 0x26, 0x8b,
	    0x49, 0x52, 0x1e, 0x5a, 0x8b },
};

static uint32_t
crc32_of(const uint8_t *p, size_t n)
{
	uint32_t sum = ~UINT32_C(0);

	for (; n > 0; n--, p++) {
		sum ^= *p;
		for (int i = 0; i < 8; i++)
			sum = (sum >> 1) ^ (0xedb88320u & -(sum & 1));
	}
	return ~sum;
}

/* Whether a good header stands in this sector. */
static bool
read_header(struct disk *disk, uint64_t sector, struct gpt *ret)
{
	uint8_t h[512];
	struct err ignored = ERR_INIT;
	uint32_t len, sum;

	if (sector > disk->size / disk->sector ||
	    disk_read(disk, h, sizeof(h), sector * disk->sector, &ignored) !=
		0 ||
	    memcmp(h, "EFI PART", 8) != 0)
		return false;
	len = load_u32(h + 12);
	sum = load_u32(h + 16);
	memset(h + 16, 0, 4);
	if (len < 92 || len > sizeof(h) || crc32_of(h, len) != sum ||
	    load_u64(h + 24) != sector)
		return false;
	*ret = (struct gpt){
		.entries = load_u64(h + 72),
		.n = load_u32(h + 80),
		.size = load_u32(h + 84),
		.sum = load_u32(h + 88),
	};
	return true;
}

/* The table that a header speaks of, owned by the caller; NULL: it is not as the
 * header says. */
static uint8_t *
read_entries(struct disk *disk, const struct gpt *gpt)
{
	struct err ignored = ERR_INIT;
	uint64_t bytes = (uint64_t)gpt->n * gpt->size;
	uint8_t *p;

	if (gpt->size < 128 || bytes == 0 || bytes > ENTRIES_MAX ||
	    gpt->entries > disk->size / disk->sector ||
	    (p = malloc((size_t)bytes)) == NULL)
		return NULL;
	if (disk_read(disk, p, (size_t)bytes, gpt->entries * disk->sector,
		&ignored) == 0 &&
	    crc32_of(p, (size_t)bytes) == gpt->sum)
		return p;
	free(p);
	return NULL;
}

static int
add_entries(struct volumes *volumes, struct disk *disk, const struct gpt *gpt,
    const uint8_t *entries, struct err *err)
{
	static const uint8_t unused[16];
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < gpt->n; i++) {
		const uint8_t *e = entries + (size_t)i * gpt->size;
		uint64_t first = load_u64(e + 32), last = load_u64(e + 40);
		bool nothing = false;

		if (memcmp(e, unused, 16) == 0)
			continue;
		for (size_t k = 0; k < sizeof(no_files) / 16; k++)
			nothing |= memcmp(e, no_files[k], 16) == 0;
		rc = table_add(volumes, disk, i + 1, first,
		    last < first || last == UINT64_MAX ? 0 : last - first + 1,
		    nothing, err);
	}
	return rc;
}

/* Whether anybody meant there to be one. */
static bool
claims_gpt(struct disk *disk)
{
	uint8_t h[8], mbr[512];
	struct err ignored = ERR_INIT;

	if (disk_read(disk, mbr, sizeof(mbr), 0, &ignored) != 0)
		return false;
	if (mbr[510] == 0x55 && mbr[511] == 0xaa && mbr[450] == 0xee)
		return true;
	return disk_read(disk, h, sizeof(h), disk->sector, &ignored) == 0 &&
	    memcmp(h, "EFI PART", 8) == 0;
}

static int
try_sector(struct volumes *volumes, struct disk *disk, struct err *err)
{
	const uint64_t places[] = { 1, disk->size / disk->sector - 1 };
	struct gpt gpt;
	uint8_t *entries;
	int rc = 1;

	for (size_t i = 0; rc == 1 && i < 2; i++) {
		if (!read_header(disk, places[i], &gpt) ||
		    (entries = read_entries(disk, &gpt)) == NULL)
			continue;
		rc = add_entries(volumes, disk, &gpt, entries, err);
		free(entries);
	}
	return rc;
}

int
table_gpt(struct volumes *volumes, struct disk *disk, struct err *err)
{
	static const uint32_t sectors[] = { 512, 4096 };
	bool claimed = false;
	int rc = 1;

	for (size_t i = 0; rc == 1 && i < 2; i++) {
		disk->sector = sectors[i];
		if (disk->size < 4 * (uint64_t)disk->sector ||
		    !claims_gpt(disk))
			continue;
		claimed = true;
		rc = try_sector(volumes, disk, err);
	}
	if (rc != 1)
		return rc;
	disk->sector = 512;
	if (!claimed)
		return 1;
	return volumes_add(volumes, volumes->within, NULL, VOLUME_UNREAD,
	    "the partition table (GPT) is damaged, and so is its copy", err);
}
