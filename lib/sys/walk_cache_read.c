/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/file.h"
#include "sys/walk_cache.h"
#include "sys/walk_private.h"

#include "base/path.h"
#include "base/sum.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_MAX ((size_t)16 << 20)

bool
stamp_holds(const struct stamp *was, const struct stamp *is, int64_t now,
    int64_t settled_ns)
{
	int64_t last = is->mtime > is->ctime ? is->mtime : is->ctime;

	return was->dev == is->dev && was->ino == is->ino &&
	    was->mtime == is->mtime && was->ctime == is->ctime &&
	    last < was->began - settled_ns && last <= now && was->began <= now;
}

struct cache_reader {
	int fd;
	uint64_t off, end; /* of records not in buf yet */
	uint8_t buf[CACHE_BUF];
	size_t pos, len; /* of buf */
	struct buf path; /* of the record given last */
	struct err err;	 /* a read that failed */
};

static int
read_at(const struct cache_reader *r, void *p, size_t len, uint64_t off,
    struct err *err)
{
	return file_read_at(r->fd, p, len, off, "scan cache", err);
}

/* The next byte of the records, or -1: their end, or an error. */
static int
next_byte(struct cache_reader *r)
{
	if (r->pos == r->len) {
		uint64_t left = r->end - r->off;
		size_t n = left < CACHE_BUF ? (size_t)left : CACHE_BUF;

		if (n == 0 || r->err.code != 0 ||
		    read_at(r, r->buf, n, r->off, &r->err) != 0)
			return -1;
		r->off += n;
		r->pos = 0;
		r->len = n;
	}
	return r->buf[r->pos++];
}

static bool
next_varint(struct cache_reader *r, uint64_t *ret)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		int byte = next_byte(r);

		if (byte < 0)
			return false;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*ret = v;
			return true;
		}
	}
	return false;
}

static bool
next_stamp(struct cache_reader *r, struct stamp *st)
{
	uint64_t mtime, ctime, began;

	if (!next_varint(r, &st->dev) || !next_varint(r, &st->ino) ||
	    !next_varint(r, &mtime) || !next_varint(r, &ctime) ||
	    !next_varint(r, &began))
		return false;
	st->mtime = unzigzag(mtime);
	st->ctime = (int64_t)((uint64_t)st->mtime + (uint64_t)unzigzag(ctime));
	st->began = unzigzag(began);
	return true;
}

static bool
next_path(struct cache_reader *r)
{
	uint64_t same, rest;

	if (!next_varint(r, &same) || !next_varint(r, &rest) ||
	    same > r->path.len || rest > PATH_BYTES_MAX - same)
		return false;
	r->path.len = (size_t)same;
	while (rest-- > 0) {
		int byte = next_byte(r);

		if (byte < 0)
			return false;
		if (buf_add_byte(&r->path, (uint8_t)byte) != 0) {
			(void)err_nomem(&r->err);
			return false;
		}
	}
	return true;
}

int
cache_next(struct cache_reader *r, struct cache_record *rec, struct err *err)
{
	int flags;

	if (r->pos == r->len && r->off == r->end)
		return 1;
	*rec = (struct cache_record){ 0 };
	if (!next_path(r) || (flags = next_byte(r)) < 0 ||
	    flags > CACHE_STAMPED ||
	    (flags == CACHE_STAMPED && !next_stamp(r, &rec->stamp))) {
		if (r->err.code == 0)
			return err_set(err, ERR_FORMAT, "scan cache: damaged");
		*err = r->err;
		return err->code;
	}
	rec->stamped = flags == CACHE_STAMPED;
	rec->path = (const char *)r->path.data;
	rec->len = r->path.len;
	return 0;
}

static void
rewind_to(struct cache_reader *r, uint64_t off, uint64_t end)
{
	r->off = off;
	r->end = end;
	r->pos = r->len = 0;
	buf_clear(&r->path);
}

/* The checksum of the file's first `end` bytes. */
static int
check_sum(struct cache_reader *r, uint64_t end, uint64_t want, struct err *err)
{
	struct sum sum = { 0 };

	for (uint64_t off = 0; off < end;) {
		size_t n = end - off < CACHE_BUF ? (size_t)(end - off) :
						   CACHE_BUF;
		int rc = read_at(r, r->buf, n, off, err);

		if (rc != 0)
			return rc;
		sum_add(&sum, r->buf, n);
		off += n;
	}
	if (sum_end(&sum) != want)
		return err_set(err, ERR_FORMAT, "checksum");
	return 0;
}

