/*
 * Searches against brute force: random histories in a store and in plain
 * memory, random patterns and times, and every line of the one is a line of
 * the other, for every path of every listing. `search_test FIRST COUNT` runs
 * other seeds than the usual ones.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/maintain.h"
#include "tests/support/brute.h"
#include "tests/support/history.h"

/* Asked after each step. */
#define QUESTIONS 20

/* False when a glob fits nothing, which the store may not have yet. */
static bool
our_search(struct buf *to, const struct question *q, struct store *store,
    struct view *view)
{
	struct err err = ERR_INIT;
	struct query query;
	struct hits *hits;
	struct hit hit;
	int rc;

	if (query_init(&query, q->patterns, q->n, &q->how, &err) != 0)
		fail_msg("%s: %s", q->text[0], err.cause);
	rc = hits_new(&hits, store, view, &query, &q->sel, &err);
	if (rc == ERR_USAGE) {
		query_done(&query);
		return false;
	}
	assert_int_equal(rc, 0);
	while ((rc = hits_next(hits, &hit, &err)) == 0) {
		const struct life *life = &hit.life;

		(void)buf_printf(to, "%s:%.*s %d since %lld %lld..%lld",
		    hit.series->name, (int)hit.len, hit.path, life->state,
		    (long long)life->since->date_ns,
		    (long long)life->version[0].put->date_ns,
		    (long long)life->last->date_ns);
		for (size_t i = 0; i < life->n; i++) {
			const struct version *v = &life->version[i];

			brute_add_version(to, &v->entry, v->put->date_ns,
			    v->end == NULL ? INT64_MAX : v->end->date_ns);
		}
		(void)buf_add_str(to, "\n");
	}
	assert_int_equal(rc, 1);
	for (size_t i = 0; i < view->cat.n_segments; i++)
		assert_null(hits_damage(hits, i));
	hits_free(hits);
	query_done(&query);
	return true;
}

/* Where the first difference is, with some of what stands before it. */
static size_t
first_difference(const char *a, const char *b)
{
	size_t i = 0;

	while (a[i] != '\0' && a[i] == b[i])
		i++;
	return i < 100 ? 0 : i - 100;
}

static size_t n_asked, n_found;

static void
ask(struct model *m, struct store *store)
{
	struct err err = ERR_INIT;
	struct view *view;

	assert_int_equal(view_open(&view, store, &err), 0);
	for (int i = 0; i < QUESTIONS; i++) {
		struct buf want = { 0 }, got = { 0 };
		struct question q;
		size_t at;

		question_draw(m, &q);
		if (our_search(&got, &q, store, view)) {
			brute_search(&want, m, &q, store, &view->cat);
			n_asked++;
			n_found += want.len > 0;
			at = first_difference(buf_str(&got), buf_str(&want));
			if (strcmp(buf_str(&got), buf_str(&want)) != 0)
				fail_msg("%s%s%s%s%s, states %d, at %lld, "
					 "%lld..%lld: found\n...%.300s\n"
					 "instead of\n...%.300s",
				    q.text[0], q.n > 1 ? " and " : "",
				    q.n > 1 ? q.text[1] : "",
				    q.how.ignore_case ? " -i" : "",
				    q.how.basename ? " -b" : "",
				    (int)q.sel.states, (long long)q.sel.at_ns,
				    (long long)q.sel.window.since_ns,
				    (long long)q.sel.window.until_ns,
				    buf_str(&got) + at, buf_str(&want) + at);
		}
		buf_done(&want);
		buf_done(&got);
	}
	view_close(view);
}

static void
merge(struct model *m, struct store *store)
{
	struct merge_result merged;
	struct err err = ERR_INIT;

	assert_int_equal(
	    store_merge(store,
		dice_one_in(&m->dice, 2) ? MERGE_ALL : MERGE_TIERED, &merged,
		NULL, NULL, &err),
	    0);
}

static struct history history = { .first_seed = 1,
	.n_seeds = 10,
	.n_steps = 48,
	.merge = merge,
	.look = ask };

static void
small_trees_with_long_histories(void **state)
{
	(void)state;
	history_small_trees(&history);
	/* Questions without answers prove little. */
	assert_true(n_found > n_asked / 4);
}

static void
trees_of_many_blocks(void **state)
{
	(void)state;
	history_large_tree(&history);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_trees_with_long_histories),
		cmocka_unit_test(trees_of_many_blocks),
	};

	history_arguments(&history, argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
