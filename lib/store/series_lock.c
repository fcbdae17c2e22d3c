/*
 * One recorder of a series at a time; the lock's file says who it is.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/store_private.h"

#include "sys/lock.h"

#include <stdlib.h>
#include <unistd.h>

struct series_lock {
	int fd;
	int dirfd;	 /* borrowed from the store */
	struct buf file; /* owned; its name there */
};

static int
busy(struct store *s, const char *series, const char *file, struct err *err)
{
	struct buf who = { 0 };

	lock_holder(&who, s->seriesfd, file);
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
	lock_sign(l->fd, what);
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
