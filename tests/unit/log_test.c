/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static int saved = -1, file = -1;

/* From here on stderr goes to a file in memory... */
static int
catch_stderr(void **state)
{
	(void)state;
	saved = dup(STDERR_FILENO);
	file = memfd_create("stderr", MFD_CLOEXEC);
	return saved >= 0 && file >= 0 && dup2(file, STDERR_FILENO) >= 0 ? 0 :
									   -1;
}

static int
release_stderr(void **state)
{
	(void)state;
	(void)dup2(saved, STDERR_FILENO);
	(void)close(saved);
	(void)close(file);
	return 0;
}

/* ...where this looks. */
static void
assert_said(const char *want)
{
	char got[16384] = { 0 };

	assert_true(pread(file, got, sizeof(got) - 1, 0) >= 0);
	assert_string_equal(got, want);
	assert_int_equal(ftruncate(file, 0), 0);
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
}

static void
messages_carry_the_program_and_no_control_bytes(void **state)
{
	(void)state;
	log_program("lindex");
	log_error("file %s", "a\nb\033[2J");
	assert_said("lindex: file a\\nb\\x1b[2J\n");
	log_warn("odd");
	assert_said("lindex: warning: odd\n");
	log_note("%d entries", 5);
	assert_said("lindex: 5 entries\n");
}

static void
an_error_says_where_and_why(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	errno = ENOENT;
	(void)err_sys(&err, "opening");
	(void)err_wrap(&err, "store %s", "/s");
	log_program("lsearch");
	log_err(&err);
	assert_said("lsearch: store /s: opening: No such file or directory\n");
}

static void
a_message_has_a_bound(void **state)
{
	char longest[9000];

	(void)state;
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	log_error("%s", longest);
	assert_int_equal(
	    lseek(file, 0, SEEK_END), 4095 + strlen("lsearch: \n"));
	assert_int_equal(ftruncate(file, 0), 0);
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
}

static void
progress_is_for_terminals(void **state)
{
	(void)state;
	assert_false(progress_wanted());
	progress("%d", 5);
	progress_end();
	assert_said("");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    messages_carry_the_program_and_no_control_bytes,
		    catch_stderr, release_stderr),
		cmocka_unit_test_setup_teardown(
		    an_error_says_where_and_why, catch_stderr, release_stderr),
		cmocka_unit_test_setup_teardown(
		    a_message_has_a_bound, catch_stderr, release_stderr),
		cmocka_unit_test_setup_teardown(
		    progress_is_for_terminals, catch_stderr, release_stderr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
