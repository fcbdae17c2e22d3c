/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef IMAGE_FS_TSK_PRIVATE_H
#define IMAGE_FS_TSK_PRIVATE_H

#include "base/buf.h"
#include "base/err.h"
#include "fs_tree.h"
#include "image.h"

#include <lookback/source.h>

#include <tsk/libtsk.h>

struct sk {
	struct fs_tree tree;
	struct sk_img *img; /* owned */
	TSK_FS_INFO *fs;    /* owned */
	char *words[64];    /* owned; libtsk's, for an ill */
};

/* ---- fs_tsk.c ---- */

/* What libtsk says of its last failure. */
struct ill sk_ill(struct sk *);

/* ---- fs_tsk_dir.c ---- */

/* As in struct fs_tree. */
int sk_names(struct fs_tree *, uint64_t dir, fs_name_fn *, void *ctx,
    struct ill *, struct err *);

/* ---- fs_tsk_file.c ---- */

/* With its record, or NULL and why not; for tsk_fs_file_close. */
TSK_FS_FILE *sk_file(struct sk *, uint64_t id, struct ill *);

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

/* As in struct fs_tree. */
void sk_meta(struct fs_tree *, uint64_t id, struct fs_meta *);
void sk_target(struct fs_tree *, uint64_t id, struct buf *to, struct ill *);

/* ---- fs_tsk_read.c ---- */

/* As in struct fs_tree. */
void sk_content(struct fs_tree *, uint64_t id, struct fs_giver *);

#endif
