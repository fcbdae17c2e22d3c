/*
 * What labrouter remembers of labs, in /run/lookback. The kernel is the truth
 * about what stands; it does not say of what file it was made, and that may
 * have changed since.
 *
 *	NAME.lock           somebody is at work on the lab; says who
 *	.lock               somebody compares a lab with those that stand
 *	starting.d/NAME.lab a file that a start began with and did not finish
 *	labs.d/NAME.lab     the file that the lab stands by
 *
 * No lab is called like one of these: its name has no dot.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef LABROUTER_RECORD_H
#define LABROUTER_RECORD_H

#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"

#include <stdbool.h>

#define RECORD_DIR "/run/lookback"
#define RECORD_PATH 80

enum record_kind { RECORD_STARTING, RECORD_STANDS };

/* A lab's name is that of a lab: [a-z0-9-]{1,32}. Returns path. */
const char *record_path(
    enum record_kind, const char *lab, char path[static RECORD_PATH]);
bool record_is_there(enum record_kind, const char *lab);
/* Write what a start begins with. */
int record_begin(const char *lab, const struct buf *text, struct err *);
/* It is what the lab stands by. */
int record_finish(const char *lab, struct err *);
void record_drop(enum record_kind, const char *lab);
/* Append the files of all labs but this one. */
int record_others(struct strlist *ret, const char *lab, struct err *);

/* ---- locks: gone when they are released or their holder dies ---- */

struct record_lock {
	int dirfd, fd;
	char name[RECORD_PATH];
};

/* To be at work on a lab; ERR_BUSY, with who is, when somebody else is. The
 * folders are there then. */
int record_lock_lab(
    struct record_lock *, const char *lab, const char *what, struct err *);
/* To compare a lab with those that stand and add it to them; waits. */
int record_lock_all(struct record_lock *, struct err *);
void record_unlock(struct record_lock *);

#endif
