/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/wire.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The one frame in the buffer: its payload. */
static const uint8_t *
payload_of(const struct buf *b, enum wire_type type, size_t *ret_len)
{
	struct reader r = reader_of(b->data, b->len);

	*ret_len = reader_u32(&r);
	assert_int_equal(reader_byte(&r), type);
	assert_false(r.bad);
	assert_int_equal(reader_left(&r), *ret_len);
	return r.p;
}

static void
hello_welcome_and_ack_come_back_as_they_were(void **state)
{
	struct wire_hello hello = { .version = 7, .store = "0123456789abcde" },
			  hello2;
	struct wire_ack ack = { .number = 1ull << 60, .digest = { 3, ~0ull } },
			ack2;
	struct err err = ERR_INIT;
	struct buf b = { 0 };
	const uint8_t *p;
	uint32_t version;
	size_t len;

	(void)state;
	assert_int_equal(wire_put_hello(&b, &hello), 0);
	p = payload_of(&b, WIRE_HELLO, &len);
	assert_int_equal(wire_get_hello(&hello2, p, len, &err), 0);
	assert_memory_equal(&hello, &hello2, sizeof(hello));
	assert_int_equal(wire_get_hello(&hello2, p, len - 1, &err), ERR_FORMAT);
	buf_clear(&b);
	assert_int_equal(wire_put_welcome(&b, 1), 0);
	p = payload_of(&b, WIRE_WELCOME, &len);
	assert_int_equal(wire_get_welcome(&version, p, len, &err), 0);
	assert_int_equal(version, 1);
	buf_clear(&b);
	assert_int_equal(wire_put_ack(&b, &ack), 0);
	p = payload_of(&b, WIRE_ACK, &len);
	assert_int_equal(wire_get_ack(&ack2, p, len, &err), 0);
	assert_true(ack2.number == ack.number);
	assert_true(digest_equal(&ack2.digest, &ack.digest));
	assert_int_equal(wire_get_ack(&ack2, p, len + 1, &err), ERR_FORMAT);
	buf_done(&b);
}

static void
a_state_comes_back_as_it_was(void **state)
{
	struct wire_state m = { .known = true,
		.store = "fedcba987654321",
		.number = 12,
		.digest = { 1, 2 },
		.date_ns = INT64_MIN },
			  got;
	struct err err = ERR_INIT;
	struct buf b = { 0 };
	const uint8_t *p;
	size_t len;

	(void)state;
	assert_int_equal(wire_put_state(&b, &m), 0);
	p = payload_of(&b, WIRE_STATE, &len);
	assert_int_equal(wire_get_state(&got, p, len, &err), 0);
	assert_true(got.known);
	assert_memory_equal(got.store, m.store, 16);
	assert_int_equal(got.number, 12);
	assert_true(got.date_ns == INT64_MIN);
	b.data[WIRE_HEAD] = 2;
	assert_int_equal(wire_get_state(&got, p, len, &err), ERR_FORMAT);
	buf_done(&b);
}

static void
a_snapshot_comes_back_as_it_was_and_no_shorter(void **state)
{
	struct wire_snapshot m = { .number = 300,
		.full = true,
		.fields = ENTRY_ALL,
		.complete = true,
		.date_ns = -5,
		.clock_ns = INT64_MAX,
		.entries = 1000000,
		.digest = { 8, 9 },
		.origin = "file:///",
		.origin_len = 8,
		.scope = (const uint8_t *)"\1\2",
		.scope_len = 2 },
			     got;
	struct err err = ERR_INIT;
	struct buf b = { 0 };
	const uint8_t *p;
	size_t len;

	(void)state;
	assert_int_equal(wire_put_snapshot(&b, &m), 0);
	p = payload_of(&b, WIRE_SNAPSHOT, &len);
	assert_int_equal(wire_get_snapshot(&got, p, len, &err), 0);
	assert_int_equal(got.number, 300);
	assert_true(got.full && got.complete);
	assert_true(got.date_ns == -5 && got.clock_ns == INT64_MAX);
	assert_int_equal(got.entries, 1000000);
	assert_memory_equal(got.origin, "file:///", 8);
	assert_memory_equal(got.scope, "\1\2", 2);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(
		    wire_get_snapshot(&got, p, i, &err), ERR_FORMAT);
	buf_done(&b);
}

