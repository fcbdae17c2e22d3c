/*
 * A directory's work: read its names, sort them, and have each looked at.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/walk_private.h"

#include "base/path.h"
#include "base/when.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Room that getdents64 is offered. */
#define READ_ROOM ((size_t)64 * 1024)
/* A larger buffer is not kept for the next directory. */
#define KEEP_ROOM ((size_t)256 * 1024)

void
room_done(struct room *room)
{
	free(room->raw);
	free(room->refs);
	free(room->dents);
	free(room->looked);
	buf_done(&room->bytes);
	buf_done(&room->targets);
	*room = (struct room){ 0 };
}

static int
room_for_refs(struct room *room, size_t n)
{
	struct name_ref *refs;

	if (n <= room->refs_cap)
		return 0;
	n += n / 2;
	if ((refs = reallocarray(room->refs, n, sizeof(*refs))) == NULL)
		return -1;
	room->refs = refs;
	room->refs_cap = n;
	return 0;
}

/* The refs of what is in room->raw. A name whose path no store can hold makes
 * `too_long`. */
static int
raw_refs(
    const struct node *dir, struct room *room, size_t *ret_n, bool *too_long)
{
	size_t n = 0, count = 0;

	for (size_t i = 0; i < room->raw_len; count++)
		i += ((struct dirent64 *)(void *)(room->raw + i))->d_reclen;
	if (room_for_refs(room, count) != 0)
		return -1;
	for (size_t i = 0; i < room->raw_len;) {
		const struct dirent64 *d = (void *)(room->raw + i);
		const char *name = d->d_name;

		i += d->d_reclen;
		if (name[0] == '\0' ||
		    (name[0] == '.' &&
			(name[1] == '\0' ||
			    (name[1] == '.' && name[2] == '\0'))))
			continue;
		name_ref_set(&room->refs[n], name, d->d_type);
		if (child_path_len(dir, room->refs[n].len) > PATH_BYTES_MAX)
			*too_long = true;
		n++;
	}
	*ret_n = n;
	return 0;
}

/* Read all names: few are in room->raw, with n refs, sorted; many in `names`.
 * 0, 1 when the directory could not be read (node->error), or a failure. */
static int
read_names(struct walk *w, struct node *dir, int fd, struct room *room,
    struct names *names, size_t *ret_n, struct err *err)
{
	bool too_long = false;
	size_t n;
	int rc;

	room->raw_len = 0;
	for (;;) {
		ssize_t got;

		if (room->raw_len >= w->limits.sort) {
			if (raw_refs(dir, room, &n, &too_long) != 0)
				return err_nomem(err);
			if ((rc = names_spill(
				 names, room->refs, n, w->tmpdir, err)) != 0)
				return rc;
			room->raw_len = 0;
		}
		if (room->raw_cap - room->raw_len < READ_ROOM) {
			size_t cap = room->raw_cap + room->raw_cap / 2 +
			    READ_ROOM;
			char *raw = realloc(room->raw, cap);

			if (raw == NULL)
				return err_nomem(err);
			room->raw = raw;
			room->raw_cap = cap;
		}
		got = getdents64(fd, room->raw + room->raw_len, READ_ROOM);
		if (got == 0)
			break;
		if (got < 0) {
			/* Removed while open. */
			if (errno == ENOENT)
				break;
			dir->error = errno;
			return 1;
		}
		room->raw_len += (size_t)got;
	}
	if (raw_refs(dir, room, &n, &too_long) != 0)
		return err_nomem(err);
	if (too_long) {
		dir->error = ENAMETOOLONG;
		return 1;
	}
	if (names->fd < 0) {
		*ret_n = name_refs_sort(room->refs, n);
		return 0;
	}
	if ((rc = names_spill(names, room->refs, n, w->tmpdir, err)) != 0)
		return rc;
	return names_merge(names, err);
}

