/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
buf_done(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
}

int
buf_reserve(struct buf *b, size_t n)
{
	size_t need, cap;
	uint8_t *data;

	/* One byte more than asked, for buf_str's NUL. */
	if (__builtin_add_overflow(b->len, n, &need) ||
	    __builtin_add_overflow(need, 1, &need))
		return -1;
	if (need <= b->cap)
		return 0;
	cap = b->cap < 64 ? 64 : b->cap;
	while (cap < need)
		if (__builtin_mul_overflow(cap, 2, &cap))
			return -1;
	if ((data = realloc(b->data, cap)) == NULL)
		return -1;
	b->data = data;
	b->cap = cap;
	return 0;
}

int
buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return 0;
	if (buf_reserve(b, n) != 0)
		return -1;
	memcpy(b->data + b->len, p, n);
	b->len += n;
	return 0;
}

int
buf_add_byte(struct buf *b, uint8_t v)
{
	if (b->len + 1 >= b->cap && buf_reserve(b, 1) != 0)
		return -1;
	b->data[b->len++] = v;
	return 0;
}

int
buf_add_str(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

int
buf_add_u32(struct buf *b, uint32_t v)
{
	uint8_t le[4];

	for (int i = 0; i < 4; i++)
		le[i] = (uint8_t)(v >> (8 * i));
	return buf_add(b, le, sizeof(le));
}

int
buf_add_u64(struct buf *b, uint64_t v)
{
	uint8_t le[8];

	for (int i = 0; i < 8; i++)
		le[i] = (uint8_t)(v >> (8 * i));
	return buf_add(b, le, sizeof(le));
}

int
buf_add_varint(struct buf *b, uint64_t v)
{
	uint8_t out[10];
	size_t n = 0;

	while (v >= 0x80) {
		out[n++] = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	out[n++] = (uint8_t)v;
	return buf_add(b, out, n);
}

int
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || buf_reserve(b, (size_t)n) != 0) {
		va_end(again);
		return -1;
	}
	(void)vsnprintf((char *)b->data + b->len, (size_t)n + 1, fmt, again);
	va_end(again);
	b->len += (size_t)n;
	return 0;
}

const char *
buf_str(struct buf *b)
{
	if (buf_reserve(b, 0) != 0)
		return "";
	b->data[b->len] = '\0';
	return (const char *)b->data;
}

struct reader
reader_of(const void *p, size_t n)
{
	const uint8_t *b = p;

	if (b == NULL)
		return (struct reader){ NULL, NULL, false };
	return (struct reader){ b, b + n, false };
}

size_t
reader_left(const struct reader *r)
{
	return (size_t)(r->end - r->p);
}

const uint8_t *
reader_bytes(struct reader *r, size_t n)
{
	const uint8_t *p = r->p;

	if (r->bad || reader_left(r) < n) {
		r->bad = true;
		return NULL;
	}
	r->p += n;
	return p;
}

uint8_t
reader_byte(struct reader *r)
{
	const uint8_t *p = reader_bytes(r, 1);

	return p == NULL ? 0 : *p;
}

uint32_t
reader_u32(struct reader *r)
{
	const uint8_t *p = reader_bytes(r, 4);

	return p == NULL ? 0 : load_u32(p);
}

uint64_t
reader_u64(struct reader *r)
{
	const uint8_t *p = reader_bytes(r, 8);

	return p == NULL ? 0 : load_u64(p);
}

uint64_t
reader_varint(struct reader *r)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t c = reader_byte(r);

		if (r->bad || (shift == 63 && c > 1))
			break;
		v |= (uint64_t)(c & 0x7f) << shift;
		if ((c & 0x80) == 0)
			return v;
	}
	r->bad = true;
	return 0;
}
