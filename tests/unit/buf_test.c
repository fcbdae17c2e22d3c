/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
bytes_are_appended(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(buf_add(&b, NULL, 0), 0);
	assert_int_equal(buf_add_str(&b, "abc"), 0);
	assert_int_equal(buf_add_byte(&b, 0), 0);
	assert_int_equal(buf_printf(&b, "%d-%s", 42, "x"), 0);
	assert_int_equal(b.len, 8);
	assert_memory_equal(buf_str(&b), "abc\00042-x", 9);
	buf_clear(&b);
	assert_int_equal(b.len, 0);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(buf_add_byte(&b, (uint8_t)i), 0);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(b.data[i], (uint8_t)i);
	buf_done(&b);
	assert_null(b.data);
}

static void
what_does_not_fit_leaves_the_buffer(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(buf_add_str(&b, "abc"), 0);
	assert_int_equal(buf_reserve(&b, SIZE_MAX), -1);
	assert_int_equal(buf_reserve(&b, SIZE_MAX - 3), -1);
	assert_int_equal(buf_reserve(&b, SIZE_MAX / 2 + 1), -1);
	assert_int_equal(b.len, 3);
	assert_string_equal(buf_str(&b), "abc");
	buf_done(&b);
}

static void
numbers_come_back(void **state)
{
	static const uint64_t v[] = { 0, 1, 127, 128, 16383, 16384, UINT32_MAX,
		INT64_MAX, UINT64_MAX };
	struct buf b = { 0 };
	struct reader r;

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		assert_int_equal(buf_add_varint(&b, v[i]), 0);
		assert_int_equal(buf_add_u32(&b, (uint32_t)v[i]), 0);
		assert_int_equal(buf_add_u64(&b, v[i]), 0);
		assert_true(unzigzag(zigzag((int64_t)v[i])) == (int64_t)v[i]);
	}
	r = reader_of(b.data, b.len);
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		assert_true(reader_varint(&r) == v[i]);
		assert_true(reader_u32(&r) == (uint32_t)v[i]);
		assert_true(reader_u64(&r) == v[i]);
	}
	assert_false(r.bad);
	assert_int_equal(reader_left(&r), 0);
	assert_true(zigzag(INT64_MIN) == UINT64_MAX);
	assert_true(zigzag(-1) == 1);
	buf_done(&b);
}

static void
a_reader_stays_within_its_bytes(void **state)
{
	/* Of exactly this size, so that a sanitizer sees a read beyond it. */
	uint8_t *two = malloc(2);
	struct reader r;

	(void)state;
	assert_non_null(two);
	two[0] = 0x80;
	two[1] = 0x80;
	r = reader_of(two, 2);
	assert_true(reader_varint(&r) == 0);
	assert_true(r.bad);
	r = reader_of(two, 2);
	assert_int_equal(reader_u32(&r), 0);
	assert_true(r.bad);
	/* Once bad it stays so, though two bytes are left. */
	assert_int_equal(reader_byte(&r), 0);
	r = reader_of(two, 2);
	assert_null(reader_bytes(&r, SIZE_MAX));
	assert_true(r.bad);
	r = reader_of(NULL, 0);
	assert_int_equal(reader_byte(&r), 0);
	assert_true(r.bad);
	free(two);
}

static void
varints_over_64_bits_are_refused(void **state)
{
	static const uint8_t most[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0x01 };
	uint8_t over[11];
	struct reader r = reader_of(most, sizeof(most));

	(void)state;
	assert_true(reader_varint(&r) == UINT64_MAX);
	assert_false(r.bad);
	memcpy(over, most, sizeof(most));
	over[9] = 0x02;
	r = reader_of(over, 10);
	assert_true(reader_varint(&r) == 0);
	assert_true(r.bad);
	over[9] = 0x81;
	over[10] = 0x00;
	r = reader_of(over, 11);
	assert_true(reader_varint(&r) == 0);
	assert_true(r.bad);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_appended),
		cmocka_unit_test(what_does_not_fit_leaves_the_buffer),
		cmocka_unit_test(numbers_come_back),
		cmocka_unit_test(a_reader_stays_within_its_bytes),
		cmocka_unit_test(varints_over_64_bits_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
