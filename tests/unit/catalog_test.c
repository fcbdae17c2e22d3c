/*
 * The catalogue of series and snapshots.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/fixture.h"
#include "tests/support/lines.h"

#include <stdio.h>
#include <string.h>

#include "store/store_private.h"

static const struct line lines[] = { { "/a", 1, 0, NULL }, { "/b", 2, 0, NULL },
	{ NULL, 0, 0, NULL } };

/* Valid until the next. */
static const char *
origin_of(const struct snapshot_row *snap)
{
	static char text[64];
	struct buf origin = { 0 };

	assert_int_equal(snapshot_origin(&origin, store, snap, &err), 0);
	(void)snprintf(text, sizeof(text), "%s", buf_str(&origin));
	buf_done(&origin);
	return text;
}

static void
the_catalogue_finds_series_and_snapshots(void **state)
{
	static const char *const names[] = { "web01", "db", "web01/import",
		"web0" };
	uint32_t ids[4][3];
	struct catalog c;

	(void)state;
	for (int n = 0; n < 3; n++)
		for (int s = 0; s < 4; s++)
			ids[s][n] = record_lines(
			    store, names[s], 10 * n + 1, NULL, lines)
					.snap;
	assert_int_equal(catalog_read(&c, store, &err), 0);
	assert_int_equal(c.n_series, 4);
	assert_null(catalog_series(&c, "web"));
	assert_null(catalog_series_by_id(&c, 99));
	for (int s = 0; s < 4; s++) {
		const struct series_row *row = catalog_series(&c, names[s]);
		const struct snapshot_row *snaps;
		size_t n;

		assert_string_equal(row->name, names[s]);
		assert_ptr_equal(catalog_series_by_id(&c, row->id), row);
		snaps = catalog_snaps(&c, row->id, &n);
		assert_int_equal(n, 3);
		for (int i = 0; i < 3; i++) {
			assert_int_equal(snaps[i].id, ids[s][i]);
			assert_int_equal(snaps[i].number, i + 1);
			assert_int_equal(snaps[i].date_ns, 10 * i + 1);
			assert_int_equal(snaps[i].entries, 2);
			assert_string_equal(origin_of(&snaps[i]), "test:");
			assert_true(snaps[i].received_ns > 0);
			assert_ptr_equal(
			    catalog_effective(&c, row->id, snaps[i].id),
			    &snaps[i]);
		}
		/* Ids between are those of other series. */
		assert_ptr_equal(
		    catalog_effective(&c, row->id, ids[s][0] + 1), &snaps[1]);
		assert_null(catalog_effective(&c, row->id, ids[s][2] + 1));
	}
	assert_null(catalog_snaps(&c, 99, &(size_t){ 0 }));
	catalog_done(&c);
}

static void
scopes_are_stored_once(void **state)
{
	struct scope a = { 0 }, b = { 0 }, got = { 0 };
	struct catalog c;

	(void)state;
	assert_int_equal(strlist_add(&b.prunepaths, "/tmp", 4), 0);
	for (int i = 0; i < 6; i++)
		(void)record_lines(
		    store, "web01", i + 1, i == 3 ? &b : &a, lines);
	assert_int_equal(catalog_read(&c, store, &err), 0);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(
		    snapshot_scope(&got, store, &c.snaps[i], &err), 0);
		assert_int_equal(got.prunepaths.n, i == 3);
		scope_done(&got);
		assert_int_equal(c.snaps[i].scope == c.snaps[0].scope, i != 3);
	}
	/* A dropped snapshot's goes when nobody else has it. */
	assert_int_equal(store_commit(store,
			     &(struct commit){ .old_snaps = &c.snaps[3].id,
				 .n_old_snaps = 1 },
			     &err),
	    0);
	assert_int_equal(
	    snapshot_scope(&got, store, &c.snaps[3], &err), ERR_NOTFOUND);
	assert_int_equal(snapshot_scope(&got, store, &c.snaps[0], &err), 0);
	scope_done(&got);
	scope_done(&b);
	catalog_done(&c);
}

static void
the_newest_snapshot_is_never_dropped(void **state)
{
	struct commit drop = { .n_old_snaps = 1 };
	uint32_t first, last;
	struct catalog c;

	(void)state;
	first = record_lines(store, "web01", 1, NULL, lines).snap;
	last = record_lines(store, "web01", 2, NULL, lines).snap;
	drop.old_snaps = &last;
	assert_int_equal(store_commit(store, &drop, &err), ERR_BUSY);
	drop.old_snaps = (const uint32_t[]){ first, last };
	drop.n_old_snaps = 2;
	assert_int_equal(store_commit(store, &drop, &err), ERR_BUSY);
	assert_int_equal(catalog_read(&c, store, &err), 0);
	assert_int_equal(c.n_snaps, 2);
	catalog_done(&c);
	drop.n_old_snaps = 1;
	assert_int_equal(store_commit(store, &drop, &err), 0);
	/* And one that is dropped is. */
	assert_int_equal(store_commit(store, &drop, &err), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_store, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(the_catalogue_finds_series_and_snapshots),
		TEST(scopes_are_stored_once),
		TEST(the_newest_snapshot_is_never_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
