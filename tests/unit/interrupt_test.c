/*
 * Each test is a child's, since it ends by a signal.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child does, and how it ended. */
static int
end_of(int (*child)(void))
{
	int status;
	pid_t pid;

	(void)fflush(stdout);
	if ((pid = fork()) == 0) {
		(void)signal(SIGINT, SIG_DFL);
		(void)signal(SIGHUP, SIG_DFL);
		_exit(child());
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static bool
is_readable(void)
{
	struct pollfd p = { .fd = interrupt_fd(), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* Numbers tell which check it was. */
static int
undo_and_end(void)
{
	interrupt_hold();
	if (interrupt_asked() != 0 || is_readable())
		return 1;
	(void)raise(SIGTERM);
	if (interrupt_asked() != SIGTERM || !is_readable())
		return 2;
	/* Others, of lower numbers. */
	(void)raise(SIGINT);
	(void)raise(SIGHUP);
	if (interrupt_asked() != SIGTERM || !is_readable())
		return 3;
	return interrupt_end(4);
}

static void
the_first_signal_waits_for_the_end(void **state)
{
	int status = end_of(undo_and_end);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

static int
ignore(void)
{
	(void)signal(SIGHUP, SIG_IGN);
	interrupt_hold();
	(void)raise(SIGHUP);
	if (interrupt_asked() != 0 || is_readable())
		return 1;
	return interrupt_end(7);
}

static void
what_was_ignored_stays_so(void **state)
{
	int status = end_of(ignore);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

static int
hold_twice(void)
{
	interrupt_hold();
	if (interrupt_end(7) != 7 || interrupt_fd() != -1)
		return 1;
	interrupt_hold();
	if (interrupt_end(8) != 8)
		return 2;
	(void)raise(SIGHUP);
	return 3;
}

static void
after_the_end_they_come_as_before(void **state)
{
	int status = end_of(hold_twice);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGHUP);
}

static void
nothing_is_asked_where_nothing_is_held(void **state)
{
	(void)state;
	assert_int_equal(interrupt_asked(), 0);
	assert_int_equal(interrupt_fd(), -1);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test(f)
	const struct CMUnitTest tests[] = {
		TEST(the_first_signal_waits_for_the_end),
		TEST(what_was_ignored_stays_so),
		TEST(after_the_end_they_come_as_before),
		TEST(nothing_is_asked_where_nothing_is_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
