/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/merge_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Kept: 3, 7 and 8 of series 1, 4 of series 2. */
static struct snapshot_row kept[] = {
	{ .id = 3, .series = 1 },
	{ .id = 7, .series = 1 },
	{ .id = 8, .series = 1 },
	{ .id = 4, .series = 2 },
};
static const struct catalog cat = { .snaps = kept, .n_snaps = 4 };

#define TABLE(...)                                                         \
	{                                                                  \
		(const struct segment_snap[]){ __VA_ARGS__ },              \
		    sizeof((const struct segment_snap[]){ __VA_ARGS__ }) / \
		    sizeof(struct segment_snap)                            \
	}

/* The plan's output table as text: "1:3 1:7 ". */
static const char *
out_text(const struct merge_plan *p)
{
	static char text[256];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < p->n_out; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%u:%u ", p->out[i].series, p->out[i].id);
	return text;
}

static struct merge_plan
plan_of(const struct snap_table *in, size_t n_in, const struct snap_table *out,
    size_t n_out, bool blind)
{
	struct err err = ERR_INIT;
	struct merge_plan p;

	assert_int_equal(
	    merge_plan_make(&p, &cat, in, n_in, out, n_out, blind, &err), 0);
	return p;
}

static void
events_move_to_the_kept_snapshot_they_count_on(void **state)
{
	const struct snap_table in[] = {
		TABLE({ 1, 1 }, { 1, 3 }, { 1, 5 }),
		TABLE({ 1, 7 }, { 2, 2 }),
	};
	struct merge_plan p = plan_of(in, 2, NULL, 0, false);

	(void)state;
	assert_string_equal(out_text(&p), "1:3 1:7 2:4 ");
	assert_int_equal(p.rank[0][2], 2);
	assert_int_equal(p.rank[1][0], 3);
	assert_int_equal(p.snap[2].out, 1);
	assert_int_equal(p.snap[3].out, 1);
	for (size_t i = 0; i < p.n_snaps; i++)
		assert_true(p.snap[i].settled);
	merge_plan_done(&p);
}

static void
events_do_not_move_past_those_outside(void **state)
{
	const struct snap_table in[] = {
		TABLE({ 1, 1 }, { 1, 4 }, { 1, 6 }, { 2, 1 }),
	};
	const struct snap_table out[] = {
		TABLE({ 1, 5 }),
		TABLE({ 2, 4 }),
	};
	struct merge_plan p = plan_of(in, 1, out, 2, false);

	(void)state;
	/* 4 would pass 5; 1 of series 2 would meet 4 itself. */
	assert_string_equal(out_text(&p), "1:3 1:4 1:7 2:1 ");
	assert_true(p.snap[0].settled);
	assert_true(p.snap[1].settled);
	assert_false(p.snap[2].settled);
	assert_true(p.snap[3].settled);
	merge_plan_done(&p);
}

static void
nothing_moves_and_nothing_is_settled_in_the_blind(void **state)
{
	const struct snap_table in[] = { TABLE({ 1, 1 }, { 1, 6 }) };
	struct merge_plan p = plan_of(in, 1, NULL, 0, true);

	(void)state;
	assert_string_equal(out_text(&p), "1:1 1:6 ");
	assert_false(p.snap[0].settled);
	merge_plan_done(&p);
}

static void
snapshots_without_a_kept_one_after_them_stay(void **state)
{
	const struct snap_table in[] = { TABLE({ 1, 9 }, { 2, 5 }) };
	struct merge_plan p = plan_of(in, 1, NULL, 0, false);

	(void)state;
	assert_string_equal(out_text(&p), "1:9 2:5 ");
	assert_false(p.snap[0].settled);
	merge_plan_done(&p);
}

static void
a_series_without_snapshots_was_dropped_and_goes(void **state)
{
	const struct snap_table in[] = { TABLE({ 1, 3 }, { 5, 2 }, { 6, 1 }) };
	struct merge_plan p = plan_of(in, 1, NULL, 0, true);
	struct event ev[] = { { .snap = 1, .kind = EVENT_PUT },
		{ .snap = 0, .kind = EVENT_PUT },
		{ .snap = 2, .kind = EVENT_PUT } };

	(void)state;
	assert_string_equal(out_text(&p), "1:3 ");
	assert_int_equal(merge_events(&p, ev, 3), 1);
	assert_int_equal(ev[0].snap, 0);
	merge_plan_done(&p);
}

