/*
 * A line of lsearch --jsonl: its ref and last_seen. JSON is read as far as that
 * takes, values of other keys are passed over.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/reference_private.h"

#include <ctype.h>
#include <string.h>

/* Of lists and objects in each other. */
#define DEPTH_MAX 64

struct text {
	const char *p, *end;
	bool bad;
};

static void
skip_blanks(struct text *t)
{
	while (t->p < t->end && isspace((unsigned char)*t->p))
		t->p++;
}

/* The next character that is no blank, and it is taken; 0 at the end. */
static char
take(struct text *t)
{
	skip_blanks(t);
	return t->p < t->end ? *t->p++ : '\0';
}

static unsigned
take_hex(struct text *t)
{
	unsigned v = 0;

	for (int i = 0; i < 4; i++) {
		int c = t->p < t->end ? *t->p++ : '\0';

		if (!isxdigit(c)) {
			t->bad = true;
			return 0;
		}
		v = v * 16 +
		    (unsigned)(isdigit(c) ? c - '0' : (c | 32) - 'a' + 10);
	}
	return v;
}

static void
add_utf8(struct buf *b, struct text *t)
{
	unsigned c = take_hex(t);
	int bad;

	if (c >= 0xd800 && c < 0xdc00 && t->end - t->p > 6 && t->p[0] == '\\' &&
	    t->p[1] == 'u') {
		t->p += 2;
		c = 0x10000 + ((c - 0xd800) << 10) + (take_hex(t) - 0xdc00);
	}
	if (c < 0x80)
		bad = buf_add_byte(b, (uint8_t)c);
	else if (c < 0x800)
		bad = buf_add_byte(b, (uint8_t)(0xc0 | c >> 6)) ||
		    buf_add_byte(b, (uint8_t)(0x80 | (c & 0x3f)));
	else if (c < 0x10000)
		bad = buf_add_byte(b, (uint8_t)(0xe0 | c >> 12)) ||
		    buf_add_byte(b, (uint8_t)(0x80 | (c >> 6 & 0x3f))) ||
		    buf_add_byte(b, (uint8_t)(0x80 | (c & 0x3f)));
	else
		bad = c > 0x10ffff ||
		    buf_add_byte(b, (uint8_t)(0xf0 | c >> 18)) ||
		    buf_add_byte(b, (uint8_t)(0x80 | (c >> 12 & 0x3f))) ||
		    buf_add_byte(b, (uint8_t)(0x80 | (c >> 6 & 0x3f))) ||
		    buf_add_byte(b, (uint8_t)(0x80 | (c & 0x3f)));
	t->bad = t->bad || bad != 0;
}

/* Behind the first quote. */
static void
take_string(struct text *t, struct buf *to)
{
	static const char from[] = "\"\\/bfnrt", is[] = "\"\\/\b\f\n\r\t";

	buf_clear(to);
	for (;;) {
		char c = t->p < t->end ? *t->p++ : '\0';
		const char *at;

		if (c == '"' || t->bad)
			return;
		if (c != '\\') {
			t->bad = c == '\0' || buf_add_byte(to, (uint8_t)c) != 0;
			continue;
		}
		c = t->p < t->end ? *t->p++ : '\0';
		at = c != '\0' ? strchr(from, c) : NULL;
		if (c == 'u')
			add_utf8(to, t);
		else
			t->bad = at == NULL ||
			    buf_add_byte(to, (uint8_t)is[at - from]) != 0;
	}
}

/* A value that nobody wants. */
static void
skip_value(struct text *t, struct buf *scratch)
{
	int depth = 0;

	do {
		char c = take(t);

		if (c == '"')
			take_string(t, scratch);
		else if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		else if (c == '\0')
			t->bad = true;
		else if (c != ',' && c != ':')
			while (t->p < t->end && strchr(",]} \t", *t->p) == NULL)
				t->p++;
	} while (depth > 0 && depth < DEPTH_MAX && !t->bad);
	t->bad = t->bad || depth != 0;
}

static bool
base64(struct buf *to, const char *p, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, n = 0;

	while (len > 0 && p[len - 1] == '=')
		len--;
	buf_clear(to);
	for (size_t i = 0; i < len; i++) {
		const char *at = p[i] != '\0' ? strchr(digits, p[i]) : NULL;

		if (at == NULL)
			return false;
		bits = bits << 6 | (unsigned)(at - digits);
		if ((n += 6) >= 8) {
			n -= 8;
			if (buf_add_byte(to, (uint8_t)(bits >> n)) != 0)
				return false;
		}
	}
	return true;
}

struct found {
	struct buf type, ref, seen;
	bool has_ref;
};

static void
take_member(struct text *t, struct found *f, struct buf *key, struct buf *value)
{
	const char *name;

	if (take(t) != '"') {
		t->bad = true;
		return;
	}
	take_string(t, key);
	if (take(t) != ':')
		t->bad = true;
	skip_blanks(t);
	if (t->bad || t->p == t->end || *t->p != '"') {
		skip_value(t, value);
		return;
	}
	t->p++;
	take_string(t, value);
	name = buf_str(key);
	if (strcmp(name, "type") == 0)
		t->bad = t->bad || buf_add(&f->type, value->data, value->len);
	else if (strcmp(name, "last_seen") == 0)
		t->bad = t->bad || buf_add(&f->seen, value->data, value->len);
	else if (strcmp(name, "ref") == 0) {
		buf_clear(&f->ref);
		t->bad = t->bad || buf_add(&f->ref, value->data, value->len);
		f->has_ref = true;
	} else if (strcmp(name, "ref_b64") == 0) {
		t->bad = t->bad ||
		    !base64(&f->ref, (const char *)value->data, value->len);
		f->has_ref = true;
	}
}

int
reference_json(struct reference *ret, const char *text, size_t len, int64_t now,
    struct err *err)
{
	struct text t = { text + 1, text + len, false };
	struct found f = { 0 };
	struct buf key = { 0 }, value = { 0 };
	char c;
	int rc;

	do {
		take_member(&t, &f, &key, &value);
		c = take(&t);
	} while (!t.bad && c == ',');
	if (t.bad || c != '}')
		rc = err_set(
		    err, ERR_USAGE, "begins like JSON and is no object");
	else if (strcmp(buf_str(&f.type), "summary") == 0)
		rc = 1;
	else if (!f.has_ref)
		rc = err_set(err, ERR_USAGE, "is JSON without a \"ref\"");
	else
		rc = reference_take(ret, buf_str(&f.ref), f.ref.len,
		    f.seen.len > 0 ? buf_str(&f.seen) : NULL, now, err);
	buf_done(&key);
	buf_done(&value);
	buf_done(&f.type);
	buf_done(&f.ref);
	buf_done(&f.seen);
	return rc;
}
