/*
 * A process that records is killed before each of its calls in turn: the store
 * opens, and every snapshot that it acknowledged is there.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
/* wrap: write fsync flock renameat2 linkat unlinkat openat64 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fault/faults.h"
#include "tests/fault/sqlite_faults.h"
#include "tests/support/fixture.h"
#include "tests/support/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "store/maintain.h"
#include "store/store_private.h"

#define NIGHTS 3

/* Night n: one file changes, one comes, one goes. */
static struct record_result
record_night(struct store *s, int n)
{
	char come[16], go[16];
	const struct line lines[] = { { "/a", (uint64_t)n, 0, NULL },
		{ come, 1, 0, NULL }, { go, 2, 0, NULL },
		{ NULL, 0, 0, NULL } };

	(void)snprintf(come, sizeof(come), "/n%d", n);
	(void)snprintf(go, sizeof(go), "/n%d", n + 1);
	return record_lines(s, "web01", n, NULL, lines);
}

/* What is recorded after these nights. */
static void
expect(int n, char *text, size_t size)
{
	text[0] = '\0';
	if (n > 0)
		(void)snprintf(
		    text, size, "/a %d\n/n%d 1\n/n%d 2\n", n, n, n + 1);
}

static void
record_all(int pipe)
{
	struct merge_result merged;
	struct store *s;

	if (store_open(&s, dir, STORE_CREATE, &err) != 0)
		_exit(1);
	for (int n = 1; n <= NIGHTS; n++) {
		struct record_result r = record_night(s, n);
		char number = (char)r.number;

		if (__real_write(pipe, &number, 1) != 1)
			_exit(1);
		if (n == 2 &&
		    store_merge(s, MERGE_ALL, &merged, NULL, NULL, &err) != 0)
			_exit(1);
	}
	store_close(s);
}

/* Let a child record until its call number `calls`; the last number that it
 * acknowledged. */
static int
run_child(long calls, bool *killed)
{
	int fds[2], status, acked = 0;
	char number;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	if ((child = fork()) == 0) {
		(void)close(fds[0]);
		faults_kill = true;
		sqlite_faults = true;
		faults_arm(calls);
		record_all(fds[1]);
		_exit(0);
	}
	assert_true(child > 0);
	(void)close(fds[1]);
	while (read(fds[0], &number, 1) == 1)
		acked = number;
	(void)close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	*killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	assert_true(*killed || status == 0);
	return acked;
}

static void
check_store(long calls, int acked)
{
	struct catalog c;
	struct store *s;
	char want[100];
	int n;

	if (store_open(&s, dir, STORE_CREATE, &err) != 0)
		fail_msg("after call %ld: %s", calls, told(&err));
	assert_int_equal(catalog_read(&c, s, &err), 0);
	n = (int)c.n_snaps;
	/* One more may be there whose number did not get through. */
	if (n != acked && n != acked + 1)
		fail_msg("after call %ld: %d of %d acknowledged snapshots",
		    calls, n, acked);
	expect(n, want, sizeof(want));
	if (n > 0)
		expect_listing(s, "web01", 0, want);
	assert_int_equal(scratch_count(&scratch, "store/seg"), c.n_segments);
	assert_int_equal(scratch_count(&scratch, "store/tmp"), 0);
	catalog_done(&c);
	/* And it goes on. */
	(void)record_night(s, n + 1);
	expect(n + 1, want, sizeof(want));
	expect_listing(s, "web01", 0, want);
	store_close(s);
}

static void
what_was_acknowledged_survives_a_kill_at_any_call(void **state)
{
	bool killed = true;
	long calls = 0;

	(void)state;
	for (; killed; calls++) {
		fixture_renew();
		check_store(calls, run_child(calls, &killed));
	}
	assert_true(calls > 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_was_acknowledged_survives_a_kill_at_any_call,
		    fixture_dir, fixture_done),
	};

	return cmocka_run_group_tests(tests, sqlite_faults_install, NULL);
}
