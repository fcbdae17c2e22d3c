/*
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

#include "store/store_private.h"

static int
setup(void **state)
{
	srandom(42);
	return fixture_store(state);
}

static unsigned
below(unsigned n)
{
	return (unsigned)random() % n;
}

/* ---- the rule, against its own words ---- */

#define N_SNAPS 12

/* The state of a path; EVENT_GONE: nothing. */
struct state {
	uint8_t kind;
	uint64_t size; /* of the last put */
};

/* Snapshot by snapshot: the last of the events that count there. */
static size_t
resolve_slowly(const struct catalog *cat, const struct store_event *events,
    size_t n, struct change *ret)
{
	struct state was = { EVENT_GONE, 0 };
	size_t n_ret = 0;
	uint32_t after = 0;

	for (size_t k = 0; k < cat->n_snaps; k++) {
		const struct snapshot_row *kept = &cat->snaps[k];
		const struct store_event *last = NULL;

		for (size_t i = 0; i < n; i++)
			if (events[i].snap > after &&
			    events[i].snap <= kept->id &&
			    (last == NULL || events[i].snap > last->snap))
				last = &events[i];
		after = kept->id;
		if (last == NULL)
			continue;
		if (last->kind == EVENT_PUT && was.kind == EVENT_PUT &&
		    last->entry.size == was.size)
			continue;
		if (last->kind != EVENT_PUT && was.kind == EVENT_GONE)
			continue;
		if (last->kind == EVENT_UNSEEN && was.kind == EVENT_UNSEEN)
			continue;
		was.kind = last->kind;
		if (last->kind == EVENT_PUT)
			was.size = last->entry.size;
		ret[n_ret++] = (struct change){
			.snap = kept, .kind = last->kind, .entry = last->entry
		};
	}
	return n_ret;
}

static void
the_rule_of_kept_snapshots_is_applied_as_it_is_said(void **state)
{
	struct series_row series = { .id = 7 };

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct snapshot_row snaps[N_SNAPS] = { 0 };
		struct store_event events[N_SNAPS], shuffled[N_SNAPS];
		struct change fast[N_SNAPS], slow[N_SNAPS];
		struct catalog cat = {
			.series = &series, .n_series = 1, .snaps = snaps
		};
		size_t n = 0, n_fast, n_slow;

		for (uint32_t id = 1; id <= N_SNAPS; id++) {
			/* The newest may be one that was not committed. */
			if (below(3) > 0)
				snaps[cat.n_snaps++] = (struct snapshot_row){
					.id = id, .series = 7
				};
			if (below(2) > 0)
				continue;
			events[n] = (struct store_event){ .series = 7,
				.snap = id,
				.kind = (uint8_t)below(3) };
			if (events[n].kind == EVENT_PUT)
				events[n].entry = (struct entry){
					.fields = ENTRY_SIZE, .size = below(2)
				};
			n++;
		}
		memcpy(shuffled, events, sizeof(events));
		for (size_t i = n; i > 1; i--) {
			size_t k = below((unsigned)i);
			struct store_event tmp = shuffled[i - 1];

			shuffled[i - 1] = shuffled[k];
			shuffled[k] = tmp;
		}
		n_fast = changes_resolve(&cat, shuffled, n, fast);
		n_slow = resolve_slowly(&cat, events, n, slow);
		assert_int_equal(n_fast, n_slow);
		for (size_t i = 0; i < n_fast; i++) {
			assert_ptr_equal(fast[i].snap, slow[i].snap);
			assert_int_equal(fast[i].kind, slow[i].kind);
			assert_int_equal(
			    fast[i].entry.size, slow[i].entry.size);
		}
	}
}

/* ---- listings of random histories ---- */

#define N_PATHS 60
#define N_SERIES 3
#define N_NIGHTS 8

static char paths[N_PATHS][16];
static struct state history[N_SERIES][N_NIGHTS][N_PATHS];
static uint32_t ids[N_SERIES][N_NIGHTS]; /* 0: dropped */

static const char *
series_name(int s)
{
	static char name[16];

	(void)snprintf(name, sizeof(name), "web%d", s);
	return name;
}

