/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "store/store_private.h"

static struct err err;

static void
add(struct unread_writer *w, const char *path)
{
	assert_int_equal(unread_add(w, path, strlen(path), true, EACCES), 0);
}

static void
a_list_comes_back_as_it_was(void **state)
{
	struct unread_writer w = { 0 };
	struct unread_list list = { 0 };
	struct buf b = { 0 };
	size_t n;

	(void)state;
	assert_int_equal(unread_add(&w, "/a", 2, true, EACCES), 0);
	assert_int_equal(unread_add(&w, "/b/\xff", 4, false, EIO), 0);
	assert_int_equal(unread_finish(&w, &b, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(unread_decode(&list, b.data, b.len, &err), 0);
	assert_int_equal(list.n, 2);
	assert_string_equal(list.item[0].path, "/a");
	assert_int_equal(list.item[0].len, 2);
	assert_true(list.item[0].below);
	assert_int_equal(list.item[0].error, EACCES);
	assert_string_equal(list.item[1].path, "/b/\xff");
	assert_false(list.item[1].below);
	assert_int_equal(list.item[1].error, EIO);
	unread_list_done(&list);
	buf_done(&b);
}

static void
cut_or_flipped_lists_are_refused(void **state)
{
	struct unread_writer w = { 0 };
	struct unread_list list = { 0 };
	struct buf b = { 0 };
	size_t n;

	(void)state;
	add(&w, "/some/path");
	assert_int_equal(unread_finish(&w, &b, &n), 0);
	for (size_t len = 0; len < b.len; len++) {
		/* A copy of its own, so that reading beyond it is found. */
		uint8_t *cut = malloc(len + 1);

		memcpy(cut, b.data, len);
		assert_int_equal(
		    unread_decode(&list, cut, len, &err), ERR_FORMAT);
		free(cut);
	}
	/* The length, the first byte and the last one of the path. */
	for (size_t i = 5; i < b.len; i++) {
		b.data[i] ^= 0x80;
		if (unread_decode(&list, b.data, b.len, &err) == 0)
			unread_list_done(&list);
		else
			assert_int_equal(err.code, ERR_FORMAT);
		b.data[i] ^= 0x80;
	}
	buf_done(&b);
}

static void
a_list_too_long_folds_into_what_is_above_the_rest(void **state)
{
	struct unread_writer w = { 0 };
	struct unread_list list = { 0 };
	const struct unread *fold;
	struct buf b = { 0 };
	size_t n;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "/srv/%s/dir%06d/x",
		    i < 100000 ? "a" : "b", i);
		add(&w, path);
	}
	assert_int_equal(unread_finish(&w, &b, &n), 0);
	assert_true(b.len < UNREAD_BYTES_MAX + 100);
	assert_int_equal(unread_decode(&list, b.data, b.len, &err), 0);
	assert_int_equal(list.n, n);
	assert_true(n < 200000);
	fold = &list.item[0]; /* it stands before all of them */
	assert_string_equal(fold->path, "/srv");
	assert_true(fold->below);
	assert_int_equal(fold->error, EACCES);
	unread_list_done(&list);
	buf_done(&b);
}

static void
the_longest_path_folds_too(void **state)
{
	struct unread_writer w = { 0 };
	struct unread_list list = { 0 };
	char *path = malloc(PATH_BYTES_MAX);
	struct buf b = { 0 };
	size_t n;

	(void)state;
	memset(path, 'x', PATH_BYTES_MAX);
	path[0] = '/';
	assert_int_equal(unread_add(&w, path, PATH_BYTES_MAX, true, EIO), 0);
	add(&w, "/");
	assert_int_equal(unread_finish(&w, &b, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(unread_decode(&list, b.data, b.len, &err), 0);
	assert_string_equal(list.item[0].path, "/");
	unread_list_done(&list);
	buf_done(&b);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_comes_back_as_it_was),
		cmocka_unit_test(cut_or_flipped_lists_are_refused),
		cmocka_unit_test(
		    a_list_too_long_folds_into_what_is_above_the_rest),
		cmocka_unit_test(the_longest_path_folds_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
