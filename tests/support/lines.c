/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/expect.h"
#include "tests/support/scratch.h"

/* ---- into a store ---- */

const struct line small_tree[] = {
	{ "/", 0, 'd', NULL },
	{ "/etc", 0, 'd', NULL },
	{ "/etc/hosts", 100, 0, NULL },
	{ "/etc/passwd", 200, 0, NULL },
	{ "/tmp", 0, 'd', NULL },
	{ "/tmp/a", 1, 0, NULL },
	{ NULL, 0, 0, NULL },
};

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

struct recorder *
record_begin(struct store *s, int64_t date_ns, struct record_head head)
{
	static const struct scope all;
	struct err err = ERR_INIT;
	struct recorder *r;

	if (head.series == NULL)
		head.series = "web01";
	if (head.origin == NULL)
		head.origin = "test:";
	if (head.scope == NULL)
		head.scope = &all;
	if (head.fields == 0)
		head.fields = ENTRY_ALL;
	head.clock_ns = head.date_ns = date_ns;
	if (recorder_begin(&r, s, &head, &err) != 0)
		expect_failed(told(&err));
	return r;
}

void
record_see(struct recorder *r, struct line line)
{
	struct entry e = line_entry(&line);
	struct err err = ERR_INIT;

	if (recorder_observe(r, line.path, strlen(line.path), &e, &err) != 0)
		expect_failed(told(&err));
}

struct record_result
record_finish(struct recorder *r)
{
	struct record_result result;
	struct err err = ERR_INIT;

	if (recorder_finish(r, &result, &err) != 0)
		expect_failed(told(&err));
	recorder_free(r);
	return result;
}

struct record_result
record_lines(struct store *s, const char *series, int64_t date_ns,
    const struct scope *scope, const struct line *lines)
{
	struct recorder *r = record_begin(s, date_ns,
	    (struct record_head){ .series = series, .scope = scope });

	for (; lines->path != NULL; lines++)
		record_see(r, *lines);
	return record_finish(r);
}

void
record_nth_night(struct store *s, const char *series, int n)
{
	char path[16];
	const struct line lines[] = {
		{ "/a", 1, 0, NULL },
		{ "/b", (uint64_t)n, 0, NULL },
		{ path, 3, 0, NULL },
		{ NULL, 0, 0, NULL },
	};

	(void)snprintf(path, sizeof(path), "/n%03d", n);
	(void)record_lines(s, series, n, NULL, lines);
}

/* ---- and out of it ---- */

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

void
expect_listing(
    struct store *s, const char *series, uint32_t at, const char *want)
{
	char *text = listing_text(s, series, at);

	expect_text(text, want);
	free(text);
}

void
expect_changes(
    struct store *s, const char *series, uint32_t snap, const char *want)
{
	char *text = changes_text(s, series, snap);

	expect_text(text, want);
	free(text);
}

void
expect_digest(struct store *s, const struct record_result *r)
{
	struct err err = ERR_INIT;
	struct listing_item item;
	struct digest d = { 0 };
	struct listing *l;
	struct view *v;
	uint64_t n = 0;
	int rc;

	expect(view_open(&v, s, &err) == 0);
	expect(listing_open(
		   &l, v, catalog_series(&v->cat, "web01")->id, 0, &err) == 0);
	while ((rc = listing_next(l, &item, &err)) == 0) {
		if (item.kind != EVENT_PUT)
			continue;
		digest_add(&d, item.path, item.len, &item.entry);
		n++;
	}
	expect(rc == 1);
	expect(digest_equal(&d, &r->digest));
	expect(n == r->entries);
	listing_close(l);
	view_close(v);
}
