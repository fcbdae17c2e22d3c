/*
 * Whether anything waits in the journal of xfs or btrfs.
 *
 * btrfs says so in its superblock. The log of xfs is a ring of sectors that begin
 * with the number of the turn in which they were written, the first of a record
 * with its magic and then that number. Where the numbers change it was written
 * last, and clean is one whose last record is that of an unmount, alone.
 *
 *	superblock 4 block size, 48 first block of the log, 84 blocks of a group,
 *		   96 blocks of the log, 124 bits of a block within its group
 *	record	   0 magic, 4 turn, 8 version, 12 bytes after its header, 40
 *		   operations, 320 size of the buffer: more than 32 KiB have more
 *		   sectors of header
 *	operation  8 who, 9 flags
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "journal.h"

#include "base/buf.h"

#include <string.h>

#define SECTOR 512u
#define RECORD 0xfeedbabeu
#define BUFFER 32768u	/* of one sector of header */
#define RECORD_MAX 1040 /* sectors: 256 KiB twice, and headers */
#define UNMOUNT 0x20

static bool
btrfs_is_dirty(struct disk *disk)
{
	uint8_t super[SECTOR];
	struct err ignored = ERR_INIT;

	return disk_read(disk, super, SECTOR, 0x10000, &ignored) == 0 &&
	    load_u64(super + 96) != 0;
}

struct xfs_log {
	struct disk *disk;
	uint64_t start;	    /* bytes */
	uint64_t n;	    /* sectors */
	uint8_t at[SECTOR]; /* the one that was read last */
	bool bad;	    /* one could not be read */
};

static bool
find_log(struct xfs_log *log)
{
	uint8_t *super = log->at;
	struct err ignored = ERR_INIT;
	uint64_t first, size, blocks;

	if (disk_read(log->disk, super, SECTOR, 0, &ignored) != 0)
		return false;
	size = load_be32(super + 4);
	first = load_be64(super + 48);
	blocks = load_be32(super + 84);
	/* 0: the log is elsewhere, and such a file system is not mounted. */
	if (first == 0 || super[124] > 31 || size < SECTOR || size > 65536)
		return false;
	first = (first >> super[124] & UINT32_MAX) * blocks +
	    (first & ((UINT64_C(1) << super[124]) - 1));
	if (first > log->disk->size / size)
		return false;
	log->start = first * size;
	log->n = (uint64_t)load_be32(super + 96) * size / SECTOR;
	return log->n > 0;
}

/* The turn of a sector, which is in log->at then. */
static uint32_t
turn_of(struct xfs_log *log, uint64_t sector)
{
	struct err ignored = ERR_INIT;

	log->bad |= disk_read(log->disk, log->at, SECTOR,
			log->start + sector * SECTOR, &ignored) != 0;
	if (log->bad)
		return 0;
	return load_be32(log->at) == RECORD ? load_be32(log->at + 4) :
					      load_be32(log->at);
}

/* Behind the sector that was written last. */
static uint64_t
find_head(struct xfs_log *log)
{
	uint32_t turn = turn_of(log, 0);
	uint64_t from = 0, to = log->n - 1;

	if (turn_of(log, to) == turn)
		return log->n;
	while (to - from > 1) {
		uint64_t mid = from + (to - from) / 2;

		if (turn_of(log, mid) == turn)
			from = mid;
		else
			to = mid;
	}
	return to;
}

/* Whether the record at this sector ends there and is an unmount's. */
static bool
is_unmount(struct xfs_log *log, uint64_t sector, uint64_t end)
{
	uint32_t size = load_be32(log->at + 320);
	uint64_t head = load_be32(log->at + 8) >= 2 && size > BUFFER ?
	    (size + (uint64_t)BUFFER - 1) / BUFFER :
	    1;
	uint64_t len = (load_be32(log->at + 12) + (uint64_t)SECTOR - 1) /
	    SECTOR;

	if (load_be32(log->at + 40) != 1 || sector + head + len != end)
		return false;
	(void)turn_of(log, (sector + head) % log->n);
	return !log->bad && (log->at[9] & UNMOUNT) != 0;
}

static bool
xfs_is_dirty(struct disk *disk)
{
	struct xfs_log log = { .disk = disk };
	uint64_t end;

	if (!find_log(&log))
		return false;
	/* Nothing was ever written to it. */
	if (turn_of(&log, 0) == 0)
		return log.bad;
	/* A record may lie across the end of the ring. */
	end = find_head(&log) + log.n;
	for (uint64_t i = 1; i <= RECORD_MAX && i <= log.n && !log.bad; i++) {
		(void)turn_of(&log, (end - i) % log.n);
		if (load_be32(log.at) == RECORD)
			return !is_unmount(&log, end - i, end);
	}
	return true;
}

bool
journal_is_dirty(const char *what, struct disk *disk)
{
	return (strcmp(what, "xfs") == 0 && xfs_is_dirty(disk)) ||
	    (strcmp(what, "btrfs") == 0 && btrfs_is_dirty(disk));
}

void
journal_note(const struct volume *volume, const struct image_env *env)
{
	const struct lookback_host *host = env->host;

	if (journal_is_dirty(volume->what, volume->disk))
		host->log(host->ctx, LOOKBACK_NOTE,
		    "%s%s%s was not unmounted cleanly: what its journal holds "
		    "is not seen",
		    volume->name, volume->name[0] != '\0' ? ": " : "",
		    volume->what);
}
