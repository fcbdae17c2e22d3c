/*
 * A damaged manifest: it is found and told, and nothing crashes.
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
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/maintain.h"
#include "store/store_private.h"

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
	fixture_open(STORE_CREATE);
	(void)record_lines(store, "web01", 1, NULL, small_tree);
	(void)record_lines(store, "web02", 1, NULL, small_tree);
	fixture_close();
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

/* A store of so many nights with this done to its rows. */
static void
spoil(int nights, const char *change)
{
	fixture_renew();
	fixture_open(STORE_CREATE);
	for (int n = 1; n <= nights; n++)
		(void)record_lines(store, "web01", n, NULL, small_tree);
	fixture_close();
	fixture_sql(change);
}

/* It was found, and said so. */
static void
assert_damaged(int rc, const char *says, const char *change)
{
	if (rc != ERR_FORMAT || strstr(told(&err), says) == NULL)
		fail_msg("%s: %d: %s", change, rc, told(&err));
}

/* Let the rows be those that were written. */
static void
bless(void)
{
	fixture_open(STORE_WRITE);
	assert_int_equal(sql_begin_write(store, &err), 0);
	assert_int_equal(manifest_commit(store, &err), 0);
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

		spoil(2, bad[i]);
		bless();
		fixture_open(STORE_READ);
		rc = catalog_read(&c, store, &err);
		if (strstr(bad[i], "next_snapshot") != NULL) {
			uint32_t a, b;

			assert_int_equal(rc, 0);
			catalog_done(&c);
			fixture_open(STORE_WRITE);
			rc = store_reserve(store, "web01", &a, &b, &err);
		}
		assert_damaged(rc, "damaged", bad[i]);
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

		spoil(2, bad[i]);
		fixture_open(STORE_WRITE);
		rc = catalog_read(&c, store, &err);
		assert_damaged(rc, "written", bad[i]);
		/* Nor does a writer take them for its own. */
		err_clear(&err);
		rc = store_log(store, "test", NULL, "text", &err);
		assert_damaged(rc, "written", bad[i]);
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

		spoil(1, bad[i]);
		bless();
		assert_int_equal(catalog_read(&c, store, &err), 0);
		rc = read_bodies(&c.snaps[0]);
		catalog_done(&c);
		assert_damaged(rc, "damaged", bad[i]);
		err_clear(&err);
		rc = store_check(store, &res, NULL, NULL, &err);
		if (rc != 0 || res.differences == 0)
			fail_msg("%s: check: %d: %s", bad[i], rc, told(&err));
	}
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_dir, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(a_flipped_or_cut_manifest_never_crashes),
		TEST(rows_that_cannot_be_are_refused),
		TEST(rows_that_nobody_wrote_are_refused),
		TEST(what_a_catalogue_leaves_out_is_refused_when_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
