/*
 * Inside the image plugin: disks, the volumes on them, and what reads the file
 * systems in those.
 *
 *	image file -> disk -> partitions, LVM -> volumes -> fs -> items
 *	              raw, qcow2, ...            a window     ext, ntfs, ...
 *
 * All calls come from one thread. What is read is hostile: every number from a
 * disk is checked before it is used.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_IMAGE_H
#define IMAGE_IMAGE_H

#include "base/err.h"

#include <lookback/plugin.h>
#include <lookback/source.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the host gave for as long as the source is open; all borrowed. */
struct image_env {
	const struct lookback_host *host;
	const struct lookback_limits *limits;
};
/* Whether the work is to end: fail with ERR_CANCELLED then. */
bool image_stopping(const struct image_env *);

/* ---- disks: bytes by number ---- */

/* The head of each kind of disk. */
struct disk {
	uint64_t size;	 /* bytes */
	uint32_t sector; /* 512 or 4096: the unit of partition tables */
	/* [off, off + len) lies within size: disk_read looks after that. */
	int (*pread)(
	    struct disk *, void *, size_t len, uint64_t off, struct err *);
	/* Whether these bytes stand in one run in the image file; NULL: no. */
	bool (*run)(
	    struct disk *, uint64_t len, uint64_t off, uint64_t *ret_at);
	void (*close)(struct disk *); /* NULL: it owns nothing */
};

/* Exactly len bytes at off. ERR_FORMAT past the end ("the disk ends before");
 * ERR_SYS, with err->sys, where it cannot be read. Any size and place: what is
 * below keeps large pieces in memory and reads ahead. */
int disk_read(struct disk *, void *, size_t len, uint64_t off, struct err *);
/* Whether the whole disk is one run of bytes of the image file, and where. */
bool disk_run(struct disk *, uint64_t *ret_at);
/* NULL is fine. */
void disk_close(struct disk *);

/* A window of a disk, which it borrows; disk_close frees it. What of it lies past
 * the end of the disk is there, but reading it is ERR_FORMAT: a file system may
 * be cut off. NULL: out of memory. */
struct disk *disk_part(struct disk *, uint64_t off, uint64_t size);

/* ---- volumes: the parts of a disk that may hold a file system ---- */

enum volume_kind {
	VOLUME_DATA,	  /* may hold a file system */
	VOLUME_NOTHING,	  /* swap, boot code, empty: passed over */
	VOLUME_ENCRYPTED, /* LUKS, BitLocker */
	VOLUME_UNREAD,	  /* cannot be read, as `why` says */
};

struct volume {
	char *name;	   /* "p1", "vg0-root"; "" where it is the whole */
	struct disk *disk; /* owned; NULL where it is not to be read */
	enum volume_kind kind;
	/* What it seems to hold, by its first bytes: "ext", "xfs", "btrfs",
	 * "ntfs", "vfat", ...; "" where nobody knows. */
	const char *what;
	/* Also of VOLUME_DATA: what is below it is not all there. */
	char why[256];
	int mounted; /* its root, where the kernel reads it; -1: it does not */
	uint64_t first, sectors; /* of a partition */
};

/* ---- file systems ---- */

/* The head of each reader's own struct. */
struct fs {
	const struct fs_reader *reader;
};

struct fs_reader {
	const char *name; /* as people call it: "ext", "ntfs" */

	/* 0 opened; 1: it is none of mine, and err says nothing; negative: it is
	 * mine, and err says what is wrong with it. The disk is borrowed and
	 * stays until close. */
	int (*open)(struct fs **ret, struct disk *, const struct image_env *,
	    struct err *);

	/* 0 with an item; 1 at the end; negative: what came until then is true,
	 * and the rest is not known. As lookback_source.next, any order; paths
	 * are absolute from the root of this file system, which is "/" and
	 * itself an entry. What could not be read of it is an item as well
	 * (LOOKBACK_UNREAD, LOOKBACK_UNLOOKED), and the walk goes on. Item and
	 * texts are valid until the next call. The item is zeroed before. */
	int (*next)(struct fs *, struct lookback_item *, struct err *);

	/* As lookback_source.read, paths as those of next, `i` counts in this
	 * list. What give returns, if not 0, ends it and is put into *ret_stop;
	 * then it returns 1. Negative: failed. */
	int (*read)(struct fs *, const struct lookback_want *, size_t n,
	    lookback_piece_fn *give, void *ctx, int *ret_stop, struct err *);

	void (*close)(struct fs *);
};

/* Ended by NULL; the first that knows a file system has it. */
extern const struct fs_reader *const fs_readers[];

/* Warn of one that is to be read all the same. */
void fs_note(const struct image_env *, const char *text);

/* Try them all; returns as fs_reader.open does. */
int fs_open(
    struct fs **ret, struct disk *, const struct image_env *, struct err *);

#endif
