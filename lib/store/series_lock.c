/*
 * One recorder of a series at a time; the lock's file says who it is.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store_private.h"

#include "base/when.h"
#include "sys/lock.h"

#include <stdlib.h>
#include <unistd.h>

#define HOLDER_BYTES_MAX 512

struct series_lock {
	int fd;
	int dirfd;	 /* borrowed from the store */
	struct buf file; /* owned; its name there */
};

/* Only for people: a lock whose file could not be written is a lock. */
static void
sign(int fd, const char *what)
{
	struct err ignored = ERR_INIT;
	struct buf text = { 0 };
	char since[WHEN_TEXT];

	if (ftruncate(fd, 0) == 0 &&
	    buf_printf(&text, "process %ld (%s), since %s", (long)getpid(),
		what, when_text(when_now(), since)) == 0)
		(void)file_write(fd, text.data, text.len, "the lock", &ignored);
	buf_done(&text);
}

static int
busy(struct store *s, const char *series, const char *file, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct buf who = { 0 };

	/* Empty: it took the lock just now. */
	if (file_read_all(
		s->seriesfd, file, HOLDER_BYTES_MAX, &who, &ignored) != 0 ||
	    who.len == 0) {
		buf_clear(&who);
		(void)buf_add_str(&who, "another process");
	}
	(void)err_set(
	    err, ERR_BUSY, "%s is being recorded by %s", series, buf_str(&who));
	buf_done(&who);
	return err->code;
}

int
series_lock_take(struct series_lock **ret, struct store *s, const char *series,
    const char *what, int wait_ms, struct err *err)
{
	struct series_lock *l = calloc(1, sizeof(*l));
	struct buf file = { 0 };
	int rc;

	if (l == NULL || series_file(series, ".lock", &file) != 0) {
		rc = err_nomem(err);
		goto fail;
	}
	rc = lock_take(&l->fd, s->seriesfd, buf_str(&file), wait_ms, err);
	if (rc == ERR_BUSY)
		rc = busy(s, series, buf_str(&file), err);
	if (rc != 0)
		goto fail;
	sign(l->fd, what);
	l->dirfd = s->seriesfd;
	l->file = file;
	*ret = l;
	return 0;
fail:
	buf_done(&file);
	free(l);
	return err_wrap(err, "store %s", s->dir);
}

void
series_lock_release(struct series_lock *l)
{
	if (l == NULL)
		return;
	(void)close(l->fd);
	buf_done(&l->file);
	free(l);
}

void
series_lock_forget(struct series_lock *l)
{
	if (l != NULL)
		(void)unlinkat(l->dirfd, buf_str(&l->file), 0);
	series_lock_release(l);
}
