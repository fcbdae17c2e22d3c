/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/maintain.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/store_private.h"
#include "tests/support/fixture.h"
#include "tests/support/lines.h"

static struct catalog
catalog(void)
{
	struct catalog cat;

	assert_int_equal(catalog_read(&cat, store, &err), 0);
	return cat;
}

static size_t
count_segments(void)
{
	struct catalog cat = catalog();
	size_t n = cat.n_segments;

	catalog_done(&cat);
	assert_int_equal(scratch_count(&scratch, "store/seg"), n);
	assert_int_equal(scratch_count(&scratch, "store/tmp"), 0);
	return n;
}

/* ---- prune ---- */

struct rule_ctx {
	struct prune_rule rule;
	char seen[64]; /* of each snapshot 'k' or '-' */
};

static struct prune_rule
rule_of(void *ctx, const struct series_row *series,
    const struct snapshot_row *newest)
{
	const struct rule_ctx *c = ctx;

	assert_int_equal(newest->series, series->id);
	return c->rule;
}

static void
see(void *ctx, const struct series_row *series, const struct snapshot_row *snap,
    bool kept)
{
	struct rule_ctx *c = ctx;
	size_t len = strlen(c->seen);

	assert_int_equal(snap->series, series->id);
	c->seen[len] = kept ? 'k' : '-';
	c->seen[len + 1] = '\0';
}

static struct prune_result
prune(const char *glob, bool bounded, bool dry_run, int keep_last,
    const char *expect)
{
	struct rule_ctx c = {
		.rule = { .keep = { .keep_last = keep_last },
		    .bounded = bounded },
	};
	const struct prune_request request = {
		rule_of,
		see,
		&c,
		glob,
		dry_run,
	};
	struct prune_result res;

	assert_int_equal(store_prune(store, &request, &res, &err), 0);
	assert_string_equal(c.seen, expect);
	return res;
}

static void
prune_drops_in_each_series_by_itself(void **state)
{
	struct prune_result res;

	(void)state;
	for (int n = 1; n <= 4; n++)
		record_nth_night(store, "web01", n);
	for (int n = 1; n <= 2; n++)
		record_nth_night(store, "web02", n);
	res = prune(NULL, false, true, 2, "--kkkk");
	assert_int_equal(res.dropped, 2);
	assert_int_equal(res.kept, 4);
	/* Nothing happened yet. */
	res = prune("web0[2]", false, false, 1, "-k");
	assert_int_equal(res.dropped, 1);
	res = prune(NULL, false, false, 2, "--kkk");
	assert_int_equal(res.dropped, 2);
	res = prune(NULL, false, false, 0, "kkk");
	assert_int_equal(res.dropped, 0);
}

static void
what_is_not_acknowledged_stays(void **state)
{
	(void)state;
	for (int n = 1; n <= 5; n++)
		record_nth_night(store, "web01", n);
	(void)prune(NULL, true, false, 1, "kkkkk");
	assert_int_equal(store_ack(store, "web01", 3, &err), 0);
	(void)prune(NULL, true, true, 1, "--kkk");
	(void)prune(NULL, false, true, 1, "----k");
	assert_int_equal(store_ack(store, "web01", 5, &err), 0);
	(void)prune(NULL, true, false, 1, "----k");
}

/* ---- merge ---- */

static struct merge_result
merge(enum merge_what what)
{
	struct merge_result res;

	assert_int_equal(store_merge(store, what, &res, NULL, NULL, &err), 0);
	return res;
}

static void
nothing_is_merged_into_nothing(void **state)
{
	struct merge_result res = merge(MERGE_ALL);

	(void)state;
	assert_false(res.busy);
	assert_int_equal(res.merged, 0);
	record_nth_night(store, "web01", 1);
	res = merge(MERGE_ALL);
	assert_int_equal(res.merged, 0);
	assert_int_equal(count_segments(), 1);
}

static void
all_segments_become_one(void **state)
{
	struct merge_result res;
	const char *listing = "/a 1\n/b 5\n/n005 3\n";

	(void)state;
	for (int n = 1; n <= 5; n++)
		record_nth_night(store, "web01", n);
	expect_listing(store, "web01", 0, listing);
	res = merge(MERGE_ALL);
	assert_int_equal(res.merged, 5);
	assert_int_equal(res.written, 1);
	assert_int_equal(count_segments(), 1);
	expect_listing(store, "web01", 0, listing);
}

static void
a_tiered_merge_bounds_the_segments(void **state)
{
	(void)state;
	for (int n = 1; n <= 30; n++) {
		record_nth_night(store, n % 2 ? "web01" : "web02", n);
		(void)merge(MERGE_TIERED);
		assert_true(count_segments() <= 8);
	}
}

