/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/dfa.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct program *
program_of(const char *regex, bool backward, bool basename)
{
	const struct program_options how = { backward, basename };
	struct tree tree;
	struct program *prog;
	struct err err = ERR_INIT;

	assert_int_equal(
	    tree_parse(&tree, TREE_ERE, false, regex, strlen(regex), &err), 0);
	assert_int_equal(program_new(&prog, &tree, &how, &err), 0);
	tree_done(&tree);
	return prog;
}

/* More states than it keeps: it forgets, and goes on. */
static void
answers_stay_right_when_states_are_forgotten(void **state)
{
	struct program *prog = program_of("a[ab]{16}c", false, false);
	struct err err = ERR_INIT;
	struct dfa *dfa;
	uint32_t seed = 1;

	(void)state;
	assert_int_equal(dfa_new(&dfa, prog, &err), 0);
	for (int i = 0; i < 4000; i++) {
		char text[101];
		bool want = false;

		for (int k = 0; k < 100; k++) {
			seed = seed * 1103515245 + 12345;
			text[k] = "abababababababac"[(seed >> 16) % 16];
		}
		text[100] = '\0';
		for (int k = 0; k + 17 < 100; k++)
			want = want ||
			    (text[k] == 'a' && text[k + 17] == 'c' &&
				memchr(text + k, 'c', 17) == NULL);
		assert_int_equal(dfa_match(dfa, text), want);
	}
	dfa_free(dfa);
	program_free(prog);
}

static bool
matches_back(const char *regex, const char *text, bool basename)
{
	struct program *prog = program_of(regex, true, basename);
	struct err err = ERR_INIT;
	struct dfa *dfa;
	bool yes;

	assert_int_equal(dfa_new(&dfa, prog, &err), 0);
	yes = dfa_match_back(dfa, text, text + strlen(text));
	/* The second time from what it remembers. */
	assert_int_equal(dfa_match_back(dfa, text, text + strlen(text)), yes);
	dfa_free(dfa);
	program_free(prog);
	return yes;
}

static void
backward_it_stops_at_the_edge_of_the_name(void **state)
{
	(void)state;
	assert_true(matches_back("b[0-9]*$", "/a/b12", false));
	assert_false(matches_back("b[0-9]*$", "/a/b12x", false));
	assert_true(matches_back("^/a.*2$", "/a/b12", false));
	assert_true(matches_back("^b.*2$", "/a/b12", true));
	assert_false(matches_back("a.*2$", "/a/b12", true));
	assert_false(matches_back("/b12$", "/a/b12", true));
	assert_true(matches_back("^$", "/", true));
	assert_false(matches_back("^$", "/", false));
	assert_true(matches_back("$", "", false));
}

static void
groups_and_counts_are_bounded(void **state)
{
	static const char *const wrong[] = { "(a{255}){255}",
		"((((a{9}){9}){9}){9}){9}", "(.*){32767}" };
	struct tree tree;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(tree_parse(&tree, TREE_ERE, false, wrong[i],
				     strlen(wrong[i]), &err),
		    ERR_USAGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_stay_right_when_states_are_forgotten),
		cmocka_unit_test(backward_it_stops_at_the_edge_of_the_name),
		cmocka_unit_test(groups_and_counts_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
