/*
 * Both ends of a push against each other, and the receiving end against
 * clients that lie.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "indexer/push_session.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/when.h"
#include "store/maintain.h"
#include "tests/support/lines.h"
#include "tests/support/pushing.h"
#include "tests/support/scratch.h"

#define MINUTE (60 * NS_PER_S)

struct fixture {
	struct scratch scratch;
	char local[SCRATCH_PATH], central[SCRATCH_PATH];
	int64_t start; /* before any date used */
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	scratch_make(&f->scratch);
	(void)snprintf(f->local, sizeof(f->local), "%s",
	    scratch_path(&f->scratch, "local"));
	(void)snprintf(f->central, sizeof(f->central), "%s",
	    scratch_path(&f->scratch, "central"));
	f->start = when_now() - 600 * MINUTE;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	scratch_remove(&f->scratch);
	free(f);
	return 0;
}

/* A snapshot `minute` minutes after the start. */
static void
record(struct fixture *f, const char *dir, const char *series, int minute,
    const struct line *lines)
{
	struct err err = ERR_INIT;
	struct store *s;

	assert_int_equal(store_open(&s, dir, STORE_CREATE, &err), 0);
	(void)record_lines(s, series, f->start + minute * MINUTE, NULL, lines);
	store_close(s);
}

static const struct line night1[] = { { "/", 0, 'd', NULL },
	{ "/a", 1, 0, NULL }, { "/b", 2, 0, NULL }, { "/b-link", 3, 'l', "b" },
	{ NULL, 0, 0, NULL } };
static const struct line night2[] = { { "/", 0, 'd', NULL },
	{ "/a", 10, 0, NULL }, { "/b-link", 3, 'l', "b" }, { "/c", 3, 0, NULL },
	{ NULL, 0, 0, NULL } };
static const struct line night3[] = { { "/", 0, 'd', NULL },
	{ "/a", 10, 0, NULL }, { "/c", 4, 0, NULL }, { "/d", 5, 0, NULL },
	{ NULL, 0, 0, NULL } };

/* The whole history of a series, as text: listing and changes of each kept
 * snapshot, with the date. */
static char *
history(struct fixture *f, const char *dir, const char *series)
{
	struct err err = ERR_INIT;
	struct catalog cat;
	struct store *s;
	const struct series_row *row;
	struct buf text = { 0 };

	assert_int_equal(store_open(&s, dir, STORE_READ, &err), 0);
	assert_int_equal(catalog_read(&cat, s, &err), 0);
	if ((row = catalog_series(&cat, series)) != NULL) {
		size_t n;
		const struct snapshot_row *snaps = catalog_snaps(
		    &cat, row->id, &n);

		for (size_t i = 0; i < n; i++) {
			char *listing = listing_text(s, series, snaps[i].id);
			char *changes = changes_text(s, series, snaps[i].id);
			struct buf origin = { 0 };

			assert_int_equal(
			    snapshot_origin(&origin, s, &snaps[i], &err), 0);

			assert_int_equal(
			    buf_printf(&text, "@%lld %s\n%s%s",
				(long long)(snaps[i].date_ns - f->start),
				buf_str(&origin), listing, changes),
			    0);
			buf_done(&origin);
			free(listing);
			free(changes);
		}
	}
	catalog_done(&cat);
	store_close(s);
	if (text.len == 0)
		assert_int_equal(buf_add_str(&text, "nothing"), 0);
	(void)buf_str(&text);
	return (char *)text.data;
}

static void
assert_same_history(struct fixture *f)
{
	char *a = history(f, f->local, "web01");
	char *b = history(f, f->central, "web01");

	assert_string_equal(a, b);
	free(a);
	free(b);
}

static void
assert_clean(const char *dir)
{
	struct err err = ERR_INIT;
	struct check_result result;
	struct store *s;

	assert_int_equal(store_open(&s, dir, STORE_WRITE, &err), 0);
	assert_int_equal(store_check(s, &result, NULL, NULL, &err), 0);
	assert_int_equal(result.differences, 0);
	store_close(s);
}

static struct pushed
push(struct fixture *f)
{
	return push_between(f->local, f->central, "web01", NULL, SIZE_MAX);
}

/* A push that must go well, of so many snapshots. */
static void
push_well(struct fixture *f, size_t snapshots)
{
	struct pushed p = push(f);

	assert_string_equal(told(&p.push_err), "");
	assert_string_equal(told(&p.receive_err), "");
	assert_int_equal(p.push.snapshots, snapshots);
	assert_int_equal(p.receive.snapshots, snapshots);
}

