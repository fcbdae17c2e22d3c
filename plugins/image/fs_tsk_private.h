/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_FS_TSK_PRIVATE_H
#define IMAGE_FS_TSK_PRIVATE_H

#include "base/buf.h"
#include "base/err.h"
#include "fs_wants.h"
#include "image.h"

#include <lookback/source.h>

#include <tsk/libtsk.h>

struct sk_walk;

struct sk {
	struct fs head;
	const struct image_env *env; /* borrowed */
	struct sk_img *img;	     /* owned */
	TSK_FS_INFO *fs;	     /* owned */
	uint32_t fields;	     /* that its entries have */
	struct sk_walk *walk;	     /* owned; NULL before the first next */
	char words[256];	     /* libtsk's, for an ill */
};

/* ---- fs_tsk.c ---- */

/* What libtsk says of its last failure; until the next one. */
struct ill sk_ill(struct sk *);

/* ---- fs_tsk_dir.c ---- */

/* A directory's names, in order, each once. */
struct sk_names {
	struct sk_name {
		uint64_t id;
		size_t at; /* in text */
		size_t len;
	} * name; /* owned */
	size_t n, room;
	struct buf text;
};
/* Zeroed before. `ill` where they are not all. */
int sk_names_load(
    struct sk_names *, struct sk *, uint64_t dir, struct ill *, struct err *);
void sk_names_done(struct sk_names *);

/* ---- fs_tsk_file.c ---- */

/* What NTFS says in place of a file's content. */
enum sk_reparse {
	SK_REPARSE_NONE,
	SK_REPARSE_LINK,  /* a link or a junction: the target is known */
	SK_REPARSE_OTHER, /* content that some driver finds elsewhere */
};
/* The target, if it is a link, is appended. */
enum sk_reparse sk_reparse(TSK_FS_FILE *, struct buf *target);

/* Whether it is known when it was modified, and when. */
bool sk_mtime(TSK_FS_FILE *, int64_t *ret_s, uint32_t *ret_ns);

/* Fills in the fields of an entry, the target into `target`. */
void sk_entry(
    struct sk *, TSK_FS_FILE *, struct lookback_item *, struct buf *target);

/* ---- fs_tsk_walk.c ---- */

int sk_walk_next(struct sk *, struct lookback_item *, struct err *);
void sk_walk_free(struct sk_walk *); /* NULL is fine */

/* ---- fs_tsk_read.c ---- */

/* As fs_reader.read. */
int sk_read(struct sk *t, const struct lookback_want *want, size_t n,
    lookback_piece_fn *give, void *ctx, int *ret_stop, struct err *err);

#endif
