/*
 * What a scan says.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_SCAN_TELL_H
#define INDEXER_SCAN_TELL_H

#include "store/recorder.h"
#include "sys/walk.h"

#define SCAN_UNREAD_SHOWN 5

struct scan_told {
	int64_t began;
	uint64_t entries;
	uint64_t unread;      /* directories and files */
	struct strlist shown; /* the first of them, with the reason */
};

void scan_told_begin(struct scan_told *);
void scan_told_done(struct scan_told *);

/* The origin of a live file system, as a URI. */
int scan_origin(const char *host, const char *root, struct buf *ret);

/* The settings and mounts that keep things out. */
void scan_tell_scope(const char *series, const struct scope *);
/* A warning where the walk began elsewhere before. */
void scan_tell_root(struct store *, const struct snapshot_row *was,
    const char *series, const char *root);
void scan_tell_pruned(const struct scope *, const struct walk_item *);
void scan_tell_path(const char *path, size_t len);
/* `part`: of what, in front of it; NULL: nothing. */
void scan_tell_progress(
    const struct scan_told *, const char *part, const char *path, size_t len);
/* `why`: NULL or "" for that of the errno. 0, -1. */
int scan_note_unread(struct scan_told *, const char *path, size_t len,
    int error, const char *why);
/* That the date was raised, as the clock said this one. */
void scan_tell_clock(
    const char *series, int64_t clock_ns, const struct record_result *);
/* What was noted as unread; and, on a terminal or verbose, how it went. `from`:
 * the source; NULL: the live file system. */
void scan_tell_result(const struct scan_told *, const char *from,
    const char *series, const struct record_result *, bool verbose);

#endif
