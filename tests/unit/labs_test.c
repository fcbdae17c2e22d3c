/*
 * Which files are meant, and the samples, which are whole labs. Run from the
 * top of the tree.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "labrouter/labs.h"
#include "labrouter/model.h"
#include "tests/support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SAMPLES "etc/labs"

static struct strlist
find(const char *dir, const char *first, const char *second)
{
	char *words[] = { (char *)(uintptr_t)first, (char *)(uintptr_t)second,
		NULL };
	struct strlist ret = { 0 };
	struct err err = ERR_INIT;

	if (labs_find(&ret, dir, words, &err) != 0)
		fail_msg("%s", told(&err));
	return ret;
}

static void
a_word_is_a_name_or_a_file(void **state)
{
	struct strlist files = find("/labs", "vlab", "a.lab");

	(void)state;
	assert_int_equal(files.n, 2);
	assert_string_equal(files.item[0], "/labs/vlab.lab");
	assert_string_equal(files.item[1], "a.lab");
	strlist_done(&files);
	files = find("/labs", "./vlab", ".lab");
	assert_string_equal(files.item[0], "./vlab");
	assert_string_equal(files.item[1], "/labs/.lab.lab");
	strlist_done(&files);
}

static void
touch(struct scratch *s, const char *name)
{
	FILE *f = fopen(scratch_path(s, name), "w");

	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
}

static void
no_word_means_all_labs_there_by_name(void **state)
{
	struct scratch s;
	struct strlist files;
	char want[SCRATCH_PATH];

	(void)state;
	scratch_make(&s);
	touch(&s, "b.lab");
	touch(&s, "a.lab");
	touch(&s, "c.lab.sample");
	touch(&s, ".d.lab");
	touch(&s, "lab");
	files = find(s.dir, NULL, NULL);
	assert_int_equal(files.n, 2);
	scratch_keep_path(&s, "a.lab", want);
	assert_string_equal(files.item[0], want);
	scratch_keep_path(&s, "b.lab", want);
	assert_string_equal(files.item[1], want);
	strlist_done(&files);
	scratch_remove(&s);
}

static void
where_there_is_none_the_sample_is_named(void **state)
{
	char *none[] = { NULL };
	struct scratch s;
	struct strlist files = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	scratch_make(&s);
	touch(&s, "simple.lab.sample");
	assert_int_equal(labs_find(&files, s.dir, none, &err), ERR_NOTFOUND);
	assert_non_null(strstr(err.cause, "copy simple.lab.sample"));
	assert_int_equal(
	    labs_find(&files, "/nonexistent", none, &err), ERR_NOTFOUND);
	assert_non_null(strstr(err.cause, "/nonexistent"));
	assert_int_equal(files.n, 0);
	scratch_remove(&s);
}

static void
every_sample_is_a_lab(void **state)
{
	struct strlist files = find(SAMPLES, NULL, NULL);

	(void)state;
	assert_true(files.n >= 6);
	for (size_t i = 0; i < files.n; i++) {
		struct lab lab;
		struct err err = ERR_INIT;

		if (lab_read(&lab, files.item[i], &err) != 0)
			fail_msg("%s", told(&err));
		lab_done(&lab);
	}
	strlist_done(&files);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_is_a_name_or_a_file),
		cmocka_unit_test(no_word_means_all_labs_there_by_name),
		cmocka_unit_test(where_there_is_none_the_sample_is_named),
		cmocka_unit_test(every_sample_is_a_lab),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
