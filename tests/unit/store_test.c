/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/lines.h"
#include "tests/support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/maintain.h"
#include "store/store_private.h"

static struct scratch scratch;
static struct store *store; /* the test's own; closed behind it */
static struct err err;
static char dir[SCRATCH_PATH];

static int
setup(void **state)
{
	(void)state;
	scratch_make(&scratch);
	(void)strcpy(dir, scratch_path(&scratch, "store"));
	err_clear(&err);
	store = NULL;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	store_close(store);
	scratch_remove(&scratch);
	return 0;
}

static void
open_store(enum store_mode mode)
{
	store_close(store);
	store = NULL;
	if (store_open(&store, dir, mode, &err) != 0)
		fail_msg("%s", told(&err));
}

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
sql(const char *text)
{
	sqlite3 *db;

	assert_int_equal(
	    sqlite3_open(scratch_path(&scratch, "store/manifest.db"), &db), 0);
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != 0)
		fail_msg("%s", sqlite3_errmsg(db));
	assert_int_equal(sqlite3_close(db), 0);
}

/* Let the rows be those that were written. */
static void
bless(void)
{
	open_store(STORE_WRITE);
	assert_int_equal(sql_begin_write(store, &err), 0);
	assert_int_equal(manifest_commit(store, &err), 0);
}

static const struct line lines[] = { { "/a", 1, 0, NULL }, { "/b", 2, 0, NULL },
	{ NULL, 0, 0, NULL } };

/* ---- opening ---- */

static void
a_new_store_is_for_owner_and_group(void **state)
{
	static const char *const dirs[] = { "store", "store/seg", "store/tmp",
		"store/series" };
	struct group *group = getgrnam("lookback");
	struct stat st;

	(void)state;
	(void)umask(077);
	open_store(STORE_CREATE);
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
	open_store(STORE_CREATE);
	memcpy(id, store_id(store), STORE_ID_SIZE);
	assert_string_equal(store_dir(store), dir);
	for (int mode = STORE_READ; mode <= STORE_CREATE; mode++) {
		open_store((enum store_mode)mode);
		assert_memory_equal(store_id(store), id, STORE_ID_SIZE);
	}
	(void)strcat(dir, "2/");
	open_store(STORE_CREATE);
	assert_memory_not_equal(store_id(store), id, STORE_ID_SIZE);
}

static void
parents_are_made(void **state)
{
	(void)state;
	(void)strcat(dir, "/a/b");
	open_store(STORE_CREATE);
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
	open_store(STORE_CREATE);
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
	open_store(STORE_CREATE);
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
	open_store(STORE_CREATE);
	sql("UPDATE meta SET value = 2 WHERE key = 'format'");
	for (int mode = STORE_READ; mode <= STORE_CREATE; mode++)
		assert_refused((enum store_mode)mode, ERR_VERSION, "format 2");
}

static void
a_lost_manifest_does_not_give_up_the_segments(void **state)
{
	(void)state;
	open_store(STORE_CREATE);
	(void)record_lines(store, "web01", 1, NULL, lines);
	assert_int_equal(
	    truncate(scratch_path(&scratch, "store/manifest.db"), 0), 0);
	assert_refused(STORE_READ, ERR_FORMAT, "damaged");
	assert_refused(STORE_WRITE, ERR_FORMAT, "damaged");
	assert_refused(STORE_CREATE, ERR_FORMAT, "put the manifest back");
	assert_int_equal(scratch_count(&scratch, "store/seg"), 1);
	assert_int_equal(
	    unlink(scratch_path(&scratch, "store/manifest.db")), 0);
	assert_refused(STORE_WRITE, ERR_NOTFOUND, "not a store");
	assert_refused(STORE_CREATE, ERR_FORMAT, "put the manifest back");
	assert_int_equal(scratch_count(&scratch, "store/seg"), 1);
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
	open_store(STORE_CREATE);
	(void)record_lines(store, "web01", 1, NULL, lines);
	store_close(store);
	store = NULL;
	die_in_a_transaction();
	assert_refused(STORE_READ, ERR_BUSY, "lindex check --store");
	open_store(STORE_WRITE);
	open_store(STORE_READ);
}

