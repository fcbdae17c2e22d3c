/*
 * A file that is being brought back.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "fetch/target_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/when.h"
#include "store/places.h"

/* What may be a hole: a page of zeros where a page begins. */
#define PAGE ((size_t)4096)

/* Behind what is gathered, where a page begins. */
static int
open_in_spool(struct draft *d, struct err *err)
{
	off_t end = lseek(d->target->spool, 0, SEEK_END);

	if (end < 0)
		return err_sys(err, "%s", d->name);
	d->fd = d->target->spool;
	d->base = ((uint64_t)end + PAGE - 1) / PAGE * PAGE;
	return 0;
}

static void
init(struct draft *d, const struct target *t, const char *rel)
{
	*d = (struct draft){ .target = t, .fd = -1, .parent = -1 };
	(void)snprintf(d->name, sizeof(d->name), "%s", rel);
}

int
draft_open(
    struct draft *d, const struct target *t, const char *rel, struct err *err)
{
	const char *name;
	struct stat st;
	int rc;

	init(d, t, rel);
	if (t->nameless) {
		rc = open_in_spool(d, err);
	} else if ((rc = temp_name(d->temp, err)) == 0 &&
	    (rc = target_parent(t, rel, &d->parent, &name, err)) == 0) {
		/* Only the owner reads it until all of it is known. */
		d->fd = openat(d->parent, d->temp,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (d->fd < 0)
			rc = err_sys(err, "%s", rel);
	}
	if (rc == 0 && fstat(d->fd, &st) == 0) {
		d->dev = st.st_dev;
		d->ino = st.st_ino;
		return 0;
	}
	if (rc == 0)
		rc = err_sys(err, "%s", rel);
	/* Nothing of that name is ours. */
	if (d->fd < 0)
		d->temp[0] = '\0';
	draft_drop(d);
	return rc;
}

static int
write_at(struct draft *d, const uint8_t *p, size_t len, uint64_t off,
    struct err *err)
{
	while (len > 0) {
		ssize_t n = pwrite(d->fd, p, len, (off_t)(d->base + off));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "%s", d->name);
		p += n;
		off += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static bool
is_zero(const uint8_t *p, size_t len)
{
	return p[0] == 0 && memcmp(p, p + 1, len - 1) == 0;
}

int
draft_write(struct draft *d, uint64_t off, const void *data, size_t len,
    struct err *err)
{
	const uint8_t *p = data;
	size_t at = 0, begun = 0;
	int rc = 0;

	/* What came before lies under what a later part says. */
	while (at < len && rc == 0) {
		size_t n = PAGE - (size_t)((off + at) % PAGE);
		bool hole;

		if (n > len - at)
			n = len - at;
		hole = n == PAGE && off + at >= d->end && is_zero(p + at, n);
		if (hole) {
			rc = write_at(
			    d, p + begun, at - begun, off + begun, err);
			begun = at + n;
		}
		at += n;
	}
	if (rc == 0 && begun < len)
		rc = write_at(d, p + begun, len - begun, off + begun, err);
	if (rc == 0 && off + len > d->end)
		d->end = off + len;
	return rc;
}

/* The source has another version of it. */
static bool
is_other(const struct entry *given, const struct entry *wanted)
{
	return (given->fields & wanted->fields & ENTRY_MTIME) &&
	    !mtime_agrees(wanted, given);
}

/* To the nanosecond: they may differ in no more. */
static const char *
time_text(const struct entry *e, char text[static WHEN_TEXT])
{
	int64_t ns;

	if (__builtin_mul_overflow(e->mtime, NS_PER_S, &ns) ||
	    __builtin_add_overflow(ns, e->mtime_ns, &ns)) {
		(void)snprintf(text, WHEN_TEXT, "@%lld", (long long)e->mtime);
		return text;
	}
	return when_rfc3339(ns, text);
}

static int
tell_other(const struct draft *d, const struct entry *given,
    const struct entry *wanted, struct err *err)
{
	char is[WHEN_TEXT], was[WHEN_TEXT];

	return err_set(err, ERR_FORMAT,
	    "%s was modified %s there, and by the index %s", d->name,
	    time_text(given, is), time_text(wanted, was));
}

/* Sizes and times that lie on the disk are what was to be written; file systems
 * round times, as FAT does. */
static int
compare(const struct draft *d, const struct entry *e, struct err *err)
{
	struct stat st;
	uint64_t size;

	if (fstat(d->fd, &st) != 0)
		return err_sys(err, "%s", d->name);
	size = (uint64_t)st.st_size - d->base;
	if ((e->fields & ENTRY_SIZE) && size != e->size)
		return err_set(err, ERR_FORMAT,
		    "%s has %llu bytes, and by the index %llu", d->name,
		    (unsigned long long)size, (unsigned long long)e->size);
	if ((e->fields & ENTRY_MTIME) && !d->target->nameless &&
	    st.st_mtim.tv_sec != e->mtime &&
	    !(st.st_mtim.tv_nsec == 0 && st.st_mtim.tv_sec == e->mtime - 1))
		return err_set(err, ERR_FORMAT,
		    "%s cannot have the time that the index has", d->name);
	return 0;
}

static int
settle(struct draft *d, const struct entry *given, const struct entry *e,
    struct err *err)
{
	const struct target *t = d->target;
	struct timespec times[2];
	int rc;

