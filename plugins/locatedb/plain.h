/*
 * Lists of paths and nothing else, in any order: text with a newline or a NUL
 * behind each path, and the database of GNU locate.
 *
 *	header	"\0LOCATE02\0"
 *	path	i8 by how much more bytes it begins as the path before does
 *		than that one did, or 0x80 and the same as a big-endian i16;
 *		the rest of it, and a NUL
 *
 * Names become paths as those of archives do (path_normalise).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LOCATEDB_PLAIN_H
#define LOCATEDB_PLAIN_H

#include "db_input.h"

#define GNU_MAGIC "\0LOCATE02" /* 10 bytes, with its NUL */
#define GNU_MAGIC_SIZE 10

/* Zeroed: none. */
struct plain {
	struct db_input in;
	bool gnu;
	uint8_t end;	 /* of a path */
	struct buf text; /* of GNU's: the path before, as it stands there */
	size_t common;	 /* how much of it that took from the one before */
	struct buf path;
};

/* The file, from its start. */
int plain_open(struct plain *, int fd, bool gnu, struct err *);
void plain_done(struct plain *);
/* 1 at the end; the path stays until the next call. */
int plain_next(struct plain *, const char **path, size_t *len, struct err *);

#endif