/* One night: random legal events on the state of the night before. */
static void
record_night(int s, int night)
{
	struct recorder *r = record_begin(store, night + 1,
	    (struct record_head){ .series = series_name(s),
		.fields = ENTRY_SIZE,
		.events = true });

	for (int i = 0; i < N_PATHS; i++) {
		struct state *now = &history[s][night][i];
		struct entry e = { .fields = ENTRY_SIZE };
		uint8_t kind = (uint8_t)below(3);

		*now = night == 0 ? (struct state){ EVENT_GONE, 0 } :
				    history[s][night - 1][i];
		e.size = below(3);
		if (below(3) == 0 ||
		    !event_is_change(now->kind,
			&(struct entry){
			    .fields = ENTRY_SIZE, .size = now->size },
			kind, &e))
			continue;
		now->kind = kind;
		if (kind == EVENT_PUT)
			now->size = e.size;
		if (recorder_event(
			r, paths[i], strlen(paths[i]), kind, &e, &err) != 0)
			fail_msg("%s", told(&err));
	}
	ids[s][night] = record_finish(r).snap;
}

static void
make_history(void)
{
	for (int i = 0; i < N_PATHS; i++)
		(void)snprintf(
		    paths[i], sizeof(paths[i]), "/%c/%02d", 'a' + i / 20, i);
	for (int night = 0; night < N_NIGHTS; night++)
		for (int s = 0; s < N_SERIES; s++)
			record_night(s, night);
}

static void
drop_some(void)
{
	uint32_t drop[N_SERIES * N_NIGHTS];
	struct commit c = { .old_snaps = drop };

	for (int s = 0; s < N_SERIES; s++)
		for (int night = 0; night < N_NIGHTS - 1; night++)
			if (ids[s][night] != 0 && below(3) == 0) {
				drop[c.n_old_snaps++] = ids[s][night];
				ids[s][night] = 0;
			}
	if (store_commit(store, &c, &err) != 0)
		fail_msg("%s", told(&err));
}

/* What an unseen path was is what the kept snapshot before said; nothing, if
 * that did not know it. */
static struct state
kept_state(int s, int night, int path)
{
	struct state now = history[s][night][path];

	if (now.kind != EVENT_UNSEEN)
		return now;
	while (night-- > 0) {
		if (ids[s][night] == 0)
			continue;
		now = kept_state(s, night, path);
		if (now.kind == EVENT_PUT)
			now.kind = EVENT_UNSEEN;
		return now;
	}
	return (struct state){ EVENT_GONE, 0 };
}

static void
check_listing(struct view *v, int s, int night, int from)
{
	struct listing_item item;
	struct listing *l;
	int rc;

	assert_int_equal(
	    listing_open(&l, v, catalog_series(&v->cat, series_name(s))->id,
		ids[s][night], &err),
	    0);
	if (from > 0)
		assert_int_equal(
		    listing_seek(l, paths[from], strlen(paths[from]), &err), 0);
	for (int i = from; i < N_PATHS; i++) {
		struct state want = kept_state(s, night, i);

		if (want.kind == EVENT_GONE)
			continue;
		assert_int_equal(listing_next(l, &item, &err), 0);
		assert_int_equal(item.len, strlen(paths[i]));
		assert_memory_equal(item.path, paths[i], item.len);
		assert_int_equal(item.kind, want.kind);
		assert_int_equal(item.entry.size, want.size);
		/* Here and there, by seeking. */
		if (from > 0 && i + 5 < N_PATHS && below(4) == 0) {
			i += 1 + (int)below(4);
			assert_int_equal(listing_seek(l, paths[i + 1],
					     strlen(paths[i + 1]), &err),
			    0);
		}
	}
	rc = listing_next(l, &item, &err);
	assert_int_equal(rc, 1);
	listing_close(l);
}

