/*
 * plocate.db, as plocate 1.0 to 1.1 writes it, little-endian. Of its parts those
 * that hold names are read:
 *
 *	0	8	"\0plocate"
 *	8	u32	version, 0 or 1; ~0 while it is being written
 *	20	u32	number of blocks
 *	32	u64	where the index of blocks is: for each block, and for
 *			the end of the last, u64 where it begins
 *	40	u32	newest part of the header, where version is 1:
 *	44	u32	size of the dictionary, 0 for none
 *	48	u64	where that is
 *	56	u64	size of the directory times, 0 for none; where newest is 2
 *	64	u64	where they are
 *	88	u64	size of the settings
 *	96	u64	where they are
 *
 * A block is a zstd frame of paths with a NUL between them. Directory times are
 * one zstd frame: for each path a byte 0, or a byte 1, i64 seconds and i32
 * nanoseconds of a directory, which are 0 where it was not looked into.
 *
 * updatedb writes paths in mlocate's order: the names of one directory, then
 * those of its subdirectories. plocate-build may keep any order, and writes no
 * times.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LOCATEDB_PLOCATE_H
#define LOCATEDB_PLOCATE_H

#include "db_input.h"
#include "db_tree.h"
#include "format/zframe.h"

#include <lookback/source.h>

#define PLOCATE_MAGIC "\0plocate" /* 8 bytes */

/* Bytes of a block, packed or not, and of a dictionary; by default a block
 * holds 32 paths. */
#define PLOCATE_BLOCK_MAX ((size_t)16 * 1024 * 1024)
#define PLOCATE_DICTIONARY_MAX ((size_t)1024 * 1024)

/* Directory times, as they come. Zeroed: there are none. */
struct plocate_times {
	struct db_input in;
	uint64_t left;	   /* packed bytes that are not taken yet */
	struct zunpack *z; /* owned */
	struct buf out;
	size_t at;
};

struct plocate {
	struct db_input index, in;
	struct zunpack *z;	/* owned */
	uint32_t blocks, block; /* of which one is next */
	uint64_t index_off;
	uint64_t begins; /* of the next block */
	struct buf text; /* of the current one */
	size_t at, end;	 /* of the path at hand */
	bool has_path;
	uint64_t bytes_in, bytes_out;
	const struct lookback_limits *limits;
	struct plocate_times times;
	struct buf pruned; /* paths that updatedb left out, each with a NUL */
	bool has_tree;
	struct buf dir; /* of the list that is taken; or the path */
	struct db_tree tree;
};

/* The file, from its start. It does not move until plocate_done; limits are
 * borrowed. */
int plocate_open(
    struct plocate *, int fd, const struct lookback_limits *, struct err *);
void plocate_done(struct plocate *);

/* Whether it has directory times, and so is of updatedb, in its order. */
bool plocate_has_times(const struct plocate *);

/* In path order; 1 at the end. */
int plocate_next(struct plocate *, struct db_item *, struct err *);
/* In place of that: the paths as they come, whatever list they are of. */
int plocate_next_path(
    struct plocate *, const char **path, size_t *len, struct err *);

/* ---- within ---- */

int plocate_times_open(
    struct plocate_times *, int fd, uint64_t len, uint64_t off, struct err *);
void plocate_times_done(struct plocate_times *);
/* What the next path is: DB_NO_DIR, DB_DIR where nobody looked what is in it, or
 * DB_LOOKED; DB_UNKNOWN where there are no times. */
int plocate_times_next(struct plocate_times *, enum db_name *, struct err *);

#endif
