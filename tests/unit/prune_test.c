/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "indexer/prune.h"
#include "indexer/server_settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/expect.h"
#include "tests/support/scratch.h"

static struct scratch scratch;
static char conf[SCRATCH_PATH];

static int
make_dir(void **state)
{
	(void)state;
	scratch_make(&scratch);
	scratch_keep_path(&scratch, "updatedb.conf", conf);
	return 0;
}

static int
remove_dir(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

/* An updatedb.conf with this text, and lindex.conf naming it. */
static struct settings
settings_over(const char *updatedb, const char *scan)
{
	char text[2 * SCRATCH_PATH];
	struct settings s;
	struct err err = ERR_INIT;
	FILE *f;

	if (updatedb != NULL) {
		assert_non_null(f = fopen(conf, "w"));
		assert_true(fputs(updatedb, f) >= 0);
		assert_int_equal(fclose(f), 0);
	} else
		(void)unlink(conf);
	(void)snprintf(
	    text, sizeof(text), "[Scan]\nupdatedb-conf = %s\n%s", conf, scan);
	assert_int_equal(
	    settings_load_text(&s, "f", text, strlen(text), &err), 0);
	return s;
}

/* The paths, and behind them the stores that are always left out: those which
 * are usual, and this machine's own if it is a server. */
static void
assert_paths(const struct strlist *list, const char *want, const char *store)
{
	struct server_settings server;
	struct buf b = { 0 }, got = { 0 };
	struct err err = ERR_INIT;

	assert_int_equal(
	    buf_printf(&b, "%s%s %s ", want, STORE_LOCAL, STORE_CENTRAL), 0);
	if (server_settings_load(&server, NULL, &err) == 0) {
		if (strcmp(server.store, STORE_CENTRAL) != 0)
			assert_int_equal(
			    buf_printf(&b, "%s ", server.store), 0);
		server_settings_done(&server);
	}
	assert_int_equal(buf_add_str(&b, store), 0);
	for (size_t i = 0; i < list->n; i++)
		assert_int_equal(buf_printf(&got, "%s ", list->item[i]), 0);
	assert_string_equal(buf_str(&got), buf_str(&b));
	buf_done(&b);
	buf_done(&got);
}

static struct scope
effective(
    const struct settings *s, const struct prune_options *o, const char *store)
{
	struct scope ret = { 0 };
	struct err err = ERR_INIT;

	if (prune_settings(&ret, s, o, &err) != 0 ||
	    prune_stores(&ret, s, store, &err) != 0)
		fail_msg("%s%s", err.where, err.cause);
	return ret;
}

static void
option(struct prune_options *o, int letter, const char *value)
{
	struct err err = ERR_INIT;

	if (prune_option(o, letter, value, &err) != 0)
		fail_msg("%s%s", err.where, err.cause);
}

static const char usual[] = "PRUNE_BIND_MOUNTS=\"yes\"\n"
			    "PRUNEPATHS=\"/tmp /media\"\nPRUNEFS=\"NFS\"\n"
			    "PRUNENAMES=\".git\"\n";

static void
updatedb_conf_counts_and_stores_are_left_out(void **state)
{
	struct settings s = settings_over(usual, "");
	struct prune_options none = { 0 };
	struct scope e = effective(&s, &none, NULL);

	(void)state;
	assert_true(e.prune_bind_mounts);
	expect_strings(&e.prunefs, "nfs ");
	expect_strings(&e.prunenames, ".git ");
	assert_paths(&e.prunepaths, "/tmp /media ", "");
	scope_done(&e);
	settings_done(&s);
}

static void
the_settings_override_each_variable(void **state)
{
	struct settings s = settings_over(
	    usual, "prunepaths =\nprune-bind-mounts = no\nprunefs = tmpfs\n");
	struct prune_options none = { 0 };
	struct scope e = effective(&s, &none, NULL);

	(void)state;
	assert_false(e.prune_bind_mounts);
	expect_strings(&e.prunefs, "tmpfs ");
	expect_strings(&e.prunenames, ".git ");
	assert_paths(&e.prunepaths, "", "");
	scope_done(&e);
	settings_done(&s);
}

static void
the_command_line_comes_last(void **state)
{
	struct settings s = settings_over(usual, "prunenames = .svn\n");
	struct prune_options o = { 0 };
	struct scope e;

	(void)state;
	option(&o, 'e', " /a/  /b ");
	option(&o, PRUNE_SINGLE_PATH, "/with space");
	option(&o, PRUNE_NAMES, "x y");
	option(&o, 'n', "z");
	option(&o, 'f', "XFS nfs");
	option(&o, PRUNE_BIND, "0");
	e = effective(&s, &o, NULL);
	assert_false(e.prune_bind_mounts);
	assert_paths(&e.prunepaths, "/tmp /media /a /b /with space ", "");
	expect_strings(&e.prunenames, "x y z ");
	expect_strings(&e.prunefs, "nfs xfs ");
	scope_done(&e);
	prune_options_done(&o);
	option(&o, PRUNE_PATHS, "");
	e = effective(&s, &o, NULL);
	assert_paths(&e.prunepaths, "", "");
	assert_true(e.prune_bind_mounts);
	scope_done(&e);
	prune_options_done(&o);
	settings_done(&s);
}

static void
wrong_options_are_refused(void **state)
{
	static const struct {
		int letter;
		const char *value, *want;
	} bad[] = {
		{ 'e', "tmp",
		    "--add-prunepaths: \"tmp\": want an absolute path "
		    "without \"//\"" },
		{ PRUNE_SINGLE_PATH, "",
		    "--add-single-prunepath: \"\": want an absolute path "
		    "without \"//\"" },
		{ 'e', "/a//b",
		    "--add-prunepaths: \"/a//b\": want an absolute path "
		    "without \"//\"" },
		{ 'n', "a/b",
		    "--add-prunenames: \"a/b\": a directory's name "
		    "holds no slash" },
		{ PRUNE_BIND, "maybe",
		    "--prune-bind-mounts: \"maybe\" is not "
		    "0, 1, no or yes" },
	};
	struct prune_options o = { 0 };
	struct err err = ERR_INIT;
	char got[1600];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
		    prune_option(&o, bad[i].letter, bad[i].value, &err),
		    ERR_USAGE);
		assert_string_equal(
		    err_text(&err, got, sizeof(got)), bad[i].want);
		prune_options_done(&o);
	}
	option(&o, 'f', "nfs");
	assert_int_equal(prune_option(&o, PRUNE_FS, "xfs", &err), ERR_USAGE);
	assert_int_equal(prune_option(&o, 'q', "xfs", &err), 1);
	prune_options_done(&o);
}

