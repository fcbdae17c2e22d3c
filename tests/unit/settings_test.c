/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/when.h"
#include "indexer/server_settings.h"
#include "indexer/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct settings
host_of(const char *text)
{
	struct settings s;
	struct err err = ERR_INIT;

	if (settings_load_text(&s, "f", text, strlen(text), &err) != 0)
		fail_msg("%s%s", err.where, err.cause);
	return s;
}

static struct server_settings
server_of(const char *text)
{
	struct server_settings s;
	struct err err = ERR_INIT;

	if (server_settings_load_text(&s, "f", text, strlen(text), &err) != 0)
		fail_msg("%s%s", err.where, err.cause);
	return s;
}

static void
an_empty_file_gives_the_defaults(void **state)
{
	struct settings s = host_of("");

	(void)state;
	assert_null(s.host);
	assert_string_equal(s.store, "/var/lib/lookback/local");
	assert_false(s.names_only);
	assert_string_equal(s.updatedb_conf, "/etc/updatedb.conf");
	assert_false(s.updatedb_named);
	assert_int_equal(s.prune_set, 0);
	assert_null(s.server);
	assert_int_equal(s.port, 0);
	assert_null(s.user);
	assert_int_equal(s.keep.keep_daily, 14);
	assert_int_equal(s.keep.keep_last, 0);
	assert_true(s.keep.keep_within_ns == 0);
	settings_done(&s);
}

static void
a_host_says_what_it_is(void **state)
{
	struct settings s = host_of(
	    "Host = web01.example\nSTORE = /srv/store//\n"
	    "[scan]\nnames_only = yes\nupdatedb-conf = /etc/updatedb.conf\n"
	    "prunefs = NFS tmpfs\nprunefs = fuse.SSHFS\n"
	    "prunenames = .git\nprunepaths =\nprune-bind-mounts = no\n"
	    "[Server]\nserver = b.example # or not\nport = 2222\nuser = u\n"
	    "key = /k\nknown_hosts = /h\n"
	    "[Local]\nkeep-last = 3\nkeep-daily = unlimited\n"
	    "keep-within = 36h\n");

	(void)state;
	assert_string_equal(s.host, "web01.example");
	assert_string_equal(s.store, "/srv/store");
	assert_true(s.names_only);
	assert_true(s.updatedb_named);
	assert_int_equal(s.prune_set,
	    UPDATEDB_BIND | UPDATEDB_FS | UPDATEDB_NAMES | UPDATEDB_PATHS);
	assert_int_equal(s.prune.prunefs.n, 3);
	assert_string_equal(s.prune.prunefs.item[2], "fuse.sshfs");
	assert_int_equal(s.prune.prunepaths.n, 0);
	assert_string_equal(s.server, "b.example");
	assert_int_equal(s.port, 2222);
	assert_string_equal(s.user, "u");
	assert_string_equal(s.key, "/k");
	assert_string_equal(s.known_hosts, "/h");
	assert_int_equal(s.keep.keep_last, 3);
	assert_int_equal(s.keep.keep_daily, -1);
	assert_true(s.keep.keep_within_ns == 36 * 3600 * NS_PER_S);
	settings_done(&s);
}

