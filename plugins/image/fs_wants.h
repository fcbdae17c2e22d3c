/*
 * What readers of file systems share: why something cannot be looked at, and
 * how wanted paths are found and their content is given.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_FS_WANTS_H
#define IMAGE_FS_WANTS_H

#include "base/err.h"
#include "image.h"

#include <lookback/source.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why something could not be looked at; why is NULL where it could. */
struct ill {
	int error;
	const char *why; /* lives as long as the reader, or longer */
};

/* A name of a directory, and the number of the file it leads to. Names have
 * neither '/' nor NUL, and are not "." or "..". */
typedef int fs_name_fn(
    void *ctx, const uint8_t *name, size_t len, uint64_t id, struct err *);

/* memcmp, the shorter one first: as path order has the names of a directory. */
int fs_name_cmp(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen);
/* Whether a file can have this name, "." and ".." aside. */
bool fs_name_is_valid(const uint8_t *name, size_t len);

/* ---- giving content ---- */

struct fs_giver {
	lookback_piece_fn *give;
	void *ctx;
	size_t i;	/* the wanted path */
	uint64_t size;	/* of its file */
	uint64_t done;	/* where the last piece ends */
	bool has_mtime; /* of its file: as in struct lookback_piece */
	int64_t mtime;
	uint32_t mtime_ns;
	bool ended; /* nothing is to follow */
	int rc;	    /* what give returned; not 0: no more */
};

/* All return rc. */
int fs_give(struct fs_giver *, uint64_t offset, const void *, size_t);
int fs_give_ill(
    struct fs_giver *, const struct ill *); /* not, or not further */
int fs_give_end(struct fs_giver *);

/* ---- finding files ---- */

struct fs_finder {
	void *ctx;
	const struct lookback_limits *limits;
	uint64_t root;
	/* All names of a directory, of which those that come first count; `ill`
	 * where they are not all. Negative: an error. */
	int (*names)(void *ctx, uint64_t dir, fs_name_fn *, void *name_ctx,
	    struct ill *, struct err *);
	/* Whether it is one; `ill` where nobody knows. */
	bool (*is_dir)(void *ctx, uint64_t id, struct ill *);
	/* Gives all of it, if it is a regular file. */
	void (*content)(void *ctx, struct fs_giver *, uint64_t id);
};

/* As fs_reader.read. Each directory on the way is read once. */
int fs_read_wants(const struct fs_finder *finder,
    const struct lookback_want *want, size_t n, lookback_piece_fn *fn,
    void *ctx, int *ret_stop, struct err *err);

#endif