static void
without_updatedb_conf_debians_file_systems_are_left_out(void **state)
{
	struct settings s = settings_over(NULL, "");
	struct prune_options none = { 0 };
	struct err err = ERR_INIT;
	struct scope e = { 0 };

	(void)state;
	/* One that lindex.conf names must be there. */
	assert_int_equal(prune_settings(&e, &s, &none, &err), ERR_SYS);
	assert_non_null(strstr(err.cause, conf));
	s.updatedb_named = false;
	e = effective(&s, &none, NULL);
	assert_true(strlist_has(&e.prunefs, "nfs4", 4));
	assert_false(e.prune_bind_mounts);
	assert_int_equal(e.prunenames.n, 0);
	assert_paths(&e.prunepaths, "", "");
	scope_done(&e);
	settings_done(&s);
}

static void
a_wrong_updatedb_conf_is_named(void **state)
{
	struct settings s = settings_over("\nPRUNEFOO=\"\"\n", "");
	struct prune_options none = { 0 };
	struct err err = ERR_INIT;
	struct scope e = { 0 };
	char got[1600], want[SCRATCH_PATH + 64];

	(void)state;
	(void)snprintf(
	    want, sizeof(want), "%s:2: unknown variable \"PRUNEFOO\"", conf);
	assert_int_equal(prune_settings(&e, &s, &none, &err), ERR_FORMAT);
	assert_string_equal(err_text(&err, got, sizeof(got)), want);
	settings_done(&s);
}

static void
a_store_is_left_out_by_each_of_its_names(void **state)
{
	struct settings s = settings_over("", "");
	struct prune_options none = { 0 };
	char link[SCRATCH_PATH], want[SCRATCH_PATH + 16];
	struct scope e;

	(void)state;
	scratch_keep_path(&scratch, "link", link);
	assert_int_equal(symlink("/usr", link), 0);
	(void)snprintf(want, sizeof(want), "%s /usr ", link);
	e = effective(&s, &none, link);
	assert_paths(&e.prunepaths, "", want);
	scope_done(&e);
	e = effective(&s, &none, "not/there/relative");
	assert_paths(&e.prunepaths, "", "");
	scope_done(&e);
	settings_done(&s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(updatedb_conf_counts_and_stores_are_left_out),
		cmocka_unit_test(the_settings_override_each_variable),
		cmocka_unit_test(the_command_line_comes_last),
		cmocka_unit_test(wrong_options_are_refused),
		cmocka_unit_test(
		    without_updatedb_conf_debians_file_systems_are_left_out),
		cmocka_unit_test(a_wrong_updatedb_conf_is_named),
		cmocka_unit_test(a_store_is_left_out_by_each_of_its_names),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
