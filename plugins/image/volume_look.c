/*
 * What a volume seems to hold, by bytes at fixed places.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "volumes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK ((size_t)192 * 1024)

static const struct mark {
	const char *what;
	size_t off;
	const char *magic;
	size_t len;
	enum volume_kind kind;
	const char *why;
} marks[] = {
	{ "LUKS", 0, "LUKS\xba\xbe", 6, VOLUME_ENCRYPTED, "encrypted (LUKS)" },
	{ "BitLocker", 3, "-FVE-FS-", 8, VOLUME_ENCRYPTED,
	    "encrypted (BitLocker)" },
	{ "LVM2", 512, "LABELONE", 8, VOLUME_DATA, "" },
	{ "LVM2", 0, "LABELONE", 8, VOLUME_DATA, "" },
	{ "LVM2", 1024, "LABELONE", 8, VOLUME_DATA, "" },
	{ "LVM2", 1536, "LABELONE", 8, VOLUME_DATA, "" },
	{ "md", 4096, "\xfc\x4e\x2b\xa9", 4, VOLUME_UNREAD,
	    "part of an md array, which is not read" },
	{ "md", 0, "\xfc\x4e\x2b\xa9", 4, VOLUME_UNREAD,
	    "part of an md array, which is not read" },
	{ "xfs", 0, "XFSB", 4, VOLUME_DATA, "" },
	{ "btrfs", 0x10040, "_BHRfS_M", 8, VOLUME_DATA, "" },
	{ "ntfs", 3, "NTFS    ", 8, VOLUME_DATA, "" },
	{ "exfat", 3, "EXFAT   ", 8, VOLUME_DATA, "" },
	{ "vfat", 54, "FAT1", 4, VOLUME_DATA, "" },
	{ "vfat", 82, "FAT32   ", 8, VOLUME_DATA, "" },
	{ "ext", 0x438, "\x53\xef", 2, VOLUME_DATA, "" },
	{ "swap", 4086, "SWAPSPACE2", 10, VOLUME_NOTHING, "" },
	{ "swap", 4086, "SWAP-SPACE", 10, VOLUME_NOTHING, "" },
	{ "swap", 65526, "SWAPSPACE2", 10, VOLUME_NOTHING, "" },
	{ "swap", 4086, "S1SUSPEND\0", 10, VOLUME_NOTHING, "" },
	{ "f2fs", 1024, "\x10\x20\xf5\xf2", 4, VOLUME_DATA, "" },
	{ "erofs", 1024, "\xe2\xe1\xf5\xe0", 4, VOLUME_DATA, "" },
	{ "squashfs", 0, "hsqs", 4, VOLUME_DATA, "" },
	{ "reiserfs", 0x10034, "ReIsEr", 6, VOLUME_DATA, "" },
	{ "jfs", 0x8000, "JFS1", 4, VOLUME_DATA, "" },
	{ "hfsplus", 1024, "H+\0\4", 4, VOLUME_DATA, "" },
	{ "hfsplus", 1024, "HX\0\5", 4, VOLUME_DATA, "" },
	{ "apfs", 32, "NXSB", 4, VOLUME_DATA, "" },
	{ "zfs", 131072, "\x0c\xb1\xba\0\0\0\0\0", 8, VOLUME_DATA, "" },
	{ "iso9660", 32769, "CD001", 5, VOLUME_DATA, "" },
};

static bool
is_zero(const uint8_t *p, size_t n)
{
	return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

static void
look_at(struct volume *volume, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		const struct mark *m = &marks[i];

		if (m->off + m->len > n ||
		    memcmp(p + m->off, m->magic, m->len) != 0)
			continue;
		volume->what = m->what;
		volume->kind = m->kind;
		if (m->why[0] != '\0')
			(void)snprintf(
			    volume->why, sizeof(volume->why), "%s", m->why);
		return;
	}
	if (is_zero(p, n))
		volume->kind = VOLUME_NOTHING;
}

void
volume_look(struct volume *volume)
{
	const struct disk *disk = volume->disk;
	size_t n = disk->size < LOOK ? (size_t)disk->size : LOOK;
	uint8_t *p = malloc(n + 1);
	struct err err = ERR_INIT;
	char text[1024];

	if (p != NULL && disk_read(volume->disk, p, n, 0, &err) == 0) {
		look_at(volume, p, n);
	} else {
		if (p == NULL)
			(void)err_nomem(&err);
		volume->kind = VOLUME_UNREAD;
		(void)snprintf(volume->why, sizeof(volume->why), "%s",
		    err_text(&err, text, sizeof(text)));
	}
	free(p);
}
