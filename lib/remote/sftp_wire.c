/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "remote/sftp_wire.h"

#define VERSION 3
#define FOR_READING 1

/* Bits of what attributes there are. */
#define HAS_SIZE UINT32_C(0x01)
#define HAS_OWNER UINT32_C(0x02)
#define HAS_MODE UINT32_C(0x04)
#define HAS_TIMES UINT32_C(0x08)
#define HAS_MORE UINT32_C(0x80000000)

/* ---- what is asked ---- */

static int
put_u32(struct buf *b, uint32_t v)
{
	return buf_add_u32(b, htobe32(htole32(v)));
}

static int
put_u64(struct buf *b, uint64_t v)
{
	return buf_add_u64(b, htobe64(htole64(v)));
}

static int
put_string(struct buf *b, const void *p, size_t len)
{
	return put_u32(b, (uint32_t)len) | buf_add(b, p, len);
}

static int
put_head(struct buf *b, enum sftp_type type, uint32_t id, size_t rest)
{
	return put_u32(b, (uint32_t)(5 + rest)) |
	    buf_add_byte(b, (uint8_t)type) | put_u32(b, id);
}

int
sftp_put_init(struct buf *b)
{
	return put_head(b, SFTP_INIT, VERSION, 0);
}

int
sftp_put(
    struct buf *b, enum sftp_type type, uint32_t id, const void *p, size_t len)
{
	return put_head(b, type, id, 4 + len) | put_string(b, p, len);
}

int
sftp_put_open(struct buf *b, uint32_t id, const void *path, size_t len)
{
	return put_head(b, SFTP_OPEN, id, 4 + len + 8) |
	    put_string(b, path, len) | put_u32(b, FOR_READING) | put_u32(b, 0);
}

int
sftp_put_read(struct buf *b, uint32_t id, const void *handle, size_t len,
    uint64_t off, uint32_t n)
{
	return put_head(b, SFTP_READ, id, 4 + len + 12) |
	    put_string(b, handle, len) | put_u64(b, off) | put_u32(b, n);
}

/* ---- what is answered ---- */

static uint32_t
get_u32(struct reader *r)
{
	return be32toh(htole32(reader_u32(r)));
}

static uint64_t
get_u64(struct reader *r)
{
	return be64toh(htole64(reader_u64(r)));
}

static const char *
get_string(struct reader *r, size_t *ret_len)
{
	*ret_len = get_u32(r);
	return (const char *)reader_bytes(r, *ret_len);
}

static void
get_attrs(struct reader *r, struct sftp_attrs *a)
{
	uint32_t has = get_u32(r);
	size_t len;

	*a = (struct sftp_attrs){
		.has_size = has & HAS_SIZE,
		.has_owner = has & HAS_OWNER,
		.has_mode = has & HAS_MODE,
		.has_mtime = has & HAS_TIMES,
	};
	if (a->has_size)
		a->size = get_u64(r);
	if (a->has_owner) {
		a->uid = get_u32(r);
		a->gid = get_u32(r);
	}
	if (a->has_mode)
		a->mode = get_u32(r);
	if (a->has_mtime) {
		(void)get_u32(r); /* of the last access */
		a->mtime = get_u32(r);
	}
	if (has & HAS_MORE)
		for (uint32_t n = get_u32(r); n > 0 && !r->bad; n--) {
			(void)get_string(r, &len);
			(void)get_string(r, &len);
		}
}

bool
sftp_version_parse(const void *p, size_t len)
{
	struct reader r = reader_of(p, len);

	return reader_byte(&r) == SFTP_VERSION && get_u32(&r) == VERSION &&
	    !r.bad;
}

bool
sftp_reply_parse(struct sftp_reply *reply, const void *p, size_t len)
{
	struct reader r = reader_of(p, len);

	*reply = (struct sftp_reply){ .type = reader_byte(&r) };
	reply->id = get_u32(&r);
	switch (reply->type) {
	case SFTP_STATUS:
		reply->status = get_u32(&r);
		/* Old servers say no words. */
		if (reader_left(&r) > 0)
			reply->bytes = get_string(&r, &reply->len);
		break;
	case SFTP_HANDLE:
		reply->bytes = get_string(&r, &reply->len);
		if (reply->len > SFTP_HANDLE_MAX)
			return false;
		break;
	case SFTP_DATA:
		reply->bytes = get_string(&r, &reply->len);
		break;
	case SFTP_NAME:
		reply->n_names = get_u32(&r);
		reply->names = r;
		break;
	case SFTP_ATTRS:
		get_attrs(&r, &reply->attrs);
		break;
	default:
		return false;
	}
	return !r.bad;
}

int
sftp_name_next(struct sftp_reply *reply, const char **name, size_t *len,
    struct sftp_attrs *attrs)
{
	struct reader *r = &reply->names;
	size_t long_len;

	if (reply->n_names == 0)
		return 1;
	reply->n_names--;
	*name = get_string(r, len);
	(void)get_string(r, &long_len); /* a line of ls -l, for people */
	get_attrs(r, attrs);
	return r->bad ? -1 : 0;
}
