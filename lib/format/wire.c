/*
 * The frames of a push, but for the events (wire_events.c). Integers are
 * little-endian, varints LEB128.
 *
 *   frame     u32 length of the payload, u8 type, payload
 *   HELLO     u32 version, 16 bytes store id
 *   WELCOME   u32 version
 *   SERIES    the name below the host
 *   STATE     u8 known, 16 bytes store id, u64 number, digest, i64 date
 *   SNAPSHOT  varint number, u8 flags (1 full, 2 complete), u8 fields,
 *             i64 date, i64 clock, varint entries, digest,
 *             varint length, origin, varint length, scope
 *   UNREAD    of each: varint length, path, varint errno, u8 below
 *   END, BYE  nothing
 *   ACK       u64 number, digest
 *   ERROR, NOTE  text
 *   digest    u64 low half, u64 high half
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/wire.h"

#include <string.h>

#include "base/path.h"

#define FLAG_FULL 1u
#define FLAG_COMPLETE 2u

/* Begin a frame: its head with a length still to come. Returns where it
 * stands, for frame_end. */
static size_t
frame_begin(struct buf *b, enum wire_type type)
{
	size_t at = b->len;

	if (buf_add_u32(b, 0) != 0 || buf_add_byte(b, (uint8_t)type) != 0) {
		b->len = at;
		return SIZE_MAX;
	}
	return at;
}

/* Complete the frame, or take it away again when something failed. */
static int
frame_end(struct buf *b, size_t at, int failed)
{
	size_t len;

	if (at == SIZE_MAX)
		return -1;
	len = b->len - at - WIRE_HEAD;
	if (failed || len > WIRE_FRAME_MAX) {
		b->len = at;
		return -1;
	}
	for (int i = 0; i < 4; i++)
		b->data[at + (size_t)i] = (uint8_t)(len >> (8 * i));
	return 0;
}

static int
add_digest(struct buf *b, const struct digest *d)
{
	return buf_add_u64(b, d->lo) | buf_add_u64(b, d->hi);
}

static int
add_bytes(struct buf *b, const void *p, size_t n)
{
	return buf_add_varint(b, n) | buf_add(b, p, n);
}

int
wire_put_hello(struct buf *b, const struct wire_hello *m)
{
	size_t at = frame_begin(b, WIRE_HELLO);

	if (at == SIZE_MAX)
		return -1;
	return frame_end(b, at,
	    buf_add_u32(b, m->version) |
		buf_add(b, m->store, sizeof(m->store)));
}

int
wire_put_welcome(struct buf *b, uint32_t version)
{
	size_t at = frame_begin(b, WIRE_WELCOME);

	return at == SIZE_MAX ? -1 : frame_end(b, at, buf_add_u32(b, version));
}

int
wire_put_series(struct buf *b, const char *name, size_t len)
{
	size_t at = frame_begin(b, WIRE_SERIES);

	return at == SIZE_MAX ? -1 : frame_end(b, at, buf_add(b, name, len));
}

int
wire_put_state(struct buf *b, const struct wire_state *m)
{
	size_t at = frame_begin(b, WIRE_STATE);

	if (at == SIZE_MAX)
		return -1;
	return frame_end(b, at,
	    buf_add_byte(b, m->known) | buf_add(b, m->store, sizeof(m->store)) |
		buf_add_u64(b, m->number) | add_digest(b, &m->digest) |
		buf_add_u64(b, (uint64_t)m->date_ns));
}

int
wire_put_snapshot(struct buf *b, const struct wire_snapshot *m)
{
	size_t at = frame_begin(b, WIRE_SNAPSHOT);

	if (at == SIZE_MAX)
		return -1;
	return frame_end(b, at,
	    buf_add_varint(b, m->number) |
		buf_add_byte(b,
		    (uint8_t)((m->full ? FLAG_FULL : 0) |
			(m->complete ? FLAG_COMPLETE : 0))) |
		buf_add_byte(b, m->fields) |
		buf_add_u64(b, (uint64_t)m->date_ns) |
		buf_add_u64(b, (uint64_t)m->clock_ns) |
		buf_add_varint(b, m->entries) | add_digest(b, &m->digest) |
		add_bytes(b, m->origin, m->origin_len) |
		add_bytes(b, m->scope, m->scope_len));
}

int
wire_put_unread(
    struct buf *b, const struct wire_unread *u, size_t n, size_t *ret_done)
{
	size_t at = frame_begin(b, WIRE_UNREAD), i;
	int failed = 0;

	if (at == SIZE_MAX)
		return -1;
	for (i = 0; i < n && !failed; i++) {
		if (i > 0 && b->len - at + u[i].len > WIRE_FRAME_MAX - 64)
			break;
		failed = add_bytes(b, u[i].path, u[i].len) |
		    buf_add_varint(b, (uint64_t)u[i].error) |
		    buf_add_byte(b, u[i].below);
	}
	if (frame_end(b, at, failed) != 0)
		return -1;
	*ret_done = i;
	return 0;
}

int
wire_put_end(struct buf *b)
{
	return frame_end(b, frame_begin(b, WIRE_END), 0);
}

int
wire_put_ack(struct buf *b, const struct wire_ack *m)
{
	size_t at = frame_begin(b, WIRE_ACK);

	if (at == SIZE_MAX)
		return -1;
	return frame_end(
	    b, at, buf_add_u64(b, m->number) | add_digest(b, &m->digest));
}

int
wire_put_bye(struct buf *b)
{
	return frame_end(b, frame_begin(b, WIRE_BYE), 0);
}