static void
what_a_crash_left_is_swept(void **state)
{
	static const char *const names[] = { "store/seg/17.seg",
		"store/tmp/1.0", "store/tmp/1.1", "store/seg/keep" };
	int held = -1;

	(void)state;
	open_store(STORE_CREATE);
	(void)record_lines(store, "web01", 1, NULL, lines);
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
	open_store(STORE_READ);
	assert_int_equal(scratch_count(&scratch, "store/tmp"), 2);
	open_store(STORE_WRITE);
	/* The one that is being written stays; so does what is not ours. */
	assert_int_equal(scratch_count(&scratch, "store/tmp"), 1);
	assert_int_equal(scratch_count(&scratch, "store/seg"), 2);
	(void)close(held);
}

/* ---- a damaged manifest ---- */

static void
read_all_of_it(void)
{
	struct store *s;
	struct view *v;
	struct listing *l;
	struct listing_item item;
	struct scope scope = { 0 };

	err_clear(&err);
	if (store_open(&s, dir, STORE_READ, &err) != 0)
		return;
	if (view_open(&v, s, &err) == 0) {
		for (size_t i = 0; i < v->cat.n_snaps; i++)
			if (snapshot_scope(&scope, s, &v->cat.snaps[i], &err) ==
			    0)
				scope_done(&scope);
		for (size_t i = 0; i < v->cat.n_series; i++) {
			if (listing_open(&l, v, v->cat.series[i].id, 0, &err) !=
			    0)
				continue;
			while (listing_next(l, &item, &err) == 0)
				;
			listing_close(l);
		}
		view_close(v);
	}
	store_close(s);
}

static void
a_flipped_or_cut_manifest_never_crashes(void **state)
{
	uint8_t *whole;
	struct stat st;
	int fd;

	(void)state;
	open_store(STORE_CREATE);
	(void)record_lines(store, "web01", 1, NULL, lines);
	(void)record_lines(store, "web02", 1, NULL, lines);
	store_close(store);
	store = NULL;
	fd = open(scratch_path(&scratch, "store/manifest.db"), O_RDWR);
	assert_int_equal(fstat(fd, &st), 0);
	whole = malloc((size_t)st.st_size);
	assert_int_equal(pread(fd, whole, (size_t)st.st_size, 0), st.st_size);
	for (off_t i = 0; i < st.st_size; i += i < 4096 ? 7 : 13) {
		uint8_t flipped = (uint8_t)(whole[i] ^ (1 << i % 8));

		assert_int_equal(pwrite(fd, &flipped, 1, i), 1);
		read_all_of_it();
		assert_int_equal(pwrite(fd, &whole[i], 1, i), 1);
	}
	for (off_t cut = st.st_size; cut >= 0; cut -= 509) {
		assert_int_equal(ftruncate(fd, cut), 0);
		read_all_of_it();
		assert_int_not_equal(
		    cut < st.st_size - 4096 && err.code == 0, true);
	}
	free(whole);
	(void)close(fd);
}

static void
rows_that_cannot_be_are_refused(void **state)
{
	static const char *const bad[] = {
		"UPDATE series SET name = '../x'",
		"UPDATE series SET id = 5000000000",
		"UPDATE snapshot SET series = 9",
		"UPDATE snapshot SET digest = x'00'",
		"UPDATE snapshot SET entries = -1",
		"UPDATE snapshot SET fields = 255",
		"UPDATE snapshot SET complete = 7",
		"UPDATE snapshot SET date_ns = 'now'",
		"UPDATE snapshot SET date_ns = 5",
		"UPDATE snapshot SET number = number + 10 WHERE id = 1",
		"UPDATE snapshot SET number = 0 WHERE id = 1",
		"UPDATE snapshot SET unread = -1",
		"UPDATE snapshot SET scope = 0",
		"UPDATE snapshot SET peer_store = x'00'",
		"UPDATE segment SET bytes = -1",
		"UPDATE segment SET id = 0",
		"UPDATE meta SET value = 'x' WHERE key = 'next_snapshot'",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct catalog c;
		int rc;

		(void)snprintf(dir, sizeof(dir), "%s/store", scratch.dir);
		open_store(STORE_CREATE);
		(void)record_lines(store, "web01", 1, NULL, lines);
		(void)record_lines(store, "web01", 2, NULL, lines);
		store_close(store);
		store = NULL;
		sql("PRAGMA ignore_check_constraints=1");
		sql(bad[i]);
		bless();
		open_store(STORE_READ);
		rc = catalog_read(&c, store, &err);
		if (strstr(bad[i], "next_snapshot") != NULL) {
			uint32_t a, b;

			assert_int_equal(rc, 0);
			catalog_done(&c);
			open_store(STORE_WRITE);
			rc = store_reserve(store, "web01", &a, &b, &err);
		}
		if (rc != ERR_FORMAT || strstr(told(&err), "damaged") == NULL)
			fail_msg("%s: %d: %s", bad[i], rc, told(&err));
		store_close(store);
		store = NULL;
		scratch_remove(&scratch);
		assert_int_equal(mkdir(scratch.dir, 0700), 0);
	}
}

