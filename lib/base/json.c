/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

static void
put(struct json *j, int rc)
{
	if (rc != 0)
		j->failed = true;
}

static void
put_key(struct json *j, const char *key)
{
	put(j, buf_printf(j->to, "%s\"%s\":", j->more ? "," : "", key));
	j->more = true;
}

struct json
json_begin(struct buf *to)
{
	struct json j = { .to = to };

	put(&j, buf_add_byte(to, '{'));
	return j;
}

void
json_text(struct json *j, const char *key, const char *text, size_t len)
{
	put_key(j, key);
	put(j, text_json(j->to, text, len));
}

void
json_string(struct json *j, const char *key, const char *text)
{
	json_text(j, key, text, strlen(text));
}

void
json_bytes(struct json *j, const char *key, const char *text)
{
	size_t len = strlen(text);
	struct buf tame = { 0 };

	if (text_is_utf8(text, len)) {
		json_text(j, key, text, len);
		return;
	}
	put(j, text_tame(&tame, text, len));
	json_text(j, key, buf_str(&tame), tame.len);
	buf_done(&tame);
}

void
json_int(struct json *j, const char *key, int64_t v)
{
	put_key(j, key);
	put(j, buf_printf(j->to, "%" PRId64, v));
}

void
json_uint(struct json *j, const char *key, uint64_t v)
{
	put_key(j, key);
	put(j, buf_printf(j->to, "%" PRIu64, v));
}

void
json_bool(struct json *j, const char *key, bool v)
{
	put_key(j, key);
	put(j, buf_add_str(j->to, v ? "true" : "false"));
}

void
json_null(struct json *j, const char *key)
{
	put_key(j, key);
	put(j, buf_add_str(j->to, "null"));
}

void
json_open(struct json *j, const char *key)
{
	put_key(j, key);
	put(j, buf_add_byte(j->to, '{'));
	j->more = false;
}

void
json_close(struct json *j)
{
	put(j, buf_add_byte(j->to, '}'));
	j->more = true;
}

void
json_list(struct json *j, const char *key)
{
	put_key(j, key);
	put(j, buf_add_byte(j->to, '['));
	j->more = false;
}

void
json_item(struct json *j)
{
	put(j, buf_add_str(j->to, j->more ? ",{" : "{"));
	j->more = false;
}

void
json_list_end(struct json *j)
{
	put(j, buf_add_byte(j->to, ']'));
	j->more = true;
}

int
json_end(struct json *j)
{
	put(j, buf_add_str(j->to, "}\n"));
	return j->failed ? -1 : 0;
}
