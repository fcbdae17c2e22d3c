/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/uri.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/when.h"

#define PORT_MAX 65535

static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
static const char plain[] =
    "-._~/"
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

void
uri_done(struct uri *uri)
{
	free(uri->scheme);
	free(uri->user);
	free(uri->host);
	free(uri->path);
	*uri = (struct uri){ 0 };
}

/* ---- reading ---- */

static int
hex(char c)
{
	const char *digits = "0123456789abcdef", *p;

	if (c >= 'A' && c <= 'F')
		c = (char)(c - 'A' + 'a');
	p = c != '\0' ? strchr(digits, c) : NULL;
	return p != NULL ? (int)(p - digits) : -1;
}

/* A part, with its %XX decoded, as a string. */
static int
decode(char **ret, const char *p, size_t len, struct err *err)
{
	char *to = malloc(len + 1), *q = to;

	if (to == NULL)
		return err_nomem(err);
	for (const char *end = p + len; p < end; p++) {
		int high, low;

		if (*p != '%') {
			*q++ = *p;
			continue;
		}
		high = end - p > 2 ? hex(p[1]) : -1;
		low = end - p > 2 ? hex(p[2]) : -1;
		if (high < 0 || low < 0 || high + low == 0) {
			free(to);
			return err_set(
			    err, ERR_USAGE, "\"%.8s\" is no %%XX of a byte", p);
		}
		*q++ = (char)(high * 16 + low);
		p += 2;
	}
	*q = '\0';
	*ret = to;
	return 0;
}

static int
take_port(struct uri *uri, const char *p, size_t len, struct err *err)
{
	char text[8];
	long long port;

	if (len == 0 || len >= sizeof(text))
		return err_set(err, ERR_USAGE, "no port of 1 to 65535");
	memcpy(text, p, len);
	text[len] = '\0';
	if (!text_int(text, 1, PORT_MAX, &port))
		return err_set(
		    err, ERR_USAGE, "\"%s\" is no port of 1 to 65535", text);
	uri->port = (unsigned)port;
	return 0;
}

/* [USER@]HOST[:PORT] */
static int
take_authority(struct uri *uri, const char *p, size_t len, struct err *err)
{
	const char *at = memchr(p, '@', len), *colon;
	int rc;

	if (at != NULL) {
		if ((rc = decode(&uri->user, p, (size_t)(at - p), err)) != 0)
			return rc;
		len -= (size_t)(at + 1 - p);
		p = at + 1;
	}
	if ((colon = memchr(p, ':', len)) != NULL) {
		if ((rc = take_port(uri, colon + 1,
			 len - (size_t)(colon + 1 - p), err)) != 0)
			return rc;
		len = (size_t)(colon - p);
	}
	return len > 0 ? decode(&uri->host, p, len, err) : 0;
}

/* "1763694000.5", "-1" */
static bool
take_seconds(const char *text, int64_t *ret_ns)
{
	bool negative = text[0] == '-';
	const char *dot = strchr(text += negative, '.');
	char whole[24], part[10] = "000000000";
	size_t len = dot != NULL ? (size_t)(dot - text) : strlen(text);
	long long s, ns;

	if (len >= sizeof(whole))
		return false;
	memcpy(whole, text, len);
	whole[len] = '\0';
	if (dot != NULL) {
		size_t n = strlen(dot + 1);

		if (n == 0 || n > 9)
			return false;
		memcpy(part, dot + 1, n);
	}
	if (!text_int(whole, 0, INT64_MAX / NS_PER_S - 1, &s) ||
	    !text_int(part, 0, NS_PER_S - 1, &ns))
		return false;
	*ret_ns = s * NS_PER_S + ns;
	if (negative)
		*ret_ns = -*ret_ns;
	return true;
}

