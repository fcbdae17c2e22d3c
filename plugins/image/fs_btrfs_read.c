/*
 * The content of files and links: what extents hold are pieces, all else is a
 * hole. Whether it is right is not known: the checksums of data are not read.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_btrfs_private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Of the copies of what lies at a logical address, the next one that can be
 * read. *copy is 0 at first. */
static bool
read_copy(struct btrfs *b, uint64_t logical, uint8_t *to, size_t len,
    unsigned *copy, struct ill *ill)
{
	struct err ignored = ERR_INIT;
	uint64_t at[BTRFS_COPIES];
	unsigned n = btrfs_copies(b, logical, len, at, ill);

	while (*copy < n)
		if (disk_read(b->disk, to, len, at[(*copy)++], &ignored) == 0)
			return true;
	if (ill->why == NULL)
		*ill = (struct ill){ EIO, "an extent of it cannot be read" };
	return false;
}

/* All that a packed extent unpacks to, e->unpacked bytes. */
static bool
unpack(
    struct btrfs *b, const struct btrfs_extent *e, uint8_t *to, struct ill *ill)
{
	size_t len = (size_t)e->stored;
	uint8_t *packed;
	unsigned copy = 0;
	bool done;

	if (e->here != NULL) {
		done = btrfs_unpack(e->packing, b->sector, e->here, len, to,
		    (size_t)e->unpacked);
	} else {
		if ((packed = malloc(len)) == NULL) {
			*ill = (struct ill){ ENOMEM, "out of memory" };
			return false;
		}
		do
			done = false;
		while (read_copy(b, e->logical, packed, len, &copy, ill) &&
		    !(done = btrfs_unpack(e->packing, b->sector, packed, len,
			  to, (size_t)e->unpacked)));
		free(packed);
	}
	if (done)
		*ill = (struct ill){ 0 };
	else if (e->here != NULL || copy > 0)
		*ill = (struct ill){ EUCLEAN,
			"what is packed of it cannot be unpacked" };
	return done;
}

static void
give_plain(struct btrfs *b, const struct btrfs_extent *e, struct fs_giver *g,
    struct ill *ill)
{
	uint64_t end = e->at + e->len < g->size ? e->at + e->len : g->size;

	for (uint64_t at = e->at; at < end && g->rc == 0;) {
		size_t n = end - at < FS_PIECE ? (size_t)(end - at) : FS_PIECE;
		unsigned copy = 0;

		if (!read_copy(
			b, e->logical + (at - e->at), g->room, n, &copy, ill))
			return;
		(void)fs_give(g, at, g->room, n);
		at += n;
	}
}

static void
give_extent(struct btrfs *b, const struct btrfs_extent *e, struct fs_giver *g,
    struct ill *ill)
{
	size_t n;

	if (e->hole || e->len == 0 || e->at >= g->size)
		return;
	n = (size_t)(e->len < g->size - e->at ? e->len : g->size - e->at);
	if (e->packing != BTRFS_PLAIN) {
		if (unpack(b, e, g->room, ill))
			(void)fs_give(g, e->at, g->room + e->skip, n);
	} else if (e->here != NULL) {
		(void)fs_give(g, e->at, e->here, n);
	} else {
		give_plain(b, e, g, ill);
	}
}

static void
give_extents(struct btrfs *b, uint64_t id, struct fs_giver *g, struct ill *ill)
{
	struct btrfs_cursor cursor;
	struct btrfs_item item;
	struct btrfs_extent e;
	uint64_t end = 0, out = 0;

	btrfs_cursor_init(&cursor, b, &btrfs_subvol_of(b, id)->root,
	    btrfs_number(id), BTRFS_EXTENT_DATA);
	while (g->rc == 0 && ill->why == NULL &&
	    btrfs_cursor_next(&cursor, &item)) {
		if (cursor.ill.why != NULL || !btrfs_extent_of(&e, &item, ill))
			break;
		if (e.at < end) {
			*ill = (struct ill){ EUCLEAN, "extents of it overlap" };
			break;
		}
		end = e.at + e.len;
		/* Of what is packed there may be many small parts, and for
		 * each of them all of it is unpacked. */
		if (!e.hole)
			out += e.unpacked != 0 ? e.unpacked : e.len;
		if (fs_is_bomb(b->env->limits, out, b->disk->size))
			*ill = (struct ill){
				ERANGE,
				"it unpacks to far more than any file: a bomb"
			};
		else
			give_extent(b, &e, g, ill);
	}
	if (ill->why == NULL)
		*ill = cursor.ill;
	btrfs_cursor_done(&cursor);
}

void
btrfs_content(struct fs_tree *tree, uint64_t id, struct fs_giver *g)
{
	struct btrfs *b = (struct btrfs *)tree;
	struct fs_meta m = { 0 };
	const uint8_t *in;

	btrfs_meta(tree, id, &m);
	if (m.ill.why == NULL && m.type != 'f')
		return;
	if (m.ill.why == NULL) {
		g->size = m.size;
		g->has_mtime = true;
		g->mtime = m.mtime;
		g->mtime_ns = m.mtime_ns;
		in = btrfs_inode(b, id, &m.ill);
		g->same = in != NULL && load_u32(in + 40) > 1 ? id : 0;
		give_extents(b, id, g, &m.ill);
	}
	(void)fs_give_rest(g, &m.ill);
}

void
btrfs_target(struct fs_tree *tree, uint64_t id, struct buf *to, struct ill *ill)
{
	struct btrfs *b = (struct btrfs *)tree;
	const struct btrfs_key key = { btrfs_number(id), BTRFS_EXTENT_DATA, 0 };
	struct btrfs_item item = { .key = key };
	struct btrfs_extent e;
	size_t len = 0;

	item.p = btrfs_find(
	    b, &btrfs_subvol_of(b, id)->root, &key, &item.len, ill);
	if (ill->why != NULL ||
	    (item.p != NULL && !btrfs_extent_of(&e, &item, ill)))
		return;
	/* mkfs.btrfs puts a NUL behind it. */
	if (item.p != NULL && e.here != NULL && e.packing == BTRFS_PLAIN)
		len = strnlen((const char *)e.here, (size_t)e.len);
	if (len == 0 || len > 4095)
		*ill = (struct ill){ EUCLEAN, "its target is none" };
	else if (buf_add(to, e.here, len) != 0)
		*ill = (struct ill){ ENOMEM, "out of memory" };
}