/* Rows that could be, but are not those that were written. */
static void
rows_that_nobody_wrote_are_refused(void **state)
{
	static const char *const bad[] = {
		"UPDATE series SET name = 'web02' WHERE id = 1",
		"UPDATE series SET acked = 1",
		"UPDATE snapshot SET date_ns = date_ns + 9 WHERE id = 2",
		"UPDATE snapshot SET received_ns = received_ns + 1",
		"UPDATE snapshot SET origin = 'tesT:'",
		"UPDATE snapshot SET fields = 1",
		"UPDATE snapshot SET scope = scope + 1",
		"DELETE FROM snapshot WHERE id = 1",
		"DELETE FROM segment",
		"UPDATE meta SET value = 17 WHERE key = 'next_segment'",
		"UPDATE meta SET value = value + 1 WHERE key = 'rows'",
		"DELETE FROM meta WHERE key = 'rows'",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct catalog c;
		int rc;

		(void)snprintf(dir, sizeof(dir), "%s/store", scratch.dir);
		open_store(STORE_CREATE);
		(void)record_lines(store, "web01", 1, NULL, lines);
		(void)record_lines(store, "web01", 2, NULL, lines);
		store_close(store);
		store = NULL;
		sql(bad[i]);
		open_store(STORE_WRITE);
		rc = catalog_read(&c, store, &err);
		if (rc != ERR_FORMAT || strstr(told(&err), "written") == NULL)
			fail_msg("%s: %d: %s", bad[i], rc, told(&err));
		/* Nor does a writer take them for its own. */
		err_clear(&err);
		rc = store_log(store, "test", NULL, "text", &err);
		if (rc != ERR_FORMAT || strstr(told(&err), "written") == NULL)
			fail_msg("%s: log: %d: %s", bad[i], rc, told(&err));
		store_close(store);
		store = NULL;
		scratch_remove(&scratch);
		assert_int_equal(mkdir(scratch.dir, 0700), 0);
	}
}

static int
read_bodies(const struct snapshot_row *snap)
{
	struct unread_list list = { 0 };
	struct scope scope = { 0 };
	struct buf origin = { 0 };
	int rc;

	if ((rc = snapshot_origin(&origin, store, snap, &err)) == 0 &&
	    (rc = snapshot_scope(&scope, store, snap, &err)) == 0)
		rc = snapshot_unread(&list, store, snap, &err);
	buf_done(&origin);
	scope_done(&scope);
	unread_list_done(&list);
	return rc;
}

/* Each is found by who asks for it, and by the check. */
static void
what_a_catalogue_leaves_out_is_refused_when_asked_for(void **state)
{
	static const char *const bad[] = {
		"UPDATE snapshot SET origin = x'00'",
		"UPDATE snapshot SET scope = 99",
		"UPDATE snapshot SET unread = 99",
		"UPDATE body SET bytes = 'text'",
		"UPDATE body SET bytes = bytes || x'00'",
		"INSERT INTO body VALUES(50, 1, 0, x'01000000000100000041');"
		"UPDATE snapshot SET unread = 50",
		"DROP TABLE body",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct check_result res;
		struct catalog c;
		int rc;

		(void)snprintf(dir, sizeof(dir), "%s/store", scratch.dir);
		open_store(STORE_CREATE);
		(void)record_lines(store, "web01", 1, NULL, lines);
		store_close(store);
		store = NULL;
		sql(bad[i]);
		bless();
		assert_int_equal(catalog_read(&c, store, &err), 0);
		rc = read_bodies(&c.snaps[0]);
		catalog_done(&c);
		if (rc != ERR_FORMAT || strstr(told(&err), "damaged") == NULL)
			fail_msg("%s: %d: %s", bad[i], rc, told(&err));
		err_clear(&err);
		rc = store_check(store, &res, NULL, NULL, &err);
		if (rc != 0 || res.differences == 0)
			fail_msg("%s: check: %d: %s", bad[i], rc, told(&err));
		store_close(store);
		store = NULL;
		scratch_remove(&scratch);
		assert_int_equal(mkdir(scratch.dir, 0700), 0);
	}
}

