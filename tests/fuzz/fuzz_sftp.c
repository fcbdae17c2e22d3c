/*
 * What an SFTP server answers: the first byte says whether to a walk or to who
 * reads a file; then for each answer which question it is to, its type, the
 * length of its body in two bytes, and that.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/path.h"
#include "remote/sftp_read.h"
#include "remote/sftp_walk.h"
#include "tests/support/sftp_peer.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
answer(struct sftp_peer *peer)
{
	struct reader *r = peer->ctx;
	struct sftp_asked *a = &peer->asked[0];
	const uint8_t *body;
	size_t i, len;
	uint8_t type;

	/* A root as every server has one; what follows is the input's. */
	if (peer->n_asked == 1 && a->type == SFTP_REALPATH) {
		static const char root[] = "\0\0\0\1\0\0\0\2/r\0\0\0\0\0\0\0";

		sftp_peer_answer(peer, 0, SFTP_NAME, root, sizeof(root));
		return;
	}
	if (peer->n_asked == 1 && a->type == SFTP_LSTAT &&
	    strcmp(a->string, "/r") == 0) {
		struct buf b = { 0 };

		sftp_peer_attrs(&b, 040755, 0);
		sftp_peer_answer(peer, 0, SFTP_ATTRS, b.data, b.len);
		buf_done(&b);
		return;
	}
	if (peer->n_asked == 0 || reader_left(r) < 4)
		return;
	i = reader_byte(r) % peer->n_asked;
	type = reader_byte(r);
	len = reader_byte(r);
	len = len << 8 | reader_byte(r);
	if (len > reader_left(r))
		len = reader_left(r);
	body = reader_bytes(r, len);
	sftp_peer_answer(peer, i, type, body, len);
}

static void
walk(struct sftp *s)
{
	struct sftp_walk_options o = {
		.root = "/r", .path_max = 600, .depth_max = 9
	};
	struct err err = ERR_INIT;
	struct sftp_walk_item item;
	struct sftp_walk *w;

	if (sftp_walk_open(&w, s, &o, &err) != 0)
		return;
	while (sftp_walk_next(w, &item, &err) == 0) {
		if (!path_is_valid(item.path, item.len) || item.len > 600 ||
		    memcmp(item.path, "/r", 2) != 0)
			abort();
		if (item.kind == SFTP_WALK_ENTRY &&
		    !entry_is_valid(&item.entry))
			abort();
	}
	sftp_walk_close(w);
}

static int
part(void *ctx, uint64_t off, const void *data, size_t len, bool last)
{
	uint64_t *end = ctx;

	(void)data;
	if (off != *end || (last && len != 0))
		abort();
	*end = off + len;
	return 0;
}

static void
read_file(struct sftp *s)
{
	struct sftp_outcome outcome;
	struct err err = ERR_INIT;
	uint64_t end = 0;

	(void)sftp_read_file(s, "/f", 2, part, &end, &outcome, &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct reader r = reader_of(data, len);
	struct sftp_peer peer = { .more = answer, .ctx = &r };
	struct sftp_stream stream = sftp_peer_stream(&peer);
	bool walks = reader_byte(&r) & 1;
	struct err err = ERR_INIT;
	struct sftp *s;

	if (sftp_begin(&s, &stream, &err) != 0)
		abort();
	if (walks)
		walk(s);
	else
		read_file(s);
	sftp_end(s);
	sftp_peer_done(&peer);
	return 0;
}