static void
dropped_snapshots_give_their_place_back(void **state)
{
	struct merge_result res;
	struct catalog cat;

	(void)state;
	for (int n = 1; n <= 5; n++)
		record_nth_night(store, "web01", n);
	(void)prune(NULL, false, false, 1, "----k");
	res = merge(MERGE_TIERED);
	assert_int_equal(res.merged, 5);
	assert_true(res.bytes_after < res.bytes_before);
	cat = catalog();
	/* /a /b /n005: of the others nothing is left. */
	assert_int_equal(cat.segments[0].paths, 3);
	assert_int_equal(cat.segments[0].events, 3);
	catalog_done(&cat);
	assert_int_equal(merge(MERGE_TIERED).merged, 0);
}

static void
a_merge_of_nothing_that_counts_leaves_no_segment(void **state)
{
	const struct line none[] = { { NULL, 0, 0, NULL } };

	(void)state;
	record_nth_night(store, "web01", 1);
	(void)record_lines(store, "web01", 2, NULL, none);
	(void)prune(NULL, false, false, 1, "-k");
	assert_int_equal(merge(MERGE_ALL).written, 0);
	assert_int_equal(count_segments(), 0);
}

static void
a_second_merge_returns_at_once(void **state)
{
	int fd;

	(void)state;
	record_nth_night(store, "web01", 1);
	record_nth_night(store, "web01", 2);
	fd = open(scratch_path(&scratch, "store/merge.lock"),
	    O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_true(merge(MERGE_ALL).busy);
	(void)close(fd);
	assert_int_equal(merge(MERGE_ALL).merged, 2);
}

/* Called in the middle of a merge. */
static void
prune_meanwhile(void *ctx, uint64_t done, uint64_t all)
{
	int *calls = ctx;
	struct store *other;
	struct err ignored = ERR_INIT;
	struct rule_ctx c = { .rule = { .keep = { .keep_last = 1 } } };
	const struct prune_request request = {
		.rule = rule_of,
		.ctx = &c,
	};
	struct prune_result res;

	(void)done;
	(void)all;
	if ((*calls)++ > 0)
		return;
	assert_int_equal(
	    store_open(&other, store_dir(store), STORE_WRITE, &ignored), 0);
	assert_int_equal(store_prune(other, &request, &res, &ignored), 0);
	assert_true(res.dropped > 0);
	store_close(other);
}

static void
a_prune_in_the_middle_of_a_merge_does_no_harm(void **state)
{
	struct merge_result res;
	struct check_result check;
	int calls = 0;

	(void)state;
	for (int n = 1; n <= 4; n++)
		record_nth_night(store, "web01", n);
	assert_int_equal(
	    store_merge(store, MERGE_ALL, &res, prune_meanwhile, &calls, &err),
	    0);
	assert_true(calls > 0);
	assert_int_equal(count_segments(), 1);
	expect_listing(store, "web01", 0, "/a 1\n/b 4\n/n004 3\n");
	assert_int_equal(store_check(store, &check, NULL, NULL, &err), 0);
	assert_int_equal(check.differences, 0);
	assert_int_equal(check.snapshots, 1);
}

static struct prune_rule
rule_of_two(void *ctx, const struct series_row *series,
    const struct snapshot_row *newest)
{
	struct rule_ctx c = { .rule = { .keep = { .keep_last = 2 } } };

	prune_meanwhile(ctx, 0, 0);
	return rule_of(&c, series, newest);
}

static void
two_prunes_drop_the_same(void **state)
{
	int calls = 0;
	const struct prune_request request = { .rule = rule_of_two,
		.ctx = &calls };
	struct prune_result res;

	(void)state;
	for (int n = 1; n <= 4; n++)
		record_nth_night(store, "web01", n);
	assert_int_equal(store_prune(store, &request, &res, &err), 0);
	assert_int_equal(calls, 1);
	expect_listing(store, "web01", 0, "/a 1\n/b 4\n/n004 3\n");
}

static void
a_damaged_segment_is_left_alone(void **state)
{
	struct merge_result res;
	struct catalog cat;
	char name[32];

	(void)state;
	for (int n = 1; n <= 3; n++)
		record_nth_night(store, "web01", n);
	cat = catalog();
	(void)snprintf(
	    name, sizeof(name), "store/seg/%u.seg", cat.segments[1].id);
	catalog_done(&cat);
	assert_int_equal(truncate(scratch_path(&scratch, name), 20), 0);
	res = merge(MERGE_ALL);
	assert_int_equal(res.merged, 2);
	assert_int_equal(count_segments(), 2);
	assert_int_equal(merge(MERGE_TIERED).merged, 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_store, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(prune_drops_in_each_series_by_itself),
		TEST(what_is_not_acknowledged_stays),
		TEST(nothing_is_merged_into_nothing),
		TEST(all_segments_become_one),
		TEST(a_tiered_merge_bounds_the_segments),
		TEST(dropped_snapshots_give_their_place_back),
		TEST(a_merge_of_nothing_that_counts_leaves_no_segment),
		TEST(a_second_merge_returns_at_once),
		TEST(a_prune_in_the_middle_of_a_merge_does_no_harm),
		TEST(two_prunes_drop_the_same),
		TEST(a_damaged_segment_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
