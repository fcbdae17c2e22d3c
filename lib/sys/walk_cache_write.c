/*
 * The scan cache: what a names-only walk remembers of each directory, in path
 * order. It may be lost or damaged any time; whoever opens it reads all of it
 * once before believing any of it.
 *
 *   8      "LBscan1\n"
 *   ...    records: bytes shared with the path before (varint), length of the
 *          rest (varint), the rest, flags (1 byte; 1: a stamp follows);
 *          device, inode (varints), mtime, ctime, time when its reading began
 *          (zigzag varints, ns; ctime as difference to mtime)
 *   key    what it is a cache of
 *   8      offset of the key
 *   8      number of records
 *   8      checksum of all before
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/file.h"
#include "sys/walk_cache.h"
#include "sys/walk_private.h"

#include "base/path.h"
#include "base/sum.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct cache_writer {
	int fd;
	char *path, *tmp; /* owned */
	struct buf buf;
	struct buf last; /* the path before */
	struct sum sum;
	uint64_t off, n;
};

int
cache_create(struct cache_writer **ret, const char *path, struct err *err)
{
	struct cache_writer *cw = calloc(1, sizeof(*cw));

	if (cw == NULL)
		return err_nomem(err);
	cw->fd = -1;
	if ((cw->path = strdup(path)) == NULL ||
	    asprintf(&cw->tmp, "%s.new", path) < 0) {
		cw->tmp = NULL;
		(void)err_nomem(err);
		goto fail;
	}
	cw->fd = open(cw->tmp,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (cw->fd < 0) {
		(void)err_sys(err, "scan cache %s", cw->tmp);
		goto fail;
	}
	if (buf_add(&cw->buf, CACHE_MAGIC, CACHE_MAGIC_LEN) != 0) {
		(void)err_nomem(err);
		goto fail;
	}
	*ret = cw;
	return 0;
fail:
	cache_abort(cw);
	return err->code;
}

static int
flush(struct cache_writer *cw, struct err *err)
{
	size_t len = cw->buf.len;
	int rc;

	if (len == 0)
		return 0;
	sum_add(&cw->sum, cw->buf.data, len);
	cw->off += len;
	if ((rc = file_write(cw->fd, cw->buf.data, len, cw->tmp, err)) != 0)
		return rc;
	buf_clear(&cw->buf);
	return 0;
}

int
cache_add(
    struct cache_writer *cw, const struct cache_record *rec, struct err *err)
{
	const struct stamp *st = &rec->stamp;
	size_t same = path_common(
	    rec->path, rec->len, (const char *)cw->last.data, cw->last.len);
	int bad;

	bad = buf_add_varint(&cw->buf, same) ||
	    buf_add_varint(&cw->buf, rec->len - same) ||
	    buf_add(&cw->buf, rec->path + same, rec->len - same) ||
	    buf_add_byte(&cw->buf, rec->stamped ? CACHE_STAMPED : 0);
	if (rec->stamped)
		bad = bad || buf_add_varint(&cw->buf, st->dev) ||
		    buf_add_varint(&cw->buf, st->ino) ||
		    buf_add_varint(&cw->buf, zigzag(st->mtime)) ||
		    buf_add_varint(&cw->buf,
			zigzag((int64_t)((uint64_t)st->ctime -
			    (uint64_t)st->mtime))) ||
		    buf_add_varint(&cw->buf, zigzag(st->began));
	buf_clear(&cw->last);
	if (bad || buf_add(&cw->last, rec->path, rec->len) != 0)
		return err_nomem(err);
	cw->n++;
	return cw->buf.len < CACHE_BUF ? 0 : flush(cw, err);
}

int
cache_commit(struct cache_writer *cw, const struct buf *key, struct err *err)
{
	uint64_t key_off = cw->off + cw->buf.len;
	int rc;

	if (buf_add(&cw->buf, key->data, key->len) != 0 ||
	    buf_add_u64(&cw->buf, key_off) != 0 ||
	    buf_add_u64(&cw->buf, cw->n) != 0)
		return err_nomem(err);
	if ((rc = flush(cw, err)) != 0)
		return rc;
	if (buf_add_u64(&cw->buf, sum_end(&cw->sum)) != 0)
		return err_nomem(err);
	if ((rc = flush(cw, err)) != 0)
		return rc;
	if (rename(cw->tmp, cw->path) != 0)
		return err_sys(err, "scan cache %s", cw->path);
	free(cw->tmp);
	cw->tmp = NULL;
	return 0;
}

void
cache_abort(struct cache_writer *cw)
{
	if (cw == NULL)
		return;
	if (cw->fd >= 0)
		(void)close(cw->fd);
	if (cw->tmp != NULL && cw->fd >= 0)
		(void)unlink(cw->tmp);
	free(cw->path);
	free(cw->tmp);
	buf_done(&cw->buf);
	buf_done(&cw->last);
	free(cw);
}
