/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/numbers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Any run of numbers may be passed over. */
static void
rest_comes_back(struct numbers_reader c, const uint64_t *v, size_t n)
{
	size_t zeros = 0;

	for (size_t i = 0; i < n; i++)
		zeros += v[i] == 0;
	assert_int_equal(numbers_zeros(&c, n), zeros);
	for (size_t i = 0; i < n;) {
		size_t pass = (size_t)random() % 40;

		if (pass > n - i)
			pass = n - i;
		numbers_skip_many(&c, pass);
		i += pass;
		if (i < n)
			assert_true(numbers_next(&c) == v[i++]);
		if (i < n) {
			numbers_skip(&c);
			i++;
		}
	}
	assert_false(c.bad);
}

/* Codes n numbers and reads them back, also with every byte cut off. */
static size_t
comes_back(const uint64_t *v, size_t n)
{
	struct numbers c = { 0 };
	struct numbers_reader back;
	struct buf b = { 0 }, symbols = { 0 };
	struct reader r, from;
	size_t len;

	for (size_t i = 0; i < n; i++)
		assert_int_equal(numbers_add(&c, v[i]), 0);
	assert_int_equal(numbers_flush(&c, &symbols, &b), 0);
	assert_int_equal(symbols.len, n);
	r = reader_of(b.data, b.len);
	from = reader_of(symbols.data, n);
	numbers_open(&back, &from, &r, n);
	assert_false(r.bad);
	assert_int_equal(reader_left(&from), 0);
	assert_int_equal(reader_left(&r), 0);
	for (int i = 0; i < 4; i++)
		rest_comes_back(back, v, n);
	for (size_t i = 0; i < n; i++)
		assert_true(numbers_next(&back) == v[i]);
	assert_false(back.bad);
	for (size_t cut = 0; cut < b.len; cut++) {
		uint8_t *copy = malloc(cut + 1);

		memcpy(copy, b.data, cut);
		r = reader_of(copy, cut);
		from = reader_of(symbols.data, n);
		numbers_open(&back, &from, &r, n);
		assert_true(r.bad);
		free(copy);
	}
	r = reader_of(b.data, b.len);
	from = reader_of(symbols.data, n - 1);
	numbers_open(&back, &from, &r, n);
	assert_true(r.bad);
	len = b.len;
	numbers_done(&c);
	buf_done(&b);
	buf_done(&symbols);
	return len;
}

static void
every_length_in_bits_comes_back(void **state)
{
	uint64_t v[3 * 64 + 2];
	size_t n = 0;

	(void)state;
	v[n++] = 0;
	for (unsigned bit = 0; bit < 64; bit++) {
		v[n++] = UINT64_C(1) << bit;
		v[n++] = (UINT64_C(1) << bit) - 1;
		v[n++] = (UINT64_C(2) << bit) - 1;
	}
	v[n++] = UINT64_MAX;
	(void)comes_back(v, n);
}

static void
what_repeats_costs_little(void **state)
{
	uint64_t v[4096];

	(void)state;
	for (size_t i = 0; i < 4096; i++)
		v[i] = 1700000000;
	assert_in_range(comes_back(v, 4096), 1, 8);
	for (size_t i = 0; i < 4096; i++)
		v[i] = 7;
	assert_int_equal(comes_back(v, 4096), 1);
}

static void
random_numbers_cost_their_bits(void **state)
{
	uint64_t v[4096];

	(void)state;
	srandom(4);
	for (size_t i = 0; i < 4096; i++)
		v[i] = (uint64_t)random() % 1000000000;
	/* 28.9 bits each, and a symbol. */
	assert_in_range(comes_back(v, 4096), 1, 4096 * 29 / 8);
}

static void
an_empty_column_reads_nothing(void **state)
{
	struct reader r = reader_of("x", 1), from = reader_of("y", 1);
	struct numbers_reader c;

	(void)state;
	numbers_open(&c, &from, &r, 0);
	assert_false(r.bad);
	assert_int_equal(reader_left(&r) + reader_left(&from), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_in_bits_comes_back),
		cmocka_unit_test(what_repeats_costs_little),
		cmocka_unit_test(random_numbers_cost_their_bits),
		cmocka_unit_test(an_empty_column_reads_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
