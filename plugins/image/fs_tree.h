/*
 * A file system as a tree of numbered files: what a reader says of one, and what
 * all readers do with it, which is to walk it and to find wanted paths in it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_FS_TREE_H
#define IMAGE_FS_TREE_H

#include "base/buf.h"
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

/* What a file says of itself, as a store wants it. */
struct fs_meta {
	struct ill ill;	 /* if it has one, the rest counts for nothing */
	uint32_t fields; /* LOOKBACK_TYPE and what else is known */
	char type;	 /* as in struct lookback_item */
	uint16_t mode;	 /* without the type */
	uint32_t uid, gid;
	uint64_t size;
	int64_t mtime;
	uint32_t mtime_ns;
};

/* The longest name: 255 units of UTF-16. */
#define FS_NAME_MAX 765

/* A name of a directory, and the number of the file it leads to. Names have
 * neither '/' nor NUL, and are not "." or "..". Who is called does not read of
 * the file system. */
typedef int fs_name_fn(
    void *ctx, const uint8_t *name, size_t len, uint64_t id, struct err *);

/* memcmp, the shorter one first: as path order has the names of a directory. */
int fs_name_cmp(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen);
/* Whether a file can have this name, "." and ".." aside. */
bool fs_name_is_valid(const uint8_t *name, size_t len);
/* "." or "..". */
bool fs_name_is_dots(const uint8_t *name, size_t len);

/* ---- giving content ---- */

#define FS_PIECE ((size_t)1 << 20)

struct fs_giver {
	lookback_piece_fn *give;
	void *ctx;
	size_t i;	/* the wanted path */
	uint64_t size;	/* of its file */
	uint64_t done;	/* where the last piece ends */
	uint8_t *room;	/* FS_PIECE bytes to read into */
	bool has_mtime; /* of its file: as in struct lookback_piece */
	int64_t mtime;
	uint32_t mtime_ns;
	uint64_t same; /* its number, where it has more names; else 0 */
	bool ended;    /* nothing is to follow */
	int rc;	       /* what give returned; not 0: no more */
};

/* All return rc. */
int fs_give(struct fs_giver *, uint64_t offset, const void *, size_t);
int fs_give_ill(
    struct fs_giver *, const struct ill *); /* not, or not further */
int fs_give_end(struct fs_giver *);
/* The end, or why it is none, unless either was given. */
int fs_give_rest(struct fs_giver *, const struct ill *);
/* What the disk has from `place` on, as bytes [at, end) of the file, as far as
 * that goes. Not 0: no more is to be given. */
int fs_give_run(struct fs_giver *, struct disk *, uint64_t at, uint64_t end,
    uint64_t place);
/* Whether so many bytes of a file, whose extents share or pack what is on a disk
 * of `disk` bytes, are more than any honest one has. */
bool fs_is_bomb(const struct lookback_limits *, uint64_t bytes, uint64_t disk);

/* ---- trees ---- */

/* The head of a reader's struct. Ids are below UINT64_MAX. */
struct fs_tree {
	struct fs head;
	const struct lookback_limits *limits; /* borrowed */
	uint64_t root;
	/* All names of a directory, in any order, of which those that come
	 * first count; `ill` (zeroed before) where they are not all. Negative:
	 * an error. */
	int (*names)(struct fs_tree *, uint64_t dir, fs_name_fn *, void *ctx,
	    struct ill *, struct err *);
	/* What a file is; *ret is zeroed before. */
	void (*meta)(struct fs_tree *, uint64_t id, struct fs_meta *ret);
	/* Where a link leads, of at most 4095 bytes: appended. Nothing where
	 * nobody knows, with or without an `ill` (zeroed before). */
	void (*target)(
	    struct fs_tree *, uint64_t id, struct buf *to, struct ill *);
	/* Gives all of it, if it is a regular file. */
	void (*content)(struct fs_tree *, uint64_t id, struct fs_giver *);
	struct fs_walk *walk; /* owned; NULL before the first next */
};

/* fs_reader.next and .read of a tree. The walk is depth first and in path
 * order, in bounded memory, and enters each directory once. */
int fs_tree_next(struct fs *, struct lookback_item *, struct err *);
int fs_tree_read(struct fs *, const struct lookback_want *want, size_t n,
    lookback_piece_fn *give, void *ctx, int *ret_stop, struct err *err);
/* What is owned here. */
void fs_tree_done(struct fs_tree *);

#endif
