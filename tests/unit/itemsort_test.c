/*
 * The external sort, against a plain one.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/dice.h"
#include "tests/support/fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "sys/itemsort.h"

#define ITEMS_MAX 6000

struct given {
	char *path; /* owned */
	size_t len;
	uint8_t kind;
	uint32_t data[3]; /* the first `size` bytes of it */
	size_t size, age;
};

static int
cmp_given(const void *pa, const void *pb)
{
	const struct given *a = pa, *b = pb;
	int cmp = path_cmp(a->path, a->len, b->path, b->len);

	if (cmp != 0)
		return cmp;
	if (a->kind != b->kind)
		return a->kind - b->kind;
	return (a->age > b->age) - (a->age < b->age);
}

/* Components of few letters, also those around '/', some with long common
 * beginnings. */
static char *
draw_path(struct dice *d, size_t *ret_len)
{
	static const char letters[] = "\x01.ab/-0\xff";
	size_t depth = dice_below(d, 5), len = 0;
	char *path = calloc(1, 4000);

	assert_non_null(path);
	if (depth == 0)
		path[len++] = '/';
	for (size_t i = 0; i < depth; i++) {
		size_t n = 1 + dice_below(d, 3);

		path[len++] = '/';
		if (dice_one_in(d, 8)) {
			memset(path + len, 'l', 700);
			len += 700;
		}
		while (n-- > 0) {
			char c = letters[dice_below(d, sizeof(letters) - 1)];

			path[len++] = c == '/' ? 'c' : c;
		}
	}
	*ret_len = len;
	return path;
}

static size_t
draw(struct dice *d, struct given *g)
{
	size_t n = dice_below(d, dice_one_in(d, 2) ? 40 : ITEMS_MAX);

	for (size_t i = 0; i < n; i++) {
		g[i] = (struct given){ .age = i,
			.kind = (uint8_t)(1 + dice_below(d, 3)),
			.size = dice_below(d, sizeof(g[i].data) + 1) };
		g[i].path = draw_path(d, &g[i].len);
		for (size_t k = 0; k < 3; k++)
			g[i].data[k] = dice_below(d, UINT32_MAX);
	}
	/* Most of it rises already. */
	if (dice_one_in(d, 3))
		qsort(g, n, sizeof(*g), cmp_given);
	return n;
}

static void
expect_same(struct itemsort *s, struct given *g, size_t n)
{
	struct itemsort_item item;
	int rc;

	for (size_t i = 0; i < n; i++)
		g[i].age = i;
	qsort(g, n, sizeof(*g), cmp_given);
	for (size_t i = 0; i < n; i++) {
		/* A younger one replaces it. */
		if (i + 1 < n && g[i].kind == g[i + 1].kind &&
		    path_cmp(
			g[i].path, g[i].len, g[i + 1].path, g[i + 1].len) == 0)
			continue;
		rc = itemsort_next(s, &item, &err);
		if (rc != 0)
			fail_msg("%d: %s", rc, told(&err));
		assert_int_equal(item.len, g[i].len);
		assert_memory_equal(item.path, g[i].path, item.len);
		assert_int_equal(item.kind, g[i].kind);
		assert_int_equal(item.size, g[i].size);
		assert_memory_equal(item.data, g[i].data, item.size);
	}
	assert_int_equal(itemsort_next(s, &item, &err), 1);
	assert_int_equal(itemsort_next(s, &item, &err), 1);
}

static void
it_sorts_as_a_plain_sort_does(void **state)
{
	struct given *g = calloc(ITEMS_MAX, sizeof(*g));

	(void)state;
	assert_non_null(g);
	for (uint64_t seed = 0; seed < 120; seed++) {
		struct dice d = { seed };
		size_t n = draw(&d, g);
		size_t memory = dice_one_in(&d, 3) ?
		    ITEMSORT_MEMORY :
		    (size_t)1 << dice_below(&d, 18);
		struct itemsort *s;

		assert_int_equal(
		    itemsort_open(&s, scratch.dir, memory, &err), 0);
		for (size_t i = 0; i < n; i++) {
			const struct itemsort_item item = { g[i].path, g[i].len,
				g[i].kind, g[i].data, g[i].size };

			if (itemsort_add(s, &item, &err) != 0)
				fail_msg("%s", told(&err));
		}
		expect_same(s, g, n);
		assert_int_equal(scratch_count(&scratch, "."), 0);
		itemsort_close(s);
		for (size_t i = 0; i < n; i++)
			free(g[i].path);
	}
	free(g);
}

/* As long as a path gets, and each the beginning of the next. */
static void
long_paths_cost_no_stack(void **state)
{
	size_t n = 700, len = 65535;
	char *path = malloc(len);
	struct itemsort_item item = { path, 0, 1, "", 0 };
	struct itemsort *s;

	(void)state;
	assert_non_null(path);
	for (size_t i = 0; i < len; i++)
		path[i] = i % 2 == 0 ? '/' : 'x';
	assert_int_equal(
	    itemsort_open(&s, scratch.dir, ITEMSORT_MEMORY, &err), 0);
	for (size_t i = n; i > 0; i--) {
		item.len = 2 * i;
		assert_int_equal(itemsort_add(s, &item, &err), 0);
		item.len = len - 1 - 2 * i;
		assert_int_equal(itemsort_add(s, &item, &err), 0);
	}
	for (size_t i = 1; i <= n; i++) {
		assert_int_equal(itemsort_next(s, &item, &err), 0);
		assert_int_equal(item.len, 2 * i);
	}
	for (size_t i = n; i > 0; i--) {
		assert_int_equal(itemsort_next(s, &item, &err), 0);
		assert_int_equal(item.len, len - 1 - 2 * i);
	}
	assert_int_equal(itemsort_next(s, &item, &err), 1);
	itemsort_close(s);
	free(path);
}

static void
without_a_place_for_runs_it_says_so(void **state)
{
	struct itemsort_item item = { "/a", 2, 1, "", 0 };
	struct itemsort *s;

	(void)state;
	assert_int_equal(itemsort_open(&s, "/nowhere at all", 1, &err), 0);
	assert_int_equal(itemsort_add(s, &item, &err), 0);
	assert_int_equal(itemsort_add(s, &item, &err), ERR_SYS);
	itemsort_close(s);
	itemsort_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    it_sorts_as_a_plain_sort_does, fixture_dir, fixture_done),
		cmocka_unit_test_setup_teardown(
		    long_paths_cost_no_stack, fixture_dir, fixture_done),
		cmocka_unit_test(without_a_place_for_runs_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