static void
a_series_arrives_as_it_is(void **state)
{
	struct fixture *f = *state;

	record(f, f->local, "web01", 1, night1);
	record(f, f->local, "web01", 2, night2);
	push_well(f, 2);
	assert_same_history(f);
	push_well(f, 0);
	record(f, f->local, "web01", 3, night3);
	push_well(f, 1);
	assert_clean(f->central);
}

static void
only_the_hosts_own_series_travel(void **state)
{
	struct fixture *f = *state;
	char *h;

	record(f, f->local, "web01", 1, night1);
	record(f, f->local, "web01/backup/etc", 1, night2);
	record(f, f->local, "web012", 1, night2);
	push_well(f, 2);
	h = history(f, f->central, "web012");
	assert_string_equal(h, "nothing");
	free(h);
	h = history(f, f->central, "web01/backup/etc");
	assert_string_not_equal(h, "nothing");
	free(h);
}

static void
a_snapshot_without_changes_is_one_too(void **state)
{
	struct fixture *f = *state;

	record(f, f->local, "web01", 1, night1);
	record(f, f->local, "web01", 2, night1);
	push_well(f, 2);
	assert_same_history(f);
}

static void
a_lost_client_store_goes_on_with_a_whole_listing(void **state)
{
	struct fixture *f = *state;
	char *h;

	record(f, f->local, "web01", 1, night1);
	record(f, f->local, "web01", 2, night2);
	push_well(f, 2);
	(void)snprintf(f->local, sizeof(f->local), "%s",
	    scratch_path(&f->scratch, "local2"));
	/* Its clock is behind: nothing is later than what the server has. */
	record(f, f->local, "web01", 1, night3);
	push_well(f, 1);
	push_well(f, 0);
	h = history(f, f->central, "web01");
	assert_non_null(strstr(h, "gone /b-link\nput /c 4\nput /d 5\n"));
	free(h);
	record(f, f->local, "web01", 700, night1);
	push_well(f, 1);
	assert_clean(f->central);
}

/* Copy a store, as a backup does. */
static void
copy(struct fixture *f, const char *from, const char *to)
{
	char command[3 * SCRATCH_PATH];

	(void)f;
	(void)snprintf(command, sizeof(command), "rm -rf '%s'; cp -a '%s' '%s'",
	    to, from, to);
	assert_int_equal(system(command), 0);
}

static void
a_client_rolled_back_goes_on(void **state)
{
	struct fixture *f = *state;
	char kept[SCRATCH_PATH];

	(void)snprintf(
	    kept, sizeof(kept), "%s", scratch_path(&f->scratch, "kept"));
	record(f, f->local, "web01", 1, night1);
	push_well(f, 1);
	copy(f, f->local, kept);
	record(f, f->local, "web01", 2, night2);
	push_well(f, 1);
	copy(f, kept, f->local);
	/* Number 2 again, and another one. */
	record(f, f->local, "web01", 300, night3);
	push_well(f, 1);
	record(f, f->local, "web01", 301, night1);
	push_well(f, 1);
	push_well(f, 0);
	assert_clean(f->central);
}

static void
a_server_restored_to_an_older_copy_gets_the_rest_again(void **state)
{
	struct fixture *f = *state;
	char kept[SCRATCH_PATH];
	struct err err = ERR_INIT;
	struct store *s;
	uint64_t acked;

	(void)snprintf(
	    kept, sizeof(kept), "%s", scratch_path(&f->scratch, "kept"));
	record(f, f->local, "web01", 1, night1);
	push_well(f, 1);
	copy(f, f->central, kept);
	record(f, f->local, "web01", 602, night2);
	record(f, f->local, "web01", 603, night3);
	push_well(f, 2);
	copy(f, kept, f->central);
	/* Cut before the first of them is acknowledged: it counts as not. */
	(void)push_between(f->local, f->central, "web01", NULL, 60);
	assert_int_equal(store_open(&s, f->local, STORE_READ, &err), 0);
	assert_int_equal(store_acked(s, "web01", &acked, &err), 0);
	assert_int_equal(acked, 1);
	store_close(s);
	push_well(f, 2);
	assert_same_history(f);
	push_well(f, 0);
}

static void
a_new_server_gets_everything_that_is_kept(void **state)
{
	struct fixture *f = *state;

	record(f, f->local, "web01", 1, night1);
	record(f, f->local, "web01", 2, night2);
	push_well(f, 2);
	(void)snprintf(f->central, sizeof(f->central), "%s",
	    scratch_path(&f->scratch, "central2"));
	push_well(f, 2);
	assert_same_history(f);
}