static void
a_snapshot_that_no_store_can_hold_is_refused(void **state)
{
	static char origin[WIRE_ORIGIN_MAX + 1];
	const struct wire_snapshot good = { .number = INT64_MAX,
		.entries = INT64_MAX,
		.origin = origin,
		.origin_len = WIRE_ORIGIN_MAX };
	struct wire_snapshot m[4] = { good, good, good, good }, got;
	struct err err = ERR_INIT;

	(void)state;
	memset(origin, 'o', sizeof(origin));
	m[1].number++;
	m[2].entries++;
	m[3].origin_len++;
	for (size_t i = 0; i < 4; i++) {
		struct buf b = { 0 };
		const uint8_t *p;
		size_t len;

		assert_int_equal(wire_put_snapshot(&b, &m[i]), 0);
		p = payload_of(&b, WIRE_SNAPSHOT, &len);
		assert_int_equal(wire_get_snapshot(&got, p, len, &err),
		    i == 0 ? 0 : ERR_FORMAT);
		buf_done(&b);
	}
}

static void
many_unread_paths_take_several_frames(void **state)
{
	enum { N = 1500 };
	struct wire_unread *u = calloc(N, sizeof(*u)), got;
	char *path = malloc(8000);
	struct err err = ERR_INIT;
	size_t seen = 0, frames = 0;

	(void)state;
	memset(path, 'x', 8000);
	path[0] = '/';
	for (size_t i = 0; i < N; i++)
		u[i] = (struct wire_unread){ path, 8000, EACCES, i % 2 };
	while (seen < N) {
		struct buf b = { 0 };
		struct reader r;
		size_t done, len;
		const uint8_t *p;

		assert_int_equal(
		    wire_put_unread(&b, u + seen, N - seen, &done), 0);
		assert_true(b.len - WIRE_HEAD <= WIRE_FRAME_MAX);
		p = payload_of(&b, WIRE_UNREAD, &len);
		r = reader_of(p, len);
		for (size_t i = 0; i < done; i++) {
			assert_int_equal(wire_next_unread(&got, &r, &err), 0);
			assert_int_equal(got.len, 8000);
			assert_int_equal(got.error, EACCES);
			assert_int_equal(got.below, (seen + i) % 2);
		}
		assert_int_equal(wire_next_unread(&got, &r, &err), 1);
		seen += done;
		frames++;
		buf_done(&b);
	}
	assert_int_equal(frames, 3);
	free(path);
	free(u);
}

static struct entry
file_entry(uint64_t size)
{
	return (struct entry){ .fields = ENTRY_ALL & ~ENTRY_TARGET,
		.type = 'f',
		.mode = 0644,
		.size = size,
		.mtime = 1700000000,
		.mtime_ns = 5 };
}

static void
next_is(struct wire_events *e, const char *path, enum event_kind kind,
    const struct entry *entry)
{
	struct err err = ERR_INIT;
	const struct event *ev;
	const char *got;
	size_t len;

	assert_int_equal(wire_next_event(e, &got, &len, &ev, &err), 0);
	assert_int_equal(len, strlen(path));
	assert_string_equal(got, path);
	assert_int_equal(ev->kind, kind);
	assert_int_equal(ev->snap, 0);
	if (entry != NULL)
		assert_true(entry_equal(&ev->entry, entry));
}

/* To the end: 1, or the error on the way. */
static int
read_events(struct wire_events *e, const uint8_t *p, size_t len, uint64_t room)
{
	struct err err = ERR_INIT;
	const struct event *ev;
	const char *path;
	size_t n;
	int rc = wire_open_events(e, p, len, room, &err);

	while (rc == 0)
		rc = wire_next_event(e, &path, &n, &ev, &err);
	return rc;
}

