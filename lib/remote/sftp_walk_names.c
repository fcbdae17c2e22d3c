/*
 * Names as a server gives them: what is none is left out, and said.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "remote/sftp_walk_private.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/entry.h"
#include "base/path.h"

struct dir *
dir_new(struct dir *up, const char *name, size_t len)
{
	struct dir *d = malloc(sizeof(*d) + len);

	if (d == NULL)
		return NULL;
	*d = (struct dir){ .up = up, .refs = 1, .len = (uint32_t)len };
	memcpy(d->name, name, len);
	if (up != NULL) {
		up->refs++;
		d->depth = up->depth + 1;
		d->path_len = up->path_len + 1 + d->len;
		return d;
	}
	d->path_len = len == 1 ? 0 : d->len;
	for (size_t i = 0; i < d->path_len; i++)
		d->depth += name[i] == '/';
	return d;
}

void
dir_release(struct dir *d)
{
	while (d != NULL && --d->refs == 0) {
		struct dir *up = d->up;

		free(d);
		d = up;
	}
}

void
link_free(struct link *l)
{
	if (l != NULL)
		dir_release(l->dir);
	free(l);
}

int
dir_path(const struct dir *d, const char *name, size_t len, struct buf *ret)
{
	size_t at = d->path_len;

	buf_clear(ret);
	if (buf_reserve(ret, at + 1 + len) != 0)
		return -1;
	ret->len = at;
	for (; d->up != NULL; d = d->up) {
		at -= d->len;
		memcpy(ret->data + at, d->name, d->len);
		ret->data[--at] = '/';
	}
	memcpy(ret->data, d->name, at);
	if (len == 0 && ret->len > 0)
		return 0;
	return buf_add_byte(ret, '/') | buf_add(ret, name, len);
}

bool
walk_leaves_out(const struct sftp_walk *w, const char *path, size_t len)
{
	const struct strlist *points = &w->scope.pruned_mounts;
	size_t low = 0, high = points->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const char *point = points->item[mid];
		int cmp = path_cmp(path, len, point, strlen(point));

		if (cmp == 0)
			return true;
		if (cmp < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return false;
}

struct entry
walk_entry(const struct sftp_attrs *a)
{
	struct entry e = { 0 };

	if (a->has_mode && (e.type = entry_type_of_mode(a->mode)) != 0)
		e.fields |= ENTRY_TYPE;
	if (a->has_mode) {
		e.fields |= ENTRY_MODE;
		e.mode = a->mode & 07777;
	}
	if (a->has_owner) {
		e.fields |= ENTRY_OWNER;
		e.uid = a->uid;
		e.gid = a->gid;
	}
	if (a->has_size) {
		e.fields |= ENTRY_SIZE;
		e.size = a->size;
	}
	if (a->has_mtime) {
		e.fields |= ENTRY_MTIME;
		e.mtime = a->mtime;
	}
	return e;
}

int
walk_unread(struct sftp_walk *w, const struct dir *d,
    const struct sftp_reply *reply, const char *words,
    struct sftp_walk_item *item, struct err *err)
{
	*item = (struct sftp_walk_item){ .kind = SFTP_WALK_UNREAD,
		.why = words };
	if (reply != NULL) {
		item->error = sftp_errno(reply, w->why);
		item->why = w->why;
	}
	if (dir_path(d, "", 0, &w->path) != 0)
		return err_nomem(err);
	item->path = (const char *)w->path.data;
	item->len = w->path.len;
	return 0;
}

/* Once for each directory: the words are enough for a person, and a server has
 * no end of bad names. */
static int
complain(struct sftp_walk *w, const char *words, struct sftp_walk_item *item,
    struct err *err)
{
	int rc;

	if (w->of->complained)
		return 1;
	w->of->complained = true;
	rc = walk_unread(w, w->of->dir, NULL, words, item, err);
	w->prefix = 0;
	return rc;
}

/* The path of a name, in w->path. */
static int
make_path(struct sftp_walk *w, const char *name, size_t len)
{
	if (w->prefix == 0) {
		if (dir_path(w->of->dir, name, len, &w->path) != 0)
			return -1;
		w->prefix = w->path.len - len;
		return 0;
	}
	w->path.len = w->prefix;
	return buf_add(&w->path, name, len);
}

static int
put_off(struct sftp_walk *w, const char *name, size_t len,
    const struct entry *entry, struct err *err)
{
	struct link *l = malloc(sizeof(*l) + len);

	if (l == NULL)
		return err_nomem(err);
	*l = (struct link){ .dir = w->of->dir, .entry = *entry, .len = len };
	memcpy(l->name, name, len);
	l->dir->refs++;
	*w->links_end = l;
	w->links_end = &l->next;
	w->n_links++;
	return 1;
}

/* A directory: it is looked into later, or it is said why not. */
static int
met_dir(struct sftp_walk *w, const char *name, size_t len,
    const struct sftp_walk_item *item, struct err *err)
{
	struct dir *d;

	w->then = *item;
	w->has_then = true;
	if (walk_leaves_out(w, item->path, item->len)) {
		w->then.kind = SFTP_WALK_OUTSIDE;
		return 0;
	}
	if (w->of->dir->depth + 1 >= w->depth_max) {
		w->then.kind = SFTP_WALK_UNREAD;
		w->then.why = "too deep";
		return 0;
	}
	w->has_then = false;
	if ((d = dir_new(w->of->dir, name, len)) == NULL)
		return err_nomem(err);
	d->next = w->stack;
	w->stack = d;
	return 0;
}

int
walk_name(struct sftp_walk *w, struct sftp_walk_item *item, struct err *err)
{
	struct sftp_attrs attrs;
	const char *name;
	size_t len;
	int rc = sftp_name_next(&w->names, &name, &len, &attrs);

	if (rc < 0)
		return sftp_misfit(err);
	if (rc == 1) {
		w->of->idle += !w->fresh;
		w->of = NULL;
		return 1;
	}
	if ((len == 1 && name[0] == '.') ||
	    (len == 2 && name[0] == '.' && name[1] == '.'))
		return 1;
	if (len == 0 || memchr(name, '/', len) != NULL ||
	    memchr(name, '\0', len) != NULL)
		return complain(w,
		    "the server gives names that can be none: left out", item,
		    err);
	if (w->of->dir->path_len + 1 + len > w->path_max)
		return complain(
		    w, "names that make too long a path: left out", item, err);
	w->fresh = true;
	*item = (struct sftp_walk_item){ .kind = SFTP_WALK_ENTRY,
		.entry = walk_entry(&attrs) };
	if (item->entry.type == 'l')
		return put_off(w, name, len, &item->entry, err);
	if (make_path(w, name, len) != 0)
		return err_nomem(err);
	item->path = (const char *)w->path.data;
	item->len = w->path.len;
	if (item->entry.type == 'd')
		return met_dir(w, name, len, item, err);
	if (item->entry.type == 0) {
		w->then = *item;
		w->then.kind = SFTP_WALK_UNLOOKED;
		w->then.why = "the server does not say what it is";
		w->has_then = true;
	}
	return 0;
}