static void
a_cloned_host_is_taken_and_warned_of(void **state)
{
	struct fixture *f = *state;
	char clone[SCRATCH_PATH];
	struct pushed p;

	(void)snprintf(
	    clone, sizeof(clone), "%s", scratch_path(&f->scratch, "clone"));
	record(f, f->local, "web01", 1, night1);
	push_well(f, 1);
	record(f, clone, "web01", 601, night2);
	p = push_between(clone, f->central, "web01", NULL, SIZE_MAX);
	assert_int_equal(p.sent, 0);
	assert_int_equal(p.push.snapshots, 1);
	/* The first has nothing new: it keeps silent. */
	push_well(f, 0);
	record(f, f->local, "web01", 602, night3);
	push_well(f, 1);
	record(f, clone, "web01", 603, night1);
	p = push_between(clone, f->central, "web01", NULL, SIZE_MAX);
	assert_int_equal(p.push.snapshots, 1);
	assert_clean(f->central);
}

/* Whatever byte the connection ends at, what was acknowledged is there, and
 * the next push brings the rest. */
static void
a_connection_cut_at_any_byte_loses_nothing(void **state)
{
	struct fixture *f = *state;
	size_t cut = 0, done = 0;

	record(f, f->local, "web01", 1, night1);
	record(f, f->local, "web01", 2, night2);
	for (; done == 0; cut += cut < 60 ? 1 : 7) {
		struct pushed p;
		char name[32];

		(void)snprintf(name, sizeof(name), "central-%zu", cut);
		(void)snprintf(f->central, sizeof(f->central), "%s",
		    scratch_path(&f->scratch, name));
		p = push_between(f->local, f->central, "web01", NULL, cut);
		if (p.sent == 0) {
			done = 1;
			continue;
		}
		assert_true(p.push.snapshots <= p.receive.snapshots);
		push_well(f, 2 - p.receive.snapshots);
		assert_same_history(f);
		if (cut % 10 == 0)
			assert_clean(f->central);
	}
	assert_true(cut > 300);
}

static void
changes_that_do_not_fit_are_mended_by_a_whole_listing(void **state)
{
	struct fixture *f = *state;
	char kept[SCRATCH_PATH];
	char *h;

	(void)snprintf(
	    kept, sizeof(kept), "%s", scratch_path(&f->scratch, "kept"));
	record(f, f->local, "web01", 1, night1);
	push_well(f, 1);
	/* The same store id, number and digest, and yet another listing is
	 * there: as after a fault of ours. */
	{
		struct err err = ERR_INIT;
		struct record_head head = { .series = "web01",
			.origin = "file:///",
			.scope = &(struct scope){ 0 },
			.fields = ENTRY_ALL,
			.date_ns = f->start + 2 * MINUTE };
		struct record_result result;
		struct recorder *rec;
		struct catalog cat;
		struct store *s;
		struct entry e = line_entry(&night2[1]);

		assert_int_equal(
		    store_open(&s, f->central, STORE_WRITE, &err), 0);
		assert_int_equal(catalog_read(&cat, s, &err), 0);
		assert_int_equal(recorder_begin(&rec, s, &head, &err), 0);
		assert_int_equal(recorder_observe(rec, "/a", 2, &e, &err), 0);
		recorder_set_peer(rec, cat.snaps[0].peer_store,
		    cat.snaps[0].peer_number, &cat.snaps[0].peer_digest);
		assert_int_equal(recorder_finish(rec, &result, &err), 0);
		recorder_free(rec);
		catalog_done(&cat);
		store_close(s);
	}
	record(f, f->local, "web01", 602, night2);
	push_well(f, 1);
	h = history(f, f->central, "web01");
	assert_non_null(strstr(h, "/c 3\n"));
	free(h);
	record(f, f->local, "web01", 603, night3);
	push_well(f, 1);
	assert_clean(f->central);
}

static void
quotas_refuse_and_say_so(void **state)
{
	static const struct receive_limits limits[] = { { .bytes = 100 },
		{ .entries = 3 }, { .path_bytes = 5 },
		{ .snapshots_a_day = 1 } };
	struct fixture *f = *state;

	record(f, f->local, "web01", 1, night1);
	record(f, f->local, "web01", 2, night2);
	for (size_t i = 0; i < 4; i++) {
		struct pushed p = push_between(
		    f->local, f->central, "web01", &limits[i], SIZE_MAX);

		assert_int_equal(p.sent, ERR_REFUSED);
		assert_non_null(strstr(told(&p.push_err), "quota"));
		assert_int_equal(p.receive_err.code, ERR_REFUSED);
		assert_int_equal(p.push.snapshots, i == 3 ? 1 : 0);
	}
	push_well(f, 1);
	assert_same_history(f);
}

