/*
 * Two files of one run become one with two names.
 *
 * Who else writes to the target may have put something else in the place of
 * either: what they are is known by their numbers, from when they were written,
 * and what has got a name is looked at again.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/join.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fetch/target_private.h"

#define CHUNK ((size_t)32 * 1024)

/* One of the two, open. */
struct one {
	int parent, fd; /* -1: none */
	const char *name;
	struct stat st;
};

static bool
is_it(const struct stat *st, const struct body *w)
{
	return S_ISREG(st->st_mode) && st->st_dev == w->dev &&
	    st->st_ino == w->ino;
}

/* Opening what is something else may do something to it. */
static bool
open_as(struct one *o, const char *name, const struct body *w)
{
	o->name = name;
	if (fstatat(o->parent, name, &o->st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !is_it(&o->st, w))
		return false;
	o->fd = openat(o->parent, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (o->fd >= 0 && fstat(o->fd, &o->st) == 0 && is_it(&o->st, w))
		return true;
	if (o->fd >= 0)
		(void)close(o->fd);
	o->fd = -1;
	return false;
}

static void
close_one(struct one *o)
{
	if (o->fd >= 0)
		(void)close(o->fd);
	if (o->parent >= 0)
		(void)close(o->parent);
	o->fd = o->parent = -1;
}

static bool
open_one(struct one *o, const struct target *t, const char *rel,
    const struct body *w)
{
	struct err ignored = ERR_INIT;
	const char *name;

	*o = (struct one){ .parent = -1, .fd = -1 };
	return target_parent(t, rel, &o->parent, &name, &ignored) == 0 &&
	    (open_as(o, w->temp, w) || open_as(o, name, w));
}

/* ---- whether they are equal ---- */

/* What the link would take from b. An archive may have the part of a second with
 * the content alone, which comes first. */
static bool
agree(const struct stat *a, const struct stat *b, bool timed)
{
	return a->st_dev == b->st_dev && a->st_size == b->st_size &&
	    a->st_mode == b->st_mode && a->st_uid == b->st_uid &&
	    a->st_gid == b->st_gid &&
	    (!timed ||
		(a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
		    (b->st_mtim.tv_nsec == 0 ||
			a->st_mtim.tv_nsec == b->st_mtim.tv_nsec)));
}

/* Where there may be data from `at` on. */
static off_t
next_data(int fd, off_t at, off_t size)
{
	off_t data = lseek(fd, at, SEEK_DATA);

	if (data < 0)
		return errno == ENXIO ? size : at;
	return data;
}

static bool
read_whole(int fd, uint8_t *p, size_t len, off_t at)
{
	while (len > 0) {
		ssize_t n = pread(fd, p, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

/* Holes that both have are passed over: they may be of any length. */
static bool
equal(const struct one *a, const struct one *b, volatile const int *stop)
{
	uint8_t x[CHUNK], y[CHUNK];
	off_t at = 0, size = a->st.st_size;

	while (*stop == 0) {
		off_t from = next_data(a->fd, at, size);
		off_t other = next_data(b->fd, at, size);
		size_t n = CHUNK;

		at = from < other ? from : other;
		if (at >= size)
			return true;
		if (size - at < (off_t)n)
			n = (size_t)(size - at);
		if (!read_whole(a->fd, x, n, at) ||
		    !read_whole(b->fd, y, n, at) || memcmp(x, y, n) != 0)
			return false;
		at += (off_t)n;
	}
	return false;
}

/* ---- the link ---- */

/* In the place of `is`, which is still what it was. */
static bool
link_over(const struct one *was, const struct body *w, const struct one *is)
{
	struct err ignored = ERR_INIT;
	char temp[TEMP_NAME];
	struct stat st;

	if (temp_name(temp, &ignored) != 0 ||
	    linkat(was->parent, was->name, is->parent, temp, 0) != 0)
		return false;
	if (fstatat(is->parent, temp, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    is_it(&st, w) &&
	    renameat2(is->parent, temp, is->parent, is->name, 0) == 0)
		return true;
	(void)unlinkat(is->parent, temp, 0);
	return false;
}

bool
target_join(const struct target *t, const char *was_rel, const struct body *was,
    const char *rel, const struct body *is, bool timed,
    volatile const int *stop)
{
	struct one a, b = { .parent = -1, .fd = -1 };
	bool joined = open_one(&a, t, was_rel, was) &&
	    open_one(&b, t, rel, is) && agree(&a.st, &b.st, timed) &&
	    equal(&a, &b, stop) && link_over(&a, was, &b);

	close_one(&a);
	close_one(&b);
	return joined;
}
