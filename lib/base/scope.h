/*
 * A scope: what a snapshot looked at. The effective prune settings (meaning
 * as in updatedb.conf(5)) and the mounts walked. It is kept with the snapshot,
 * travels with a push, and decides what an absent path means.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef BASE_SCOPE_H
#define BASE_SCOPE_H

#include "base/buf.h"
#include "base/err.h"

/* A growable list of byte strings, each NUL-terminated. Zeroed is empty. */
struct strlist {
	char **item; /* owned, each owned */
	size_t n;
};

int strlist_add(struct strlist *, const char *, size_t len); /* 0, -1 */
void strlist_done(struct strlist *);
bool strlist_has(const struct strlist *, const char *, size_t len);

struct scope_mount {
	char *point;  /* where it is mounted; owned */
	char *fstype; /* owned */
	char *source; /* device or remote name; owned */
	char *root;   /* the part of the file system that is mounted; owned */
};

struct scope {
	char *root; /* where the walk began; owned */
	bool prune_bind_mounts;
	struct strlist prunefs;	    /* file system types, lower case */
	struct strlist prunenames;  /* directory names, no globs */
	struct strlist prunepaths;  /* absolute, no trailing slash */
	struct scope_mount *mounts; /* walked, root's own first; owned */
	size_t n_mounts;
	struct strlist pruned_mounts; /* mount points left out by type, bind
					   or (automounts) by caution */
};

void scope_done(struct scope *);
int scope_set_root(struct scope *, const char *); /* 0, -1 */
/* A file system type; kept in lower case. */
int scope_add_prunefs(struct scope *, const char *type, size_t len); /* 0, -1 */
int scope_add_mount(struct scope *, const char *point, const char *fstype,
    const char *source, const char *root); /* 0, -1 */

/* One byte string, versioned; decode accepts only what encode can write.
 * Encoding fails when memory runs out or over SCOPE_BYTES_MAX. */
#define SCOPE_BYTES_MAX ((size_t)2 * 1024 * 1024)
int scope_encode(const struct scope *, struct buf *); /* 0, -1 */
int scope_decode(struct scope *, const void *, size_t, struct err *);

/* The setting that keeps a walk with this scope from looking at path ("a
 * directory above it, or it, is pruned"): its name ("PRUNEPATHS /tmp",
 * "PRUNENAMES .git", "PRUNEFS: mount /mnt/nas", "outside /srv"), or NULL when
 * the path would be looked at. A pruned directory itself is looked at, what is
 * below it is not, so this answers for paths strictly below; `text` holds the
 * answer. */
const char *scope_prunes(const struct scope *, const char *path, size_t len,
    char *text, size_t size);

/* What it means that a path was not met by a walk with scope `now`; `was` is
 * that of the last snapshot that listed it as present (NULL: nothing is known,
 * and then only `now` counts): true when it was looked for and is not there
 * (gone), false when it was not looked at: pruned now, outside the root, or
 * on a mount that is not the one which held it. */
bool scope_absence_is_gone(const struct scope *was, const struct scope *now,
    const char *path, size_t len);

#endif
