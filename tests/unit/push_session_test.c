/*
 * Both ends of a push against each other.
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
#include <unistd.h>

#include "base/when.h"

static void
a_series_arrives_as_it_is(void **state)
{
	struct pair *pair = *state;

	pair_record(pair, pair->local, "web01", 1, night1);
	pair_record(pair, pair->local, "web01", 2, night2);
	pair_push_well(pair, 2);
	pair_expect_same(pair);
	pair_push_well(pair, 0);
	pair_record(pair, pair->local, "web01", 3, night3);
	pair_push_well(pair, 1);
	pair_expect_clean(pair);
}

static void
only_the_hosts_own_series_travel(void **state)
{
	struct pair *pair = *state;
	char *h;

	pair_record(pair, pair->local, "web01", 1, night1);
	pair_record(pair, pair->local, "web01/backup/etc", 1, night2);
	pair_record(pair, pair->local, "web012", 1, night2);
	pair_push_well(pair, 2);
	h = pair_history(pair, pair->central, "web012");
	assert_string_equal(h, "nothing");
	free(h);
	h = pair_history(pair, pair->central, "web01/backup/etc");
	assert_string_not_equal(h, "nothing");
	free(h);
}

static void
a_snapshot_without_changes_is_one_too(void **state)
{
	struct pair *pair = *state;

	pair_record(pair, pair->local, "web01", 1, night1);
	pair_record(pair, pair->local, "web01", 2, night1);
	pair_push_well(pair, 2);
	pair_expect_same(pair);
}

/* Whatever byte the connection ends at, what was acknowledged is there, and
 * the next push brings the rest. */
static void
a_connection_cut_at_any_byte_loses_nothing(void **state)
{
	struct pair *pair = *state;
	size_t cut = 0, done = 0;

	pair_record(pair, pair->local, "web01", 1, night1);
	pair_record(pair, pair->local, "web01", 2, night2);
	for (; done == 0; cut += cut < 60 ? 1 : 7) {
		struct pushed p;
		char name[32];

		(void)snprintf(name, sizeof(name), "central-%zu", cut);
		scratch_keep_path(&pair->scratch, name, pair->central);
		p = push_between(
		    pair->local, pair->central, "web01", NULL, cut);
		if (p.sent == 0) {
			done = 1;
			continue;
		}
		assert_true(p.push.snapshots <= p.receive.snapshots);
		pair_push_well(pair, 2 - p.receive.snapshots);
		pair_expect_same(pair);
		if (cut % 10 == 0)
			pair_expect_clean(pair);
	}
	assert_true(cut > 300);
}

static void
quotas_refuse_and_say_so(void **state)
{
	static const struct receive_limits limits[] = { { .bytes = 100 },
		{ .entries = 3 }, { .path_bytes = 5 },
		{ .snapshots_a_day = 1 } };
	struct pair *pair = *state;

	pair_record(pair, pair->local, "web01", 1, night1);
	pair_record(pair, pair->local, "web01", 2, night2);
	for (size_t i = 0; i < 4; i++) {
		struct pushed p = push_between(
		    pair->local, pair->central, "web01", &limits[i], SIZE_MAX);

		assert_int_equal(p.sent, ERR_REFUSED);
		assert_non_null(strstr(told(&p.push_err), "quota"));
		assert_int_equal(p.receive_err.code, ERR_REFUSED);
		assert_int_equal(p.push.snapshots, i == 3 ? 1 : 0);
	}
	pair_push_well(pair, 1);
	pair_expect_same(pair);
}

/* Whoever has the series longer than a push waits is named, nothing arrives,
 * and the snapshot goes with the next push. */
static void
a_series_that_stays_held_is_told_and_pushed_next_time(void **state)
{
	struct pair *pair = *state;
	struct err err = ERR_INIT;
	struct series_lock *lock;
	struct pushed p;
	struct store *s;
	char want[SCRATCH_PATH + 128];
	char *h;

	pair_record(pair, pair->local, "web01", 1, night1);
	assert_int_equal(store_open(&s, pair->central, STORE_CREATE, &err), 0);
	assert_int_equal(
	    series_lock_take(&lock, s, "web01", "lindex import", 0, &err), 0);
	p = pair_push(pair);
	(void)snprintf(want, sizeof(want),
	    "series web01: it says: store %s: web01 is being recorded by "
	    "process %ld (lindex import), since ",
	    pair->central, (long)getpid());
	if (strncmp(told(&p.push_err), want, strlen(want)) != 0)
		fail_msg("%s\nis not\n%s", told(&p.push_err), want);
	assert_int_equal(p.sent, ERR_REFUSED);
	assert_int_equal(p.received, ERR_BUSY);
	assert_int_equal(p.push.snapshots, 0);
	h = pair_history(pair, pair->central, "web01");
	assert_string_equal(h, "nothing");
	free(h);
	series_lock_release(lock);
	store_close(s);
	pair_push_well(pair, 1);
	pair_expect_same(pair);
}

static void
a_date_is_brought_between_the_last_push_and_now(void **state)
{
	(void)state;
	assert_true(receive_date(50, INT64_MIN, 100) == 50);
	assert_true(receive_date(50, 60, 100) == 61);
	assert_true(receive_date(60, 60, 100) == 61);
	assert_true(receive_date(61, 60, 100) == 61);
	assert_true(receive_date(100 + 5 * PAIR_MINUTE, 60, 100) ==
	    100 + 5 * PAIR_MINUTE);
	assert_true(receive_date(INT64_MAX, 60, 100) == 100 + 5 * PAIR_MINUTE);
	assert_true(receive_date(INT64_MIN, 200 + 5 * PAIR_MINUTE, 100) ==
	    201 + 5 * PAIR_MINUTE);
}

static void
a_snapshot_of_the_future_is_of_now(void **state)
{
	struct pair *pair = *state;
	struct err err = ERR_INIT;
	struct catalog cat;
	struct store *s;

	pair_record(pair, pair->local, "web01", 100000, night1);
	pair_push_well(pair, 1);
	assert_int_equal(store_open(&s, pair->central, STORE_READ, &err), 0);
	assert_int_equal(catalog_read(&cat, s, &err), 0);
	assert_int_equal(cat.n_snaps, 1);
	assert_true(cat.snaps[0].date_ns <= when_now() + 5 * PAIR_MINUTE);
	assert_true(
	    cat.snaps[0].clock_ns == pair->start + 100000 * PAIR_MINUTE);
	catalog_done(&cat);
	store_close(s);
	pair_record(pair, pair->local, "web01", 100001, night2);
	pair_push_well(pair, 1);
	pair_expect_clean(pair);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, pair_setup, pair_done)
	const struct CMUnitTest tests[] = {
		TEST(a_series_arrives_as_it_is),
		TEST(only_the_hosts_own_series_travel),
		TEST(a_snapshot_without_changes_is_one_too),
		TEST(a_connection_cut_at_any_byte_loses_nothing),
		TEST(quotas_refuse_and_say_so),
		TEST(a_series_that_stays_held_is_told_and_pushed_next_time),
		TEST(a_date_is_brought_between_the_last_push_and_now),
		TEST(a_snapshot_of_the_future_is_of_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
