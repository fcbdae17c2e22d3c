/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/pair.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/expect.h"

const struct line night1[] = { { "/", 0, 'd', NULL }, { "/a", 1, 0, NULL },
	{ "/b", 2, 0, NULL }, { "/b-link", 3, 'l', "b" },
	{ NULL, 0, 0, NULL } };
const struct line night2[] = { { "/", 0, 'd', NULL }, { "/a", 10, 0, NULL },
	{ "/b-link", 3, 'l', "b" }, { "/c", 3, 0, NULL },
	{ NULL, 0, 0, NULL } };
const struct line night3[] = { { "/", 0, 'd', NULL }, { "/a", 10, 0, NULL },
	{ "/c", 4, 0, NULL }, { "/d", 5, 0, NULL }, { NULL, 0, 0, NULL } };

int
pair_setup(void **state)
{
	struct pair *pair = calloc(1, sizeof(*pair));

	expect(pair != NULL);
	scratch_make(&pair->scratch);
	scratch_keep_path(&pair->scratch, "local", pair->local);
	scratch_keep_path(&pair->scratch, "central", pair->central);
	pair->start = when_now() - 600 * PAIR_MINUTE;
	*state = pair;
	return 0;
}

int
pair_done(void **state)
{
	struct pair *pair = *state;

	scratch_remove(&pair->scratch);
	free(pair);
	return 0;
}

void
pair_record(const struct pair *pair, const char *dir, const char *series,
    int minute, const struct line *lines)
{
	struct store *s = open_or_fail(dir, STORE_CREATE);

	(void)record_lines(
	    s, series, pair->start + minute * PAIR_MINUTE, NULL, lines);
	store_close(s);
}

struct pushed
pair_push(const struct pair *pair)
{
	return push_between(
	    pair->local, pair->central, "web01", NULL, SIZE_MAX);
}

void
pair_push_well(const struct pair *pair, size_t snapshots)
{
	struct pushed p = pair_push(pair);

	expect_text(told(&p.push_err), "");
	expect_text(told(&p.receive_err), "");
	expect(p.push.snapshots == snapshots);
	expect(p.receive.snapshots == snapshots);
}

static void
add_snapshot(struct buf *to, const struct pair *pair, struct store *s,
    const char *series, const struct snapshot_row *row)
{
	char *listing = listing_text(s, series, row->id);
	char *changes = changes_text(s, series, row->id);
	struct buf origin = { 0 };
	struct err err = ERR_INIT;

	expect(snapshot_origin(&origin, s, row, &err) == 0);
	expect(buf_printf(to, "@%lld %s\n%s%s",
		   (long long)(row->date_ns - pair->start), buf_str(&origin),
		   listing, changes) == 0);
	buf_done(&origin);
	free(listing);
	free(changes);
}

char *
pair_history(const struct pair *pair, const char *dir, const char *series)
{
	struct store *s = open_or_fail(dir, STORE_READ);
	struct err err = ERR_INIT;
	struct catalog cat;
	const struct series_row *row;
	struct buf text = { 0 };

	expect(catalog_read(&cat, s, &err) == 0);
	if ((row = catalog_series(&cat, series)) != NULL) {
		size_t n;
		const struct snapshot_row *snaps = catalog_snaps(
		    &cat, row->id, &n);

		for (size_t i = 0; i < n; i++)
			add_snapshot(&text, pair, s, series, &snaps[i]);
	}
	catalog_done(&cat);
	store_close(s);
	if (text.len == 0)
		expect(buf_add_str(&text, "nothing") == 0);
	(void)buf_str(&text);
	return (char *)text.data;
}

void
pair_expect_same(const struct pair *pair)
{
	char *a = pair_history(pair, pair->local, "web01");
	char *b = pair_history(pair, pair->central, "web01");

	expect_text(b, a);
	free(a);
	free(b);
}

void
pair_expect_clean(const struct pair *pair)
{
	struct store *s = open_or_fail(pair->central, STORE_WRITE);

	expect_clean(s);
	store_close(s);
}
