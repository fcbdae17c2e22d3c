/*
 * One JSON object as a line, for JSON Lines.
 *
 * Keys come as written here and need no escaping. Text that is not UTF-8 must
 * be told apart by its caller (path and path_b64). Nothing fails until
 * json_end, which tells whether memory ran out.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

struct json {
	struct buf *to; /* borrowed; appended to */
	bool more;	/* something stands before what comes */
	bool failed;
};

struct json json_begin(struct buf *to); /* { */
void json_text(struct json *, const char *key, const char *, size_t len);
void json_string(struct json *, const char *key, const char *);
/* Any bytes: those that are no UTF-8 as text_tame shows them. */
void json_bytes(struct json *, const char *key, const char *);
void json_int(struct json *, const char *key, int64_t);
void json_uint(struct json *, const char *key, uint64_t);
void json_bool(struct json *, const char *key, bool);
void json_null(struct json *, const char *key);
/* An object inside, ended by json_close. */
void json_open(struct json *, const char *key);
void json_close(struct json *);
/* A list of objects, each begun by json_item and ended by json_close. */
void json_list(struct json *, const char *key);
void json_item(struct json *);
void json_list_end(struct json *);
int json_end(struct json *); /* }, newline; 0, -1 */

#endif
