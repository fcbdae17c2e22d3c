/*
 * The merge join of what a source observes with what the listing holds.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/recorder_private.h"

#include "base/path.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- directories of which less than all was observed ---- */

/* Paths come in path order, so a directory that is neither this one nor above
 * it is above none that follows. */
static void
chain_leave(struct dir_chain *c, const char *path, size_t len)
{
	const char *dir = (const char *)c->path.data;

	for (; c->n > 0; c->n--) {
		size_t n = c->dir[c->n - 1].len;

		if ((n == len && memcmp(path, dir, n) == 0) ||
		    path_below(path, len, dir, n))
			break;
	}
}

/* Of a directory that is the innermost already, the first word counts. */
static int
chain_enter(struct dir_chain *c, const char *path, size_t len, bool outside)
{
	chain_leave(c, path, len);
	if (c->n > 0 && c->dir[c->n - 1].len == len)
		return 0;
	if (c->n == c->cap) {
		size_t cap = c->cap == 0 ? 16 : 2 * c->cap;
		void *p = reallocarray(c->dir, cap, sizeof(*c->dir));

		if (p == NULL)
			return -1;
		c->dir = p;
		c->cap = cap;
	}
	buf_clear(&c->path);
	if (buf_add(&c->path, path, len) != 0) {
		c->n = 0;
		return -1;
	}
	c->dir[c->n++] = (struct dir_said){ len, outside };
	return 0;
}

static bool
parent_is_unchanged(struct dir_chain *c, const char *path, size_t len)
{
	chain_leave(c, path, len);
	return c->n > 0 && path_parent_len(path, len) == c->dir[c->n - 1].len;
}

/* What was said last of a path that was not met, or of what is above it. */
enum limit { LIMIT_NONE, LIMIT_UNREAD, LIMIT_OUTSIDE };

static enum limit
limit_of(struct recorder *r, const char *path, size_t len)
{
	struct dir_chain *c = &r->limits;

	chain_leave(c, path, len);
	for (size_t n = c->n; n-- > 0;) {
		if (!c->dir[n].outside)
			return LIMIT_UNREAD;
		/* It says nothing of the directory itself. */
		if (c->dir[n].len < len)
			return LIMIT_OUTSIDE;
	}
	return r->cut ? LIMIT_UNREAD : LIMIT_NONE;
}

/* ---- what was not met ---- */

/* Unchanged names: sub-directories alone are given. */
static bool
is_unchanged(struct recorder *r, const struct listing_item *i)
{
	return r->unchanged.n > 0 && i->entry.type != 'd' &&
	    parent_is_unchanged(&r->unchanged, i->path, i->len);
}

/* The scope of the last snapshot that lists the item as present: of the one
 * before where it is, else of that before it became unseen, which may be long
 * ago: only there stands which mount held it. *ret is NULL when that was
 * dropped meanwhile. */
static int
scope_of_seen(struct recorder *r, const struct listing_item *i,
    const struct scope **ret, struct err *err)
{
	const struct snapshot_row *row;
	int rc;

	*ret = &r->was;
	if (i->kind == EVENT_PUT)
		return 0;
	/* A put and what is unseen never count on the same one. */
	row = i->since - 1;
	*ret = &r->seen;
	if (row->id == r->seen_snap)
		return 0;
	scope_done(&r->seen);
	r->seen_snap = 0;
	rc = snapshot_scope(&r->seen, r->store, row, err);
	if (rc == ERR_NOTFOUND) {
		err_clear(err);
		*ret = NULL;
		return 0;
	}
	if (rc == 0)
		r->seen_snap = row->id;
	return rc;
}

/* EVENT_GONE where it was looked for, else EVENT_UNSEEN. */
static int
meaning_of_absence(struct recorder *r, const struct listing_item *i,
    uint8_t *ret, struct err *err)
{
	const struct scope *seen;
	int rc;

	*ret = EVENT_UNSEEN;
	if ((rc = scope_of_seen(r, i, &seen, err)) != 0)
		return rc;
	if (seen != NULL &&
	    scope_absence_is_gone(seen, &r->now, i->path, i->len))
		*ret = EVENT_GONE;
	return 0;
}

static int
not_met(struct recorder *r, const struct listing_item *i, struct err *err)
{
	enum limit limit = limit_of(r, i->path, i->len);
	uint8_t kind = EVENT_UNSEEN;
	int rc;

	if (r->additive || limit == LIMIT_UNREAD || is_unchanged(r, i))
		return 0;
	if (limit == LIMIT_NONE &&
	    (rc = meaning_of_absence(r, i, &kind, err)) != 0)
		return rc;
	if (kind == EVENT_UNSEEN && i->kind == EVENT_UNSEEN)
		return 0;
	return recorder_emit(r, i->path, i->len, i, kind, NULL, err);
}

/* Pass over what the listing holds before this path: none of it was met.
 * *ret: how the listing's next compares with it, > 0 at the end. */
static int
advance(
    struct recorder *r, const char *path, size_t len, int *ret, struct err *err)
{
	int rc;

	for (;;) {
		if ((rc = recorder_peek(r, err)) != 0)
			return rc;
		*ret = r->at_end ?
		    1 :
		    path_cmp(r->item.path, r->item.len, path, len);
		if (*ret >= 0)
			return 0;
		if ((rc = not_met(r, &r->item, err)) != 0)
			return rc;
		r->has_item = false;
	}
}

