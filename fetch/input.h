/*
 * References from stdin: lines, or with a NUL anywhere, what NULs end.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FETCH_INPUT_H
#define FETCH_INPUT_H

#include "base/buf.h"
#include "base/err.h"

/* All of stdin. ERR_REFUSED: too much. */
int input_read(struct buf *ret, struct err *err);

/* The next piece from *at on, without its end; false: no more. */
bool input_next(
    const struct buf *, size_t *at, const char **ret, size_t *ret_len);

#endif
