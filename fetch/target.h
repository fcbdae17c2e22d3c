/*
 * Where files are brought back to: a directory, and nothing outside it.
 *
 * Names are relative paths below it, made of what an index says, so nobody
 * vouches for them. Each step goes through beneath_open: no link is followed,
 * also none that was brought back a moment ago or put there meanwhile. What is
 * there is never replaced but with `force`, and then only files, never a
 * directory.
 *
 * Content grows in a temporary beside its place and takes its name only when it
 * is whole:
 *
 *	draft_open -> draft_write ... -> draft_finish -> target_place
 *	              |  ^                    |
 *	     draft_park  draft_resume         +--------> target_keep (.partial)
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef FETCH_TARGET_H
#define FETCH_TARGET_H

#include "base/buf.h"
#include "base/entry.h"
#include "base/err.h"
#include "fetch/join.h"

struct target {
	int dirfd;
	const char *name; /* for messages; borrowed */
	bool force;	  /* replace files */
	bool owner;	  /* give uid and gid, and with them setuid, setgid */
	/* For stdout: contents are gathered one behind the other in `spool`, a
	 * file of TMPDIR without a name. */
	bool nameless;
	int spool;
};

/* The directory must be there. */
int target_open(struct target *, const char *name, struct err *);
/* The spool alone. */
int target_open_spool(struct target *, struct err *);
void target_close(struct target *);

/* ERR_USAGE: a component "." or "..", or none. */
int target_check_name(const char *rel, size_t len, struct err *);

/* Errors name the path. ERR_REFUSED: something is there already. */
int target_is_free(const struct target *, const char *rel, struct err *);

/* A directory that only we enter until target_settle_dir; one that is there is
 * taken with force, or where `shared` says that others made it before. */
int target_make_dir(
    const struct target *, const char *rel, bool shared, struct err *);
/* Its mode, owner and time, as far as the entry has them. */
int target_settle_dir(
    const struct target *, const char *rel, const struct entry *, struct err *);
/* Also of a target nobody can follow. */
int target_make_link(
    const struct target *, const char *rel, const struct entry *, struct err *);
int target_make_fifo(
    const struct target *, const char *rel, const struct entry *, struct err *);

/* Whether an error ends everything: nothing more can be written, whatever file it
 * is, or we are asked to stop. */
bool target_is_the_end(const struct err *);

/* ---- content ---- */

/* Zeroed: none. */
struct draft {
	const struct target *target;
	int fd, parent;
	uint64_t base;	      /* where it begins in the spool, else 0 */
	char temp[TEMP_NAME]; /* beside the file; "": it has no name */
	uint64_t end;	      /* behind the last byte */
	uint64_t dev, ino;
	char name[256 + 1]; /* of the file, for messages: its end */
};

int draft_open(
    struct draft *, const struct target *, const char *rel, struct err *);
/* Runs of zeros become holes. */
int draft_write(
    struct draft *, uint64_t off, const void *, size_t len, struct err *);
/* It is as long as `given` says, which its source may have given a time as well.
 * Gives mode, owner and time of what was wanted and brings it to the disk (where
 * `sync`), then compares: ERR_FORMAT where sizes or times differ; it has its own
 * time then. The temporary stays. */
int draft_finish(struct draft *, const struct entry *given,
    const struct entry *wanted, bool sync, struct body *ret, struct err *);
/* Put it aside, and go on with it: then it is the draft's, which owns nothing
 * where that fails. */
void draft_park(struct draft *, struct body *ret);
int draft_resume(struct draft *, const struct target *, const char *rel,
    const struct body *, struct err *);
/* Remove what there is of it. Done or none: nothing happens. */
void draft_drop(struct draft *);
/* Leave it as it is, for target_keep. */
void draft_leave(struct draft *, char ret_temp[static TEMP_NAME]);

/* Give the temporary its name, on the disk as well where `sync`. On failure it
 * stays. */
int target_place(const struct target *, const char *rel, const char *temp,
    bool sync, struct err *);
/* Name it NAME.partial; where something is, it keeps its name. The name it has
 * now is appended. */
int target_keep(const struct target *, const char *rel, const char *temp,
    struct buf *ret, struct err *);
void target_remove(const struct target *, const char *rel, const char *temp);
/* All files brought to the disk; those without a name need not be. */
int target_sync(const struct target *, struct err *);

#endif
