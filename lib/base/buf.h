/*
 * A growable run of bytes, and a bounded reader over one.
 *
 * A zeroed struct buf is an empty one. Appending returns 0, or -1 when memory
 * runs out, in which case the buffer is as it was.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
	uint8_t *data; /* owned; NULL while empty */
	size_t len;    /* bytes used */
	size_t cap;    /* bytes allocated */
};

void buf_done(struct buf *);		 /* frees; the buffer is empty again */
void buf_clear(struct buf *);		 /* empty, keeps its memory */
int buf_reserve(struct buf *, size_t n); /* room for n more bytes */
int buf_add(struct buf *, const void *, size_t);
int buf_add_byte(struct buf *, uint8_t);
int buf_add_str(struct buf *, const char *); /* without the NUL */
int buf_add_u32(struct buf *, uint32_t);     /* little-endian */
int buf_add_u64(struct buf *, uint64_t);
int buf_add_varint(struct buf *, uint64_t); /* LEB128, 1..10 bytes */
int buf_printf(struct buf *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The content as a C string (a NUL is kept behind len), "" when out of
 * memory. Valid until the next change. */
const char *buf_str(struct buf *);

/* A reader that never leaves [p, end). After the first read that does not
 * fit, `bad` is set and every further read gives zeroes, so a decoder may
 * read a whole record and check once. */
struct reader {
	const uint8_t *p;
	const uint8_t *end;
	bool bad;
};

struct reader reader_of(const void *, size_t);
size_t reader_left(const struct reader *);
uint8_t reader_byte(struct reader *);
uint32_t reader_u32(struct reader *);
uint64_t reader_u64(struct reader *);
/* Rejects encodings over 64 bits. */
uint64_t reader_varint(struct reader *);
/* n bytes in place, or NULL (and bad) when fewer are left. */
const uint8_t *reader_bytes(struct reader *, size_t n);

/* Little-endian numbers anywhere in memory. */
static inline uint16_t
load_u16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return le16toh(v);
}

static inline uint32_t
load_u32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static inline uint64_t
load_u64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

/* Big-endian ones. */
static inline uint16_t
load_be16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return be16toh(v);
}

static inline uint32_t
load_be32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

static inline uint64_t
load_be64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

/* Signed numbers as unsigned ones, small magnitudes small. */
static inline uint64_t
zigzag(int64_t v)
{
	return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63);
}

static inline int64_t
unzigzag(uint64_t v)
{
	return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

#endif