/* The names stay with the next part, which goes on from here. */
static int
make_part(struct node *dir, struct names *names, struct err *err)
{
	struct batch *home = batch_new(0, 1, 0, 0);
	struct node *part;

	if (home == NULL)
		return err_nomem(err);
	part = home->node;
	part->home = home;
	if ((part->names = malloc(sizeof(*names))) == NULL) {
		free(home);
		return err_nomem(err);
	}
	*part->names = *names;
	part->kind = NODE_PART;
	part->parent = dir;
	dir->part = part;
	return 0;
}

static int
read_open_dir(
    struct walk *w, struct node *n, struct room *room, struct err *err)
{
	struct names names = { .fd = -1 };
	size_t n_names = 0;
	int rc;

	rc = read_names(w, n, n->fd, room, &names, &n_names, err);
	if (rc == 0 && names.fd < 0 && n_names <= w->limits.part)
		return look_at_all(
		    w, n, n->fd, room->refs, n_names, room, &n->batch, err);
	if (rc == 0 && names.fd < 0) {
		names.raw = room->raw;
		names.refs = room->refs;
		names.n = n_names;
		names.bytes = room->raw_cap +
		    room->refs_cap * sizeof(*room->refs);
		room->raw = NULL;
		room->refs = NULL;
		room->raw_cap = room->refs_cap = 0;
	}
	if (rc == 0 && (rc = make_part(n, &names, err)) == 0)
		return 0;
	names_done(&names);
	return rc < 0 ? rc : 0;
}

/* Directory times, and whether this is a directory above again. */
static int
look_at_dir(struct node *n)
{
	const struct node *up = n->parent;
	struct statx st;

	if (statx(n->fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		STATX_TYPE | STATX_INO | STATX_MTIME | STATX_CTIME, &st) != 0)
		return errno;
	stamp_from(&n->stamp, &st);
	n->maybe_mount = is_maybe_mount(
	    &st, up != NULL ? up->stamp.dev : n->stamp.dev);
	if (n->maybe_mount &&
	    is_above(n, (struct ancestor){ n->stamp.dev, n->stamp.ino }))
		n->absent = true;
	return 0;
}

int
node_read_dir(struct walk *w, struct node *n, int parent_fd, struct room *room,
    struct err *err)
{
	int rc = 0;

	n->stamp.began = when_now();
	if (n->parent != NULL)
		n->fd = open_child(parent_fd, n->name);
	else if (n->len <= w->skip)
		n->fd = open_below(w->root_fd, "", 0, O_RDONLY);
	else
		n->fd = open_below(
		    w->root_fd, n->name + w->skip, n->len - w->skip, O_RDONLY);
	if (n->fd < 0) {
		/* Not a directory any more, or a link now: absent as well. */
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
			n->absent = true;
		else
			n->error = errno;
		return 0;
	}
	if (w->names_only)
		n->error = look_at_dir(n);
	if (n->error == 0 && !n->absent)
		rc = read_open_dir(w, n, room, err);
	if (n->part == NULL && (n->batch == NULL || n->batch->n_node == 0)) {
		(void)close(n->fd);
		n->fd = -1;
	}
	if (room->raw_cap > KEEP_ROOM) {
		free(room->raw);
		room->raw = NULL;
		room->raw_cap = 0;
	}
	return rc;
}

int
node_read_part(
    struct walk *w, struct node *n, struct room *room, struct err *err)
{
	struct node *dir = n->parent;
	struct batch *home;
	size_t n_refs;
	int rc;

	if (room_for_refs(room, w->limits.part) != 0)
		return err_nomem(err);
	if ((rc = names_take(n->names, w->limits.part, &room->bytes, room->refs,
		 &n_refs, err)) != 0)
		return rc;
	if (names_left(n->names)) {
		if ((home = batch_new(0, 1, 0, 0)) == NULL)
			return err_nomem(err);
		*home->node = (struct node){
			.fd = -1,
			.kind = NODE_PART,
			.parent = dir,
			.home = home,
			.names = n->names,
		};
		n->names = NULL;
		queue_more(w, n, home->node);
	}
	return look_at_all(
	    w, dir, dir->fd, room->refs, n_refs, room, &n->batch, err);
}