/* Whoever has the series longer than a push waits is named, nothing arrives,
 * and the snapshot goes with the next push. */
static void
a_series_that_stays_held_is_told_and_pushed_next_time(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;
	struct series_lock *lock;
	struct pushed p;
	struct store *s;
	char want[SCRATCH_PATH + 128];
	char *h;

	record(f, f->local, "web01", 1, night1);
	assert_int_equal(store_open(&s, f->central, STORE_CREATE, &err), 0);
	assert_int_equal(
	    series_lock_take(&lock, s, "web01", "lindex import", 0, &err), 0);
	p = push(f);
	(void)snprintf(want, sizeof(want),
	    "series web01: it says: store %s: web01 is being recorded by "
	    "process %ld (lindex import), since ",
	    f->central, (long)getpid());
	if (strncmp(told(&p.push_err), want, strlen(want)) != 0)
		fail_msg("%s\nis not\n%s", told(&p.push_err), want);
	assert_int_equal(p.sent, ERR_REFUSED);
	assert_int_equal(p.received, ERR_BUSY);
	assert_int_equal(p.push.snapshots, 0);
	h = history(f, f->central, "web01");
	assert_string_equal(h, "nothing");
	free(h);
	series_lock_release(lock);
	store_close(s);
	push_well(f, 1);
	assert_same_history(f);
}

static void
a_date_is_brought_between_the_last_push_and_now(void **state)
{
	(void)state;
	assert_true(receive_date(50, INT64_MIN, 100) == 50);
	assert_true(receive_date(50, 60, 100) == 61);
	assert_true(receive_date(60, 60, 100) == 61);
	assert_true(receive_date(61, 60, 100) == 61);
	assert_true(
	    receive_date(100 + 5 * MINUTE, 60, 100) == 100 + 5 * MINUTE);
	assert_true(receive_date(INT64_MAX, 60, 100) == 100 + 5 * MINUTE);
	assert_true(
	    receive_date(INT64_MIN, 200 + 5 * MINUTE, 100) == 201 + 5 * MINUTE);
}

static void
a_snapshot_of_the_future_is_of_now(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;
	struct catalog cat;
	struct store *s;

	record(f, f->local, "web01", 100000, night1);
	push_well(f, 1);
	assert_int_equal(store_open(&s, f->central, STORE_READ, &err), 0);
	assert_int_equal(catalog_read(&cat, s, &err), 0);
	assert_int_equal(cat.n_snaps, 1);
	assert_true(cat.snaps[0].date_ns <= when_now() + 5 * MINUTE);
	assert_true(cat.snaps[0].clock_ns == f->start + 100000 * MINUTE);
	catalog_done(&cat);
	store_close(s);
	record(f, f->local, "web01", 100001, night2);
	push_well(f, 1);
	assert_clean(f->central);
}

/* ---- clients that lie ---- */

static void
begin(struct buf *b, const char *series)
{
	struct wire_hello hello = { .version = WIRE_VERSION };

	buf_clear(b);
	assert_int_equal(wire_put_hello(b, &hello), 0);
	assert_int_equal(wire_put_series(b, series, strlen(series)), 0);
}

static void
add_snapshot(struct buf *b, const struct wire_snapshot *m)
{
	struct wire_snapshot whole = *m;
	struct scope scope = { 0 };
	struct buf bytes = { 0 };

	assert_int_equal(scope_encode(&scope, &bytes), 0);
	whole.number = 1;
	whole.fields = ENTRY_ALL;
	whole.origin = "file:///";
	whole.origin_len = 8;
	whole.scope = bytes.data;
	whole.scope_len = bytes.len;
	assert_int_equal(wire_put_snapshot(b, &whole), 0);
	buf_done(&bytes);
}

static void
add_events(struct buf *b, const char *path, uint8_t kind)
{
	struct wire_batch *wb = wire_batch_new();
	struct line line = { path, 7, 0, NULL };
	struct entry e = line_entry(&line);
	struct err err = ERR_INIT;

	assert_int_equal(
	    wire_batch_add(wb, path, strlen(path), kind, &e, &err), 0);
	assert_int_equal(wire_batch_flush(wb, b, &err), 0);
	wire_batch_free(wb);
}

static void
refused(struct fixture *f, const struct buf *b, const char *why)
{
	struct pushed p = receive_bytes(
	    b->data, b->len, f->central, "web01", NULL);

	assert_int_not_equal(p.received, 0);
	if (strstr(told(&p.receive_err), why) == NULL)
		fail_msg("\"%s\" has no \"%s\"", told(&p.receive_err), why);
	assert_int_equal(p.receive.snapshots, 0);
	assert_int_equal(scratch_count(&f->scratch, "central/tmp"), 0);
}

