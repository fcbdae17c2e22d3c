/*
 * Trees on disk for tests of the walk, and what a plain recursion finds there.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SUPPORT_TREE_H
#define SUPPORT_TREE_H

#include "sys/walk_private.h"

/* What is at a path, in path order. */
struct found {
	char *path; /* owned */
	size_t len;
	char type;
	bool unread, unstatted, unchanged, pruned;
	struct entry entry; /* its target owned */
};

struct found_list {
	struct found *item; /* owned */
	size_t n;
};

void found_done(struct found_list *);
void found_sort(struct found_list *); /* in path order */

/* A recursion with openat and fstatat, sorted afterwards. */
void tree_list(const char *root, struct found_list *ret);

/* A whole walk. `tag`: commit the cache with it. Checks the order. */
void walk_list(const struct walk_options *, const struct walk_limits *,
    const char *tag, struct found_list *ret);

/* The same paths and types; in full the same metadata. */
void found_compare(
    const struct found_list *, const struct found_list *, bool full);

/* A file with content of this many bytes, a directory, by names below a
 * directory descriptor. */
void tree_file(int dirfd, const char *name, size_t bytes);
int tree_dir(int dirfd, const char *name); /* made if need be, opened */

#endif
