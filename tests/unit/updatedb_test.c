/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/expect.h"

static struct scope
parsed(const char *text, unsigned want_set)
{
	struct scope s = { 0 };
	struct err err = ERR_INIT;
	unsigned set = 99;

	if (updatedb_parse("u", text, strlen(text), &s, &set, &err) != 0)
		fail_msg("%s%s", err.where, err.cause);
	assert_int_equal(set, want_set);
	return s;
}

static void
debians_file_is_read(void **state)
{
	struct scope s = parsed("PRUNE_BIND_MOUNTS=\"yes\"\n"
				"# PRUNENAMES=\".git .bzr .hg .svn\"\n"
				"PRUNEPATHS=\"/tmp /var/spool\"\n"
				"PRUNEFS=\"NFS afs Fuse.SSHfs\"\n",
	    UPDATEDB_BIND | UPDATEDB_PATHS | UPDATEDB_FS);

	(void)state;
	assert_true(s.prune_bind_mounts);
	expect_strings(&s.prunenames, "");
	expect_strings(&s.prunepaths, "/tmp /var/spool ");
	expect_strings(&s.prunefs, "nfs afs fuse.sshfs ");
	scope_done(&s);
}

static void
white_space_and_comments_are_free(void **state)
{
	struct scope s = parsed("\n \t PRUNENAMES\t= \v\"  .git\t .svn\r\f \""
				"# why\n\n#\nPRUNE_BIND_MOUNTS=\"0\"#",
	    UPDATEDB_NAMES | UPDATEDB_BIND);

	(void)state;
	assert_false(s.prune_bind_mounts);
	expect_strings(&s.prunenames, ".git .svn ");
	scope_done(&s);
	s = parsed("", 0);
	scope_done(&s);
	s = parsed("PRUNEPATHS = \"\"", UPDATEDB_PATHS);
	expect_strings(&s.prunepaths, "");
	scope_done(&s);
	s = parsed("PRUNENAMES = \"a#b ' \\ \"\n", UPDATEDB_NAMES);
	expect_strings(&s.prunenames, "a#b ' \\ ");
	scope_done(&s);
}

static void
what_updatedb_never_meets_prunes_nothing(void **state)
{
	struct scope s = parsed(
	    "PRUNEPATHS = \"/ /tmp/ tmp /a//b /ok /a/../b\"\n"
	    "PRUNENAMES = \"a/b ok /\"\n",
	    UPDATEDB_PATHS | UPDATEDB_NAMES);

	(void)state;
	expect_strings(&s.prunepaths, "/ /ok /a/../b ");
	expect_strings(&s.prunenames, "ok ");
	scope_done(&s);
}

static void
assert_error(const char *text, size_t len, const char *want)
{
	struct scope s = { 0 };
	struct err err = ERR_INIT;
	unsigned set = 99;
	char got[1600];

	assert_int_equal(
	    updatedb_parse("u.conf", text, len, &s, &set, &err), ERR_FORMAT);
	assert_string_equal(err_text(&err, got, sizeof(got)), want);
	assert_int_equal(set, 99);
	scope_done(&s);
}

static void
what_updatedb_refuses_is_refused_by_line(void **state)
{
	static const struct {
		const char *text, *want;
	} bad[] = {
		{ "\nPRUNEFOO = \"x\"\n", "2: unknown variable \"PRUNEFOO\"" },
		{ "prunefs = \"x\"\n", "1: unknown variable \"prunefs\"" },
		{ "PRUNEFS = \"a\"\n\nPRUNEFS = \"b\"",
		    "3: PRUNEFS was already defined" },
		{ "PRUNEFS \"a\"", "1: \"=\" expected after PRUNEFS" },
		{ "PRUNEFS\n= \"a\"", "1: \"=\" expected after PRUNEFS" },
		{ "PRUNEFS = a",
		    "1: a value in quotes is expected after \"PRUNEFS =\"" },
		{ "PRUNEFS =\n\"a\"",
		    "1: a value in quotes is expected after \"PRUNEFS =\"" },
		{ "PRUNEFS = # \"a\"",
		    "1: a value in quotes is expected after \"PRUNEFS =\"" },
		{ "#\nPRUNEFS = \"a",
		    "2: PRUNEFS: the closing quote is missing" },
		{ "PRUNEFS = \"a\nb\"",
		    "1: PRUNEFS: the closing quote is missing" },
		{ "PRUNEFS = \"a\" b",
		    "1: unexpected text after the value of PRUNEFS" },
		{ "PRUNEFS = \"a\" PRUNENAMES = \"b\"",
		    "1: unexpected text after the value of PRUNEFS" },
		{ "PRUNE_BIND_MOUNTS = \"Yes\"",
		    "1: PRUNE_BIND_MOUNTS: \"Yes\" is not 0, 1, no or yes" },
		{ "PRUNE_BIND_MOUNTS = \" 1\"",
		    "1: PRUNE_BIND_MOUNTS: \" 1\" is not 0, 1, no or yes" },
		{ "\n\n= \"a\"", "3: the name of a variable is expected" },
		{ "\"a\"", "1: the name of a variable is expected" },
		{ "\"a", "1: the name of a variable is expected" },
		{ "1PRUNEFS = \"a\"", "1: the name of a variable is expected" },
		{ "export PRUNEFS=\"a\"", "1: unknown variable \"export\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char want[128] = "u.conf:";

		strncat(want, bad[i].want, sizeof(want) - 16);
		assert_error(bad[i].text, strlen(bad[i].text), want);
	}
	assert_error("PRUNEFS = \"a\0b\"", 16, "u.conf:1: a NUL byte");
}

static void
the_default_file_systems_are_debians(void **state)
{
	struct buf b = { 0 };
	struct scope s;

	(void)state;
	assert_int_equal(buf_printf(&b, "PRUNEFS=\"%s\"\nPRUNENAMES=\"%s\"",
			     updatedb_default_fs, updatedb_default_names),
	    0);
	s = parsed(buf_str(&b), UPDATEDB_FS | UPDATEDB_NAMES);
	assert_true(strlist_has(&s.prunefs, "proc", 4));
	assert_true(strlist_has(&s.prunefs, "usbfs", 5));
	assert_true(strlist_has(&s.prunefs, "nfs4", 4));
	assert_false(strlist_has(&s.prunefs, "ext4", 4));
	scope_done(&s);
	buf_done(&b);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(debians_file_is_read),
		cmocka_unit_test(white_space_and_comments_are_free),
		cmocka_unit_test(what_updatedb_never_meets_prunes_nothing),
		cmocka_unit_test(what_updatedb_refuses_is_refused_by_line),
		cmocka_unit_test(the_default_file_systems_are_debians),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
