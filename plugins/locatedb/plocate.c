/*
 * The names in a plocate.db.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plocate.h"

#include "base/path.h"

#include <string.h>

/* ---- blocks ---- */

static int
bad_block(const struct plocate *p, struct err *err)
{
	return err_set(err, ERR_FORMAT,
	    "a block that cannot be read, number %u", p->block);
}

static int
next_offset(struct plocate *p, uint64_t *ret, struct err *err)
{
	const uint8_t *at;
	size_t n;
	int rc;

	if ((rc = db_input_peek(&p->index, 8, &at, &n, err)) != 0)
		return rc;
	if (n < 8)
		return db_cut_short(&p->index, err);
	*ret = load_u64(at);
	db_input_skip(&p->index, 8);
	return 0;
}

static int
bound(struct plocate *p, struct err *err)
{
	if (p->bytes_out > p->limits->free &&
	    p->bytes_out / p->limits->expansion > p->bytes_in)
		return err_set(err, ERR_REFUSED,
		    "more than %llu bytes for each that is packed",
		    (unsigned long long)p->limits->expansion);
	return 0;
}

static int
unpack(struct plocate *p, const uint8_t *frame, size_t len, struct err *err)
{
	uint64_t size;
	int rc;

	if (!zframe_size(frame, len, &size) || size == 0 ||
	    size > PLOCATE_BLOCK_MAX)
		return bad_block(p, err);
	p->bytes_in += len;
	p->bytes_out += size;
	if ((rc = bound(p, err)) != 0)
		return rc;
	buf_clear(&p->text);
	if (buf_reserve(&p->text, (size_t)size) != 0)
		return err_nomem(err);
	if (!zunpack_get(p->z, p->text.data, (size_t)size, frame, len))
		return bad_block(p, err);
	p->text.len = (size_t)size;
	return 0;
}

/* 1: there is none. */
static int
next_block(struct plocate *p, struct err *err)
{
	uint64_t ends = 0;
	const uint8_t *frame;
	size_t n;
	int rc;

	if (p->block == p->blocks)
		return 1;
	if (p->block == 0 && (rc = next_offset(p, &p->begins, err)) != 0)
		return rc;
	if ((rc = next_offset(p, &ends, err)) != 0)
		return rc;
	if (ends <= p->begins || ends - p->begins > PLOCATE_BLOCK_MAX ||
	    ends > INT64_MAX)
		return bad_block(p, err);
	db_input_seek(&p->in, p->begins);
	n = (size_t)(ends - p->begins);
	if ((rc = db_input_peek(&p->in, n, &frame, &n, err)) != 0)
		return rc;
	if (n < ends - p->begins)
		return db_cut_short(&p->in, err);
	if ((rc = unpack(p, frame, (size_t)(ends - p->begins), err)) != 0)
		return rc;
	p->begins = ends;
	p->block++;
	return 0;
}

/* ---- paths ---- */

/* The path at hand: 1 at the end. */
static int
peek_path(struct plocate *p, const char **ret, size_t *len, struct err *err)
{
	const uint8_t *nul;
	int rc;

	if (!p->has_path) {
		if (p->at == p->text.len) {
			if ((rc = next_block(p, err)) != 0)
				return rc;
			p->at = 0;
		}
		nul = memchr(p->text.data + p->at, '\0', p->text.len - p->at);
		p->end = nul != NULL ? (size_t)(nul - p->text.data) :
				       p->text.len;
		p->has_path = true;
	}
	*ret = (const char *)p->text.data + p->at;
	*len = p->end - p->at;
	return 0;
}

static void
take_path(struct plocate *p)
{
	p->at = p->end + (p->end < p->text.len);
	p->has_path = false;
}

int
plocate_next_path(
    struct plocate *p, const char **path, size_t *len, struct err *err)
{
	int rc;

	if ((rc = peek_path(p, path, len, err)) != 0)
		return rc;
	buf_clear(&p->dir);
	if (buf_reserve(&p->dir, *len + 1) != 0)
		return err_nomem(err);
	p->dir.len = path_normalise((char *)p->dir.data, *path, *len);
	take_path(p);
	*path = (const char *)p->dir.data;
	*len = p->dir.len;
	return 0;
}

/* ---- lists ---- */

static int
peek_list(void *ctx, const char **path, size_t *len, struct err *err)
{
	struct plocate *p = ctx;
	int rc;

	if ((rc = peek_path(p, path, len, err)) != 0)
		return rc;
	if (!path_is_valid(*path, *len) || *len == 1)
		return err_set(err, ERR_FORMAT, "no path in block number %u",
		    p->block - 1);
	*len = path_parent_len(*path, *len);
	return 0;
}

static bool
is_pruned(const struct plocate *p, const char *path, size_t len)
{
	const char *word;
	size_t n;

	for (size_t at = 0; at < p->pruned.len; at += n + 1) {
		word = (const char *)p->pruned.data + at;
		n = strlen(word);
		if (n == len && memcmp(word, path, len) == 0)
			return true;
	}
	return false;
}

/* All that follow and are in the same directory. */
static int
take_list(void *ctx, struct buf *names, struct err *err)
{
	struct plocate *p = ctx;
	struct db_names list = { names, names->len, names->len };
	size_t len, up;
	const char *path;
	int rc;

	if ((rc = peek_list(p, &path, &up, err)) != 0)
		return rc;
	buf_clear(&p->dir);
	if (buf_add(&p->dir, path, up) != 0)
		return err_nomem(err);
	while ((rc = peek_path(p, &path, &len, err)) == 0) {
		size_t before = up == 1 ? 1 : up + 1;
		enum db_name kind;

		/* What is deeper, or no path, begins another list. */
		if (len <= before || path[before - 1] != '/' ||
		    memcmp(path, p->dir.data, up) != 0 ||
		    memchr(path + before, '/', len - before) != NULL)
			return 0;
		if ((rc = plocate_times_next(&p->times, &kind, err)) != 0)
			return rc;
		if (kind == DB_LOOKED && is_pruned(p, path, len))
			kind = DB_DIR;
		if ((rc = db_names_add(
			 &list, kind, path + before, len - before, err)) != 0)
			return rc;
		take_path(p);
	}
	return rc < 0 ? rc : 0;
}

/* It is not written anywhere where the walk began, but what comes first is in
 * it. */
static int
begin_tree(struct plocate *p, struct err *err)
{
	const struct db_lists lists = { p, peek_list, take_list };
	const char *path;
	size_t len;
	int rc;

	rc = peek_list(p, &path, &len, err);
	if (rc == 0 && db_tree_begin(&p->tree, &lists, path, len) != 0)
		rc = err_nomem(err);
	p->has_tree = rc == 0;
	return rc;
}

int
plocate_next(struct plocate *p, struct db_item *ret, struct err *err)
{
	int rc;

	if (!p->has_tree && (rc = begin_tree(p, err)) != 0)
		return rc;
	return db_tree_next(&p->tree, ret, err);
}
