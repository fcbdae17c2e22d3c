/*
 * A backup repository: a directory tree of archives and disk images, each of
 * which is a snapshot of a series HOST/backup/SET.
 *
 * What was indexed is known by the origins of the snapshots: path, size and
 * mtime. There is no other state, so that a store put back from a backup indexes
 * what it lacks.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef INDEXER_REPO_H
#define INDEXER_REPO_H

#include "name_pattern.h"
#include "repo_settings.h"
#include "store/store.h"

/* A file of the repository. */
struct backup {
	char *path;	    /* absolute; owned */
	char *series;	    /* owned */
	const char *scheme; /* "archive" or "image" */
	uint64_t size;
	int64_t mtime_ns;
	int64_t date_ns;
	bool incremental;
};

struct backups {
	struct backup *item; /* owned */
	size_t n;
	/* Files that no pattern matches and that look like a backup by their
	 * names. */
	struct strlist strangers;
	size_t unread; /* directories that could not be read; told */
};

/* All of them, by series, date and path. `host` is this machine. */
int backups_find(struct backups *ret, const struct repo_settings *,
    const char *host, struct err *);
void backups_done(struct backups *);

/* The series that a file is of, appended: 0, -1 out of memory, ERR_USAGE where
 * that is no name of a series. */
int backup_series(struct buf *ret, const char *rel, const struct name_match *,
    const char *host, struct err *);
/* Whether a file is a disk image, by its name, else by how it begins. */
bool backup_is_image(const char *path);

/* ---- what is indexed already ---- */

struct indexed {
	struct snapshot_row snap;
	char *path; /* of its origin; owned; NULL: of no file */
	bool here;  /* the origin is one of this machine, as it is called now */
	uint64_t size;
	int64_t mtime_ns;
	bool there; /* it was found again */
};

struct history {
	struct indexed *item; /* oldest first; owned */
	size_t n;
	/* Those with a path, by path and by time, size and date; owned. */
	struct indexed **by_path, **by_stamp;
	size_t n_paths;
};

int history_read(struct history *ret, struct store *, const struct catalog *,
    const char *series, const char *host, struct err *);
void history_done(struct history *);
enum history_has {
	HISTORY_NONE,
	HISTORY_SAME,
	HISTORY_CHANGED, /* the file of that path was another one */
	/* The same file had another path, or the machine another name: it is
	 * indexed, but lget does not know where it is now. */
	HISTORY_MOVED,
};
/* Of several of one path the newest; NULL: none. */
struct indexed *history_find(
    const struct history *, const struct backup *, enum history_has *ret);
/* Mark all of the found one's path. */
void history_mark(struct history *, const struct indexed *found);

/* ---- a run ---- */

struct upkeep_rules;
struct repo_request {
	struct store *store; /* open for writing */
	/* What prune keeps: what it would drop at once is not asked for. */
	const struct upkeep_rules *rules;
	const char *host; /* this machine's name */
	bool rebuild;
	bool verbose;
	volatile const int *stop;
};

struct repo_result {
	size_t found; /* of which so many are, or were until now: */
	size_t indexed, known, not_kept, incomplete, refused, failed, gone;
};

/* One run at a time in a store: ERR_BUSY names the other one. What a rebuild
 * that was killed left is taken away. */
int repo_begin(struct series_lock **ret, struct store *, struct err *);

/* Index what is new in it. Told as it goes; one bad backup never stops the
 * others. Fails only where it cannot go on: then what was indexed stays. */
int repo_run(const struct repo_request *, const struct repo_settings *,
    struct repo_result *, struct err *);

/* What a series is called while it is made anew; no set ends so. */
#define REPO_ANEW ".rebuild"
bool repo_is_anew(const char *series);

/* Index a series anew from its backups that are there; snapshots of those that
 * are not are copied. All or nothing: the series is replaced when it is done. */
int repo_rebuild(const struct repo_request *, const struct repo_settings *,
    struct backup *, size_t n, struct repo_result *, struct err *);
/* Record one as the next snapshot of `series`, and tell it. */
int repo_record(const struct repo_request *, const struct repo_settings *,
    const struct backup *, const char *series, struct repo_result *,
    struct err *);

#endif
