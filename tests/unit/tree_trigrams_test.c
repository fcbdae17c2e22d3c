/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/tree_needs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
add_trigram(struct buf *to, uint32_t t)
{
	for (int shift = 16; shift >= 0; shift -= 8) {
		uint8_t c = (uint8_t)(t >> shift);

		if (c == 0)
			(void)buf_add_str(to, "$");
		else
			(void)buf_add_byte(to, c);
	}
}

/* A formula as text: "abc", "abc-abf" for a range, "(abc bcd)" for all of
 * them, "(abc|bcd)" for one of them, "*" for no condition. */
static void
add_formula(struct buf *to, const struct triquery *q)
{
	if (q->kind == TRIQ_ALL) {
		(void)buf_add_str(to, "*");
		return;
	}
	if (q->kind == TRIQ_RANGE) {
		add_trigram(to, q->lo);
		if (q->hi != q->lo) {
			(void)buf_add_str(to, "-");
			add_trigram(to, q->hi);
		}
		return;
	}
	(void)buf_add_str(to, "(");
	for (size_t i = 0; i < q->n; i++) {
		if (i > 0)
			(void)buf_add_str(to, q->kind == TRIQ_AND ? " " : "|");
		add_formula(to, &q->child[i]);
	}
	(void)buf_add_str(to, ")");
}

static void
needs(const char *regex, bool basename, const char *want)
{
	struct triquery q;
	struct tree tree;
	struct buf got = { 0 };
	struct err err = ERR_INIT;

	assert_int_equal(
	    tree_parse(&tree, TREE_ERE, false, regex, strlen(regex), &err), 0);
	tree_trim(&tree);
	assert_int_equal(tree_trigrams(&q, &tree, basename, &err), 0);
	add_formula(&got, &q);
	if (strcmp(buf_str(&got), want) != 0)
		fail_msg("%s: %s instead of %s", regex, buf_str(&got), want);
	buf_done(&got);
	triquery_done(&q);
	tree_done(&tree);
}

static void
literals_and_the_end_are_needed(void **state)
{
	(void)state;
	needs("abc", false, "abc");
	needs("aBCd", false, "(abc bcd)");
	needs("abc$", false, "(abc bc$)");
	needs("^ab$", false, "ab$");
	needs("ab", false, "ab$-ab\xff");
	needs("a", false, "*");
	needs("a$", false, "*");
	needs("\\.so\\.[0-9]+$", false, "(.so so. o.0-o.9)");
}

static void
classes_and_alternatives_are_spelt_out(void **state)
{
	(void)state;
	needs("ab[cx]", false, "(abc|abx)");
	needs("ab[c-f]", false, "abc-abf");
	needs("a[bB]c", false, "abc");
	needs("abc|xyz", false, "(abc|xyz)");
	needs("(abc|xyz)*", false, "*");
	needs("(abc|d)+", false, "*");
	needs("ab.cde", false, "cde");
	needs("ab[a-z]c", false, "ab$-ab\xff");
}

static void
a_repetition_needs_what_its_copies_need(void **state)
{
	(void)state;
	needs("a{3}", false, "aaa");
	needs("(ab){2,}", false, "(aba bab)");
	needs("xa?yz", false, "((ayz xay)|xyz)");
	needs("x[0-9]{0,3}yzz", false, "yzz");
}

static void
a_name_follows_its_slash(void **state)
{
	(void)state;
	needs("^ab", true, "/ab");
	needs("^ab", false, "ab$-ab\xff");
	needs("ab", true, "ab$-ab\xff");
}

static void
what_cannot_match_needs_what_is_nowhere(void **state)
{
	(void)state;
	needs("a$bcd", false, "()");
	needs("abc$$", false, "(abc bc$)");
	needs("a$bc|xyz", false, "xyz");
}

static void
dates_ask_for_few_ranges(void **state)
{
	struct triquery q;
	struct tree tree;
	struct err err = ERR_INIT;
	const char *regex = "[0-9]{4}-[0-9]{2}$";

	(void)state;
	assert_int_equal(
	    tree_parse(&tree, TREE_ERE, false, regex, strlen(regex), &err), 0);
	assert_int_equal(tree_trigrams(&q, &tree, false, &err), 0);
	assert_int_equal(q.kind, TRIQ_AND);
	/* "dd-", "d-d", "-dd" and "dd$", d being a digit. */
	for (size_t i = 0; i < q.n; i++) {
		assert_int_equal(q.child[i].kind, TRIQ_OR);
		assert_true(q.child[i].n <= 100);
	}
	triquery_done(&q);
	tree_done(&tree);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals_and_the_end_are_needed),
		cmocka_unit_test(classes_and_alternatives_are_spelt_out),
		cmocka_unit_test(a_repetition_needs_what_its_copies_need),
		cmocka_unit_test(a_name_follows_its_slash),
		cmocka_unit_test(what_cannot_match_needs_what_is_nowhere),
		cmocka_unit_test(dates_ask_for_few_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