int
recorder_join_rest(struct recorder *r, struct err *err)
{
	int rc;

	while ((rc = recorder_peek(r, err)) == 0 && !r->at_end) {
		if ((rc = not_met(r, &r->item, err)) != 0)
			return rc;
		r->has_item = false;
	}
	return rc;
}

/* ---- what was met ---- */

/* All that both know; the observation where they differ in what is known. */
static struct entry
join_entries(const struct entry *was, const struct entry *now)
{
	uint8_t add = was->fields & (uint8_t)~now->fields;
	struct entry e = *now;

	e.fields |= add;
	if (add & ENTRY_TYPE)
		e.type = was->type;
	if (add & ENTRY_MODE)
		e.mode = was->mode;
	if (add & ENTRY_OWNER) {
		e.uid = was->uid;
		e.gid = was->gid;
	}
	if (add & ENTRY_SIZE)
		e.size = was->size;
	if (add & ENTRY_MTIME) {
		e.mtime = was->mtime;
		e.mtime_ns = was->mtime_ns;
	}
	if (add & ENTRY_TARGET) {
		e.target = was->target;
		e.target_len = was->target_len;
	}
	return e;
}

static int
met(struct recorder *r, const struct listing_item *was, const char *path,
    size_t len, const struct entry *now, struct err *err)
{
	struct entry both;

	if (was->kind != EVENT_PUT)
		return recorder_emit(r, path, len, was, EVENT_PUT, now, err);
	if (r->exact ? entry_equal(&was->entry, now) :
		       entry_agrees(&was->entry, now) &&
		    (now->fields & ~was->entry.fields) == 0)
		return 0;
	if (r->exact || !entry_agrees(&was->entry, now))
		return recorder_emit(r, path, len, was, EVENT_PUT, now, err);
	both = join_entries(&was->entry, now);
	return recorder_emit(r, path, len, was, EVENT_PUT, &both, err);
}

static int
observe(struct recorder *r, const char *path, size_t len, const struct entry *e,
    struct err *err)
{
	int cmp, rc;

	if ((rc = recorder_next_path(r, path, len, false, err)) != 0 ||
	    (rc = advance(r, path, len, &cmp, err)) != 0)
		return rc;
	if (cmp > 0)
		return recorder_emit(r, path, len, NULL, EVENT_PUT, e, err);
	r->has_item = false;
	return met(r, &r->item, path, len, e, err);
}

static int
unread(struct recorder *r, const char *path, size_t len, bool below, int error,
    struct err *err)
{
	int cmp, rc;

	if ((rc = recorder_next_path(r, path, len, true, err)) != 0 ||
	    (rc = advance(r, path, len, &cmp, err)) != 0 ||
	    (rc = recorder_note_unread(r, path, len, below, error, err)) != 0)
		return rc;
	if (chain_enter(&r->limits, path, len, false) != 0)
		return err_nomem(err);
	return 0;
}

static int
outside(struct recorder *r, const char *path, size_t len, struct err *err)
{
	int cmp, rc;

	if ((rc = recorder_next_path(r, path, len, true, err)) != 0 ||
	    (rc = advance(r, path, len, &cmp, err)) != 0)
		return rc;
	if (chain_enter(&r->limits, path, len, true) != 0)
		return err_nomem(err);
	return 0;
}

static int
unseen(struct recorder *r, const char *path, size_t len, struct err *err)
{
	int cmp, rc;

	if ((rc = recorder_next_path(r, path, len, false, err)) != 0 ||
	    (rc = advance(r, path, len, &cmp, err)) != 0 || cmp > 0)
		return rc;
	r->has_item = false;
	if (r->item.kind == EVENT_UNSEEN)
		return 0;
	return recorder_emit(r, path, len, &r->item, EVENT_UNSEEN, NULL, err);
}

static int
cut(struct recorder *r, int error, struct err *err)
{
	r->cut = true;
	return recorder_note_unread(r, "/", 1, true, error, err);
}

static int
unchanged(struct recorder *r, const char *path, size_t len, struct err *err)
{
	int cmp, rc;

	if ((rc = recorder_next_path(r, path, len, true, err)) != 0 ||
	    (rc = advance(r, path, len, &cmp, err)) != 0)
		return rc;
	if (chain_enter(&r->unchanged, path, len, false) != 0)
		return err_nomem(err);
	return 0;
}

/* ---- the calls ---- */

static int
told(struct recorder *r, int rc, struct err *err)
{
	if (rc == 0)
		return 0;
	r->failed = true;
	return err_wrap(err, "recording %s", r->series);
}

int
recorder_observe(struct recorder *r, const char *path, size_t len,
    const struct entry *e, struct err *err)
{
	assert(!r->events);
	return told(r, observe(r, path, len, e, err), err);
}

int
recorder_unread(struct recorder *r, const char *path, size_t len, bool below,
    int error, struct err *err)
{
	assert(!r->events);
	return told(r, unread(r, path, len, below, error, err), err);
}

int
recorder_outside(
    struct recorder *r, const char *path, size_t len, struct err *err)
{
	assert(!r->events);
	return told(r, outside(r, path, len, err), err);
}

int
recorder_unseen(
    struct recorder *r, const char *path, size_t len, struct err *err)
{
	assert(!r->events && r->exact);
	return told(r, unseen(r, path, len, err), err);
}

int
recorder_cut(struct recorder *r, int error, struct err *err)
{
	assert(!r->events && !r->sealed);
	return told(r, cut(r, error, err), err);
}

int
recorder_unchanged(
    struct recorder *r, const char *path, size_t len, struct err *err)
{
	assert(!r->events);
	return told(r, unchanged(r, path, len, err), err);
}
