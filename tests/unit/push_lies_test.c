/*
 * The receiving end against clients that lie.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/pair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void
begin_as(struct buf *b, uint32_t version, const char *series)
{
	struct wire_hello hello = { .version = version };

	buf_clear(b);
	assert_int_equal(wire_put_hello(b, &hello), 0);
	assert_int_equal(wire_put_series(b, series, strlen(series)), 0);
}

static void
begin(struct buf *b, const char *series)
{
	begin_as(b, WIRE_VERSION, series);
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
refused(struct pair *pair, const struct buf *b, const char *why)
{
	struct pushed p = receive_bytes(
	    b->data, b->len, pair->central, "web01", NULL);

	assert_int_not_equal(p.received, 0);
	if (strstr(told(&p.receive_err), why) == NULL)
		fail_msg("\"%s\" has no \"%s\"", told(&p.receive_err), why);
	assert_int_equal(p.receive.snapshots, 0);
	assert_int_equal(scratch_count(&pair->scratch, "central/tmp"), 0);
}

static void
lies_are_refused_by_name(void **state)
{
	struct pair *pair = *state;
	struct wire_snapshot full = { .full = true, .entries = 2 },
			     changes = { 0 };
	struct buf b = { 0 };

	assert_int_equal(buf_add_str(&b, "GET / HTTP/1.1\r\n"), 0);
	refused(pair, &b, "not a message of the push protocol");
	buf_clear(&b);
	refused(pair, &b, "nothing came");
	begin(&b, "../web02");
	refused(pair, &b, "is not a name");
	begin(&b, "x");
	assert_int_equal(wire_put_series(&b, "y", 1), 0);
	assert_int_equal(wire_put_end(&b), 0);
	refused(pair, &b, "END message out of place");
	/* Names alone leave nothing behind. */
	assert_int_equal(scratch_count(&pair->scratch, "central/series"), 0);
	begin(&b, "");
	add_snapshot(&b, &changes);
	refused(pair, &b, "nothing here that they could change");
	begin(&b, "");
	add_snapshot(&b, &full);
	refused(pair, &b, "the stream ends inside a snapshot");
	begin(&b, "");
	add_snapshot(&b, &full);
	add_events(&b, "/a", EVENT_GONE);
	refused(pair, &b, "no events of kind 1");
	begin_as(&b, 1, "");
	add_snapshot(&b, &full);
	add_events(&b, "/a", EVENT_UNSEEN);
	refused(pair, &b, "no events of kind 2");
	begin_as(&b, 0, "");
	refused(pair, &b, "version 0 of the push protocol");
	begin(&b, "");
	add_snapshot(&b, &full);
	add_events(&b, "/b", EVENT_PUT);
	add_events(&b, "/a", EVENT_PUT);
	refused(pair, &b, "out of order");
	begin(&b, "");
	add_snapshot(&b, &full);
	add_events(&b, "/b", EVENT_PUT);
	assert_int_equal(wire_put_end(&b), 0);
	refused(pair, &b, "1 entries came where 2 were announced");
	b.len -= 1;
	refused(pair, &b, "ends inside a message");
	begin(&b, "");
	add_snapshot(&b, &full);
	add_events(&b, "/a", EVENT_PUT);
	add_events(&b, "/b", EVENT_PUT);
	add_events(&b, "/c", EVENT_PUT);
	refused(pair, &b, "more entries came than the 2 that were announced");
	begin(&b, "");
	add_snapshot(&b, &full);
	add_events(&b, "/b", EVENT_PUT);
	assert_int_equal(
	    wire_put_unread(&b, &(struct wire_unread){ "/a", 2, EACCES, true },
		1, &(size_t){ 0 }),
	    0);
	refused(pair, &b, "UNREAD message after events");
	buf_done(&b);
}

/* A client that insists on changes that do not fit gets no snapshot in. */
static void
illegal_changes_are_never_committed(void **state)
{
	struct pair *pair = *state;
	struct wire_snapshot changes = { .number = 2 };
	struct buf b = { 0 };
	struct pushed p;
	char *before, *after;

	pair_record(pair, pair->local, "web01", 1, night1);
	pair_push_well(pair, 1);
	before = pair_history(pair, pair->central, "web01");
	begin(&b, "");
	add_snapshot(&b, &changes);
	add_events(&b, "/nowhere", EVENT_GONE);
	assert_int_equal(wire_put_end(&b), 0);
	p = receive_bytes(b.data, b.len, pair->central, "web01", NULL);
	assert_int_equal(p.receive.snapshots, 0);
	add_snapshot(&b, &changes);
	refused(pair, &b, "nothing here that they could change");
	after = pair_history(pair, pair->central, "web01");
	assert_string_equal(before, after);
	free(before);
	free(after);
	buf_done(&b);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, pair_setup, pair_done)
	const struct CMUnitTest tests[] = {
		TEST(lies_are_refused_by_name),
		TEST(illegal_changes_are_never_committed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