static int
take_query(struct uri *uri, const char *query, struct err *err)
{
	for (const char *p = query, *end; *p != '\0'; p = end) {
		size_t len = strcspn(p, "&");
		char item[64];
		long long size;

		end = p + len + (p[len] == '&');
		if (len < sizeof(item)) {
			memcpy(item, p, len);
			item[len] = '\0';
			if (strncmp(item, "size=", 5) == 0 &&
			    text_int(item + 5, 0, INT64_MAX, &size)) {
				uri->has_size = true;
				uri->size = (uint64_t)size;
				continue;
			}
			if (strncmp(item, "mtime=", 6) == 0 &&
			    take_seconds(item + 6, &uri->mtime_ns)) {
				uri->has_mtime = true;
				continue;
			}
			if (strcmp(item, "additive=yes") == 0) {
				uri->additive = true;
				continue;
			}
		}
		return err_set(err, ERR_USAGE,
		    "\"%.64s\" is neither size=BYTES nor mtime=SECONDS nor "
		    "additive=yes",
		    p);
	}
	return 0;
}

static int
parse(struct uri *uri, const char *text, struct err *err)
{
	size_t len = strspn(text, lower);
	const char *p = text + len + 1, *query;
	int rc;

	if (len == 0 || text[len] != ':' || text[0] == '-')
		return err_set(err, ERR_USAGE, "has no SCHEME: in front");
	if ((rc = decode(&uri->scheme, text, len, err)) != 0)
		return rc;
	query = p + strcspn(p, "?");
	if (strncmp(p, "//", 2) == 0) {
		p += 2;
		len = strcspn(p, "/?");
		if ((rc = take_authority(uri, p, len, err)) != 0)
			return rc;
		p += len;
	}
	if ((rc = decode(&uri->path, p, (size_t)(query - p), err)) != 0)
		return rc;
	return *query == '?' ? take_query(uri, query + 1, err) : 0;
}

int
uri_parse(struct uri *ret, const char *text, struct err *err)
{
	int rc;

	*ret = (struct uri){ 0 };
	if ((rc = parse(ret, text, err)) == 0)
		return 0;
	uri_done(ret);
	return err_wrap(err, "\"%.128s\"", text);
}

/* ---- writing ---- */

static int
add(struct buf *b, const char *text)
{
	int bad = 0;

	for (const char *p = text; *p != '\0' && bad == 0; p++)
		bad = strchr(plain, *p) != NULL ?
		    buf_add_byte(b, (uint8_t)*p) :
		    buf_printf(b, "%%%02X", (unsigned char)*p);
	return bad;
}

static int
add_authority(struct buf *b, const struct uri *uri)
{
	if (uri->host == NULL)
		return 0;
	if (buf_add_str(b, "//") != 0)
		return -1;
	if (uri->user != NULL &&
	    (add(b, uri->user) != 0 || buf_add_byte(b, '@') != 0))
		return -1;
	if (add(b, uri->host) != 0)
		return -1;
	return uri->port != 0 ? buf_printf(b, ":%u", uri->port) : 0;
}

static int
add_query(struct buf *b, const struct uri *uri)
{
	uint64_t ns = uri->mtime_ns < 0 ? -(uint64_t)uri->mtime_ns :
					  (uint64_t)uri->mtime_ns;
	char before = '?';

	if (uri->has_size) {
		if (buf_printf(b, "?size=%" PRIu64, uri->size) != 0)
			return -1;
		before = '&';
	}
	if (uri->has_mtime) {
		if (buf_printf(b, "%cmtime=%s%" PRIu64 ".%09" PRIu64, before,
			uri->mtime_ns < 0 ? "-" : "", ns / NS_PER_S,
			ns % NS_PER_S) != 0)
			return -1;
		before = '&';
	}
	return uri->additive ? buf_printf(b, "%cadditive=yes", before) : 0;
}

int
uri_format(const struct uri *uri, struct buf *b)
{
	size_t begun = b->len;

	if (buf_add_str(b, uri->scheme) == 0 && buf_add_byte(b, ':') == 0 &&
	    add_authority(b, uri) == 0 && add(b, uri->path) == 0 &&
	    add_query(b, uri) == 0)
		return 0;
	b->len = begun;
	return -1;
}
