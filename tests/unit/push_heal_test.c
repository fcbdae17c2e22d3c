/*
 * Pushes between stores that were lost, put back, or are not what they say.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
a_lost_client_store_goes_on_with_a_whole_listing(void **state)
{
	struct pair *pair = *state;
	char *h;

	pair_record(pair, pair->local, "web01", 1, night1);
	pair_record(pair, pair->local, "web01", 2, night2);
	pair_push_well(pair, 2);
	scratch_keep_path(&pair->scratch, "local2", pair->local);
	/* Its clock is behind: nothing is later than what the server has. */
	pair_record(pair, pair->local, "web01", 1, night3);
	pair_push_well(pair, 1);
	pair_push_well(pair, 0);
	h = pair_history(pair, pair->central, "web01");
	assert_non_null(strstr(h, "gone /b-link\nput /c 4\nput /d 5\n"));
	free(h);
	pair_record(pair, pair->local, "web01", 700, night1);
	pair_push_well(pair, 1);
	pair_expect_clean(pair);
}

/* Copy a store, as a backup does. */
static void
copy(const char *from, const char *to)
{
	char command[3 * SCRATCH_PATH];

	(void)snprintf(command, sizeof(command), "rm -rf '%s'; cp -a '%s' '%s'",
	    to, from, to);
	assert_int_equal(system(command), 0);
}

static void
a_client_rolled_back_goes_on(void **state)
{
	struct pair *pair = *state;
	char kept[SCRATCH_PATH];

	scratch_keep_path(&pair->scratch, "kept", kept);
	pair_record(pair, pair->local, "web01", 1, night1);
	pair_push_well(pair, 1);
	copy(pair->local, kept);
	pair_record(pair, pair->local, "web01", 2, night2);
	pair_push_well(pair, 1);
	copy(kept, pair->local);
	/* Number 2 again, and another one. */
	pair_record(pair, pair->local, "web01", 300, night3);
	pair_push_well(pair, 1);
	pair_record(pair, pair->local, "web01", 301, night1);
	pair_push_well(pair, 1);
	pair_push_well(pair, 0);
	pair_expect_clean(pair);
}

static void
a_server_restored_to_an_older_copy_gets_the_rest_again(void **state)
{
	struct pair *pair = *state;
	char kept[SCRATCH_PATH];
	struct err err = ERR_INIT;
	struct store *s;
	uint64_t acked;

	scratch_keep_path(&pair->scratch, "kept", kept);
	pair_record(pair, pair->local, "web01", 1, night1);
	pair_push_well(pair, 1);
	copy(pair->central, kept);
	pair_record(pair, pair->local, "web01", 602, night2);
	pair_record(pair, pair->local, "web01", 603, night3);
	pair_push_well(pair, 2);
	copy(kept, pair->central);
	/* Cut before the first of them is acknowledged: it counts as not. */
	(void)push_between(pair->local, pair->central, "web01", NULL, 60);
	assert_int_equal(store_open(&s, pair->local, STORE_READ, &err), 0);
	assert_int_equal(store_acked(s, "web01", &acked, &err), 0);
	assert_int_equal(acked, 1);
	store_close(s);
	pair_push_well(pair, 2);
	pair_expect_same(pair);
	pair_push_well(pair, 0);
}

static void
a_new_server_gets_everything_that_is_kept(void **state)
{
	struct pair *pair = *state;

	pair_record(pair, pair->local, "web01", 1, night1);
	pair_record(pair, pair->local, "web01", 2, night2);
	pair_push_well(pair, 2);
	scratch_keep_path(&pair->scratch, "central2", pair->central);
	pair_push_well(pair, 2);
	pair_expect_same(pair);
}

static void
a_cloned_host_is_taken_and_warned_of(void **state)
{
	struct pair *pair = *state;
	char clone[SCRATCH_PATH];
	struct pushed p;

	scratch_keep_path(&pair->scratch, "clone", clone);
	pair_record(pair, pair->local, "web01", 1, night1);
	pair_push_well(pair, 1);
	pair_record(pair, clone, "web01", 601, night2);
	p = push_between(clone, pair->central, "web01", NULL, SIZE_MAX);
	assert_int_equal(p.sent, 0);
	assert_int_equal(p.push.snapshots, 1);
	/* The first has nothing new: it keeps silent. */
	pair_push_well(pair, 0);
	pair_record(pair, pair->local, "web01", 602, night3);
	pair_push_well(pair, 1);
	pair_record(pair, clone, "web01", 603, night1);
	p = push_between(clone, pair->central, "web01", NULL, SIZE_MAX);
	assert_int_equal(p.push.snapshots, 1);
	pair_expect_clean(pair);
}

/* The same store id, number and digest, and yet another listing is on the
 * server: as after a fault of ours. */
static void
confuse(struct pair *pair)
{
	struct err err = ERR_INIT;
	struct store *s = open_or_fail(pair->central, STORE_WRITE);
	struct recorder *r = record_begin(s, pair->start + 2 * PAIR_MINUTE,
	    (struct record_head){ .origin = "file:///" });
	struct catalog cat;

	record_see(r, night2[1]);
	assert_int_equal(catalog_read(&cat, s, &err), 0);
	recorder_set_peer(r, cat.snaps[0].peer_store, cat.snaps[0].peer_number,
	    &cat.snaps[0].peer_digest);
	(void)record_finish(r);
	catalog_done(&cat);
	store_close(s);
}

static void
changes_that_do_not_fit_are_mended_by_a_whole_listing(void **state)
{
	struct pair *pair = *state;
	char *h;

	pair_record(pair, pair->local, "web01", 1, night1);
	pair_push_well(pair, 1);
	confuse(pair);
	pair_record(pair, pair->local, "web01", 602, night2);
	pair_push_well(pair, 1);
	h = pair_history(pair, pair->central, "web01");
	assert_non_null(strstr(h, "/c 3\n"));
	free(h);
	pair_record(pair, pair->local, "web01", 603, night3);
	pair_push_well(pair, 1);
	pair_expect_clean(pair);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, pair_setup, pair_done)
	const struct CMUnitTest tests[] = {
		TEST(a_lost_client_store_goes_on_with_a_whole_listing),
		TEST(a_client_rolled_back_goes_on),
		TEST(a_server_restored_to_an_older_copy_gets_the_rest_again),
		TEST(a_new_server_gets_everything_that_is_kept),
		TEST(a_cloned_host_is_taken_and_warned_of),
		TEST(changes_that_do_not_fit_are_mended_by_a_whole_listing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
