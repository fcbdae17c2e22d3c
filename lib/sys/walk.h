/*
 * A walk over a live file system in path order.
 *
 * Directories are read and files stat-ed by many threads at once (a cold disk
 * wants many requests in flight), ahead of the caller within a bound of
 * memory; the caller gets one ordered stream. Links are never followed, mounts
 * that the scope prunes are never touched, names are any bytes, depth is not
 * bounded by PATH_MAX, and the tree may change meanwhile: a name that vanishes
 * is ordinary absence. A directory met again above itself (a loop of bind
 * mounts) is not entered.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef SYS_WALK_H
#define SYS_WALK_H

#include "base/entry.h"
#include "base/err.h"
#include "base/scope.h"

#include <stdbool.h>
#include <stddef.h>

enum walk_kind {
	WALK_ENTRY,	/* this path is there, with these fields */
	WALK_UNREAD,	/* the directory just given could not be read */
	WALK_UNSTATTED, /* this path is there, but could not be looked at:
			   given after its WALK_ENTRY with few fields */
	WALK_UNCHANGED, /* names-only: the directory just given has the same
			   names as remembered; only its sub-directories follow */
};

struct walk_item {
	enum walk_kind kind;
	const char *path; /* absolute; valid until the next call */
	size_t len;
	struct entry entry; /* WALK_ENTRY */
	int error;	    /* errno of WALK_UNREAD, WALK_UNSTATTED */
	bool pruned;	    /* WALK_ENTRY: a directory that the scope's
				   settings or mounts keep from being entered */
};

struct walk_options {
	const struct scope *scope; /* borrowed until walk_close: root, prune
					   settings; mounts as
					   scope_from_mountinfo filled them */
	bool names_only;	   /* types alone, from directory entries */
	const char *cache;	   /* scan cache to use and to replace on
				   walk_commit_cache; NULL for none. Only
				   --names-only scans use one. */
	const char *cache_tag;	   /* the cache is used only if it was committed
				   with this tag: it must be as old as the
				   listing that WALK_UNCHANGED speaks of */
	const char *tmpdir;	   /* for the external sort of huge directories;
				   NULL: they are sorted in memory */
	volatile const int *stop;  /* not 0: walk_next gives ERR_CANCELLED
					   soon; NULL for none */
};

struct walk;

/* Fails when the root cannot be opened. A damaged scan cache, or one of
 * another scope or tag, is as if it were not there. */
int walk_open(struct walk **ret, const struct walk_options *, struct err *);
/* 0 with an item, 1 at the end, or an error: memory, temporary files. */
int walk_next(struct walk *, struct walk_item *, struct err *);
/* After the end, and after the snapshot was committed: put the new scan cache
 * in place, with a tag that names that snapshot. */
int walk_commit_cache(struct walk *, const char *tag, struct err *);
/* Frees. After a stop, a file system that does not answer is not waited for:
 * the walk is left as it is, for the process to end. */
void walk_close(struct walk *);

/* Fill scope->mounts and ->pruned_mounts from a mountinfo file ("/proc/self/
 * mountinfo"): what a walk of scope->root will enter, by the prune settings
 * that the scope holds already. Nothing is touched. The root's own mount is
 * always walked. A mount whose point itself is pruned by path or name counts
 * among pruned_mounts, what lies below a pruned directory in neither. */
int scope_from_mountinfo(struct scope *, const char *mountinfo, struct err *);
/* The same of the text of one, as from another machine. It is taken. */
int scope_from_mountinfo_text(struct scope *, struct buf *text, struct err *);

#endif