static void
wrong_lines_are_named_with_file_line_and_key(void **state)
{
	static const struct {
		const char *text, *want;
	} bad[] = {
		{ "\nhots = a",
		    "f:2: unknown key \"hots\" before the first "
		    "section" },
		{ "[Scan]\nprnue = a", "f:2: unknown key \"prnue\" in [Scan]" },
		{ "[Scna]\n", "f:1: unknown section [Scna]" },
		{ "[Scan \"x\"]\n", "f:1: unknown section [Scan \"x\"]" },
		{ "[Local]\nport = 22",
		    "f:2: unknown key \"port\" in "
		    "[Local]" },
		{ "host = a/b",
		    "f:1: host: \"a/b\" is not a host name: want "
		    "letters, digits, \".\", \"_\" and \"-\"" },
		{ "host =",
		    "f:1: host: \"\" is not a host name: want letters, "
		    "digits, \".\", \"_\" and \"-\"" },
		{ "host = a\nhost = b", "f:2: host: given twice" },
		{ "store = local",
		    "f:1: store: \"local\": want an absolute path "
		    "without \"//\"" },
		{ "[Scan]\nnames-only = maybe",
		    "f:2: names-only: \"maybe\" is not yes or no" },
		{ "[Scan]\nprunepaths = /a b",
		    "f:2: prunepaths: \"b\": want an absolute path without "
		    "\"//\"" },
		{ "[Scan]\nprunenames = a/b",
		    "f:2: prunenames: \"a/b\": a directory's name holds no "
		    "slash" },
		{ "[Server]\nport = 0",
		    "f:2: port: \"0\" is not a number from 1 to 65535" },
		{ "[Server]\nserver =", "f:2: server: a value is missing" },
		{ "[Local]\nkeep-daily = -1",
		    "f:2: keep-daily: \"-1\" is not a number from 0 to "
		    "2147483647" },
		{ "[Local]\nkeep-within = 5m",
		    "f:2: keep-within: \"5m\": \"m\" is minutes to some "
		    "programs and months to others: write \"min\" or \"mo\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct settings s;
		struct err err = ERR_INIT;
		char got[1600];

		assert_int_equal(settings_load_text(&s, "f", bad[i].text,
				     strlen(bad[i].text), &err),
		    ERR_FORMAT);
		assert_string_equal(
		    err_text(&err, got, sizeof(got)), bad[i].want);
	}
}

static void
a_named_file_must_be_there(void **state)
{
	struct settings s;
	struct server_settings t;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(settings_load(&s, "/nonexistent/f", &err), ERR_SYS);
	assert_non_null(strstr(err.cause, "/nonexistent/f"));
	assert_int_equal(
	    server_settings_load(&t, "/nonexistent/f", &err), ERR_SYS);
	if (access(SETTINGS_FILE, F_OK) != 0) {
		assert_int_equal(settings_load(&s, NULL, &err), 0);
		settings_done(&s);
	}
	if (access(SERVER_SETTINGS_FILE, F_OK) != 0) {
		assert_int_equal(server_settings_load(&t, NULL, &err), 0);
		server_settings_done(&t);
	}
}

static void
the_host_is_named_by_option_file_or_itself(void **state)
{
	struct settings s = host_of("host = web01");
	struct err err = ERR_INIT;
	char name[HOST_NAME_SIZE];

	(void)state;
	assert_int_equal(settings_host(&s, "db02", name, &err), 0);
	assert_string_equal(name, "db02");
	assert_int_equal(settings_host(&s, NULL, name, &err), 0);
	assert_string_equal(name, "web01");
	assert_int_equal(settings_host(&s, "a/b", name, &err), ERR_USAGE);
	assert_int_equal(settings_host(&s, "", name, &err), ERR_USAGE);
	settings_done(&s);
	s = host_of("");
	if (settings_host(&s, NULL, name, &err) == 0)
		assert_null(strchr(name, '.'));
	settings_done(&s);
}

static void
an_empty_server_file_keeps_everything(void **state)
{
	struct server_settings s = server_of("");
	struct retention r = server_retention(&s, "web01");
	struct quota q = server_quota(&s, "web01");

	(void)state;
	assert_string_equal(s.store, "/var/lib/lookback/central");
	assert_string_equal(
	    s.authorized_keys, "/var/lib/lookback/.ssh/authorized_keys");
	assert_int_equal(r.keep_last, 0);
	assert_int_equal(r.keep_daily, 0);
	assert_true(r.keep_within_ns == 0);
	assert_true(q.max_bytes == UINT64_C(2) << 30);
	assert_true(q.max_entries == 100000000);
	assert_true(q.max_path_length == 1048575);
	assert_true(q.max_snapshots_per_day == 200);
	assert_true(q.max_expansion_ratio == 1000);
	assert_true(q.idle_timeout_ns == 300 * NS_PER_S);
	server_settings_done(&s);
}

static void
named_sections_replace_key_by_key(void **state)
{
	struct server_settings s = server_of(
	    "[Retention \"db*\"]\nkeep-daily = 30\n"
	    "[Retention \"*/import\"]\nkeep-daily = 0\nkeep-last = 2\n"
	    "[Retention]\nkeep-daily = 14\nkeep-yearly = unlimited\n"
	    "[Quota \"test*\"]\nmax-bytes = 1M\n[Quota]\nmax-entries = 5\n"
	    "[Quota \"test1\"]\nidle-timeout = 10 s\n");
	struct retention r;
	struct quota q;

	(void)state;
	r = server_retention(&s, "web01");
	assert_int_equal(r.keep_daily, 14);
	assert_int_equal(r.keep_last, 0);
	assert_int_equal(r.keep_yearly, -1);
	r = server_retention(&s, "db01");
	assert_int_equal(r.keep_daily, 30);
	assert_int_equal(r.keep_yearly, -1);
	r = server_retention(&s, "db01/import");
	assert_int_equal(r.keep_daily, 0);
	assert_int_equal(r.keep_last, 2);
	q = server_quota(&s, "test1");
	assert_true(q.max_bytes == 1 << 20);
	assert_true(q.max_entries == 5);
	assert_true(q.idle_timeout_ns == 10 * NS_PER_S);
	q = server_quota(&s, "web01");
	assert_true(q.max_bytes == UINT64_C(2) << 30);
	assert_true(q.idle_timeout_ns == 300 * NS_PER_S);
	server_settings_done(&s);
}

static void
a_servers_wrong_lines_are_named(void **state)
{
	static const struct {
		const char *text, *want;
	} bad[] = {
		{ "host = a",
		    "f:1: unknown key \"host\" before the first "
		    "section" },
		{ "[Quota]\nkeep-last = 1",
		    "f:2: unknown key \"keep-last\" in "
		    "[Quota]" },
		{ "[Qouta \"x\"]", "f:1: unknown section [Qouta \"x\"]" },
		{ "[Quota \"x\"]\nmax-bytes = 1\n[Quota \"x\"]\nmax-bytes = 2",
		    "f:4: max-bytes: given twice" },
		{ "[Quota]\nmax-bytes = 0",
		    "f:2: max-bytes: \"0\" is less "
		    "than 1" },
		{ "[Quota]\nmax-path-length = 1048576",
		    "f:2: max-path-length: \"1048576\" is not a number from 1 "
		    "to 1048575" },
		{ "[Quota]\nidle-timeout = 0 s",
		    "f:2: idle-timeout: \"0 s\" is less than 1 s" },
		{ "[Retention \"a\"]\nkeep-last = many",
		    "f:2: keep-last: \"many\" is not a number from 0 to "
		    "2147483647" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct server_settings s;
		struct err err = ERR_INIT;
		char got[1600];

		assert_int_equal(server_settings_load_text(&s, "f", bad[i].text,
				     strlen(bad[i].text), &err),
		    ERR_FORMAT);
		assert_string_equal(
		    err_text(&err, got, sizeof(got)), bad[i].want);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_gives_the_defaults),
		cmocka_unit_test(a_host_says_what_it_is),
		cmocka_unit_test(wrong_lines_are_named_with_file_line_and_key),
		cmocka_unit_test(a_named_file_must_be_there),
		cmocka_unit_test(the_host_is_named_by_option_file_or_itself),
		cmocka_unit_test(an_empty_server_file_keeps_everything),
		cmocka_unit_test(named_sections_replace_key_by_key),
		cmocka_unit_test(a_servers_wrong_lines_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