/* ---- the catalogue ---- */

/* Valid until the next. */
static const char *
origin_of(const struct snapshot_row *snap)
{
	static char text[64];
	struct buf origin = { 0 };

	assert_int_equal(snapshot_origin(&origin, store, snap, &err), 0);
	(void)snprintf(text, sizeof(text), "%s", buf_str(&origin));
	buf_done(&origin);
	return text;
}

static void
the_catalogue_finds_series_and_snapshots(void **state)
{
	static const char *const names[] = { "web01", "db", "web01/import",
		"web0" };
	uint32_t ids[4][3];
	struct catalog c;

	(void)state;
	open_store(STORE_CREATE);
	for (int n = 0; n < 3; n++)
		for (int s = 0; s < 4; s++)
			ids[s][n] = record_lines(
			    store, names[s], 10 * n + 1, NULL, lines)
					.snap;
	assert_int_equal(catalog_read(&c, store, &err), 0);
	assert_int_equal(c.n_series, 4);
	assert_null(catalog_series(&c, "web"));
	assert_null(catalog_series_by_id(&c, 99));
	for (int s = 0; s < 4; s++) {
		const struct series_row *row = catalog_series(&c, names[s]);
		const struct snapshot_row *snaps;
		size_t n;

		assert_string_equal(row->name, names[s]);
		assert_ptr_equal(catalog_series_by_id(&c, row->id), row);
		snaps = catalog_snaps(&c, row->id, &n);
		assert_int_equal(n, 3);
		for (int i = 0; i < 3; i++) {
			assert_int_equal(snaps[i].id, ids[s][i]);
			assert_int_equal(snaps[i].number, i + 1);
			assert_int_equal(snaps[i].date_ns, 10 * i + 1);
			assert_int_equal(snaps[i].entries, 2);
			assert_string_equal(origin_of(&snaps[i]), "test:");
			assert_true(snaps[i].received_ns > 0);
			assert_ptr_equal(
			    catalog_effective(&c, row->id, snaps[i].id),
			    &snaps[i]);
		}
		/* Ids between are those of other series. */
		assert_ptr_equal(
		    catalog_effective(&c, row->id, ids[s][0] + 1), &snaps[1]);
		assert_null(catalog_effective(&c, row->id, ids[s][2] + 1));
	}
	assert_null(catalog_snaps(&c, 99, &(size_t){ 0 }));
	catalog_done(&c);
}

static void
scopes_are_stored_once(void **state)
{
	struct scope a = { 0 }, b = { 0 }, got = { 0 };
	struct catalog c;

	(void)state;
	assert_int_equal(strlist_add(&b.prunepaths, "/tmp", 4), 0);
	open_store(STORE_CREATE);
	for (int i = 0; i < 6; i++)
		(void)record_lines(
		    store, "web01", i + 1, i == 3 ? &b : &a, lines);
	assert_int_equal(catalog_read(&c, store, &err), 0);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(
		    snapshot_scope(&got, store, &c.snaps[i], &err), 0);
		assert_int_equal(got.prunepaths.n, i == 3);
		scope_done(&got);
		assert_int_equal(c.snaps[i].scope == c.snaps[0].scope, i != 3);
	}
	/* A dropped snapshot's goes when nobody else has it. */
	assert_int_equal(store_commit(store,
			     &(struct commit){ .old_snaps = &c.snaps[3].id,
				 .n_old_snaps = 1 },
			     &err),
	    0);
	assert_int_equal(
	    snapshot_scope(&got, store, &c.snaps[3], &err), ERR_NOTFOUND);
	assert_int_equal(snapshot_scope(&got, store, &c.snaps[0], &err), 0);
	scope_done(&got);
	scope_done(&b);
	catalog_done(&c);
}

