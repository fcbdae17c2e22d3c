/*
 * From a source's items to a recorder's observations.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "record_private.h"

#include <string.h>

#include "base/path.h"

void
feed_done(struct feed *f)
{
	buf_done(&f->last);
	buf_done(&f->noted);
}

static int
observe(struct feed *f, const char *path, size_t len, const struct entry *e,
    struct err *err)
{
	struct entry name = { .fields = e->fields & ENTRY_TYPE,
		.type = e->type };
	int rc;

	rc = recorder_observe(
	    f->recorder, path, len, f->names_only ? &name : e, err);
	if (rc != 0)
		return rc;
	if (f->verbose)
		scan_tell_path(path, len);
	return 0;
}

/* A directory that something lies in is there, whatever else it is. What was
 * observed so far has all that is above it. */
static int
observe_parents(struct feed *f, const char *path, size_t len, struct err *err)
{
	static const struct entry dir = { .fields = ENTRY_TYPE, .type = 'd' };
	const char *last = (const char *)f->last.data;
	size_t common = path_common(path, len, last, f->last.len), at;
	int rc;

	if (f->last.len == 0 && len > 1 &&
	    (rc = observe(f, "/", 1, &dir, err)) != 0)
		return rc;
	for (at = common > 1 ? common : 1; at < len; at++) {
		if (path[at] != '/' ||
		    path_below(last, f->last.len, path, at) ||
		    (at == common && at == f->last.len))
			continue;
		if ((rc = observe(f, path, at, &dir, err)) != 0)
			return rc;
	}
	return 0;
}

static bool
leads_up(const char *path, size_t len)
{
	const char *p = path, *end = path + len;

	while ((p = memmem(p, (size_t)(end - p), "/..", 3)) != NULL) {
		p += 3;
		if (p == end || *p == '/')
			return true;
	}
	return false;
}

static int
feed_entry(struct feed *f, const char *path, size_t len, const struct entry *e,
    struct err *err)
{
	int rc;

	if ((rc = observe_parents(f, path, len, err)) != 0 ||
	    (rc = observe(f, path, len, e, err)) != 0)
		return rc;
	f->upwards += leads_up(path, len);
	buf_clear(&f->last);
	return buf_add(&f->last, path, len) != 0 ? err_nomem(err) : 0;
}

static int
note(struct feed *f, const struct source_item *item, struct err *err)
{
	if (scan_note_unread(
		f->told, item->path, item->len, item->error, item->why) != 0)
		return err_nomem(err);
	return 0;
}

/* A stream says of what is too deep that a directory above it is unread, once
 * for each: too late to be said in order, and once is enough. */
static int
note_above(struct feed *f, const struct source_item *item, struct err *err)
{
	int rc;

	if (f->noted.len == item->len &&
	    memcmp(f->noted.data, item->path, item->len) == 0)
		return 0;
	buf_clear(&f->noted);
	if (buf_add(&f->noted, item->path, item->len) != 0)
		return err_nomem(err);
	if ((rc = note(f, item, err)) != 0)
		return rc;
	return recorder_note_unread(f->recorder, item->path, item->len,
	    item->kind == LOOKBACK_UNREAD, item->error, err);
}

/* A note speaks of what was observed; where it was not, it is there all the
 * same, and what has something below it is a directory. */
static int
feed_note(struct feed *f, const struct source_item *item, struct err *err)
{
	static const struct entry dir = { .fields = ENTRY_TYPE, .type = 'd' };
	static const struct entry unknown = { 0 };
	bool itself = item->kind == LOOKBACK_UNLOOKED;
	int cmp = path_cmp(
	    item->path, item->len, (const char *)f->last.data, f->last.len);
	int rc;

	if (cmp < 0)
		return note_above(f, item, err);
	if (cmp > 0 &&
	    (rc = feed_entry(
		 f, item->path, item->len, itself ? &unknown : &dir, err)) != 0)
		return rc;
	if (item->kind == LOOKBACK_OUTSIDE)
		return recorder_outside(
		    f->recorder, item->path, item->len, err);
	if ((rc = note(f, item, err)) != 0)
		return rc;
	return recorder_unread(
	    f->recorder, item->path, item->len, !itself, item->error, err);
}

int
feed_item(struct feed *f, const struct source_item *item, struct err *err)
{
	if (item->kind == LOOKBACK_ENTRY)
		return feed_entry(f, item->path, item->len, &item->entry, err);
	return feed_note(f, item, err);
}
