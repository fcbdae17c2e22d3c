/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fs_tree.h"

#include <errno.h>

static int
give(struct fs_giver *g, struct lookback_piece *piece)
{
	piece->size = sizeof(*piece);
	g->done = piece->offset + piece->len;
	g->ended = piece->last || piece->why != NULL;
	return g->rc = g->give(g->ctx, g->i, piece);
}

int
fs_give(struct fs_giver *g, uint64_t offset, const void *data, size_t len)
{
	return give(g,
	    &(struct lookback_piece){
		.offset = offset, .data = data, .len = len });
}

int
fs_give_ill(struct fs_giver *g, const struct ill *ill)
{
	return give(g,
	    &(struct lookback_piece){
		.offset = g->done, .why = ill->why, .error = ill->error });
}

int
fs_give_end(struct fs_giver *g)
{
	return give(g,
	    &(struct lookback_piece){ .offset = g->size,
		.last = true,
		.has_mtime = g->has_mtime,
		.mtime = g->mtime,
		.mtime_ns = g->mtime_ns,
		.same = g->same });
}

int
fs_give_rest(struct fs_giver *g, const struct ill *ill)
{
	if (g->rc != 0 || g->ended)
		return g->rc;
	return ill->why != NULL ? fs_give_ill(g, ill) : fs_give_end(g);
}

int
fs_give_run(struct fs_giver *g, struct disk *disk, uint64_t at, uint64_t end,
    uint64_t place)
{
	struct err ignored = ERR_INIT;

	if (end > g->size)
		end = g->size;
	while (at < end) {
		size_t n = end - at < FS_PIECE ? (size_t)(end - at) : FS_PIECE;

		if (disk_read(disk, g->room, n, place, &ignored) != 0) {
			(void)fs_give_ill(g,
			    &(struct ill){
				EIO, "a block of it cannot be read" });
			return 1;
		}
		if (fs_give(g, at, g->room, n) != 0)
			return 1;
		at += n;
		place += n;
	}
	return 0;
}

bool
fs_is_bomb(const struct lookback_limits *limits, uint64_t bytes, uint64_t disk)
{
	return bytes > limits->free && bytes / limits->expansion > disk;
}