int
wire_put_text(struct buf *b, enum wire_type type, const char *text)
{
	size_t at = frame_begin(b, type);

	return at == SIZE_MAX ? -1 : frame_end(b, at, buf_add_str(b, text));
}

/* ---- reading ---- */

static struct digest
read_digest(struct reader *r)
{
	struct digest d;

	d.lo = reader_u64(r);
	d.hi = reader_u64(r);
	return d;
}

static void
read_store(struct reader *r, uint8_t store[16])
{
	const uint8_t *p = reader_bytes(r, 16);

	if (p != NULL)
		memcpy(store, p, 16);
}

static const uint8_t *
read_bytes(struct reader *r, size_t *ret_len)
{
	uint64_t n = reader_varint(r);

	if (n > reader_left(r)) {
		r->bad = true;
		return NULL;
	}
	*ret_len = (size_t)n;
	return reader_bytes(r, (size_t)n);
}

/* A payload must be read to its last byte, and no further. */
static int
read_whole(const struct reader *r, const char *what, struct err *err)
{
	if (r->bad)
		return err_set(err, ERR_FORMAT, "%s message: too short", what);
	if (reader_left(r) != 0)
		return err_set(err, ERR_FORMAT, "%s message: too long", what);
	return 0;
}

int
wire_get_hello(
    struct wire_hello *ret, const void *p, size_t len, struct err *err)
{
	struct reader r = reader_of(p, len);
	struct wire_hello m = { 0 };
	int rc;

	m.version = reader_u32(&r);
	read_store(&r, m.store);
	if ((rc = read_whole(&r, "HELLO", err)) == 0)
		*ret = m;
	return rc;
}

int
wire_get_welcome(uint32_t *ret, const void *p, size_t len, struct err *err)
{
	struct reader r = reader_of(p, len);
	uint32_t version = reader_u32(&r);
	int rc;

	if ((rc = read_whole(&r, "WELCOME", err)) == 0)
		*ret = version;
	return rc;
}

int
wire_get_state(
    struct wire_state *ret, const void *p, size_t len, struct err *err)
{
	struct reader r = reader_of(p, len);
	struct wire_state m = { 0 };
	uint8_t known = reader_byte(&r);
	int rc;

	m.known = known != 0;
	read_store(&r, m.store);
	m.number = reader_u64(&r);
	m.digest = read_digest(&r);
	m.date_ns = (int64_t)reader_u64(&r);
	if ((rc = read_whole(&r, "STATE", err)) != 0)
		return rc;
	if (known > 1)
		return err_set(err, ERR_FORMAT, "STATE message: bad flag");
	*ret = m;
	return 0;
}

int
wire_get_snapshot(
    struct wire_snapshot *ret, const void *p, size_t len, struct err *err)
{
	struct reader r = reader_of(p, len);
	struct wire_snapshot m = { 0 };
	uint8_t flags;
	int rc;

	m.number = reader_varint(&r);
	flags = reader_byte(&r);
	m.full = (flags & FLAG_FULL) != 0;
	m.complete = (flags & FLAG_COMPLETE) != 0;
	m.fields = reader_byte(&r);
	m.date_ns = (int64_t)reader_u64(&r);
	m.clock_ns = (int64_t)reader_u64(&r);
	m.entries = reader_varint(&r);
	m.digest = read_digest(&r);
	m.origin = (const char *)read_bytes(&r, &m.origin_len);
	m.scope = read_bytes(&r, &m.scope_len);
	if ((rc = read_whole(&r, "SNAPSHOT", err)) != 0)
		return rc;
	if ((flags & ~(FLAG_FULL | FLAG_COMPLETE)) != 0 ||
	    (m.fields & ~ENTRY_ALL) != 0)
		return err_set(err, ERR_FORMAT, "SNAPSHOT message: bad flags");
	if (m.number == 0 || m.number > INT64_MAX || m.entries > INT64_MAX)
		return err_set(err, ERR_FORMAT,
		    "SNAPSHOT message: a number that cannot be");
	if (m.origin_len > WIRE_ORIGIN_MAX ||
	    memchr(m.origin, '\0', m.origin_len) != NULL)
		return err_set(err, ERR_FORMAT,
		    "SNAPSHOT message: the origin is not text");
	*ret = m;
	return 0;
}

int
wire_next_unread(struct wire_unread *ret, struct reader *r, struct err *err)
{
	struct wire_unread m = { 0 };
	uint64_t error;
	uint8_t below;

	if (reader_left(r) == 0)
		return 1;
	m.path = (const char *)read_bytes(r, &m.len);
	error = reader_varint(r);
	below = reader_byte(r);
	if (r->bad || below > 1 || error > INT32_MAX)
		return err_set(err, ERR_FORMAT, "UNREAD message: damaged");
	if (!path_is_valid(m.path, m.len))
		return err_set(err, ERR_FORMAT,
		    "UNREAD message: \"%.*s\" is not a path",
		    (int)(m.len > 200 ? 200 : m.len), m.path);
	m.error = (int)error;
	m.below = below != 0;
	*ret = m;
	return 0;
}

int
wire_get_ack(struct wire_ack *ret, const void *p, size_t len, struct err *err)
{
	struct reader r = reader_of(p, len);
	struct wire_ack m;
	int rc;

	m.number = reader_u64(&r);
	m.digest = read_digest(&r);
	if ((rc = read_whole(&r, "ACK", err)) == 0)
		*ret = m;
	return rc;
}