	if (t->nameless)
		return 0;
	if ((rc = target_own(t, d->fd, "", e, d->name, err)) != 0)
		return rc;
	target_times(is_other(given, e) ? given : e, times);
	if (fchmod(d->fd, target_mode(t, e, 0666)) != 0 ||
	    futimens(d->fd, times) != 0)
		return err_sys(err, "%s", d->name);
	return 0;
}

void
draft_park(struct draft *d, struct body *ret)
{
	*ret = (struct body){
		.dev = d->dev, .ino = d->ino, .base = d->base, .end = d->end
	};
	if (d->target->nameless)
		d->fd = -1; /* it stays */
	draft_leave(d, ret->temp);
}

int
draft_finish(struct draft *d, const struct entry *given, const struct entry *e,
    bool sync, struct body *ret, struct err *err)
{
	int rc;

	if (ftruncate(d->fd, (off_t)(d->base + given->size)) != 0)
		return err_sys(err, "%s", d->name);
	if ((rc = settle(d, given, e, err)) != 0)
		return rc;
	if (sync && !d->target->nameless && fsync(d->fd) != 0)
		return err_sys(err, "%s", d->name);
	if (is_other(given, e))
		return tell_other(d, given, e, err);
	if ((rc = compare(d, e, err)) != 0)
		return rc;
	draft_park(d, ret);
	ret->end = given->size;
	return 0;
}

int
draft_resume(struct draft *d, const struct target *t, const char *rel,
    const struct body *body, struct err *err)
{
	const char *name;
	struct stat st;
	int rc;

	init(d, t, rel);
	if ((rc = target_parent(t, rel, &d->parent, &name, err)) == 0) {
		d->fd = openat(d->parent, body->temp,
		    O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (d->fd < 0 || fstat(d->fd, &st) != 0)
			rc = err_sys(err, "%s", rel);
		else if (st.st_dev != body->dev || st.st_ino != body->ino)
			rc = err_set(err, ERR_REFUSED,
			    "%s: somebody else put a file in its place", rel);
	}
	if (rc != 0) {
		draft_drop(d);
		return rc;
	}
	memcpy(d->temp, body->temp, TEMP_NAME);
	d->dev = body->dev;
	d->ino = body->ino;
	d->end = body->end;
	return 0;
}

void
draft_leave(struct draft *d, char ret_temp[static TEMP_NAME])
{
	memcpy(ret_temp, d->temp, TEMP_NAME);
	d->temp[0] = '\0';
	draft_drop(d);
}

void
draft_drop(struct draft *d)
{
	if (d->target == NULL)
		return;
	if (d->temp[0] != '\0')
		(void)unlinkat(d->parent, d->temp, 0);
	if (d->fd >= 0 && d->target->nameless)
		/* What stays there takes room, and no more. */
		(void)!ftruncate(d->fd, (off_t)d->base);
	else if (d->fd >= 0)
		(void)close(d->fd);
	if (d->parent >= 0)
		(void)close(d->parent);
	*d = (struct draft){ 0 };
}
