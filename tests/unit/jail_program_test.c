/*
 * The jail of a helper program, from inside: what cat and a shell can do there.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sys/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "tests/support/scratch.h"

#define FILE_FD 9 /* in the program, of the file that it was given */

static struct scratch scratch;
static struct buf said;

/* In a child: become that program, its messages where its output goes. */
static void
become(char *const argv[], int given, int out, pid_t parent)
{
	char *envp[] = { (char *)(intptr_t) "LC_ALL=C", NULL };
	/* perl -e reads it first. */
	const int see[] = { FILE_FD, open("/dev/null", O_PATH) };
	const struct jail_options o = { .see = see, .n_see = 2 };
	struct err err = ERR_INIT;

	if (dup2(out, 1) < 0 || dup2(out, 2) < 0 || dup2(given, FILE_FD) < 0)
		_exit(99);
	if (jail_program(&o, argv[0], parent, &err) != 0) {
		(void)fprintf(stderr, "%s\n", told(&err));
		_exit(98);
	}
	(void)execve(argv[0], argv, envp);
	_exit(97);
}

/* Its exit status; what it said is in `said`. */
static int
run(const char *program, const char *a, const char *b)
{
	char *argv[] = { (char *)(intptr_t)program, (char *)(intptr_t)a,
		(char *)(intptr_t)b, NULL };
	int given = open(scratch_path(&scratch, "given"), O_RDONLY | O_CLOEXEC);
	int p[2], status;
	pid_t pid, parent = getpid();
	ssize_t n;

	assert_true(given >= 0);
	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	if ((pid = fork()) == 0)
		become(argv, given, p[1], parent);
	(void)close(p[1]);
	(void)close(given);
	buf_clear(&said);
	do {
		assert_int_equal(buf_reserve(&said, 4096), 0);
		n = read(p[0], said.data + said.len, 4096);
		said.len += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	(void)close(p[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status))
		fail_msg("status 0x%x", status);
	return WEXITSTATUS(status);
}

static void
has(const char *words)
{
	if (strstr(buf_str(&said), words) == NULL)
		fail_msg("no \"%s\" in \"%s\"", words, buf_str(&said));
}

static void
it_reads_what_it_was_given(void **state)
{
	(void)state;
	assert_int_equal(run("/bin/cat", "/proc/self/fd/9", NULL), 0);
	assert_string_equal(buf_str(&said), "given\n");
}

static void
it_reads_nothing_else(void **state)
{
	char other[SCRATCH_PATH];

	(void)state;
	scratch_keep_path(&scratch, "other", other);
	assert_int_equal(run("/bin/cat", other, NULL), 1);
	has("Permission denied");
	assert_int_equal(run("/bin/cat", "/etc/passwd", NULL), 1);
	has("Permission denied");
}

static void
it_writes_nothing(void **state)
{
	(void)state;
	assert_int_equal(run("/bin/sh", "-c", "echo x > /proc/self/fd/9"), 2);
	has("Permission denied");
	assert_int_equal(run("/bin/sh", "-c", ": > /tmp/never-here"), 2);
	has("Permission denied");
}

static void
it_starts_nothing(void **state)
{
	(void)state;
	assert_int_equal(run("/bin/sh", "-c", "/bin/true; :"), 2);
	has("Cannot fork");
	assert_int_equal(run("/bin/sh", "-c", "exec /bin/true"), 126);
	has("Permission denied");
}

static void
it_connects_to_nothing(void **state)
{
	(void)state;
	assert_int_equal(
	    run("/usr/bin/perl", "-e", "socket(S, 2, 1, 0) or die $!"), EPERM);
	has("Operation not permitted");
}

static void
it_kills_nobody(void **state)
{
	(void)state;
	assert_int_equal(
	    run("/usr/bin/perl", "-e", "kill(0, getppid()) or die $!"), EPERM);
	has("Operation not permitted");
}

/* It came to us when its parent was killed. */
static void
it_ends_with_its_parent(void **state)
{
	char *argv[] = { (char *)(intptr_t) "/bin/cat", NULL };
	int given = open(scratch_path(&scratch, "given"), O_RDONLY | O_CLOEXEC);
	int in[2], up[2], status;
	pid_t parent, program;

	(void)state;
	assert_true(given >= 0);
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(up, O_CLOEXEC), 0);
	if ((parent = fork()) == 0) {
		parent = getpid();
		if ((program = fork()) == 0) {
			if (dup2(in[0], 0) < 0)
				_exit(99);
			become(argv, given, up[1], parent);
		}
		/* What it repeats says that it was executed. */
		if (write(in[1], &program, sizeof(program)) < 0)
			_exit(1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(
	    read(up[0], &program, sizeof(program)), sizeof(program));
	assert_int_equal(kill(parent, SIGKILL), 0);
	assert_int_equal(waitpid(parent, &status, 0), parent);
	assert_int_equal(waitpid(program, &status, 0), program);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	(void)close(given);
	for (int i = 0; i < 2; i++) {
		(void)close(in[i]);
		(void)close(up[i]);
	}
}

static int
make(void **state)
{
	static const char *const names[] = { "given", "other" };

	(void)state;
	scratch_make(&scratch);
	for (int i = 0; i < 2; i++) {
		FILE *f = fopen(scratch_path(&scratch, names[i]), "we");

		if (f == NULL || fprintf(f, "%s\n", names[i]) < 0 ||
		    fclose(f) != 0)
			return 1;
	}
	/* For a program whose parent is gone. */
	return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

static int
unmake(void **state)
{
	(void)state;
	buf_done(&said);
	scratch_remove(&scratch);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_reads_what_it_was_given),
		cmocka_unit_test(it_reads_nothing_else),
		cmocka_unit_test(it_writes_nothing),
		cmocka_unit_test(it_starts_nothing),
		cmocka_unit_test(it_connects_to_nothing),
		cmocka_unit_test(it_kills_nobody),
		cmocka_unit_test(it_ends_with_its_parent),
	};

	if (syscall(SYS_landlock_create_ruleset, NULL, 0,
		LANDLOCK_CREATE_RULESET_VERSION) < 0) {
		(void)printf("skipped: this kernel has no Landlock\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, make, unmake);
}
