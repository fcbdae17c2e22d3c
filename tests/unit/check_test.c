/*
 * The check of a store names what differs.
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
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/maintain.h"
#include "store/store_private.h"

static char told_text[4096];

static void
differs(void *ctx, const char *text)
{
	size_t len = strlen(told_text);

	(void)ctx;
	(void)snprintf(told_text + len, sizeof(told_text) - len, "%s\n", text);
}

static size_t
check(void)
{
	struct check_result res;

	told_text[0] = '\0';
	assert_int_equal(store_check(store, &res, differs, NULL, &err), 0);
	return res.differences;
}

/* Change a byte of the only segment. */
static void
flip(off_t at)
{
	struct catalog cat;
	char name[32];
	uint8_t byte;
	int fd;

	assert_int_equal(catalog_read(&cat, store, &err), 0);
	(void)snprintf(
	    name, sizeof(name), "store/seg/%u.seg", cat.segments[0].id);
	catalog_done(&cat);
	fd = open(scratch_path(&scratch, name), O_RDWR);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 0x40;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	(void)close(fd);
}

static void
every_flipped_byte_is_a_difference(void **state)
{
	struct catalog cat;
	off_t size;

	(void)state;
	record_nth_night(store, "web01", 1);
	assert_int_equal(check(), 0);
	assert_int_equal(catalog_read(&cat, store, &err), 0);
	size = (off_t)cat.segments[0].bytes;
	catalog_done(&cat);
	for (off_t at = 0; at < size; at++) {
		flip(at);
		assert_true(check() > 0);
		assert_non_null(strstr(told_text, "segment"));
		flip(at);
	}
	assert_int_equal(check(), 0);
}

static void
a_missing_segment_is_a_difference(void **state)
{
	(void)state;
	record_nth_night(store, "web01", 1);
	record_nth_night(store, "web02", 1);
	assert_int_equal(unlink(scratch_path(&scratch, "store/seg/1.seg")), 0);
	assert_true(check() > 0);
	assert_non_null(strstr(told_text, "missing"));
}

static void
a_file_that_the_manifest_does_not_name_is_a_difference(void **state)
{
	int fd;

	(void)state;
	record_nth_night(store, "web01", 1);
	fd = open(scratch_path(&scratch, "store/seg/77.seg"),
	    O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(check(), 1);
	assert_non_null(strstr(told_text, "77"));
	/* Opening for writing sweeps it: no commit is under way. */
	fixture_open(STORE_WRITE);
	assert_int_equal(check(), 0);
}

static void
manifest(const char *sql)
{
	assert_int_equal(manifest_begin(store, &err), 0);
	assert_int_equal(sql_exec(store, sql, &err), 0);
	assert_int_equal(manifest_commit(store, &err), 0);
}

static void
a_listing_that_differs_from_its_digest_is_named(void **state)
{
	(void)state;
	record_nth_night(store, "web01", 1);
	record_nth_night(store, "web01", 2);
	record_nth_night(store, "web02", 1);
	manifest("UPDATE snapshot SET digest = zeroblob(16) WHERE id = 2");
	assert_int_equal(check(), 1);
	assert_non_null(strstr(told_text, "web01: snapshot 2 has digest"));
	manifest("UPDATE snapshot SET entries = 7 WHERE id = 3");
	assert_int_equal(check(), 2);
	assert_non_null(strstr(told_text, "web02: snapshot 1 lists 3"));
}

static void
rows_that_contradict_segments_are_named(void **state)
{
	(void)state;
	record_nth_night(store, "web01", 1);
	manifest("UPDATE segment SET events = 9");
	assert_int_equal(check(), 1);
	assert_non_null(strstr(told_text, "the manifest says"));
	manifest("UPDATE segment SET events = 3");
	record_nth_night(store, "web01", 2);
	manifest("DELETE FROM snapshot WHERE id = 2");
	assert_int_equal(check(), 1);
	assert_non_null(strstr(told_text, "which the manifest does not"));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_store, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(every_flipped_byte_is_a_difference),
		TEST(a_missing_segment_is_a_difference),
		TEST(a_file_that_the_manifest_does_not_name_is_a_difference),
		TEST(a_listing_that_differs_from_its_digest_is_named),
		TEST(rows_that_contradict_segments_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
