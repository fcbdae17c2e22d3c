/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/text.h"

#include <stdio.h>

/*
 * Length of the UTF-8 character at p (n > 0 bytes left), its code point in
 * *ret; 0 when these bytes are none (RFC 3629: shortest form, no surrogates,
 * up to U+10FFFF).
 */
static size_t
utf8_char(const char *s, size_t n, uint32_t *ret)
{
	const unsigned char *p = (const unsigned char *)s;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c = p[0];
	size_t len;

	if (c < 0x80) {
		*ret = c;
		return 1;
	}
	if (c < 0xc2 || c > 0xf4)
		return 0;
	len = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (n < len)
		return 0;
	c &= 0x7fu >> len;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return len;
}

/* Control characters, and Unicode's invisible ones that reorder, join or hide
 * text (category Cf), line and paragraph separators, noncharacters. */
static bool
is_unprintable(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} range[] = {
		{ 0x0000, 0x001f },
		{ 0x007f, 0x009f },
		{ 0x00ad, 0x00ad },
		{ 0x0600, 0x0605 },
		{ 0x061c, 0x061c },
		{ 0x06dd, 0x06dd },
		{ 0x070f, 0x070f },
		{ 0x0890, 0x0891 },
		{ 0x08e2, 0x08e2 },
		{ 0x180e, 0x180e },
		{ 0x200b, 0x200f },
		{ 0x2028, 0x202e },
		{ 0x2060, 0x206f },
		{ 0xfdd0, 0xfdef },
		{ 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb },
		{ 0x110bd, 0x110bd },
		{ 0x110cd, 0x110cd },
		{ 0x13430, 0x1343f },
		{ 0x1bca0, 0x1bca3 },
		{ 0x1d173, 0x1d17a },
		{ 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < sizeof(range) / sizeof(range[0]); i++)
		if (c >= range[i].first && c <= range[i].last)
			return true;
	return (c & 0xfffe) == 0xfffe;
}

static int
escape(struct buf *b, unsigned char c)
{
	if (c == '\n')
		return buf_add_str(b, "\\n");
	if (c == '\t')
		return buf_add_str(b, "\\t");
	if (c == '\\')
		return buf_add_str(b, "\\\\");
	return buf_printf(b, "\\x%02x", c);
}

static int
quote(struct buf *b, const char *s, size_t len, bool backslash)
{
	size_t before = b->len;

	for (size_t i = 0, n; i < len; i += n) {
		uint32_t c = 0;
		bool plain;

		n = utf8_char(s + i, len - i, &c);
		plain = n != 0 && !is_unprintable(c) &&
		    !(c == '\\' && backslash);
		if (n == 0)
			n = 1;
		if (plain) {
			if (buf_add(b, s + i, n) != 0)
				goto fail;
			continue;
		}
		for (size_t k = 0; k < n; k++)
			if (escape(b, (unsigned char)s[i + k]) != 0)
				goto fail;
	}
	return 0;
fail:
	b->len = before;
	return -1;
}

int
text_quote(struct buf *b, const char *s, size_t len)
{
	return quote(b, s, len, true);
}

int
text_tame(struct buf *b, const char *s, size_t len)
{
	return quote(b, s, len, false);
}

bool
text_is_utf8(const char *s, size_t len)
{
	uint32_t c;

	for (size_t i = 0, n; i < len; i += n)
		if ((n = utf8_char(s + i, len - i, &c)) == 0)
			return false;
	return true;
}

int
text_json(struct buf *b, const char *s, size_t len)
{
	size_t before = b->len;

	if (buf_add_byte(b, '"') != 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		int rc;

		if (c == '"' || c == '\\')
			rc = buf_printf(b, "\\%c", c);
		else if (c == '\n')
			rc = buf_add_str(b, "\\n");
		else if (c == '\t')
			rc = buf_add_str(b, "\\t");
		else if (c < 0x20 || c == 0x7f)
			rc = buf_printf(b, "\\u%04x", c);
		else
			rc = buf_add_byte(b, c);
		if (rc != 0)
			goto fail;
	}
	if (buf_add_byte(b, '"') == 0)
		return 0;
fail:
	b->len = before;
	return -1;
}

int
text_base64(struct buf *b, const void *data, size_t len)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = data;

	if (len > SIZE_MAX / 2 || buf_reserve(b, (len + 2) / 3 * 4) != 0)
		return -1;
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t v = (uint32_t)p[i] << 16;
		char out[4];

		if (n > 1)
			v |= (uint32_t)p[i + 1] << 8;
		if (n > 2)
			v |= p[i + 2];
		out[0] = digit[v >> 18];
		out[1] = digit[v >> 12 & 63];
		out[2] = n > 1 ? digit[v >> 6 & 63] : '=';
		out[3] = n > 2 ? digit[v & 63] : '=';
		(void)buf_add(b, out, sizeof(out)); /* reserved above */
	}
	return 0;
}

const char *
text_size(uint64_t bytes, char text[static TEXT_SIZE])
{
	static const char unit[] = "KMGTPE";
	double v = (double)bytes;
	size_t u = 0;

	if (bytes < 1000) {
		(void)snprintf(text, TEXT_SIZE, "%u", (unsigned)bytes);
		return text;
	}
	/* 999.5 would print as 1000. */
	for (v /= 1024; v >= 999.5; v /= 1024)
		u++;
	(void)snprintf(
	    text, TEXT_SIZE, v < 9.95 ? "%.1f%c" : "%.0f%c", v, unit[u]);
	return text;
}

bool
text_int(const char *s, long long min, long long max, long long *ret)
{
	long long v = 0;

	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++)
		if (*s < '0' || *s > '9' || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, *s - '0', &v))
			return false;
	if (v < min || v > max)
		return false;
	*ret = v;
	return true;
}
