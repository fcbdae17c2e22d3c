/*
 * Random trees and histories in a store and in plain memory: after every
 * snapshot, drop and merge, every kept listing, digest and count is the same
 * in both. `store_test FIRST COUNT` runs other seeds than the usual ones; what
 * failed is in the message.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/listing.h"
#include "store/merge_private.h"
#include "tests/support/history.h"
#include "tests/support/scratch.h"

/* ---- all that a store lists, as bytes: a merge must not change one ---- */

static void
dump(struct buf *to, struct store *store)
{
	struct err err = ERR_INIT;
	struct view *view;

	buf_clear(to);
	assert_int_equal(view_open(&view, store, &err), 0);
	for (size_t i = 0; i < view->cat.n_snaps; i++) {
		const struct snapshot_row *row = &view->cat.snaps[i];
		struct listing_item item;
		struct listing *l;
		int rc;

		assert_int_equal(
		    listing_open(&l, view, row->series, row->id, &err), 0);
		while ((rc = listing_next(l, &item, &err)) == 0) {
			struct digest d = { 0 };

			digest_add(&d, item.path, item.len, &item.entry);
			assert_int_equal(buf_add_u32(to, row->id), 0);
			assert_int_equal(buf_add_u32(to, item.since->id), 0);
			assert_int_equal(buf_add_byte(to, item.kind), 0);
			assert_int_equal(buf_add_u64(to, d.lo ^ d.hi), 0);
		}
		assert_int_equal(rc, 1);
		listing_close(l);
	}
	view_close(view);
}

/* Merge any of the segments. */
static void
merge_any(struct model *m, struct store *store)
{
	const struct merge_progress quiet = { 0 };
	struct merge_result res = { 0 };
	struct err err = ERR_INIT;
	struct view *view;
	uint32_t id[1024];
	size_t n = 0;

	assert_int_equal(view_open(&view, store, &err), 0);
	for (size_t i = 0; i < view->cat.n_segments; i++) {
		if (!dice_one_in(&m->dice, 3))
			id[n++] = view->cat.segments[i].id;
	}
	if (n > 0)
		assert_int_equal(
		    merge_some(store, view, id, n, &quiet, &res, &err), 0);
	view_close(view);
}

static void
merge(struct model *m, struct store *store)
{
	struct merge_result res;
	struct buf before = { 0 }, after = { 0 };
	struct err err = ERR_INIT;

	dump(&before, store);
	switch (dice_below(&m->dice, 4)) {
	case 0:
		assert_int_equal(
		    store_merge(store, MERGE_ALL, &res, NULL, NULL, &err), 0);
		break;
	case 1:
		assert_int_equal(
		    store_merge(store, MERGE_TIERED, &res, NULL, NULL, &err),
		    0);
		break;
	default:
		merge_any(m, store);
	}
	dump(&after, store);
	assert_int_equal(before.len, after.len);
	if (before.len > 0)
		assert_memory_equal(before.data, after.data, before.len);
	buf_done(&before);
	buf_done(&after);
}

/* Each snapshot's events lie in one segment. */
static void
assert_apart(struct store *store)
{
	struct err err = ERR_INIT;
	struct view *view;

	assert_int_equal(view_open(&view, store, &err), 0);
	for (size_t i = 0; i < view->cat.n_segments; i++) {
		size_t n, n_other;
		const struct segment_snap *snap = segment_snaps(
		    view->segments[i], &n);

		for (size_t k = 0; k < i; k++) {
			const struct segment_snap *other = segment_snaps(
			    view->segments[k], &n_other);

			for (size_t a = 0; a < n * n_other; a++)
				assert_int_not_equal(snap[a / n_other].id,
				    other[a % n_other].id);
		}
	}
	view_close(view);
}

static void
compare(struct model *m, struct store *store)
{
	model_compare(m, store);
	assert_apart(store);
	expect_clean(store);
}

static struct history history = { .first_seed = 1,
	.n_seeds = 12,
	.n_steps = 50,
	.merge = merge,
	.look = compare };

static void
small_trees_with_long_histories(void **state)
{
	(void)state;
	history_small_trees(&history);
}

static void
trees_of_many_blocks(void **state)
{
	(void)state;
	history_large_tree(&history);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_trees_with_long_histories),
		cmocka_unit_test(trees_of_many_blocks),
	};

	history_arguments(&history, argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
