/*
 * Descriptors of directories that are kept open for what is still to be
 * opened relative to them. There is a cap: the one open longest, the highest
 * in the tree and needed last, is closed and opened again by its path.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/walk_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
fds_close(struct walk *w, struct node *n)
{
	n->open_prev->open_next = n->open_next;
	n->open_next->open_prev = n->open_prev;
	w->n_open--;
	(void)close(n->fd);
	n->fd = -1;
}

/* Close those open longest until no more than `max` are. */
static void
fds_limit(struct walk *w, unsigned max)
{
	struct node *n = w->open.open_next;

	while (n != &w->open && w->n_open > max) {
		struct node *next = n->open_next;

		if (n->pins == 0)
			fds_close(w, n);
		n = next;
	}
}

void
fds_add(struct walk *w, struct node *n)
{
	n->open_prev = w->open.open_prev;
	n->open_next = &w->open;
	n->open_prev->open_next = n;
	w->open.open_prev = n;
	w->n_open++;
	n->pins++;
	fds_limit(w, w->limits.fds);
	n->pins--;
}

void
fds_settle(struct walk *w, struct node *n)
{
	if (n->fd >= 0 && n->pins == 0 && n->unopened == 0)
		fds_close(w, n);
}

void
fds_relieve(struct walk *w)
{
	fds_limit(w, w->n_open / 2);
}

/* The path of a directory, malloc'ed. */
static char *
node_path(const struct node *n)
{
	char *path = malloc(n->path_len + 1), *p;

	if (path == NULL)
		return NULL;
	p = path + n->path_len;
	*p = '\0';
	for (; n->parent != NULL; n = n->parent) {
		p -= n->len;
		memcpy(p, n->name, n->len);
		*--p = '/';
	}
	/* Where the top is "/" itself, its slash is the one just written. */
	memcpy(path, n->name, n->len);
	return path;
}

static bool
is_same(int fd, const struct node *n)
{
	struct statx st;
	struct stamp is = { 0 };

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		STATX_TYPE | STATX_INO, &st) != 0)
		return false;
	stamp_from(&is, &st);
	return is.dev == n->stamp.dev && is.ino == n->stamp.ino;
}

/* Whether this descriptor became the node's. */
static bool
fds_give(struct walk *w, struct node *n, int fd)
{
	bool given = false;

	(void)pthread_mutex_lock(&w->lock);
	if (n->fd < 0 && n->unopened > 0) {
		n->fd = fd;
		fds_add(w, n);
		given = true;
	}
	(void)pthread_mutex_unlock(&w->lock);
	return given;
}

/* The directories above will be wanted next, one after the other: from here
 * each is one step away, from the root many. */
static void
reopen_above(struct walk *w, struct node *n, int fd)
{
	unsigned max = w->limits.fds / 2;
	int at = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	for (unsigned i = 0; at >= 0 && i < max; i++) {
		int up;

		if ((n = n->parent) == NULL)
			break;
		up = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (up >= 0 && !is_same(up, n)) {
			(void)close(up);
			up = -1;
		}
		(void)close(at);
		at = up;
		if (up >= 0 && (up = fcntl(at, F_DUPFD_CLOEXEC, 0)) >= 0 &&
		    !fds_give(w, n, up))
			(void)close(up);
	}
	if (at >= 0)
		(void)close(at);
}

int
fds_reopen(struct walk *w, struct node *n)
{
	char *path = node_path(n);
	int fd, mine;

	if (path == NULL) {
		errno = ENOMEM;
		return -1;
	}
	fd = n->path_len <= w->skip ? open_below(w->root_fd, "", 0, O_PATH) :
				      open_below(w->root_fd, path + w->skip,
					  n->path_len - w->skip, O_PATH);
	free(path);
	if (fd < 0)
		return -1;
	if (!is_same(fd, n)) {
		(void)close(fd);
		errno = ENOENT;
		return -1;
	}
	/* The node may be given one, which may be closed again any time. */
	if ((mine = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0)
		return fd;
	if (fds_give(w, n, fd))
		reopen_above(w, n, mine);
	else
		(void)close(fd);
	return mine;
}
