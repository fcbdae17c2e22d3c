/*
 * What the files of authorized_keys.h share.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_AUTHORIZED_PRIVATE_H
#define INDEXER_AUTHORIZED_PRIVATE_H

#include "authorized_keys.h"

bool key_type_is_known(const char *, size_t len);

/* Appends the bytes. Only the one canonical spelling is accepted. 0, -1 */
int base64_decode(struct buf *ret, const char *, size_t len);

/* "TYPE BASE64 COMMENT" taken apart, unchecked: 0, 1 when it does not begin
 * with a known type, -1 when out of memory. */
int public_key_split(struct public_key *, const char *, size_t len);

#endif
