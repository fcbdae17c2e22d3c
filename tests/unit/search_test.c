/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/when.h"
#include "tests/support/fixture.h"
#include "tests/support/lines.h"
#include "tests/support/output.h"

#define FILES 60
#define SNAPS 24
#define UNREAD 40000

static void
see_all(struct recorder *r)
{
	char path[32];

	record_see(r, (struct line){ "/home", 0, 'd', NULL });
	for (int i = 0; i < FILES; i++) {
		(void)snprintf(path, sizeof(path), "/home/file%03d", i);
		record_see(r, (struct line){ path, 1, 0, NULL });
	}
}

/* A snapshot that could not read /home, and much else; each has another list.
 */
static void
record_unread(int n)
{
	struct recorder *r = record_begin(
	    store, n * NS_PER_S, (struct record_head){ .events = true });
	char path[32] = "/home";

	for (int i = 0; i < UNREAD; i++) {
		assert_int_equal(recorder_note_unread(
				     r, path, strlen(path), true, EIO, &err),
		    0);
		(void)snprintf(path, sizeof(path), "/many/%d-%d", n, i);
	}
	(void)record_finish(r);
}

static void
who_hides_too_much_is_named(void **state)
{
	char pattern[] = "file", *patterns[] = { pattern };
	struct options o = { .store = dir,
		.limit = -1,
		.patterns = patterns,
		.n_patterns = 1,
		.selection.window = { INT64_MIN, INT64_MAX } };
	struct output said;
	struct recorder *r;

	(void)state;
	r = record_begin(store, NS_PER_S, (struct record_head){ 0 });
	see_all(r);
	(void)record_finish(r);
	for (int n = 2; n <= SNAPS; n++)
		record_unread(n);
	output_catch(&said);
	assert_int_equal(search_run(&o, NS_PER_S), LSEARCH_FOUND);
	output_release(&said);
	assert_non_null(strstr(buf_str(&said.err),
	    "web01: its lists of what could not be read are very long"));
	output_done(&said);
	o.limit = 1;
	output_catch(&said);
	assert_int_equal(search_run(&o, NS_PER_S), LSEARCH_FOUND);
	output_release(&said);
	assert_int_equal(said.err.len, 0);
	output_done(&said);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_store, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(who_hides_too_much_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
