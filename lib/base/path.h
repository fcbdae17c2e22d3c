/*
 * Paths are bytes (any but NUL), absolute, one '/' between components.
 * Path order is that of a depth-first walk: bytes compared with '/' below
 * every other byte, so that a directory's whole subtree follows it at once.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>

/* The longest path that a store holds, in bytes without a NUL. Longer ones
 * are recorded as unreadable, never cut. */
#define PATH_BYTES_MAX ((size_t)1024 * 1024 - 1)

/* <0, 0, >0 in path order. */
int path_cmp(const char *a, size_t alen, const char *b, size_t blen);

/* Length of the common prefix, in bytes. */
size_t path_common(const char *a, size_t alen, const char *b, size_t blen);

/* Whether path lies strictly below dir ("/a/b" below "/a", all but "/" below
 * "/"). */
bool path_below(const char *path, size_t len, const char *dir, size_t dlen);

/* Length of the parent's path ("/a" -> 1, the root's own parent is 0). */
size_t path_parent_len(const char *path, size_t len);

/* Length without the slashes at the end, as people write directories ("/a//"
 * -> 2, "/" -> 1). */
size_t path_trim(const char *path, size_t len);

/* A name as an archive or another system has it ("./a//b/", "/a/b", "a/b"), as a
 * path: absolute, less "." components and spare slashes; nothing at all is "/".
 * A ".." stays, as any name. `to` has room for len + 1 bytes and is not `name`.
 * Returns its length, at least 1. */
size_t path_normalise(char *to, const char *name, size_t len);

/* Whether these bytes are a path as a store holds it: begins with '/', no
 * NUL, no "//", no trailing '/' but in "/" itself, not over PATH_BYTES_MAX.
 * Components "." and ".." are bytes like others here. */
bool path_is_valid(const char *path, size_t len);

/* How common a byte is in paths, the rarest 0; NUL stands for a path's end, and
 * capitals are as rare as they are. For choosing what to look for first. */
unsigned path_byte_rank(unsigned char);

#endif
