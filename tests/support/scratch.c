/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/scratch.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/expect.h"

/* ---- directories that a failed test leaves go at its exit ---- */

#define LEFT_MAX 16
static char left[LEFT_MAX][sizeof(((struct scratch *)NULL)->dir)];
static pid_t left_by; /* not by the processes that it forks */

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static int
remove_all(const char *dir)
{
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
remove_left(void)
{
	for (int i = 0; i < LEFT_MAX && getpid() == left_by; i++)
		if (left[i][0] != '\0')
			(void)remove_all(left[i]);
}

/* Put `to` where `from` stands; "" is a free place. */
static void
left_replace(const char *from, const char *to)
{
	int i = 0;

	while (i < LEFT_MAX && strcmp(left[i], from) != 0)
		i++;
	if (i < LEFT_MAX)
		(void)snprintf(left[i], sizeof(left[i]), "%s", to);
}

/* ---- a scratch directory ---- */

void
scratch_make(struct scratch *s)
{
	const char *tmp = getenv("TMPDIR");

	/* In memory where there is such a place: stores sync a lot. */
	if (tmp == NULL)
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	(void)snprintf(s->dir, sizeof(s->dir), "%s/lookback-XXXXXX", tmp);
	expect(mkdtemp(s->dir) != NULL);
	if (left_by == 0) {
		left_by = getpid();
		(void)atexit(remove_left);
	}
	if (getpid() == left_by)
		left_replace("", s->dir);
}

void
scratch_remove(struct scratch *s)
{
	expect(remove_all(s->dir) == 0);
	left_replace(s->dir, "");
}

const char *
scratch_path(struct scratch *s, const char *name)
{
	(void)snprintf(s->path, sizeof(s->path), "%s/%s", s->dir, name);
	return s->path;
}

int
scratch_count(struct scratch *s, const char *name)
{
	DIR *dir = opendir(scratch_path(s, name));
	int n = -2;

	if (dir == NULL)
		return -1;
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

const char *
told(const struct err *err)
{
	static char text[1600];

	return err_text(err, text, sizeof(text));
}

struct store *
open_or_fail(const char *dir, enum store_mode mode)
{
	struct err err = ERR_INIT;
	struct store *s;

	if (store_open(&s, dir, mode, &err) != 0)
		expect_failed(told(&err));
	return s;
}

struct entry
line_entry(const struct line *l)
{
	struct entry e = {
		.fields = ENTRY_ALL & ~ENTRY_TARGET,
		.type = l->type == 0 ? 'f' : l->type,
		.mode = 0644,
		.size = l->size,
		.mtime = 1700000000,
	};

	if (l->target != NULL) {
		e.fields |= ENTRY_TARGET;
		e.type = 'l';
		e.target = l->target;
		e.target_len = (uint32_t)strlen(l->target);
	}
	return e;
}

struct record_result
record_lines(struct store *s, const char *series, int64_t date_ns,
    const struct scope *scope, const struct line *lines)
{
	const struct scope all = { 0 };
	const struct record_head head = {
		.series = series,
		.origin = "test:",
		.scope = scope == NULL ? &all : scope,
		.fields = ENTRY_ALL,
		.clock_ns = date_ns,
		.date_ns = date_ns,
	};
	struct err err = ERR_INIT;
	struct record_result result;
	struct recorder *r;

	if (recorder_begin(&r, s, &head, &err) != 0)
		expect_failed(told(&err));
	for (; lines->path != NULL; lines++) {
		struct entry e = line_entry(lines);

		if (recorder_observe(
			r, lines->path, strlen(lines->path), &e, &err) != 0)
			expect_failed(told(&err));
	}
	if (recorder_finish(r, &result, &err) != 0)
		expect_failed(told(&err));
	recorder_free(r);
	return result;
}

static char *
text_of(struct buf *b)
{
	char *text = strdup(buf_str(b));

	expect(text != NULL);
	buf_done(b);
	return text;
}

char *
listing_text(struct store *s, const char *series, uint32_t at)
{
	struct err err = ERR_INIT;
	struct listing_item item;
	struct listing *l;
	struct buf b = { 0 };
	struct view *v;
	int rc;

	if (view_open(&v, s, &err) != 0 ||
	    listing_open(
		&l, v, catalog_series(&v->cat, series)->id, at, &err) != 0)
		expect_failed(told(&err));
	while ((rc = listing_next(l, &item, &err)) == 0)
		(void)buf_printf(&b, "%.*s %llu%s\n", (int)item.len, item.path,
		    (unsigned long long)item.entry.size,
		    item.kind == EVENT_UNSEEN ? " unseen" : "");
	if (rc < 0)
		expect_failed(told(&err));
	listing_close(l);
	view_close(v);
	return text_of(&b);
}

char *
changes_text(struct store *s, const char *series, uint32_t snap)
{
	static const char *const kinds[] = { "put", "gone", "unseen" };
	struct err err = ERR_INIT;
	struct changes *c;
	struct change change;
	struct buf b = { 0 };
	struct view *v;
	const char *path;
	size_t len;
	int rc;

	if (view_open(&v, s, &err) != 0 ||
	    changes_open(
		&c, v, catalog_series(&v->cat, series)->id, snap, &err) != 0)
		expect_failed(told(&err));
	while ((rc = changes_next(c, &path, &len, &change, &err)) == 0) {
		(void)buf_printf(
		    &b, "%s %.*s", kinds[change.kind], (int)len, path);
		if (change.kind == EVENT_PUT)
			(void)buf_printf(
			    &b, " %llu", (unsigned long long)change.entry.size);
		(void)buf_add_str(&b, "\n");
	}
	if (rc < 0)
		expect_failed(told(&err));
	changes_close(c);
	view_close(v);
	return text_of(&b);
}
