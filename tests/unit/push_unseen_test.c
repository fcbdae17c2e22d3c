/*
 * What nobody wanted to look at, on its way to the server: unseen on the host is
 * unseen there, whether it comes as changes or with a whole listing.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/expect.h"
#include "tests/support/pair.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct line whole[] = { { "/", 0, 'd', NULL },
	{ "/a", 0, 'd', NULL }, { "/a/x", 5, 0, NULL }, { "/b", 1, 0, NULL },
	{ NULL, 0, 0, NULL } };

/* A server takes no night for older than the push before, which is of minute
 * 600. How a night goes about /a. */
enum night { OUTSIDE, UNREAD, ADDITIVE, READ };

/* Of all that is there, /a/x has gone meanwhile. */
static void
record(const struct pair *pair, int minute, enum night night)
{
	struct store *s = open_or_fail(pair->local, STORE_CREATE);
	struct recorder *r = record_begin(s, pair->start + minute * PAIR_MINUTE,
	    (struct record_head){ .additive = night == ADDITIVE });
	struct err err = ERR_INIT;

	record_see(r, whole[0]);
	record_see(r, whole[1]);
	if (night == OUTSIDE)
		assert_int_equal(recorder_outside(r, "/a", 2, &err), 0);
	if (night == UNREAD)
		assert_int_equal(
		    recorder_unread(r, "/a", 2, true, 13, &err), 0);
	record_see(r, (struct line){ "/b", (uint64_t)minute, 0, NULL });
	(void)record_finish(r);
	store_close(s);
}

static void
expect_newest(const char *dir, const char *want)
{
	struct store *s = open_or_fail(dir, STORE_READ);

	expect_listing(s, "web01", 0, want);
	store_close(s);
}

static void
changes_carry_what_is_unseen(void **state)
{
	struct pair *pair = *state;

	pair_record(pair, pair->local, "web01", 1, whole);
	pair_push_well(pair, 1);
	record(pair, 601, OUTSIDE);
	record(pair, 602, ADDITIVE);
	pair_push_well(pair, 2);
	expect_newest(pair->central, "/ 0\n/a 0\n/a/x 5 unseen\n/b 602\n");
	record(pair, 603, READ);
	pair_push_well(pair, 1);
	expect_newest(pair->central, "/ 0\n/a 0\n/b 603\n");
	pair_expect_same(pair);
	pair_expect_clean(pair);
}

/* The server has /a/x; another store of the host, with nothing that the server
 * knows, holds it as unseen, and did not look at it last either. */
static void
resend(struct pair *pair, enum night last)
{
	static const char *const name[] = { "outside", "unread", "additive" };

	pair_record(pair, pair->local, "web01", 10, whole);
	pair_push_well(pair, 1);
	scratch_keep_path(&pair->scratch, name[last], pair->local);
	pair_record(pair, pair->local, "web01", 1, whole);
	record(pair, 2, OUTSIDE);
	record(pair, 601, last);
	expect_newest(pair->local, "/ 0\n/a 0\n/a/x 5 unseen\n/b 601\n");
	pair_push_well(pair, 1);
	expect_newest(pair->central, "/ 0\n/a 0\n/a/x 5 unseen\n/b 601\n");
	pair_expect_clean(pair);
}

static void
a_whole_listing_says_what_is_unseen(void **state)
{
	resend(*state, OUTSIDE);
}

static void
it_does_so_where_the_last_night_could_not_look(void **state)
{
	resend(*state, UNREAD);
}

static void
it_does_so_where_the_last_night_only_added(void **state)
{
	resend(*state, ADDITIVE);
}

static void
what_is_unseen_on_both_stays_so_and_comes_back(void **state)
{
	struct pair *pair = *state;

	resend(pair, OUTSIDE);
	scratch_keep_path(&pair->scratch, "third", pair->local);
	pair_record(pair, pair->local, "web01", 1, whole);
	record(pair, 602, OUTSIDE);
	pair_push_well(pair, 1);
	expect_newest(pair->central, "/ 0\n/a 0\n/a/x 5 unseen\n/b 602\n");
	/* As changes again: it is there, and gone. */
	pair_record(pair, pair->local, "web01", 603, whole);
	record(pair, 604, READ);
	pair_push_well(pair, 2);
	expect_newest(pair->central, "/ 0\n/a 0\n/b 604\n");
	pair_expect_clean(pair);
}

