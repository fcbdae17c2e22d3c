/*
 * Opening a store: what is made, what is refused, what a crash left.
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

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store_private.h"

/* It fails with this code and says this. */
static void
assert_refused(enum store_mode mode, int code, const char *says)
{
	struct store *s = NULL;
	int rc = store_open(&s, dir, mode, &err);

	store_close(s);
	if (rc != code || strstr(told(&err), says) == NULL)
		fail_msg("%d: %s", rc, told(&err));
	assert_non_null(strstr(told(&err), dir));
}

static void
a_new_store_is_for_owner_and_group(void **state)
{
	static const char *const dirs[] = { "store", "store/seg", "store/tmp",
		"store/series" };
	struct group *group = getgrnam("lookback");
	struct stat st;

	(void)state;
	(void)umask(077);
	fixture_open(STORE_CREATE);
	(void)umask(022);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(stat(scratch_path(&scratch, dirs[i]), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0750);
		if (group != NULL && geteuid() == 0)
			assert_int_equal(st.st_gid, group->gr_gid);
	}
	assert_int_equal(
	    stat(scratch_path(&scratch, "store/manifest.db"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void
a_store_keeps_its_id(void **state)
{
	uint8_t id[STORE_ID_SIZE];

	(void)state;
	fixture_open(STORE_CREATE);
	memcpy(id, store_id(store), STORE_ID_SIZE);
	assert_string_equal(store_dir(store), dir);
	for (int mode = STORE_READ; mode <= STORE_CREATE; mode++) {
		fixture_open((enum store_mode)mode);
		assert_memory_equal(store_id(store), id, STORE_ID_SIZE);
	}
	(void)strcat(dir, "2/");
	fixture_open(STORE_CREATE);
	assert_memory_not_equal(store_id(store), id, STORE_ID_SIZE);
}

static void
parents_are_made(void **state)
{
	(void)state;
	(void)strcat(dir, "/a/b");
	fixture_open(STORE_CREATE);
}

static void
what_is_no_store_is_refused(void **state)
{
	FILE *f;

	(void)state;
	assert_refused(STORE_READ, ERR_NOTFOUND, "no such store");
	assert_refused(STORE_WRITE, ERR_NOTFOUND, "no such store");
	assert_false(store_is_there(dir));
	assert_int_equal(mkdir(dir, 0755), 0);
	assert_false(store_is_there(dir));
	assert_refused(STORE_READ, ERR_NOTFOUND, "not a store");
	assert_refused(STORE_WRITE, ERR_NOTFOUND, "not a store");
	f = fopen(scratch_path(&scratch, "store/thesis.tex"), "w");
	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
	assert_refused(STORE_CREATE, ERR_USAGE, "not a store");
	assert_int_equal(scratch_count(&scratch, "store"), 1);
	(void)strcat(dir, "/thesis.tex");
	assert_refused(STORE_READ, ERR_NOTFOUND, "not a directory");
}

static void
a_store_without_its_manifest_is_there(void **state)
{
	(void)state;
	fixture_open(STORE_CREATE);
	assert_true(store_is_there(dir));
	assert_int_equal(
	    unlink(scratch_path(&scratch, "store/manifest.db")), 0);
	assert_true(store_is_there(dir));
}

static void
a_stranger_is_told_of_the_group(void **state)
{
	int status;
	pid_t child;

	(void)state;
	if (geteuid() != 0)
		skip();
	fixture_open(STORE_CREATE);
	assert_int_equal(chmod(scratch.dir, 0755), 0);
	if ((child = fork()) == 0) {
		struct store *s;

		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(2);
		err_clear(&err);
		_exit(store_open(&s, dir, STORE_READ, &err) == ERR_SYS &&
			    err.sys == EACCES &&
			    strstr(told(&err), "group lookback") != NULL ?
			0 :
			1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
a_newer_format_is_refused(void **state)
{
	(void)state;
	fixture_open(STORE_CREATE);
	fixture_sql("UPDATE meta SET value = 2 WHERE key = 'format'");
	for (int mode = STORE_READ; mode <= STORE_CREATE; mode++)
		assert_refused((enum store_mode)mode, ERR_VERSION, "format 2");
}

static void
a_lost_manifest_does_not_give_up_the_segments(void **state)
{
	(void)state;
	fixture_open(STORE_CREATE);
	(void)record_lines(store, "web01", 1, NULL, small_tree);
	assert_int_equal(
	    truncate(scratch_path(&scratch, "store/manifest.db"), 0), 0);
	assert_refused(STORE_READ, ERR_FORMAT, "damaged");
	assert_refused(STORE_WRITE, ERR_FORMAT, "damaged");
	assert_refused(STORE_CREATE, ERR_FORMAT, "damaged");
	assert_int_equal(scratch_count(&scratch, "store/seg"), 1);
	assert_int_equal(
	    unlink(scratch_path(&scratch, "store/manifest.db")), 0);
	assert_refused(STORE_WRITE, ERR_NOTFOUND, "not a store");
	assert_refused(STORE_CREATE, ERR_FORMAT, "put the manifest back");
	assert_int_equal(scratch_count(&scratch, "store/seg"), 1);
}

/* Who looks while it is made finds no store, or a whole one. */
static void
half_a_new_store_is_never_seen(void **state)
{
	size_t len = strlen(dir);

	(void)state;
	for (int round = 0; round < 20; round++) {
		struct store *s;
		pid_t child;
		bool ended;
		int status, rc;

		(void)snprintf(dir + len, sizeof(dir) - len, "%d", round);
		if ((child = fork()) == 0)
			_exit(store_open(&s, dir, STORE_CREATE, &err) != 0);
		do {
			ended = waitpid(child, &status, WNOHANG) == child;
			err_clear(&err);
			rc = store_open(&s, dir, STORE_READ, &err);
		} while (rc == ERR_NOTFOUND && !ended);
		assert_int_equal(rc, 0);
		store_close(s);
		if (!ended)
			assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
}

/* Leaves a hot journal: a child changes much in a small cache, so that pages
 * reach the file before the commit, and dies. */
static void
die_in_a_transaction(void)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		sqlite3 *db;

		(void)sqlite3_open(
		    scratch_path(&scratch, "store/manifest.db"), &db);
		(void)sqlite3_exec(db,
		    "PRAGMA cache_size=1; BEGIN;"
		    "UPDATE meta SET value = 99 WHERE key = 'format';"
		    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
		    "FROM n WHERE i < 1000) INSERT INTO log(at_ns, kind, text) "
		    "SELECT i, 'x', hex(randomblob(100)) FROM n",
		    NULL, NULL, NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(
	    access(scratch_path(&scratch, "store/manifest.db-journal"), F_OK),
	    0);
}

static void
a_hot_journal_needs_a_writer(void **state)
{
	(void)state;
	fixture_open(STORE_CREATE);
	(void)record_lines(store, "web01", 1, NULL, small_tree);
	fixture_close();
	die_in_a_transaction();
	assert_refused(STORE_READ, ERR_BUSY, "lindex check --store");
	fixture_open(STORE_WRITE);
	fixture_open(STORE_READ);
}

static void
what_a_crash_left_is_swept(void **state)
{
	static const char *const names[] = { "store/seg/17.seg",
		"store/tmp/1.0", "store/tmp/1.1", "store/seg/keep" };
	int held = -1;

	(void)state;
	fixture_open(STORE_CREATE);
	(void)record_lines(store, "web01", 1, NULL, small_tree);
	for (size_t i = 0; i < 4; i++) {
		int fd = open(
		    scratch_path(&scratch, names[i]), O_CREAT | O_RDWR, 0600);

		assert_true(fd >= 0);
		if (i == 2) {
			held = fd;
			assert_int_equal(flock(held, LOCK_EX), 0);
		} else {
			(void)close(fd);
		}
	}
	fixture_open(STORE_READ);
	assert_int_equal(scratch_count(&scratch, "store/tmp"), 2);
	fixture_open(STORE_WRITE);
	/* The one that is being written stays; so does what is not ours. */
	assert_int_equal(scratch_count(&scratch, "store/tmp"), 1);
	assert_int_equal(scratch_count(&scratch, "store/seg"), 2);
	(void)close(held);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_dir, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(a_new_store_is_for_owner_and_group),
		TEST(a_store_keeps_its_id),
		TEST(parents_are_made),
		TEST(what_is_no_store_is_refused),
		TEST(a_store_without_its_manifest_is_there),
		TEST(a_stranger_is_told_of_the_group),
		TEST(a_newer_format_is_refused),
		TEST(a_lost_manifest_does_not_give_up_the_segments),
		TEST(half_a_new_store_is_never_seen),
		TEST(a_hot_journal_needs_a_writer),
		TEST(what_a_crash_left_is_swept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