static int
check_key(struct cache_reader *r, uint64_t off, uint64_t len,
    const struct buf *key, struct err *err)
{
	uint8_t *is;
	int rc;

	if (len != key->len || len > KEY_MAX)
		return err_set(err, ERR_NOTFOUND, "another key");
	if ((is = malloc((size_t)len + 1)) == NULL)
		return err_nomem(err);
	rc = read_at(r, is, (size_t)len, off, err);
	if (rc == 0 && memcmp(is, key->data, (size_t)len) != 0)
		rc = err_set(err, ERR_NOTFOUND, "another key");
	free(is);
	return rc;
}

/* Paths rise, and each one's parent was there before. */
static int
check_records(struct cache_reader *r, uint64_t n, struct err *err)
{
	struct cache_record rec;
	struct buf last = { 0 };
	uint64_t count = 0;
	int rc;

	while ((rc = cache_next(r, &rec, err)) == 0) {
		const char *was = (const char *)last.data;
		size_t up;

		if (!path_is_valid(rec.path, rec.len))
			goto bad;
		up = path_parent_len(rec.path, rec.len);
		if (count++ > 0 &&
		    (path_cmp(was, last.len, rec.path, rec.len) >= 0 ||
			!((last.len == up && memcmp(was, rec.path, up) == 0) ||
			    path_below(was, last.len, rec.path, up))))
			goto bad;
		buf_clear(&last);
		if (buf_add(&last, rec.path, rec.len) != 0) {
			rc = err_nomem(err);
			break;
		}
	}
	if (rc == 1 && count != n)
		goto bad;
	buf_done(&last);
	return rc < 0 ? rc : 0;
bad:
	buf_done(&last);
	return err_set(err, ERR_FORMAT, "records");
}

static int
prove(struct cache_reader *r, const struct buf *key, struct err *err)
{
	uint8_t magic[CACHE_MAGIC_LEN], footer[CACHE_FOOTER_LEN] = { 0 };
	struct reader f = reader_of(footer, sizeof(footer));
	uint64_t size, key_off, n, want, key_end;
	struct stat st;
	int rc;

	if (fstat(r->fd, &st) != 0)
		return err_sys(err, "scan cache");
	size = (uint64_t)st.st_size;
	if (!S_ISREG(st.st_mode) || size < CACHE_MAGIC_LEN + CACHE_FOOTER_LEN)
		return err_set(err, ERR_FORMAT, "truncated");
	key_end = size - CACHE_FOOTER_LEN;
	if ((rc = read_at(r, magic, CACHE_MAGIC_LEN, 0, err)) != 0 ||
	    (rc = read_at(r, footer, CACHE_FOOTER_LEN, key_end, err)) != 0)
		return rc;
	key_off = reader_u64(&f);
	n = reader_u64(&f);
	want = reader_u64(&f);
	if (memcmp(magic, CACHE_MAGIC, CACHE_MAGIC_LEN) != 0 ||
	    key_off < CACHE_MAGIC_LEN || key_off > key_end)
		return err_set(err, ERR_FORMAT, "footer");
	if ((rc = check_key(r, key_off, key_end - key_off, key, err)) != 0 ||
	    (rc = check_sum(r, size - 8, want, err)) != 0)
		return rc;
	rewind_to(r, CACHE_MAGIC_LEN, key_off);
	if ((rc = check_records(r, n, err)) != 0)
		return rc;
	rewind_to(r, CACHE_MAGIC_LEN, key_off);
	return 0;
}

int
cache_open_fd(
    struct cache_reader **ret, int fd, const struct buf *key, struct err *err)
{
	struct cache_reader *r = calloc(1, sizeof(*r));
	struct err why = ERR_INIT;

	*ret = NULL;
	if (r == NULL) {
		(void)close(fd);
		return err_nomem(err);
	}
	r->fd = fd;
	if (prove(r, key, &why) != 0)
		cache_close(r);
	else
		*ret = r;
	return 0;
}

int
cache_open(struct cache_reader **ret, const char *path, const struct buf *key,
    struct err *err)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	*ret = NULL;
	return fd < 0 ? 0 : cache_open_fd(ret, fd, key, err);
}

void
cache_close(struct cache_reader *r)
{
	if (r == NULL)
		return;
	(void)close(r->fd);
	buf_done(&r->path);
	free(r);
}