static void
what_the_server_never_saw_it_does_not_list(void **state)
{
	struct pair *pair = *state;
	char *h;

	pair_record(pair, pair->local, "web01", 1, whole);
	record(pair, 2, OUTSIDE);
	scratch_keep_path(&pair->scratch, "other", pair->central);
	pair_record(pair, pair->central, "web01", 1, night1);
	pair_push_well(pair, 1);
	expect_newest(pair->central, "/ 0\n/a 0\n/b 2\n");
	/* Nor is it news that it is gone. */
	record(pair, 601, READ);
	pair_push_well(pair, 1);
	h = pair_history(pair, pair->central, "web01");
	assert_null(strstr(h, "/a/x"));
	free(h);
	pair_expect_clean(pair);
}

/* ---- a server of version 1 ---- */

struct old_server {
	int fd;
	int64_t date_ns;     /* of its newest */
	uint32_t asked;	     /* the version that the client spoke first */
	size_t puts, others; /* events that came */
};

static void
take(struct wire_link *link, enum wire_type want)
{
	enum wire_type type;
	struct err err = ERR_INIT;

	expect(wire_link_next(link, &type, &err) == 0);
	expect(type == want);
}

static void
count_events(struct old_server *o, const struct buf *payload)
{
	struct wire_events events = { 0 };
	const struct event *ev;
	struct err err = ERR_INIT;
	const char *path;
	size_t len;

	expect(wire_open_events(
		   &events, payload->data, payload->len, 1 << 20, &err) == 0);
	while (wire_next_event(&events, &path, &len, &ev, &err) == 0)
		*(ev->kind == EVENT_PUT ? &o->puts : &o->others) += 1;
	wire_events_done(&events);
}

static void *
serve_as_version_1(void *arg)
{
	struct old_server *o = arg;
	struct wire_fds fds = { o->fd, o->fd, 20 };
	struct wire_state nothing = { .date_ns = o->date_ns };
	struct wire_snapshot head;
	struct wire_hello hello;
	struct wire_ack ack;
	struct wire_link link = { 0 };
	struct err err = ERR_INIT;

	wire_link_fds(&link, &fds);
	take(&link, WIRE_HELLO);
	expect(wire_get_hello(&hello, link.in.data, link.in.len, &err) == 0);
	o->asked = hello.version;
	expect(wire_put_welcome(&link.out, 1) == 0);
	expect(wire_link_flush(&link, &err) == 0);
	take(&link, WIRE_SERIES);
	expect(wire_put_state(&link.out, &nothing) == 0);
	expect(wire_link_flush(&link, &err) == 0);
	take(&link, WIRE_SNAPSHOT);
	expect(wire_get_snapshot(&head, link.in.data, link.in.len, &err) == 0);
	ack = (struct wire_ack){ head.number, head.digest };
	take(&link, WIRE_EVENTS);
	count_events(o, &link.in);
	take(&link, WIRE_END);
	expect(wire_put_ack(&link.out, &ack) == 0);
	expect(wire_link_flush(&link, &err) == 0);
	take(&link, WIRE_BYE);
	wire_link_done(&link);
	(void)close(o->fd);
	return NULL;
}

static void
a_server_of_version_1_gets_puts_alone(void **state)
{
	struct pair *pair = *state;
	struct push_options o = { .host = "web01", .server = "there" };
	struct old_server old = { 0 };
	struct wire_link link = { 0 };
	struct push_result result;
	struct err err = ERR_INIT;
	struct wire_fds fds;
	struct store *s;
	pthread_t thread;
	int ends[2];

	pair_record(pair, pair->local, "web01", 1, whole);
	record(pair, 2, OUTSIDE);
	s = open_or_fail(pair->local, STORE_WRITE);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	old.fd = ends[1];
	old.date_ns = pair->start + PAIR_MINUTE;
	fds = (struct wire_fds){ ends[0], ends[0], 20 };
	wire_link_fds(&link, &fds);
	assert_int_equal(
	    pthread_create(&thread, NULL, serve_as_version_1, &old), 0);
	if (push_session(&link, s, &o, &result, &err) != 0)
		fail_msg("%s", told(&err));
	wire_link_done(&link);
	(void)close(ends[0]);
	(void)pthread_join(thread, NULL);
	store_close(s);
	assert_int_equal(old.asked, WIRE_VERSION);
	assert_int_equal(old.puts, 3);
	assert_int_equal(old.others, 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, pair_setup, pair_done)
	const struct CMUnitTest tests[] = {
		TEST(changes_carry_what_is_unseen),
		TEST(a_whole_listing_says_what_is_unseen),
		TEST(it_does_so_where_the_last_night_could_not_look),
		TEST(it_does_so_where_the_last_night_only_added),
		TEST(what_is_unseen_on_both_stays_so_and_comes_back),
		TEST(what_the_server_never_saw_it_does_not_list),
		TEST(a_server_of_version_1_gets_puts_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