static void
the_newest_snapshot_is_never_dropped(void **state)
{
	struct commit drop = { .n_old_snaps = 1 };
	uint32_t first, last;
	struct catalog c;

	(void)state;
	open_store(STORE_CREATE);
	first = record_lines(store, "web01", 1, NULL, lines).snap;
	last = record_lines(store, "web01", 2, NULL, lines).snap;
	drop.old_snaps = &last;
	assert_int_equal(store_commit(store, &drop, &err), ERR_BUSY);
	drop.old_snaps = (const uint32_t[]){ first, last };
	drop.n_old_snaps = 2;
	assert_int_equal(store_commit(store, &drop, &err), ERR_BUSY);
	assert_int_equal(catalog_read(&c, store, &err), 0);
	assert_int_equal(c.n_snaps, 2);
	catalog_done(&c);
	drop.n_old_snaps = 1;
	assert_int_equal(store_commit(store, &drop, &err), 0);
}

/* ---- the view ---- */

static void
a_view_outlives_what_a_merge_takes_away(void **state)
{
	struct commit gone = { .n_old_segments = 1,
		.old_segments = &(uint32_t){ 1 } };
	struct listing_item item;
	struct listing *l;
	struct view *v;

	(void)state;
	open_store(STORE_CREATE);
	(void)record_lines(store, "web01", 1, NULL, lines);
	assert_int_equal(view_open(&v, store, &err), 0);
	assert_int_equal(store_commit(store, &gone, &err), 0);
	assert_int_equal(scratch_count(&scratch, "store/seg"), 0);
	assert_int_equal(store_commit(store, &gone, &err), ERR_BUSY);
	assert_int_equal(listing_open(&l, v, 1, 0, &err), 0);
	assert_int_equal(listing_next(l, &item, &err), 0);
	assert_int_equal(listing_next(l, &item, &err), 0);
	assert_int_equal(listing_next(l, &item, &err), 1);
	listing_close(l);
	view_close(v);
}

static void
a_missing_or_cut_segment_is_named(void **state)
{
	static const struct line more[] = { { "/c", 1, 0, NULL },
		{ NULL, 0, 0, NULL } };
	struct view *v;

	(void)state;
	open_store(STORE_CREATE);
	(void)record_lines(store, "web01", 1, NULL, lines);
	(void)record_lines(store, "web01", 2, NULL, more);
	assert_int_equal(unlink(scratch_path(&scratch, "store/seg/1.seg")), 0);
	assert_int_equal(
	    truncate(scratch_path(&scratch, "store/seg/2.seg"), 10), 0);
	assert_int_equal(view_open(&v, store, &err), 0);
	assert_null(v->segments[0]);
	assert_int_equal(v->error[0].code, ERR_NOTFOUND);
	assert_non_null(strstr(told(&v->error[0]), "1.seg"));
	assert_null(v->segments[1]);
	assert_int_equal(v->error[1].code, ERR_FORMAT);
	assert_non_null(strstr(told(&v->error[1]), "2.seg"));
	view_close(v);
}

/* ---- log, acks, locks, names ---- */

static void
acknowledgements_are_kept(void **state)
{
	uint64_t n = 99;

	(void)state;
	open_store(STORE_CREATE);
	assert_int_equal(store_acked(store, "web01", &n, &err), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_ack(store, "web01", 1, &err), ERR_NOTFOUND);
	(void)record_lines(store, "web01", 1, NULL, lines);
	assert_int_equal(store_ack(store, "web01", 7, &err), 0);
	assert_int_equal(store_acked(store, "web01", &n, &err), 0);
	assert_int_equal(n, 7);
	/* The server lost some. */
	assert_int_equal(store_ack(store, "web01", 3, &err), 0);
	assert_int_equal(store_acked(store, "web01", &n, &err), 0);
	assert_int_equal(n, 3);
}

static void
the_log_is_bounded(void **state)
{
	sqlite3_stmt *st;
	int64_t n;

	(void)state;
	open_store(STORE_CREATE);
	sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
	    "WHERE i < 10050) INSERT INTO log(at_ns, kind, text) "
	    "SELECT i, 'old', '' FROM n");
	assert_int_equal(store_log(store, "push", "web01", "hello", &err), 0);
	assert_int_equal(
	    store_log(store, "merge", NULL, "3 segments", &err), 0);
	assert_int_equal(
	    sql_prepare(store, &st, "SELECT count(*) FROM log", &err), 0);
	assert_int_equal(sql_number(store, st, &n, &err), 0);
	assert_int_equal(n, 10000);
	assert_int_equal(sql_prepare(store, &st,
			     "SELECT count(*) FROM log WHERE series = 'web01' "
			     "AND kind = 'push' AND text = 'hello'",
			     &err),
	    0);
	assert_int_equal(sql_number(store, st, &n, &err), 0);
	assert_int_equal(n, 1);
}

