/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "db_tree.h"

#include "base/path.h"

#include <stdlib.h>
#include <string.h>

/* A directory whose names are being given. */
struct db_level {
	size_t path_len;
	size_t first; /* of its names, in the buffer */
	size_t next;
};

int
db_names_add(struct db_names *n, enum db_name kind, const char *name,
    size_t len, struct err *err)
{
	struct buf *b = n->names;
	size_t at = b->len;
	int cmp;

	if (len == 0 || memchr(name, '/', len) != NULL)
		return err_set(err, ERR_FORMAT, "a name that cannot be");
	if (at + len > DB_TREE_MAX)
		return err_set(err, ERR_FORMAT,
		    "directories of more than %zu bytes of names", DB_TREE_MAX);
	if (buf_reserve(b, len + 2) != 0)
		return err_nomem(err);
	b->data[at] = (uint8_t)kind;
	memcpy(b->data + at + 1, name, len);
	b->data[at + 1 + len] = '\0';
	if (at > n->first) {
		cmp = strcmp((const char *)b->data + n->last + 1,
		    (const char *)b->data + at + 1);
		if (cmp > 0)
			return err_set(err, ERR_FORMAT,
			    "names that are out of order: %.200s",
			    (const char *)b->data + at + 1);
		/* One that was renamed while its directory was read. */
		if (cmp == 0)
			return 0;
	}
	n->last = at;
	b->len = at + len + 2;
	return 0;
}

int
db_tree_begin(struct db_tree *t, const struct db_lists *lists, const char *root,
    size_t len)
{
	*t = (struct db_tree){ .lists = *lists };
	return buf_add(&t->path, root, len);
}

void
db_tree_done(struct db_tree *t)
{
	buf_done(&t->path);
	buf_done(&t->names);
	free(t->level);
	*t = (struct db_tree){ 0 };
}

/* ---- lists ---- */

/* From now on there are no lists, only what was put off. */
static void
lists_fail(struct db_tree *t, const struct err *err)
{
	t->failed = *err;
}

static void
out_of_order(struct db_tree *t, const char *path, size_t len)
{
	(void)err_set(&t->failed, ERR_FORMAT,
	    "a directory that is out of order: %.*s",
	    (int)(len < 200 ? len : 200), path);
}

/* Whether the list of this path comes next. */
static bool
has_list(struct db_tree *t)
{
	const char *here = (const char *)t->path.data, *path;
	struct err err = ERR_INIT;
	size_t len;
	int rc;

	if (t->failed.code != 0)
		return false;
	if ((rc = t->lists.peek(t->lists.ctx, &path, &len, &err)) != 0) {
		if (rc < 0)
			lists_fail(t, &err);
		return false;
	}
	if (len == t->path.len && memcmp(path, here, len) == 0)
		return true;
	/* A list that belongs further up or to nothing. */
	if (path_cmp(path, len, here, t->path.len) < 0)
		out_of_order(t, path, len);
	return false;
}

/* Go down into the directory that was given last. false: its list fails. */
static bool
enter(struct db_tree *t)
{
	struct err err = ERR_INIT;
	struct db_level *l;
	size_t first = t->names.len;

	if (t->n == t->cap) {
		size_t cap = t->cap == 0 ? 32 : 2 * t->cap;

		if ((l = reallocarray(t->level, cap, sizeof(*l))) == NULL) {
			(void)err_nomem(&t->failed);
			return false;
		}
		t->level = l;
		t->cap = cap;
	}
	if (t->lists.take(t->lists.ctx, &t->names, &err) != 0) {
		/* Half a list says nothing. */
		t->names.len = first;
		lists_fail(t, &err);
		return false;
	}
	t->level[t->n++] = (struct db_level){ t->path.len, first, first };
	return true;
}

/* ---- items ---- */

static void
set_item(
    struct db_tree *t, struct db_item *ret, enum db_item_kind kind, bool is_dir)
{
	*ret = (struct db_item){ .kind = kind,
		.is_dir = is_dir,
		.path = (const char *)t->path.data,
		.len = t->path.len };
}

/* The path itself, and what follows of it. */
static void
give(struct db_tree *t, enum db_name kind, struct db_item *ret)
{
	bool list = kind != DB_NO_DIR && has_list(t);

	set_item(t, ret, DB_ENTRY, list || kind == DB_DIR || kind == DB_LOOKED);
	t->enter = list;
	if (list || kind == DB_NO_DIR)
		return;
	if (t->failed.code != 0)
		t->also = DB_NOT_READ;
	else if (kind == DB_DIR)
		t->also = DB_NOT_LOOKED;
}

/* The next name of those put off. false: there is none. */
static bool
next_name(struct db_tree *t, enum db_name *ret, struct err *err)
{
	struct db_level *l;
	const char *name;
	size_t len;

	while (t->n > 0 && (l = &t->level[t->n - 1])->next == t->names.len) {
		t->names.len = l->first;
		t->n--;
	}
	if (t->n == 0)
		return false;
	name = (const char *)t->names.data + l->next + 1;
	len = strlen(name);
	*ret = (enum db_name)name[-1];
	l->next += len + 2;
	t->path.len = l->path_len == 1 ? 0 : l->path_len;
	if (buf_reserve(&t->path, len + 1) != 0) {
		(void)err_nomem(err);
		return false;
	}
	t->path.data[t->path.len] = '/';
	memcpy(t->path.data + t->path.len + 1, name, len);
	t->path.len += len + 1;
	return true;
}

static int
at_end(struct db_tree *t, struct err *err)
{
	const char *path;
	size_t len;
	int rc;

	if (t->failed.code == 0) {
		if ((rc = t->lists.peek(t->lists.ctx, &path, &len, err)) != 0)
			return rc;
		out_of_order(t, path, len);
	}
	*err = t->failed;
	return err->code;
}

int
db_tree_next(struct db_tree *t, struct db_item *ret, struct err *err)
{
	enum db_item_kind also = t->also;
	enum db_name kind;

	t->also = DB_ENTRY;
	if (also != DB_ENTRY) {
		set_item(t, ret, also, true);
		return 0;
	}
	if (t->enter) {
		t->enter = false;
		if (!enter(t)) {
			set_item(t, ret, DB_NOT_READ, true);
			return 0;
		}
	}
	if (!t->begun) {
		t->begun = true;
		give(t, DB_DIR, ret);
		return 0;
	}
	if (next_name(t, &kind, err)) {
		give(t, kind, ret);
		return 0;
	}
	return err->code != 0 ? err->code : at_end(t, err);
}
