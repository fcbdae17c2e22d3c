/*
 * Readers while others record, merge and prune: every view is whole.
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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/maintain.h"

#define WRITERS 2
#define NIGHTS 40

static void
give_up(void)
{
	(void)fprintf(stderr, "writer: %s\n", told(&err));
	_exit(1);
}

static struct prune_rule
keep_five(void *ctx, const struct series_row *series,
    const struct snapshot_row *newest)
{
	(void)ctx;
	(void)series;
	(void)newest;
	return (struct prune_rule){ .keep = { .keep_last = 5 } };
}

/* Nights of a series, with merges and drops in between. */
static void
write_nights(int who)
{
	static char paths[60][16];
	struct line lines[61] = { 0 };
	char series[16];
	const struct prune_request drop = { .rule = keep_five, .glob = series };
	struct merge_result merged;
	struct prune_result pruned;
	struct store *s;

	(void)snprintf(series, sizeof(series), "web%d", who);
	srandom((unsigned)who);
	if (store_open(&s, dir, STORE_CREATE, &err) != 0)
		give_up();
	for (int night = 1; night <= NIGHTS; night++) {
		size_t n = 0;

		for (int i = 0; i < 60; i++) {
			if (random() % 3 == 0)
				continue;
			(void)snprintf(paths[i], sizeof(paths[i]), "/p%02d", i);
			lines[n++] = (struct line){ paths[i],
				(uint64_t)(random() % 3), 0, NULL };
		}
		lines[n] = (struct line){ 0 };
		(void)record_lines(s, series, night, NULL, lines);
		if (night % 3 == 0 &&
		    store_merge(s, night % 2 ? MERGE_ALL : MERGE_TIERED,
			&merged, NULL, NULL, &err) != 0)
			give_up();
		if (night % 7 == 0 && store_prune(s, &drop, &pruned, &err) != 0)
			give_up();
	}
	store_close(s);
	_exit(0);
}

static void
check_snapshot(struct view *v, const struct snapshot_row *row)
{
	struct digest d = { 0 };
	struct listing_item item;
	struct listing *l;
	uint64_t n = 0;
	int rc;

	if (listing_open(&l, v, row->series, row->id, &err) != 0)
		fail_msg("%s", told(&err));
	while ((rc = listing_next(l, &item, &err)) == 0) {
		digest_add(&d, item.path, item.len, &item.entry);
		n++;
	}
	if (rc < 0)
		fail_msg("%s", told(&err));
	assert_int_equal(n, row->entries);
	assert_true(digest_equal(&d, &row->digest));
	listing_close(l);
}

/* One look, as a search takes it: opened anew. */
static size_t
look(void)
{
	struct store *s;
	struct view *v;
	size_t n;

	if (store_open(&s, dir, STORE_READ, &err) != 0 ||
	    view_open(&v, s, &err) != 0)
		fail_msg("%s", told(&err));
	n = v->cat.n_snaps;
	for (size_t i = 0; i < v->cat.n_segments; i++)
		if (v->segments[i] == NULL)
			fail_msg("%s", told(&v->error[i]));
	for (size_t i = 0; i < n; i++)
		check_snapshot(v, &v->cat.snaps[i]);
	view_close(v);
	store_close(s);
	return n;
}

static void
views_are_whole_while_others_write(void **state)
{
	struct store *s;
	int left = WRITERS, status;
	size_t looks = 0;

	(void)state;
	store_close(open_or_fail(dir, STORE_CREATE));
	for (int i = 0; i < WRITERS; i++)
		if (fork() == 0)
			write_nights(i + 1);
	for (; left > 0; looks++) {
		(void)look();
		if (waitpid(-1, &status, WNOHANG) > 0) {
			assert_int_equal(status, 0);
			left--;
		}
	}
	assert_true(looks > 3);
	assert_true(look() >= 2 * 5);
	s = open_or_fail(dir, STORE_WRITE);
	expect_clean(s);
	store_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    views_are_whole_while_others_write, fixture_dir,
		    fixture_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