static void
lies_are_refused_by_name(void **state)
{
	struct fixture *f = *state;
	struct wire_snapshot full = { .full = true, .entries = 2 },
			     changes = { 0 };
	struct buf b = { 0 };

	assert_int_equal(buf_add_str(&b, "GET / HTTP/1.1\r\n"), 0);
	refused(f, &b, "not a message of the push protocol");
	buf_clear(&b);
	refused(f, &b, "nothing came");
	begin(&b, "../web02");
	refused(f, &b, "is not a name");
	begin(&b, "x");
	assert_int_equal(wire_put_series(&b, "y", 1), 0);
	assert_int_equal(wire_put_end(&b), 0);
	refused(f, &b, "END message out of place");
	/* Names alone leave nothing behind. */
	assert_int_equal(scratch_count(&f->scratch, "central/series"), 0);
	begin(&b, "");
	add_snapshot(&b, &changes);
	refused(f, &b, "nothing here that they could change");
	begin(&b, "");
	add_snapshot(&b, &full);
	refused(f, &b, "the stream ends inside a snapshot");
	begin(&b, "");
	add_snapshot(&b, &full);
	add_events(&b, "/a", EVENT_GONE);
	refused(f, &b, "entries only");
	begin(&b, "");
	add_snapshot(&b, &full);
	add_events(&b, "/b", EVENT_PUT);
	add_events(&b, "/a", EVENT_PUT);
	refused(f, &b, "out of order");
	begin(&b, "");
	add_snapshot(&b, &full);
	add_events(&b, "/b", EVENT_PUT);
	assert_int_equal(wire_put_end(&b), 0);
	refused(f, &b, "1 entries came where 2 were announced");
	b.len -= 1;
	refused(f, &b, "ends inside a message");
	begin(&b, "");
	add_snapshot(&b, &full);
	add_events(&b, "/a", EVENT_PUT);
	add_events(&b, "/b", EVENT_PUT);
	add_events(&b, "/c", EVENT_PUT);
	refused(f, &b, "more entries came than the 2 that were announced");
	begin(&b, "");
	add_snapshot(&b, &full);
	add_events(&b, "/b", EVENT_PUT);
	assert_int_equal(
	    wire_put_unread(&b, &(struct wire_unread){ "/a", 2, EACCES, true },
		1, &(size_t){ 0 }),
	    0);
	refused(f, &b, "UNREAD message after events");
	buf_done(&b);
}

/* A client that insists on changes that do not fit gets no snapshot in. */
static void
illegal_changes_are_never_committed(void **state)
{
	struct fixture *f = *state;
	struct wire_snapshot changes = { .number = 2 };
	struct buf b = { 0 };
	struct pushed p;
	char *before, *after;

	record(f, f->local, "web01", 1, night1);
	push_well(f, 1);
	before = history(f, f->central, "web01");
	begin(&b, "");
	add_snapshot(&b, &changes);
	add_events(&b, "/nowhere", EVENT_GONE);
	assert_int_equal(wire_put_end(&b), 0);
	p = receive_bytes(b.data, b.len, f->central, "web01", NULL);
	assert_int_equal(p.receive.snapshots, 0);
	add_snapshot(&b, &changes);
	refused(f, &b, "nothing here that they could change");
	after = history(f, f->central, "web01");
	assert_string_equal(before, after);
	free(before);
	free(after);
	buf_done(&b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_series_arrives_as_it_is),
		TEST(only_the_hosts_own_series_travel),
		TEST(a_snapshot_without_changes_is_one_too),
		TEST(a_lost_client_store_goes_on_with_a_whole_listing),
		TEST(a_client_rolled_back_goes_on),
		TEST(a_server_restored_to_an_older_copy_gets_the_rest_again),
		TEST(a_new_server_gets_everything_that_is_kept),
		TEST(a_cloned_host_is_taken_and_warned_of),
		TEST(a_connection_cut_at_any_byte_loses_nothing),
		TEST(changes_that_do_not_fit_are_mended_by_a_whole_listing),
		TEST(quotas_refuse_and_say_so),
		TEST(a_series_that_stays_held_is_told_and_pushed_next_time),
		TEST(a_date_is_brought_between_the_last_push_and_now),
		TEST(a_snapshot_of_the_future_is_of_now),
		TEST(lies_are_refused_by_name),
		TEST(illegal_changes_are_never_committed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
