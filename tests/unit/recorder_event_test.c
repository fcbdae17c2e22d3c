/*
 * What a recorder makes of events.
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

#include <string.h>

#include "store/store_private.h"

struct step {
	uint8_t kind;
	struct line line;
};

static int
push(
    int64_t date, const struct step *steps, size_t n, struct record_result *ret)
{
	struct recorder *r = record_begin(
	    store, date, (struct record_head){ .events = true });
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct entry e = line_entry(&steps[i].line);

		rc = recorder_event(r, steps[i].line.path,
		    strlen(steps[i].line.path), steps[i].kind, &e, &err);
	}
	if (rc == 0)
		rc = recorder_finish(r, ret, &err);
	recorder_free(r);
	return rc;
}

/* clang-format off */
#define PUT(path, size) { EVENT_PUT, { path, size, 0, NULL } }
#define GONE(path) { EVENT_GONE, { path, 0, 0, NULL } }
#define UNSEEN(path) { EVENT_UNSEEN, { path, 0, 0, NULL } }
/* clang-format on */

static void
events_change_the_listing(void **state)
{
	static const struct step first[] = { PUT("/a", 1), PUT("/b", 2),
		PUT("/c", 3), PUT("/d", 4) };
	static const struct step second[] = { PUT("/a", 10), GONE("/b"),
		UNSEEN("/c"), PUT("/e", 5) };
	static const struct step third[] = { PUT("/b", 2), PUT("/c", 3),
		GONE("/d") };
	static const struct step fourth[] = { UNSEEN("/c") };
	static const struct step fifth[] = { GONE("/c") };
	struct record_result r;

	(void)state;
	assert_int_equal(push(1, first, 4, &r), 0);
	assert_int_equal(r.entries, 4);
	assert_int_equal(push(2, second, 4, &r), 0);
	assert_int_equal(r.entries, 3);
	expect_listing(store, "web01", 0, "/a 10\n/c 3 unseen\n/d 4\n/e 5\n");
	expect_digest(store, &r);
	assert_int_equal(push(3, third, 3, &r), 0);
	expect_listing(store, "web01", 0, "/a 10\n/b 2\n/c 3\n/e 5\n");
	expect_digest(store, &r);
	assert_int_equal(push(4, fourth, 1, &r), 0);
	assert_int_equal(push(5, fifth, 1, &r), 0);
	expect_listing(store, "web01", 0, "/a 10\n/b 2\n/e 5\n");
	expect_digest(store, &r);
	/* A push of a night without changes. */
	assert_int_equal(push(6, NULL, 0, &r), 0);
	assert_int_equal(r.entries, 3);
	expect_digest(store, &r);
}

static void
illegal_events_are_refused(void **state)
{
	static const struct step base[] = { PUT("/a", 1), PUT("/u", 2) };
	static const struct step unseen[] = { UNSEEN("/u") };
	static const struct step bad[] = { PUT("/a", 1), UNSEEN("/b"),
		UNSEEN("/u"), { 3, { "/a", 1, 0, NULL } } };
	struct record_result r;

	(void)state;
	assert_int_equal(push(1, base, 2, &r), 0);
	assert_int_equal(push(2, unseen, 1, &r), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(push(3, &bad[i], 1, &r), ERR_FORMAT);
	expect_listing(store, "web01", 0, "/a 1\n/u 2 unseen\n");
}

static void
what_a_drop_made_us_forget_may_go(void **state)
{
	static const struct step none[] = { PUT("/a", 1) };
	static const struct step put[] = { PUT("/b", 2) };
	static const struct step unseen[] = { UNSEEN("/b") };
	static const struct step gone[] = { PUT("/a", 2), GONE("/b") };
	struct record_result r;
	struct commit drop = { .n_old_snaps = 1 };

	(void)state;
	assert_int_equal(push(1, none, 1, &r), 0);
	assert_int_equal(push(2, put, 1, &r), 0);
	drop.old_snaps = &(uint32_t){ r.snap };
	assert_int_equal(push(3, unseen, 1, &r), 0);
	assert_int_equal(store_commit(store, &drop, &err), 0);
	expect_listing(store, "web01", 0, "/a 1\n");
	assert_int_equal(push(4, gone, 2, &r), 0);
	assert_int_equal(r.gone, 0);
	expect_listing(store, "web01", 0, "/a 2\n");
	expect_digest(store, &r);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_store, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(events_change_the_listing),
		TEST(illegal_events_are_refused),
		TEST(what_a_drop_made_us_forget_may_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
