/*
 * Numbers of snapshots: given once, whatever became of the lock's file.
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

#include <fcntl.h>
#include <unistd.h>

#include "store/store_private.h"

static uint32_t
reserved(const char *series)
{
	uint32_t id, snap;

	assert_int_equal(store_reserve(store, series, &id, &snap, &err), 0);
	return snap;
}

/* What the lock's file holds from now on. */
static void
lock_holds(const void *bytes, size_t n)
{
	int fd;

	assert_true((fd = openat(store->dirfd, "lock", O_RDWR)) >= 0);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, bytes, n, 0), n);
	(void)close(fd);
}

static void
no_number_is_given_twice(void **state)
{
	uint32_t first, second;

	(void)state;
	first = reserved("web01");
	second = reserved("web02");
	assert_true(second > first);
	/* Nothing was committed, and the store is opened anew. */
	fixture_open(STORE_WRITE);
	assert_true(reserved("web01") > second);
}

static void
what_was_committed_counts_without_the_lock_file(void **state)
{
	static const uint8_t wrong[] = { 0xff, 0xff, 0xff, 0x7f };
	uint32_t snap;

	(void)state;
	(void)reserved("web02");
	snap = record_lines(store, "web01", 5, NULL, small_tree).snap;
	lock_holds("", 0);
	assert_int_equal(reserved("web01"), snap + 1);
	lock_holds("\1\0\0\0", 4);
	assert_int_equal(reserved("web01"), snap + 1);
	lock_holds(wrong, sizeof(wrong));
	assert_int_equal(reserved("web01"), snap + 1);
	assert_int_equal(reserved("web01"), snap + 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    no_number_is_given_twice, fixture_store, fixture_done),
		cmocka_unit_test_setup_teardown(
		    what_was_committed_counts_without_the_lock_file,
		    fixture_store, fixture_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
