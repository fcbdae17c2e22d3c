/*
 * A walk over the tree of an SFTP server: many directories at once, so that the
 * time that an answer takes counts for few of them. Entries come in no order but
 * for a directory before what is below it.
 *
 * Links are not followed. On a machine that shows its /proc, file systems of the
 * types that updatedb leaves out (lib/base/updatedb.c) are not entered.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef REMOTE_SFTP_WALK_H
#define REMOTE_SFTP_WALK_H

#include "base/entry.h"
#include "remote/sftp.h"

enum sftp_walk_kind {
	SFTP_WALK_ENTRY,    /* the path is there, with these fields */
	SFTP_WALK_UNREAD,   /* what is below it is not all told */
	SFTP_WALK_UNLOOKED, /* it is there, but could not be looked at */
	SFTP_WALK_OUTSIDE,  /* a directory that is left out */
};

struct sftp_walk_item {
	enum sftp_walk_kind kind;
	const char *path; /* valid until the next call, as are all */
	size_t len;
	struct entry entry; /* of an ENTRY; mtime has whole seconds */
	int error;	    /* of UNREAD and UNLOOKED; 0: none fits, and then */
	const char *why;    /* it is this; of bytes from there */
};

struct sftp_walk_options {
	const char *root;	      /* a path; it is made canonical there */
	uint32_t path_max, depth_max; /* bytes, components; more is UNREAD */
};

struct sftp_walk;

/* `s` is borrowed, and nobody else asks it until the walk is closed. */
int sftp_walk_open(struct sftp_walk **ret, struct sftp *s,
    const struct sftp_walk_options *, struct err *);
/* 0 with an item, 1 at the end, or an error: the connection ended, or what
 * comes is no SFTP. */
int sftp_walk_next(struct sftp_walk *, struct sftp_walk_item *, struct err *);
/* Frees. There may be unanswered questions left. NULL is fine. */
void sftp_walk_close(struct sftp_walk *);

#endif
