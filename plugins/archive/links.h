/*
 * What a hard link in an archive needs: formats say of it only where it leads,
 * and its type and size are those of an earlier member.
 *
 * Archives do not say which members links will lead to, so all files are kept,
 * as 16 bytes each: a hash of the path, type and size. They are a table from the
 * first link on: most archives have none. Beyond LINKS_MAX members the oldest ones
 * stay and new ones are not known.
 *
 * In a cpio the content comes with the last name of a file, and the names before
 * it say that it is empty: those wait here, to be told once more.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef ARCHIVE_LINKS_H
#define ARCHIVE_LINKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lookback/source.h>

#define LINKS_MAX ((size_t)6 * 1024 * 1024) /* members: 128 MiB at most */
#define LINKS_WAITING_MAX 4096u		    /* names */

struct link_member {
	uint64_t hash; /* of the path; 0: free */
	uint64_t what; /* type and size */
};

/* Zeroed: none yet. */
struct links {
	uint64_t seed; /* random, so that nobody writes names that collide */
	struct link_member *member; /* owned; as they came, or hashed */
	size_t n, cap;		    /* cap: 2^n places */
	bool hashed;
	struct link_waiting {
		uint64_t hash; /* of the path that leads the group */
		struct lookback_item item;
		char *path; /* owned */
	} * waiting;	    /* owned */
	size_t n_waiting, cap_waiting;
};

void links_done(struct links *);

uint64_t links_hash(const struct links *, const char *path, size_t len);

/* Remember a member; an earlier one of this path is forgotten. What memory does
 * not allow is not known. */
void links_add(struct links *, uint64_t hash, char type, uint64_t size);
/* Whether there was one. */
bool links_find(
    struct links *, uint64_t hash, char *ret_type, uint64_t *ret_size);

/* Keep a copy of an item until the content of its group comes. Whether there
 * was room. */
bool links_wait(struct links *, uint64_t hash, const struct lookback_item *);
/* Takes one of the group out, or with `any` of any group; its path is the
 * caller's to free. */
bool links_take(struct links *, uint64_t hash, bool any, struct lookback_item *,
    char **ret_path);

#endif
