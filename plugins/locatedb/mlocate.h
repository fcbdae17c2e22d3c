/*
 * mlocate.db, as mlocate 0.2 writes it: big-endian, nothing compressed.
 *
 *	header	8 bytes "\0mlocate", u32 size of the settings, u8 version 0,
 *		u8 flag, 2 bytes, the path where the walk began and a NUL
 *	settings	of updatedb
 *	lists	one for each directory, to the end of the file: u64 seconds,
 *		u32 nanoseconds, 4 bytes, its path and a NUL; then of each name
 *		a byte, 0 file or 1 directory, and the name and a NUL; then a
 *		byte 2
 *
 * A directory without a list was left out or could not be read. The flag asks
 * locate to show a name only to those who may see it on the machine itself; a
 * store is for its group, so it counts for nothing here.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LOCATEDB_MLOCATE_H
#define LOCATEDB_MLOCATE_H

#include "db_input.h"
#include "db_tree.h"

#define MLOCATE_MAGIC "\0mlocate" /* 8 bytes */

/* Zeroed: none. */
struct mlocate {
	struct db_input in;
	bool has_head;	/* of the list that comes next */
	struct buf dir; /* its path */
	struct db_tree tree;
};

/* The file, from its start. It does not move until mlocate_done. */
int mlocate_open(struct mlocate *, int fd, struct err *);
void mlocate_done(struct mlocate *);
/* In path order; 1 at the end. */
int mlocate_next(struct mlocate *, struct db_item *, struct err *);

#endif