/*
 * Events as text: a rank, then p and a size, g or u. "0p1 2g".
 */
static size_t
events_parse(const char *text, struct event *ev)
{
	size_t n = 0;

	for (const char *p = text; *p != '\0'; n++) {
		ev[n] = (struct event){ .snap = (uint32_t)(p[0] - '0') };
		if (p[1] == 'p') {
			ev[n].kind = EVENT_PUT;
			ev[n].entry.fields = ENTRY_SIZE;
			ev[n].entry.size = (uint64_t)(p[2] - '0');
			p++;
		} else {
			ev[n].kind = p[1] == 'g' ? EVENT_GONE : EVENT_UNSEEN;
		}
		p += p[2] == ' ' ? 3 : 2;
	}
	return n;
}

static void
assert_merged(const struct merge_plan *p, const char *in, const char *out)
{
	struct event ev[10];
	char got[64] = "";
	size_t n, len = 0;

	n = merge_events(p, ev, events_parse(in, ev));
	for (size_t i = 0; i < n; i++) {
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%u%c",
		    i > 0 ? " " : "", ev[i].snap, "pgu"[ev[i].kind]);
		if (ev[i].kind == EVENT_PUT)
			len += (size_t)snprintf(got + len, sizeof(got) - len,
			    "%u", (unsigned)ev[i].entry.size);
	}
	assert_string_equal(got, out);
}

/* Ranks 0..7: series 1, snapshots 1 2 3 | 4 5 6 7 | 8, on 3, 7, 8 (out 0 1 2);
 * rank 8: series 2, snapshot 4 (out 3). */
static const struct snap_table whole[] = {
	TABLE({ 1, 1 }, { 1, 2 }, { 1, 3 }, { 1, 4 }, { 1, 5 }, { 1, 6 },
	    { 1, 7 }, { 1, 8 }, { 2, 4 }),
};

static void
the_last_event_on_a_snapshot_wins(void **state)
{
	struct merge_plan p = plan_of(whole, 1, NULL, 0, false);

	(void)state;
	assert_merged(&p, "0p1 1p2 2p3", "0p3");
	assert_merged(&p, "2p3 1p2 0p1", "0p3");
	assert_merged(&p, "0p1 1g", "");
	assert_merged(&p, "2p1 3g 4p2 5u", "0p1 1u");
	assert_merged(&p, "2p1 4p2 8p2", "0p1 1p2 3p2");
	merge_plan_done(&p);
}

static void
events_that_change_nothing_go(void **state)
{
	struct merge_plan p = plan_of(whole, 1, NULL, 0, false);

	(void)state;
	assert_merged(&p, "2p1 6p1", "0p1");
	assert_merged(&p, "2p1 3p2 6p1", "0p1");
	assert_merged(&p, "2p1 6p2", "0p1 1p2");
	assert_merged(&p, "2g", "");
	assert_merged(&p, "2u 6p1", "1p1");
	assert_merged(&p, "2g 6u", "");
	assert_merged(&p, "2p1 6u 7u", "0p1 1u");
	assert_merged(&p, "2p1 6u 7g", "0p1 1u 2g");
	assert_merged(&p, "2p1 6g 7u", "0p1 1g");
	/* The state is each series' own. */
	assert_merged(&p, "2p1 8p1", "0p1 3p1");
	assert_merged(&p, "2p1 8g", "0p1");
	merge_plan_done(&p);
}

static void
events_that_may_change_something_outside_stay(void **state)
{
	const struct snap_table outside[] = { TABLE({ 1, 2 }) };
	const struct snap_table in[] = {
		TABLE({ 1, 1 }, { 1, 3 }, { 1, 7 }),
	};
	struct merge_plan p = plan_of(in, 1, outside, 1, false);

	(void)state;
	/* 1 stays 1: snapshot 2, outside, comes after it on 3. */
	assert_string_equal(out_text(&p), "1:1 1:3 1:7 ");
	assert_merged(&p, "0g 1g 2g", "1g 2g");
	assert_merged(&p, "0g", "");
	assert_merged(&p, "0p1 2p1", "0p1 2p1");
	assert_merged(&p, "1p1 2p1", "1p1 2p1");
	/* On one kept snapshot the last wins, whatever is outside. */
	assert_merged(&p, "0p1 1p2", "1p2");
	merge_plan_done(&p);
}