static void
events_come_back_as_they_were(void **state)
{
	struct wire_batch *wb = wire_batch_new();
	struct entry file = file_entry(42),
		     link = { .fields = ENTRY_TYPE | ENTRY_TARGET,
			     .type = 'l',
			     .target_len = 3,
			     .target = "a/b" };
	struct err err = ERR_INIT;
	struct wire_events events = { 0 };
	struct buf b = { 0 };
	const uint8_t *p;
	size_t len;

	(void)state;
	assert_non_null(wb);
	assert_int_equal(wire_batch_flush(wb, &b, &err), 0);
	assert_int_equal(b.len, 0);
	assert_int_equal(
	    wire_batch_add(wb, "/a", 2, EVENT_PUT, &file, &err), 0);
	assert_int_equal(
	    wire_batch_add(wb, "/a/l", 4, EVENT_PUT, &link, &err), 0);
	assert_int_equal(
	    wire_batch_add(wb, "/b", 2, EVENT_GONE, NULL, &err), 0);
	assert_int_equal(
	    wire_batch_add(wb, "/c", 2, EVENT_UNSEEN, NULL, &err), 0);
	assert_false(wire_batch_full(wb));
	assert_int_equal(wire_batch_flush(wb, &b, &err), 0);
	p = payload_of(&b, WIRE_EVENTS, &len);
	assert_int_equal(wire_open_events(&events, p, len, 1000, &err), 0);
	next_is(&events, "/a", EVENT_PUT, &file);
	next_is(&events, "/a/l", EVENT_PUT, &link);
	next_is(&events, "/b", EVENT_GONE, NULL);
	next_is(&events, "/c", EVENT_UNSEEN, NULL);
	assert_int_equal(read_events(&events, p, len, 1000), 1);
	/* Every cut and every flipped bit is told apart from the truth, or
	 * decodes to something that is valid all the same. */
	for (size_t i = 0; i < len; i++) {
		uint8_t *copy = malloc(i + 1);

		memcpy(copy, p, i);
		assert_int_equal(
		    read_events(&events, copy, i, 1000), ERR_FORMAT);
		free(copy);
	}
	assert_int_equal(read_events(&events, p, len, 10), ERR_FORMAT);
	/* The paths alone are less than that. */
	assert_int_equal(read_events(&events, p, len, 100), ERR_FORMAT);
	wire_events_done(&events);
	buf_done(&b);
	wire_batch_free(wb);
}

static void
an_invalid_path_in_a_batch_is_refused(void **state)
{
	static const char *const paths[] = { "/a//b", "/a/" };
	struct entry file = file_entry(1);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct wire_batch *wb = wire_batch_new();
		struct err err = ERR_INIT;
		struct wire_events events = { 0 };
		struct buf b = { 0 };
		const uint8_t *p;
		size_t len;

		assert_int_equal(wire_batch_add(wb, paths[i], strlen(paths[i]),
				     EVENT_PUT, &file, &err),
		    0);
		assert_int_equal(wire_batch_flush(wb, &b, &err), 0);
		p = payload_of(&b, WIRE_EVENTS, &len);
		assert_int_equal(
		    read_events(&events, p, len, 1000), ERR_FORMAT);
		wire_events_done(&events);
		buf_done(&b);
		wire_batch_free(wb);
	}
}

/* The worst that a batch can hold: long names, targets and sizes that no
 * compression makes smaller. */
static void
a_full_batch_fits_in_a_frame(void **state)
{
	struct wire_batch *wb = wire_batch_new();
	struct err err = ERR_INIT;
	struct buf b = { 0 };
	char path[300], target[200];
	uint64_t x = 88172645463325252ull;
	size_t n = 0;

	(void)state;
	while (!wire_batch_full(wb)) {
		struct entry e = { .fields = ENTRY_ALL,
			.type = 'l',
			.target = target,
			.target_len = 2 };
		int len = snprintf(path, sizeof(path), "/%06zu", n++);

		for (int i = 0; i < 100; i++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			path[len++] = (char)('0' + x % 200 % 70);
			target[i] = (char)(x >> 11);
		}
		e.uid = (uint32_t)x;
		e.gid = (uint32_t)(x >> 32);
		e.size = x;
		e.mtime = (int64_t)(x * 31);
		e.mtime_ns = (uint32_t)(x % 1000000000);
		assert_int_equal(
		    wire_batch_add(wb, path, (size_t)len, EVENT_PUT, &e, &err),
		    0);
	}
	assert_int_equal(wire_batch_flush(wb, &b, &err), 0);
	assert_true(b.len <= WIRE_FRAME_MAX + WIRE_HEAD);
	buf_done(&b);
	wire_batch_free(wb);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_welcome_and_ack_come_back_as_they_were),
		cmocka_unit_test(a_state_comes_back_as_it_was),
		cmocka_unit_test(
		    a_snapshot_comes_back_as_it_was_and_no_shorter),
		cmocka_unit_test(a_snapshot_that_no_store_can_hold_is_refused),
		cmocka_unit_test(many_unread_paths_take_several_frames),
		cmocka_unit_test(events_come_back_as_they_were),
		cmocka_unit_test(an_invalid_path_in_a_batch_is_refused),
		cmocka_unit_test(a_full_batch_fits_in_a_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
