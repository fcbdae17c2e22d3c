/*
 * Disks: reading within bounds, and windows.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "image.h"

#include <inttypes.h>
#include <stdlib.h>

int
disk_read(
    struct disk *disk, void *buf, size_t len, uint64_t off, struct err *err)
{
	if (off > disk->size || len > disk->size - off)
		return err_set(err, ERR_FORMAT,
		    "byte %" PRIu64 " lies past the end of the disk, which has "
		    "%" PRIu64,
		    off + len, disk->size);
	return len == 0 ? 0 : disk->pread(disk, buf, len, off, err);
}

bool
disk_run(struct disk *disk, uint64_t *ret_at)
{
	return disk->run != NULL && disk->run(disk, disk->size, 0, ret_at);
}

void
disk_close(struct disk *disk)
{
	if (disk != NULL && disk->close != NULL)
		disk->close(disk);
}

struct part {
	struct disk disk;
	struct disk *whole; /* borrowed */
	uint64_t off;
};

static int
part_pread(
    struct disk *disk, void *buf, size_t len, uint64_t off, struct err *err)
{
	struct part *part = (struct part *)disk;

	return disk_read(part->whole, buf, len, part->off + off, err);
}

static bool
part_run(struct disk *disk, uint64_t len, uint64_t off, uint64_t *ret_at)
{
	struct part *part = (struct part *)disk;

	return part->whole->run != NULL &&
	    part->whole->run(part->whole, len, part->off + off, ret_at);
}

static void
part_close(struct disk *disk)
{
	free(disk);
}

struct disk *
disk_part(struct disk *whole, uint64_t off, uint64_t size)
{
	struct part *part = calloc(1, sizeof(*part));

	if (part == NULL)
		return NULL;
	/* So that no sum overflows, whatever the table says. */
	if (off > INT64_MAX)
		off = INT64_MAX;
	if (size > INT64_MAX - off)
		size = INT64_MAX - off;
	part->disk = (struct disk){
		.size = size,
		.sector = whole->sector,
		.pread = part_pread,
		.run = part_run,
		.close = part_close,
	};
	part->whole = whole;
	part->off = off;
	return &part->disk;
}
