/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/tree_needs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The literal of a pattern, letters of either case in capitals. */
static void
literal(enum tree_syntax syntax, bool ignore_case, const char *pattern,
    const char *want, bool want_whole)
{
	struct tree tree;
	struct buf bytes = { 0 };
	struct err err = ERR_INIT;
	struct needle_byte b;
	char got[64];
	size_t n;
	bool whole;

	assert_int_equal(tree_parse(&tree, syntax, ignore_case, pattern,
			     strlen(pattern), &err),
	    0);
	tree_trim(&tree);
	assert_int_equal(tree_literal(&bytes, &tree, &whole, &err), 0);
	n = bytes.len / sizeof(b);
	assert_true(n < sizeof(got));
	for (size_t i = 0; i < n; i++) {
		memcpy(&b, bytes.data + i * sizeof(b), sizeof(b));
		assert_true(b.mask == 0 || b.mask == 0x20);
		got[i] = (char)(b.mask != 0 ? b.byte - 0x20 : b.byte);
	}
	got[n] = '\0';
	assert_string_equal(got, want);
	assert_int_equal(whole, want_whole);
	buf_done(&bytes);
	tree_done(&tree);
}

static void
a_plain_string_is_all_literal(void **state)
{
	(void)state;
	literal(TREE_ERE, false, "a.b", "a", false);
	literal(TREE_ERE, false, "a\\.b", "a.b", true);
	literal(TREE_ERE, true, "read.me", "READ", false);
	literal(TREE_ERE, true, "x-1_Y", "X-1_Y", true);
	literal(TREE_GLOB, false, "*abc*", "abc", true);
	literal(TREE_GLOB, true, "*aBc*", "ABC", true);
	literal(TREE_GLOB, false, "*abc", "abc", false);
	literal(TREE_ERE, false, "[Aa]bc", "Abc", true);
	literal(TREE_ERE, false, "[Ab]c", "c", false);
}

static void
the_longest_run_is_taken(void **state)
{
	(void)state;
	literal(TREE_ERE, false, "ab[0-9]cdef[0-9]gh", "cdef", false);
	literal(TREE_ERE, false, "^/usr/.*x$", "/usr/", false);
	literal(TREE_ERE, false, "abc|abd", "", false);
	literal(TREE_ERE, false, "(ab)+", "", false);
	literal(TREE_ERE, false, "[0-9]", "", false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_string_is_all_literal),
		cmocka_unit_test(the_longest_run_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