static void
few_segments_are_left_alone(void **state)
{
	const uint64_t bytes[] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 };

	(void)state;
	for (size_t n = 0; n <= MERGE_LIVE_MAX; n++)
		assert_int_equal(merge_pick(bytes, n, 0, n), 0);
	assert_int_equal(merge_pick(bytes, 9, 0, 9), 9);
}

static void
large_segments_wait_until_small_ones_add_up(void **state)
{
	const uint64_t night[] = { 1, 1, 1, 1, 1, 1, 1, 30, 100 };
	const uint64_t grown[] = { 5, 5, 5, 5, 5, 5, 5, 30, 100 };
	const uint64_t steep[] = { 1, 2, 4, 8, 16, 32, 64, 128, 256 };
	const uint64_t steeper[] = { 1, 3, 9, 27, 81, 243, 729, 2187, 6561 };

	(void)state;
	assert_int_equal(merge_pick(night, 9, 0, 1), 7);
	assert_int_equal(merge_pick(grown, 9, 0, 1), 8);
	assert_int_equal(merge_pick(steep, 9, 0, 1), 2);
	assert_int_equal(merge_pick(steeper, 9, 0, 1), 2);
}

static void
dropped_snapshots_are_worth_a_whole_merge(void **state)
{
	const uint64_t bytes[] = { 1, 100 };

	(void)state;
	assert_int_equal(merge_pick(bytes, 2, 3, 16), 0);
	assert_int_equal(merge_pick(bytes, 2, 4, 16), 2);
	assert_int_equal(merge_pick(bytes, 1, 1, 1), 1);
}

/* A year of nights of ten hosts, each pushed and merged one after the other:
 * the reasoning in merge_pick.c, kept true. */
static void
a_year_stays_small_and_is_written_a_few_times(void **state)
{
	uint64_t seg[64], written = 0, taken = 0;
	size_t n = 0;

	(void)state;
	srand(1);
	for (int i = 0; i < 365 * 10; i++) {
		uint64_t add = i < 10 ?
		    2000000 :
		    (uint64_t)(i % 10 + 1) * 30000 + (uint64_t)rand() % 9999;
		size_t at = n, pick;

		taken += add;
		for (; at > 0 && seg[at - 1] > add; at--)
			seg[at] = seg[at - 1];
		seg[at] = add;
		n++;
		while ((pick = merge_pick(seg, n, 0, n)) > 0) {
			uint64_t sum = 0;

			for (size_t k = 0; k < pick; k++)
				sum += seg[k];
			memmove(seg, seg + pick, (n - pick) * sizeof(*seg));
			n -= pick;
			for (at = n; at > 0 && seg[at - 1] > sum; at--)
				seg[at] = seg[at - 1];
			seg[at] = sum;
			n++;
			written += sum;
		}
		assert_true(n <= MERGE_LIVE_MAX);
	}
	assert_true(written < 8 * taken);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    events_move_to_the_kept_snapshot_they_count_on),
		cmocka_unit_test(events_do_not_move_past_those_outside),
		cmocka_unit_test(
		    nothing_moves_and_nothing_is_settled_in_the_blind),
		cmocka_unit_test(snapshots_without_a_kept_one_after_them_stay),
		cmocka_unit_test(
		    a_series_without_snapshots_was_dropped_and_goes),
		cmocka_unit_test(the_last_event_on_a_snapshot_wins),
		cmocka_unit_test(events_that_change_nothing_go),
		cmocka_unit_test(events_that_may_change_something_outside_stay),
		cmocka_unit_test(few_segments_are_left_alone),
		cmocka_unit_test(large_segments_wait_until_small_ones_add_up),
		cmocka_unit_test(dropped_snapshots_are_worth_a_whole_merge),
		cmocka_unit_test(a_year_stays_small_and_is_written_a_few_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
