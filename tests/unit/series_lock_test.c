/*
 * One process at a time for each series.
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
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store.h"

static void
a_series_lock_names_its_holder(void **state)
{
	struct series_lock *one, *two, *other;
	char pid[64];

	(void)state;
	assert_int_equal(
	    series_lock_take(&one, store, "web01", "lindex scan", 0, &err), 0);
	assert_int_equal(
	    series_lock_take(&two, store, "web01", "lindex push", 0, &err),
	    ERR_BUSY);
	(void)snprintf(pid, sizeof(pid), "process %ld (lindex scan), since ",
	    (long)getpid());
	assert_non_null(strstr(told(&err), pid));
	assert_int_equal(
	    series_lock_take(&two, store, "web01", "x", 30, &err), ERR_BUSY);
	assert_int_equal(series_lock_take(&other, store, "web01/import",
			     "lindex import", 0, &err),
	    0);
	assert_int_equal(
	    access(
		scratch_path(&scratch, "store/series/web01+import.lock"), F_OK),
	    0);
	series_lock_release(one);
	assert_int_equal(
	    series_lock_take(&two, store, "web01", "x", 0, &err), 0);
	series_lock_release(two);
	series_lock_release(other);
}

static void
a_series_lock_goes_with_its_process(void **state)
{
	struct series_lock *l;
	int status;
	pid_t child;

	(void)state;
	if ((child = fork()) == 0)
		_exit(series_lock_take(&l, store, "web01", "x", 0, &err) == 0 ?
			0 :
			1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(series_lock_take(&l, store, "web01", "y", 0, &err), 0);
	series_lock_release(l);
}

/* Take it, be alone, forget it; many times. */
static int
contend(void)
{
	char marker[4096];

	(void)snprintf(
	    marker, sizeof(marker), "%s", scratch_path(&scratch, "alone"));
	for (int i = 0; i < 300; i++) {
		struct series_lock *l;
		int fd;

		if (series_lock_take(&l, store, "web01/x", "x", 60000, &err) !=
			0 ||
		    (fd = open(marker, O_CREAT | O_EXCL | O_WRONLY, 0600)) < 0)
			return 1;
		(void)close(fd);
		(void)unlink(marker);
		series_lock_forget(l);
	}
	return 0;
}

static void
a_forgotten_lock_leaves_no_file_and_no_gap(void **state)
{
	pid_t child[3];
	int status;

	(void)state;
	for (int i = 0; i < 3; i++)
		if ((child[i] = fork()) == 0)
			_exit(contend());
	for (int i = 0; i < 3; i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(scratch_count(&scratch, "store/series"), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_store, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(a_series_lock_names_its_holder),
		TEST(a_series_lock_goes_with_its_process),
		TEST(a_forgotten_lock_leaves_no_file_and_no_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
