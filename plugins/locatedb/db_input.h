/*
 * A database's file, read from front to end in big parts. Nothing is mapped:
 * who may write it while we read gets wrong names into a listing, no more.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LOCATEDB_DB_INPUT_H
#define LOCATEDB_DB_INPUT_H

#include "base/buf.h"
#include "base/err.h"

/* Zeroed: none. */
struct db_input {
	int fd;	      /* borrowed */
	uint64_t off; /* in the file, of what follows `part` */
	struct buf part;
	size_t at; /* in it, of what comes next */
};

/* From this place on. */
void db_input_seek(struct db_input *, uint64_t off);
uint64_t db_input_tell(const struct db_input *);
void db_input_done(struct db_input *);

/* At least n bytes that come next, or fewer where the file ends; how many there
 * are. They stay until the next call but skip. Negative: an error. */
int db_input_peek(struct db_input *, size_t n, const uint8_t **ret,
    size_t *ret_n, struct err *);
void db_input_skip(struct db_input *, size_t n); /* of those */

/* What comes next up to the byte `end`, which is taken too. 1 where the file
 * ends without one; *ret then is what was left. Longer than max is ERR_FORMAT.
 * Stays until the next call. */
int db_input_until(struct db_input *, uint8_t end, size_t max, const char **ret,
    size_t *ret_len, struct err *);

/* Exactly these bytes of the file; ERR_FORMAT where it ends before. */
int db_read_at(
    const struct db_input *, void *, size_t len, uint64_t off, struct err *);

/* ERR_FORMAT: the file ends too early. */
int db_cut_short(const struct db_input *, struct err *);

#endif