static void
a_series_lock_names_its_holder(void **state)
{
	struct series_lock *one, *two, *other;
	char pid[64];

	(void)state;
	open_store(STORE_CREATE);
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
	open_store(STORE_CREATE);
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
	open_store(STORE_CREATE);
	for (int i = 0; i < 3; i++)
		if ((child[i] = fork()) == 0)
			_exit(contend());
	for (int i = 0; i < 3; i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(scratch_count(&scratch, "store/series"), 0);
}

static void
names_are_what_the_manual_says(void **state)
{
	char longest[260], series[1200];

	(void)state;
	assert_true(host_name_is_valid("web01"));
	assert_true(host_name_is_valid("0.a_b-c"));
	assert_false(host_name_is_valid(""));
	assert_false(host_name_is_valid("-a"));
	assert_false(host_name_is_valid(".."));
	assert_false(host_name_is_valid("a/b"));
	assert_false(host_name_is_valid("a b"));
	assert_false(host_name_is_valid("\xc3\xa4"));
	memset(longest, 'a', sizeof(longest));
	longest[254] = '\0';
	assert_false(host_name_is_valid(longest));
	longest[253] = '\0';
	assert_true(host_name_is_valid(longest));
	assert_true(series_name_is_valid("a/b/c.d"));
	assert_false(series_name_is_valid("a//b"));
	assert_false(series_name_is_valid("a/.b"));
	assert_false(series_name_is_valid("a/b/"));
	for (size_t i = 0; i < 1100; i++)
		series[i] = i % 2 == 0 ? 'a' : '/';
	series[1025] = '\0';
	assert_false(series_name_is_valid(series));
	series[1023] = '\0';
	assert_true(series_name_is_valid(series));
}

static void
long_series_have_files_too(void **state)
{
	char a[300], b[300];
	struct series_lock *one, *two;
	struct buf path = { 0 };

	(void)state;
	memset(a, 'a', sizeof(a));
	a[150] = '/';
	a[299] = '\0';
	memcpy(b, a, sizeof(b));
	b[298] = 'b';
	open_store(STORE_CREATE);
	assert_int_equal(series_lock_take(&one, store, a, "x", 0, &err), 0);
	assert_int_equal(series_lock_take(&two, store, b, "x", 0, &err), 0);
	series_lock_release(one);
	series_lock_release(two);
	assert_int_equal(series_path(store, "web01/x", ".scan", &path), 0);
	assert_string_equal(buf_str(&path),
	    scratch_path(&scratch, "store/series/web01+x.scan"));
	buf_done(&path);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_new_store_is_for_owner_and_group),
		TEST(a_store_keeps_its_id),
		TEST(parents_are_made),
		TEST(what_is_no_store_is_refused),
		TEST(a_store_without_its_manifest_is_there),
		TEST(a_stranger_is_told_of_the_group),
		TEST(a_newer_format_is_refused),
		TEST(a_lost_manifest_does_not_give_up_the_segments),
		TEST(a_hot_journal_needs_a_writer),
		TEST(what_a_crash_left_is_swept),
		TEST(a_flipped_or_cut_manifest_never_crashes),
		TEST(rows_that_cannot_be_are_refused),
		TEST(rows_that_nobody_wrote_are_refused),
		TEST(what_a_catalogue_leaves_out_is_refused_when_asked_for),
		TEST(the_catalogue_finds_series_and_snapshots),
		TEST(scopes_are_stored_once),
		TEST(the_newest_snapshot_is_never_dropped),
		TEST(a_view_outlives_what_a_merge_takes_away),
		TEST(a_missing_or_cut_segment_is_named),
		TEST(acknowledgements_are_kept),
		TEST(the_log_is_bounded),
		TEST(a_series_lock_names_its_holder),
		TEST(a_series_lock_goes_with_its_process),
		TEST(a_forgotten_lock_leaves_no_file_and_no_gap),
		TEST(names_are_what_the_manual_says),
		TEST(long_series_have_files_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
