/*
 * A raw image: the file is the disk. The kernel reads ahead; what is kept here
 * saves a system call for each inode.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "disk_cache.h"
#include "disk_file.h"

#include "sys/file.h"

#include <stdlib.h>
#include <unistd.h>

#define PIECE ((size_t)64 * 1024)
#define PIECES 512

struct raw {
	struct disk disk;
	int fd;		     /* borrowed */
	struct cache *cache; /* owned */
};

static int
raw_start(void *ctx, void *buf, size_t len, uint64_t off, int64_t *ticket,
    struct err *err)
{
	const struct raw *raw = ctx;

	(void)ticket;
	return file_read_at(raw->fd, buf, len, off, "image", err);
}

static int
raw_pread(
    struct disk *disk, void *buf, size_t len, uint64_t off, struct err *err)
{
	struct raw *raw = (struct raw *)disk;

	if (len >= PIECE)
		return file_read_at(raw->fd, buf, len, off, "image", err);
	return cache_read(raw->cache, buf, len, off, err);
}

static bool
raw_run(struct disk *disk, uint64_t len, uint64_t off, uint64_t *ret_at)
{
	(void)len;
	(void)disk;
	*ret_at = off;
	return true;
}

static void
raw_close(struct disk *disk)
{
	struct raw *raw = (struct raw *)disk;

	cache_free(raw->cache);
	free(raw);
}

int
disk_raw_open(struct disk **ret, int fd, struct err *err)
{
	off_t size = lseek(fd, 0, SEEK_END);
	struct raw *raw;

	if (size < 0)
		return err_sys(err, "image");
	if ((raw = calloc(1, sizeof(*raw))) == NULL)
		return err_nomem(err);
	raw->fd = fd;
	raw->disk = (struct disk){
		.size = (uint64_t)size,
		.sector = 512,
		.pread = raw_pread,
		.run = raw_run,
		.close = raw_close,
	};
	raw->cache = cache_new(&(const struct cache_source){
	    .size = raw->disk.size,
	    .piece = PIECE,
	    .n = PIECES,
	    .start = raw_start,
	    .ctx = raw,
	});
	if (raw->cache == NULL) {
		raw_close(&raw->disk);
		return err_nomem(err);
	}
	*ret = &raw->disk;
	return 0;
}
