/*
 * Text for people and machines: quoting of hostile bytes, sizes, JSON.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buf.h"

/* Append bytes as a terminal may see them: printable ASCII and valid printable
 * UTF-8 as they are; control bytes, DEL, C1, bidi and other format characters,
 * invalid UTF-8 and the backslash as \n, \t, \\ or \xHH. 0, -1. */
int text_quote(struct buf *, const char *, size_t len);
/* The same for whole messages: a backslash stays, so that what is quoted
 * already is not quoted twice. */
int text_tame(struct buf *, const char *, size_t len);

/* Append a string as one word for a shell, quoted where it must be. 0, -1. */
int text_shell(struct buf *, const char *);

bool text_is_utf8(const char *, size_t len);

/* Append a JSON string with its quotes; the bytes must be UTF-8. 0, -1. */
int text_json(struct buf *, const char *, size_t len);
/* Append base64 (RFC 4648, padded), without quotes. 0, -1. */
int text_base64(struct buf *, const void *, size_t len);

#define TEXT_SIZE 16
/* "0", "999", "1.5K", "12K", "3.4G": at most 5 characters, powers of 1024. */
const char *text_size(uint64_t bytes, char text[static TEXT_SIZE]);

/* Decimal digits only, within [min, max]: true and *ret. */
bool text_int(const char *, long long min, long long max, long long *ret);

#endif
