/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/sftp_peer.h"

#include <stdlib.h>

#include "tests/support/expect.h"

static uint32_t
get_u32(struct reader *r)
{
	return be32toh(htole32(reader_u32(r)));
}

void
sftp_peer_u32(struct buf *b, uint32_t v)
{
	expect(buf_add_u32(b, htobe32(htole32(v))) == 0);
}

void
sftp_peer_string(struct buf *b, const void *p, size_t len)
{
	sftp_peer_u32(b, (uint32_t)len);
	expect(buf_add(b, p, len) == 0);
}

void
sftp_peer_attrs(struct buf *b, uint32_t mode, uint64_t size)
{
	sftp_peer_u32(b, 0xf);
	sftp_peer_u32(b, (uint32_t)(size >> 32));
	sftp_peer_u32(b, (uint32_t)size);
	sftp_peer_u32(b, 1000);
	sftp_peer_u32(b, 100);
	sftp_peer_u32(b, mode);
	sftp_peer_u32(b, 1);
	sftp_peer_u32(b, 1700000000);
}

void
sftp_peer_name(
    struct buf *b, const void *name, size_t len, uint32_t mode, uint64_t size)
{
	sftp_peer_string(b, name, len);
	sftp_peer_string(b, "-rw-r--r-- 1 a b", 16);
	sftp_peer_attrs(b, mode, size);
}

/* ---- the stream ---- */

static void
version(struct sftp_peer *peer)
{
	sftp_peer_u32(&peer->out, 5);
	expect(buf_add_byte(&peer->out, SFTP_VERSION) == 0);
	sftp_peer_u32(&peer->out, 3);
}

/* Whole messages: the client sends no parts. */
static int
peer_write(void *ctx, const void *data, size_t len, struct err *err)
{
	struct sftp_peer *peer = ctx;
	struct reader r = reader_of(data, len);

	(void)err;
	while (reader_left(&r) > 0) {
		struct sftp_asked *a = &peer->asked[peer->n_asked];
		size_t n = get_u32(&r);
		struct reader m = reader_of(reader_bytes(&r, n), n);
		const uint8_t *string;

		expect(!r.bad);
		a->type = reader_byte(&m);
		a->id = get_u32(&m);
		if (a->type == SFTP_INIT) {
			version(peer);
			continue;
		}
		a->len = get_u32(&m);
		string = reader_bytes(&m, a->len);
		expect(string != NULL);
		expect((a->string = malloc(a->len + 1)) != NULL);
		memcpy(a->string, string, a->len);
		a->string[a->len] = '\0';
		if (a->type == SFTP_READ) {
			a->off = (uint64_t)get_u32(&m) << 32;
			a->off |= get_u32(&m);
			a->n = get_u32(&m);
		}
		expect(!m.bad);
		peer->n_asked++;
		if (peer->n_asked > peer->most)
			peer->most = peer->n_asked;
	}
	return 0;
}

static int
peer_read(void *ctx, void *data, size_t len, size_t *ret, struct err *err)
{
	struct sftp_peer *peer = ctx;
	size_t left;

	if (peer->sent == peer->out.len) {
		buf_clear(&peer->out);
		peer->sent = 0;
		peer->more(peer);
	}
	left = peer->out.len - peer->sent;
	if (left == 0)
		return err_set(err, ERR_NOTFOUND, "the peer is gone");
	if (len > left)
		len = left;
	memcpy(data, peer->out.data + peer->sent, len);
	peer->sent += len;
	*ret = len;
	return 0;
}

struct sftp_stream
sftp_peer_stream(struct sftp_peer *peer)
{
	return (struct sftp_stream){
		.write = peer_write, .read = peer_read, .ctx = peer
	};
}

void
sftp_peer_done(struct sftp_peer *peer)
{
	for (size_t i = 0; i < peer->n_asked; i++)
		free(peer->asked[i].string);
	buf_done(&peer->out);
}

void
sftp_peer_answer(struct sftp_peer *peer, size_t i, enum sftp_type type,
    const void *body, size_t len)
{
	sftp_peer_u32(&peer->out, (uint32_t)(5 + len));
	expect(buf_add_byte(&peer->out, (uint8_t)type) == 0);
	sftp_peer_u32(&peer->out, peer->asked[i].id);
	expect(len == 0 || buf_add(&peer->out, body, len) == 0);
	free(peer->asked[i].string);
	peer->n_asked--;
	memmove(&peer->asked[i], &peer->asked[i + 1],
	    (peer->n_asked - i) * sizeof(peer->asked[0]));
}

void
sftp_peer_status(struct sftp_peer *peer, size_t i, uint32_t status)
{
	struct buf b = { 0 };

	sftp_peer_u32(&b, status);
	sftp_peer_string(&b, "words", 5);
	sftp_peer_string(&b, "", 0);
	sftp_peer_answer(peer, i, SFTP_STATUS, b.data, b.len);
	buf_done(&b);
}
