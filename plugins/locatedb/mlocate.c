/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "mlocate.h"

#include "base/path.h"

#include <limits.h>
#include <string.h>

#define HEADER_SIZE 16
#define LIST_HEAD_SIZE 16
#define NS_MAX 999999999u
#define END_OF_LIST 2

static int
take_path(struct mlocate *m, struct buf *ret, struct err *err)
{
	uint64_t off = db_input_tell(&m->in);
	const char *path;
	size_t len;
	int rc;

	rc = db_input_until(&m->in, '\0', PATH_BYTES_MAX, &path, &len, err);
	if (rc < 0)
		return rc;
	if (rc == 1)
		return db_cut_short(&m->in, err);
	if (!path_is_valid(path, len))
		return err_set(err, ERR_FORMAT, "no path at byte %llu",
		    (unsigned long long)off);
	buf_clear(ret);
	return buf_add(ret, path, len) == 0 ? 0 : err_nomem(err);
}

/* ---- lists ---- */

static int
peek_list(void *ctx, const char **path, size_t *len, struct err *err)
{
	struct mlocate *m = ctx;
	uint64_t off = db_input_tell(&m->in);
	const uint8_t *p;
	size_t n;
	int rc;

	if (!m->has_head) {
		rc = db_input_peek(&m->in, LIST_HEAD_SIZE, &p, &n, err);
		if (rc != 0)
			return rc;
		if (n == 0)
			return 1;
		if (n < LIST_HEAD_SIZE)
			return db_cut_short(&m->in, err);
		if (load_be32(p + 8) > NS_MAX)
			return err_set(err, ERR_FORMAT,
			    "no directory at byte %llu",
			    (unsigned long long)off);
		db_input_skip(&m->in, LIST_HEAD_SIZE);
		if ((rc = take_path(m, &m->dir, err)) != 0)
			return rc;
		m->has_head = true;
	}
	*path = (const char *)m->dir.data;
	*len = m->dir.len;
	return 0;
}

static int
take_list(void *ctx, struct buf *names, struct err *err)
{
	struct mlocate *m = ctx;
	struct db_names list = { names, names->len, names->len };

	m->has_head = false;
	for (;;) {
		uint64_t off = db_input_tell(&m->in);
		const uint8_t *p;
		const char *name;
		uint8_t type;
		size_t n;
		int rc;

		if ((rc = db_input_peek(&m->in, 1, &p, &n, err)) != 0)
			return rc;
		if (n == 0)
			return db_cut_short(&m->in, err);
		type = *p;
		if (type > END_OF_LIST)
			return err_set(err, ERR_FORMAT, "no name at byte %llu",
			    (unsigned long long)off);
		db_input_skip(&m->in, 1);
		if (type == END_OF_LIST)
			return 0;
		rc = db_input_until(
		    &m->in, '\0', PATH_BYTES_MAX, &name, &n, err);
		if (rc == 1)
			rc = db_cut_short(&m->in, err);
		if (rc == 0)
			rc = db_names_add(&list, type == 1 ? DB_DIR : DB_NO_DIR,
			    name, n, err);
		if (rc != 0)
			return rc;
	}
}

/* ---- the whole ---- */

/* The settings say what updatedb left out; the lists say it path by path. */
static int
read_header(struct mlocate *m, struct buf *root, struct err *err)
{
	uint8_t h[HEADER_SIZE], last;
	uint32_t settings;
	int rc;

	if ((rc = db_read_at(&m->in, h, sizeof(h), 0, err)) != 0)
		return rc;
	settings = load_be32(h + 8);
	if (memcmp(h, MLOCATE_MAGIC, 8) != 0)
		return err_set(err, ERR_FORMAT, "not a database of mlocate");
	if (h[12] != 0)
		return err_set(err, ERR_VERSION,
		    "a database of mlocate of version %u", h[12]);
	db_input_seek(&m->in, HEADER_SIZE);
	if ((rc = take_path(m, root, err)) != 0)
		return rc;
	if (settings > 0 &&
	    (rc = db_read_at(&m->in, &last, 1,
		 db_input_tell(&m->in) + settings - 1, err)) != 0)
		return rc;
	db_input_seek(&m->in, db_input_tell(&m->in) + settings);
	return 0;
}

int
mlocate_open(struct mlocate *m, int fd, struct err *err)
{
	const struct db_lists lists = { m, peek_list, take_list };
	struct buf root = { 0 };
	const char *dir;
	size_t len;
	int rc;

	*m = (struct mlocate){ .in.fd = fd };
	if ((rc = read_header(m, &root, err)) == 0)
		rc = peek_list(m, &dir, &len, err);
	if (rc == 1)
		rc = db_cut_short(&m->in, err);
	if (rc == 0 &&
	    db_tree_begin(
		&m->tree, &lists, (const char *)root.data, root.len) != 0)
		rc = err_nomem(err);
	buf_done(&root);
	if (rc != 0)
		mlocate_done(m);
	return rc;
}

void
mlocate_done(struct mlocate *m)
{
	db_tree_done(&m->tree);
	db_input_done(&m->in);
	buf_done(&m->dir);
}

int
mlocate_next(struct mlocate *m, struct db_item *ret, struct err *err)
{
	return db_tree_next(&m->tree, ret, err);
}
