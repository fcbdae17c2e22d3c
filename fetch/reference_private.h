/*
 * Within fetch: the ways to write a reference.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FETCH_REFERENCE_PRIVATE_H
#define FETCH_REFERENCE_PRIVATE_H

#include "fetch/reference.h"

/* Whether the text begins with SERIES[@TIME]:/ */
bool reference_begins(const char *text, size_t len);
/* SERIES[@TIME]:/PATH; `seen` is when a line says that it was seen last, NULL:
 * it does not say. */
int reference_take(struct reference *ret, const char *text, size_t len,
    const char *seen, int64_t now_ns, struct err *);
/* Appends what text_quote made the text from; false: it did not. */
bool text_unquote(struct buf *, const char *text, size_t len);
/* A line of JSON: 0, 1: of another type, ERR_USAGE. */
int reference_json(struct reference *ret, const char *text, size_t len,
    int64_t now_ns, struct err *);

#endif
