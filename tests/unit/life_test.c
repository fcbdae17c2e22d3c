/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/life.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Snapshots 1 to 9, a day apart. */
#define DAYS 9
static struct snapshot_row snap[DAYS + 1];
static const struct horizon all = { snap + 1, DAYS };
static const struct window always = { INT64_MIN, INT64_MAX };

static int
setup(void **state)
{
	(void)state;
	for (uint32_t i = 0; i <= DAYS; i++)
		snap[i] = (struct snapshot_row){ .id = i, .date_ns = i };
	return 0;
}

static struct change
put(int day, uint64_t size, uint8_t fields)
{
	return (struct change){ .snap = &snap[day],
		.kind = EVENT_PUT,
		.entry = { .fields = fields,
		    .type = 'f',
		    .size = fields & ENTRY_SIZE ? size : 0 } };
}

static struct change
other(int day, uint8_t kind)
{
	return (struct change){ .snap = &snap[day], .kind = kind };
}

#define FULL (ENTRY_TYPE | ENTRY_SIZE)

static struct version versions[8];

static void
a_file_that_changed_has_versions(void **state)
{
	const struct change c[] = { put(2, 1, FULL), put(4, 2, FULL),
		other(6, EVENT_GONE) };
	struct life life;

	(void)state;
	assert_true(life_tell(&life, versions, c, 3, &all, &always));
	assert_int_equal(life.n, 2);
	assert_int_equal(life.state, EVENT_GONE);
	assert_int_equal(life.since->id, 6);
	assert_int_equal(life.version[0].put->id, 2);
	assert_int_equal(life.version[0].end->id, 4);
	assert_int_equal(life.version[1].end->id, 6);
}

static void
what_observed_less_makes_no_version(void **state)
{
	const struct change names[] = { put(1, 5, FULL), put(2, 0, ENTRY_TYPE),
		put(3, 5, FULL) };
	const struct change changed[] = { put(1, 5, FULL),
		put(2, 0, ENTRY_TYPE), put(3, 6, FULL) };
	const struct change learnt[] = { put(1, 0, ENTRY_TYPE),
		put(2, 5, FULL) };
	struct life life;

	(void)state;
	assert_true(life_tell(&life, versions, names, 3, &all, &always));
	assert_int_equal(life.n, 1);
	/* The one between must not hide that they differ. */
	assert_true(life_tell(&life, versions, changed, 3, &all, &always));
	assert_int_equal(life.n, 2);
	assert_int_equal(life.version[0].end->id, 3);
	assert_true(life_tell(&life, versions, learnt, 2, &all, &always));
	assert_int_equal(life.n, 1);
	assert_int_equal(life.version[0].entry.size, 5);
	assert_int_equal(life.version[0].put->id, 1);
}

static void
back_after_it_was_gone_or_unseen_is_a_new_version(void **state)
{
	const struct change c[] = { put(1, 5, FULL), other(2, EVENT_UNSEEN),
		put(3, 5, FULL), other(4, EVENT_GONE), put(5, 5, FULL) };
	struct life life;

	(void)state;
	assert_true(life_tell(&life, versions, c, 5, &all, &always));
	assert_int_equal(life.n, 3);
	assert_int_equal(life.state, EVENT_PUT);
	assert_int_equal(life.since->id, 5);
	assert_null(life.version[2].end);
	assert_true(life_tell(&life, versions, c, 2, &all, &always));
	assert_int_equal(life.state, EVENT_UNSEEN);
}

static void
a_version_lives_up_to_the_next_event_and_no_longer(void **state)
{
	const struct change c[] = { put(2, 1, FULL), put(4, 2, FULL),
		other(6, EVENT_GONE) };
	struct life life;

	(void)state;
	for (int from = 0; from <= DAYS; from++) {
		for (int to = from; to <= DAYS; to++) {
			const struct window w = { from, to };
			size_t want = (size_t)(to >= 2 && from < 4) +
			    (size_t)(to >= 4 && from < 6);

			assert_int_equal(
			    life_tell(&life, versions, c, 3, &all, &w),
			    want > 0);
			if (want > 0)
				assert_int_equal(life.n, want);
		}
	}
}

static void
what_comes_behind_the_horizon_does_not_count(void **state)
{
	const struct change c[] = { put(2, 1, FULL), other(6, EVENT_GONE) };
	struct horizon h = { snap + 1, 5 };
	struct life life;

	(void)state;
	assert_true(life_tell(&life, versions, c, 2, &h, &always));
	assert_int_equal(life.state, EVENT_PUT);
	assert_null(life.version[0].end);
	h.n = 1;
	assert_false(life_tell(&life, versions, c, 2, &h, &always));
	h.n = 0;
	assert_false(life_tell(&life, versions, c, 2, &h, &always));
}

/* Snapshots with an odd id did not look. */
static int
looked(void *ctx, const struct snapshot_row *row)
{
	(void)ctx;
	return row->id % 2 == 0;
}

/* Whoever has list 7 did not look. */
static int
looked_but_for_seven(void *ctx, const struct snapshot_row *row)
{
	++*(int *)ctx;
	return row->unread != 7;
}

static int
fails(void *ctx, const struct snapshot_row *row)
{
	(void)ctx;
	(void)row;
	return ERR_NOMEM;
}

static void
last_seen_is_the_last_that_looked(void **state)
{
	const struct change c[] = { put(3, 1, FULL), other(8, EVENT_GONE) };
	struct life life;

	(void)state;
	assert_true(life_tell(&life, versions, c, 2, &all, &always));
	assert_int_equal(life_last_seen(&life, &all, looked, NULL), 0);
	assert_int_equal(life.last->id, 6);
	assert_true(life_tell(&life, versions, c, 1, &all, &always));
	assert_int_equal(life_last_seen(&life, &all, looked, NULL), 0);
	assert_int_equal(life.last->id, 8);
	/* Its put saw it, whatever else. */
	const struct horizon h = { snap + 1, 3 };
	assert_true(life_tell(&life, versions, c, 1, &h, &always));
	assert_int_equal(life_last_seen(&life, &h, looked, NULL), 0);
	assert_int_equal(life.last->id, 3);
	assert_int_equal(life_last_seen(&life, &all, fails, NULL), ERR_NOMEM);
}

static void
snapshots_that_share_a_list_are_asked_once(void **state)
{
	const struct change c[] = { put(2, 1, FULL) };
	struct life life;
	int asked = 0;

	(void)state;
	for (int day = 5; day <= DAYS; day++)
		snap[day].unread = 7;
	assert_true(life_tell(&life, versions, c, 1, &all, &always));
	assert_int_equal(
	    life_last_seen(&life, &all, looked_but_for_seven, &asked), 0);
	assert_int_equal(life.last->id, 4);
	assert_int_equal(asked, 2);
	/* None that follow each other have none. */
	(void)setup(state);
	asked = 0;
	assert_int_equal(
	    life_last_seen(&life, &all, looked_but_for_seven, &asked), 0);
	assert_int_equal(life.last->id, DAYS);
	assert_int_equal(asked, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_that_changed_has_versions),
		cmocka_unit_test(what_observed_less_makes_no_version),
		cmocka_unit_test(
		    back_after_it_was_gone_or_unseen_is_a_new_version),
		cmocka_unit_test(
		    a_version_lives_up_to_the_next_event_and_no_longer),
		cmocka_unit_test(what_comes_behind_the_horizon_does_not_count),
		cmocka_unit_test(last_seen_is_the_last_that_looked),
		cmocka_unit_test(snapshots_that_share_a_list_are_asked_once),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