static void
check_changes(struct view *v, int s, int night, int before)
{
	struct changes *c;
	struct change change;
	const char *path;
	size_t len;

	assert_int_equal(
	    changes_open(&c, v, catalog_series(&v->cat, series_name(s))->id,
		ids[s][night], &err),
	    0);
	for (int i = 0; i < N_PATHS; i++) {
		struct state was = { EVENT_GONE, 0 };
		struct state now = kept_state(s, night, i);

		if (before >= 0)
			was = kept_state(s, before, i);
		if (was.kind == now.kind &&
		    (now.kind != EVENT_PUT || was.size == now.size))
			continue;
		assert_int_equal(
		    changes_next(c, &path, &len, &change, &err), 0);
		assert_int_equal(len, strlen(paths[i]));
		assert_memory_equal(path, paths[i], len);
		assert_int_equal(change.kind, now.kind);
		assert_int_equal(change.snap->id, ids[s][night]);
		if (now.kind == EVENT_PUT)
			assert_int_equal(change.entry.size, now.size);
	}
	assert_int_equal(changes_next(c, &path, &len, &change, &err), 1);
	changes_close(c);
}

static void
check_history(void)
{
	struct view *v;

	assert_int_equal(view_open(&v, store, &err), 0);
	for (int s = 0; s < N_SERIES; s++)
		for (int night = 0, before = -1; night < N_NIGHTS; night++) {
			if (ids[s][night] == 0)
				continue;
			check_listing(v, s, night, 0);
			check_listing(v, s, night, 1 + (int)below(N_PATHS - 1));
			check_changes(v, s, night, before);
			before = night;
		}
	view_close(v);
}

static void
every_listing_is_what_was_recorded(void **state)
{
	(void)state;
	make_history();
	check_history();
}

static void
dropped_snapshots_leave_the_kept_listings_alone(void **state)
{
	(void)state;
	make_history();
	for (int round = 0; round < 3; round++) {
		drop_some();
		check_history();
	}
}

/* ---- edges ---- */

static const struct line one[] = { { "/a", 1, 0, NULL }, { NULL, 0, 0, NULL } };

static void
a_snapshot_that_is_not_kept_has_no_listing(void **state)
{
	struct record_result r = record_lines(store, "a", 1, NULL, one);
	struct listing *l;
	struct changes *c;
	struct view *v;

	(void)state;
	(void)record_lines(store, "b", 1, NULL, one);
	assert_int_equal(view_open(&v, store, &err), 0);
	assert_int_equal(listing_open(&l, v, 2, r.snap, &err), ERR_NOTFOUND);
	assert_int_equal(listing_open(&l, v, 1, 999, &err), ERR_NOTFOUND);
	assert_int_equal(changes_open(&c, v, 2, r.snap, &err), ERR_NOTFOUND);
	view_close(v);
}

static void
a_series_without_snapshots_lists_nothing(void **state)
{
	struct listing_item item;
	struct listing *l;
	struct view *v;

	(void)state;
	assert_int_equal(view_open(&v, store, &err), 0);
	assert_int_equal(listing_open(&l, v, 5, 0, &err), 0);
	assert_int_equal(listing_seek(l, "/a", 2, &err), 0);
	assert_int_equal(listing_next(l, &item, &err), 1);
	listing_close(l);
	view_close(v);
}

static void
a_damaged_segment_makes_no_listing(void **state)
{
	static const struct line two[] = { { "/b", 1, 0, NULL },
		{ NULL, 0, 0, NULL } };
	struct listing *l;
	struct view *v;
	FILE *f;

	(void)state;
	(void)record_lines(store, "a", 1, NULL, one);
	(void)record_lines(store, "a", 2, NULL, two);
	f = fopen(scratch_path(&scratch, "store/seg/2.seg"), "r+");
	assert_non_null(f);
	assert_int_equal(fputc('x', f), 'x');
	assert_int_equal(fclose(f), 0);
	assert_int_equal(view_open(&v, store, &err), 0);
	assert_non_null(v->segments[0]);
	assert_null(v->segments[1]);
	assert_int_equal(v->error[1].code, ERR_FORMAT);
	assert_int_equal(listing_open(&l, v, 1, 0, &err), ERR_FORMAT);
	assert_non_null(strstr(told(&err), "2.seg"));
	view_close(v);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_done)
	const struct CMUnitTest tests[] = {
		TEST(the_rule_of_kept_snapshots_is_applied_as_it_is_said),
		TEST(every_listing_is_what_was_recorded),
		TEST(dropped_snapshots_leave_the_kept_listings_alone),
		TEST(a_snapshot_that_is_not_kept_has_no_listing),
		TEST(a_series_without_snapshots_lists_nothing),
		TEST(a_damaged_segment_makes_no_listing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
