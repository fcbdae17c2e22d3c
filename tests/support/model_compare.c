/*
 * What a store says, against the model.
 *
 * What is unseen is part of no digest, and the rule of kept snapshots cannot
 * keep it whole: where the put and the unseen after it come to count on one
 * kept snapshot, nothing may be left of both. Everything else is exact.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/model.h"

#include <stdlib.h>
#include <string.h>

#include "store/listing.h"
#include "tests/support/expect.h"

/* The kept snapshot before this one, or SIZE_MAX. */
static size_t
kept_before(const struct model_series *s, size_t k)
{
	while (k-- > 0) {
		if (s->snap[k].kept)
			return k;
	}
	return SIZE_MAX;
}

/* Whether the store must know that this path is unseen. */
static bool
is_certain(const struct model_series *s, const struct model_state *st)
{
	for (size_t k = st->put; k < st->unseen; k++) {
		if (s->snap[k].kept)
			return true;
	}
	return false;
}

/* The kept snapshot since which a path that is there is as it is at k. */
static uint32_t
since_of(const struct model_series *s, size_t k, size_t i)
{
	const struct model_state *st = &s->snap[k].state[i];
	size_t before;

	while ((before = kept_before(s, k)) != SIZE_MAX &&
	    s->snap[before].state[i].kind == EVENT_PUT &&
	    entry_equal(&s->snap[before].state[i].entry, &st->entry))
		k = before;
	return s->snap[k].id;
}

static bool
is_path(const struct model *m, size_t i, const char *path, size_t len)
{
	return m->path[i].len == len && memcmp(m->path[i].text, path, len) == 0;
}

static void
compare_listing(const struct model *m, const struct model_series *s, size_t k,
    struct view *view, uint32_t series)
{
	struct listing_item item;
	struct listing *l;
	struct err err = ERR_INIT;
	int rc;

	expect(listing_open(&l, view, series, s->snap[k].id, &err) == 0);
	rc = listing_next(l, &item, &err);
	for (size_t i = 0; i < m->n_paths; i++) {
		const struct model_state *st = &s->snap[k].state[i];
		bool listed = rc == 0 && is_path(m, i, item.path, item.len);

		switch ((enum event_kind)st->kind) {
		case EVENT_PUT:
			expect(listed);
			expect(item.kind == EVENT_PUT);
			expect(entry_equal(&item.entry, &st->entry));
			expect(item.since->id == since_of(s, k, i));
			break;
		case EVENT_GONE:
			expect(!listed);
			break;
		case EVENT_UNSEEN:
			if (!is_certain(s, st)) {
				if (listed)
					expect(item.kind == EVENT_UNSEEN);
				break;
			}
			expect(listed);
			expect(item.kind == EVENT_UNSEEN);
			expect(entry_equal(&item.entry, &st->entry));
			break;
		}
		if (listed)
			rc = listing_next(l, &item, &err);
	}
	expect(rc == 1);
	listing_close(l);
}

/* How a path is expected among the changes of a snapshot. */
static enum {
	NO,
	MAYBE,
	YES
} is_change(const struct model_series *s, const struct model_state *was,
    const struct model_state *now)
{
	switch ((enum event_kind)now->kind) {
	case EVENT_PUT:
		return was->kind == EVENT_PUT &&
			entry_equal(&was->entry, &now->entry) ?
		    NO :
		    YES;
	case EVENT_GONE:
		if (was->kind == EVENT_UNSEEN && !is_certain(s, was))
			return MAYBE;
		return was->kind == EVENT_GONE ? NO : YES;
	case EVENT_UNSEEN:
		return was->kind == EVENT_PUT ? YES : NO;
	}
	return NO;
}

static void
compare_changes(const struct model *m, const struct model_series *s, size_t k,
    struct view *view, uint32_t series)
{
	static const struct model_state none = { .kind = EVENT_GONE };
	size_t before = kept_before(s, k), len;
	struct change change;
	struct changes *c;
	struct err err = ERR_INIT;
	const char *path;
	int rc;

	expect(changes_open(&c, view, series, s->snap[k].id, &err) == 0);
	rc = changes_next(c, &path, &len, &change, &err);
	for (size_t i = 0; i < m->n_paths; i++) {
		const struct model_state *st = &s->snap[k].state[i];
		bool listed = rc == 0 && is_path(m, i, path, len);

		switch (is_change(s,
		    before == SIZE_MAX ? &none : &s->snap[before].state[i],
		    st)) {
		case NO:
			expect(!listed);
			break;
		case MAYBE:
			break;
		case YES:
			expect(listed);
			break;
		}
		if (!listed)
			continue;
		expect(change.kind == st->kind);
		expect(change.snap->id == s->snap[k].id);
		if (st->kind == EVENT_PUT)
			expect(entry_equal(&change.entry, &st->entry));
		rc = changes_next(c, &path, &len, &change, &err);
	}
	expect(rc == 1);
	changes_close(c);
}

void
model_compare(const struct model *m, struct store *store)
{
	struct err err = ERR_INIT;
	struct view *view;

	expect(view_open(&view, store, &err) == 0);
	for (int i = 0; i < MODEL_SERIES; i++) {
		const struct model_series *s = &m->series[i];
		const struct series_row *series = catalog_series(
		    &view->cat, s->name);
		const struct snapshot_row *row;
		size_t n = 0, at = 0;

		if (s->n == 0) {
			expect(series == NULL);
			continue;
		}
		expect(series != NULL);
		row = catalog_snaps(&view->cat, series->id, &n);
		for (size_t k = 0; k < s->n; k++) {
			if (!s->snap[k].kept)
				continue;
			expect(at < n);
			expect(row[at].id == s->snap[k].id);
			expect(row[at].entries == s->snap[k].entries);
			expect(
			    digest_equal(&row[at].digest, &s->snap[k].digest));
			compare_listing(m, s, k, view, series->id);
			compare_changes(m, s, k, view, series->id);
			at++;
		}
		expect(at == n);
	}
	view_close(view);
}
