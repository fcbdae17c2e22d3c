/*
 * The walk's parts: directories that are met, of which some are being read, and
 * links whose target is asked for.
 *
 *	a name --> directory --> stack --> opened --> read --> closed
 *	       \-> link --> queue --> asked
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef REMOTE_SFTP_WALK_PRIVATE_H
#define REMOTE_SFTP_WALK_PRIVATE_H

#include "base/scope.h"
#include "remote/sftp_walk.h"

/* A directory knows its name and the one above: a million of them that wait
 * take no more memory than they must. */
struct dir {
	struct dir *up;	   /* a reference; NULL: the root */
	struct dir *next;  /* on the stack */
	uint32_t refs;	   /* of those below it, and of who has it in hand */
	uint32_t path_len; /* 0: "/" */
	uint32_t depth;	   /* components */
	uint32_t len;
	char name[]; /* of the root: its path */
};

struct dir *dir_new(
    struct dir *up, const char *name, size_t len); /* NULL: no memory */
void dir_release(struct dir *);			   /* NULL is fine */
/* Its path, and below it a name where len is not 0. 0, -1 out of memory. */
int dir_path(const struct dir *, const char *name, size_t len, struct buf *ret);

#define DIRS 32	    /* that are read at once */
#define AHEAD 2	    /* questions for names of one: there, and the end */
#define AHEAD_MAX 4 /* of one that is large */
#define TARGETS 64  /* that are asked for at once */
/* Kept for the questions that directories which are being read still have. */
#define RESERVE (DIRS * (AHEAD_MAX + 1))
#define LINKS_MAX 4096 /* that wait; over it, no names are asked for */

struct open_dir {
	struct dir *dir; /* a reference; NULL: this place is free */
	bool open;
	bool large;	 /* its names are more than one answer */
	bool ended;	 /* nothing more is asked for */
	bool complained; /* of a bad name */
	unsigned asked;	 /* answers that are due */
	unsigned idle;	 /* answers without a new name */
	char handle[SFTP_HANDLE_MAX];
	size_t handle_len;
};

struct link {
	struct link *next; /* in the queue */
	struct dir *dir;   /* a reference */
	struct entry entry;
	size_t len;
	char name[];
};

void link_free(struct link *); /* NULL is fine */

struct sftp_walk {
	struct sftp *sftp; /* borrowed */
	uint32_t path_max, depth_max;
	struct scope scope; /* its pruned mounts, in path order */
	struct dir *stack;  /* each a reference */
	struct open_dir dirs[DIRS];
	struct link *links, **links_end; /* the queue; owned */
	size_t n_links;
	struct link *targets[TARGETS]; /* that are asked for; owned */

	/* An answer with names that are not all taken yet. */
	struct open_dir *of; /* NULL: none */
	struct sftp_reply names;
	bool fresh; /* it had a new name */

	struct sftp_walk_item then; /* to be told next ... */
	bool has_then;		    /* ... if this is set */
	struct buf path;
	char why[SFTP_WHY];
	size_t prefix; /* bytes of the path that are those of `of` */
};

/* Whether the walk leaves out what is below this path. */
bool walk_leaves_out(const struct sftp_walk *, const char *path, size_t len);

/* The entry of what a server says of it. */
struct entry walk_entry(const struct sftp_attrs *);

/* The next name of the answer in hand: 0 with an item, 1 without one. */
int walk_name(struct sftp_walk *, struct sftp_walk_item *, struct err *);

/* An item about a directory that cannot be read: by what the server said, or by
 * words of ours. */
int walk_unread(struct sftp_walk *, const struct dir *,
    const struct sftp_reply *, const char *words, struct sftp_walk_item *,
    struct err *);

#endif
