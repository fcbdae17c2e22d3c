/*
 * What of a repository is indexed already, while others prune.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "indexer/repo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/maintain.h"
#include "tests/support/fixture.h"
#include "tests/support/lines.h"

#define SERIES "web01/backup/etc"

static struct prune_rule
the_last_two(void *ctx, const struct series_row *series,
    const struct snapshot_row *newest)
{
	(void)ctx;
	(void)series;
	(void)newest;
	return (struct prune_rule){ .keep = { .keep_last = 2 } };
}

static void
what_is_dropped_meanwhile_is_not_known(void **state)
{
	const struct prune_request request = { .rule = the_last_two };
	struct prune_result pruned;
	struct catalog before;
	struct history h;

	(void)state;
	for (int n = 1; n <= 4; n++)
		record_nth_night(store, SERIES, n);
	assert_int_equal(catalog_read(&before, store, &err), 0);
	assert_int_equal(store_prune(store, &request, &pruned, &err), 0);
	assert_int_equal(pruned.dropped, 2);
	assert_int_equal(
	    history_read(&h, store, &before, SERIES, "web01", &err), 0);
	assert_int_equal(h.n, 2);
	assert_int_equal(h.item[0].snap.id, before.snaps[2].id);
	assert_int_equal(h.item[1].snap.id, before.snaps[3].id);
	history_done(&h);
	catalog_done(&before);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_store, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(what_is_dropped_meanwhile_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
