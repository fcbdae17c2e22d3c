/*
 * LZO1X, an instruction at a time: streams as its library makes them, and lies.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "plugins/image/lzo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROOM ((size_t)100000)
#define END 17, 0, 0

static uint8_t out[ROOM];

#define unpack(size, ...)                            \
	lzo_unpack((const uint8_t[]){ __VA_ARGS__ }, \
	    sizeof((const uint8_t[]){ __VA_ARGS__ }), out, size)
#define becomes(text, ...)                                            \
	do {                                                          \
		size_t n_ = sizeof(text) - 1;                         \
		assert_int_equal(unpack(ROOM, __VA_ARGS__), n_);      \
		assert_memory_equal(out, text, n_);                   \
		/* There is room, and no more. */                     \
		assert_int_equal(unpack(n_, __VA_ARGS__), n_);        \
		assert_true(unpack(n_ - 1, __VA_ARGS__) == SIZE_MAX); \
	} while (0)
#define fails(...) assert_true(unpack(ROOM, __VA_ARGS__) == SIZE_MAX)

static void
takes_literals(void **state)
{
	(void)state;
	becomes("a", 18, 'a', END);
	becomes("abcd", 21, 'a', 'b', 'c', 'd', END);
	/* 3 + 1, where none came before. */
	becomes("abcd", 1, 'a', 'b', 'c', 'd', END);
	assert_int_equal(unpack(ROOM, END), 0);
}

static void
copies_what_came_before(void **state)
{
	(void)state;
	/* Two bits are literals behind it. */
	becomes(
	    "abcdabcX", 21, 'a', 'b', 'c', 'd', 64 | 3 << 2 | 1, 0, 'X', END);
	becomes("ababababa", 19, 'a', 'b', 128 | 2 << 5 | 1 << 2, 0, END);
	becomes("abababa", 19, 'a', 'b', 32 | 3, 1 << 2, 0, END);
	/* Behind one literal it is two bytes. */
	becomes("aaaX", 18, 'a', 0 | 1, 0, 'X', END);
}

static void
copies_from_afar(void **state)
{
	static uint8_t in[ROOM];
	size_t n = 0, many = 20000, all;

	(void)state;
	/* 3 + 15 + 255 for each 0 + the last. */
	in[n++] = 0;
	for (all = many - 3 - 15; all > 255; all -= 255)
		in[n++] = 0;
	in[n++] = (uint8_t)all;
	for (size_t i = 0; i < many; i++)
		in[n++] = (uint8_t)(i * 7 ^ i >> 8);
	/* 3 bytes from 2049 + 4 * 2 + 1. */
	in[n++] = 1 << 2;
	in[n++] = 2;
	/* 2 + 7 + 255 + 1 from 16384 + 5. */
	in[n++] = 16;
	in[n++] = 0;
	in[n++] = 1;
	in[n++] = 5 << 2;
	in[n++] = 0;
	memcpy(in + n, (const uint8_t[]){ END }, 3);
	n += 3;
	assert_int_equal(lzo_unpack(in, n, out, ROOM), many + 3 + 265);
	for (size_t i = 0; i < many; i++)
		assert_int_equal(out[i], (uint8_t)(i * 7 ^ i >> 8));
	assert_memory_equal(out + many, out + many - 2058, 3);
	assert_memory_equal(out + many + 3, out + many + 3 - 16389, 265);
	/* Wherever it is cut, nothing is read behind that. */
	for (size_t len = 0; len < n; len++) {
		uint8_t *cut = malloc(len > 0 ? len : 1);

		assert_non_null(cut);
		memcpy(cut, in, len);
		assert_true(lzo_unpack(cut, len, out, ROOM) == SIZE_MAX);
		free(cut);
		if (len == 200)
			len = n - 200;
	}
}

static void
refuses_lies(void **state)
{
	(void)state;
	assert_true(lzo_unpack(out, 0, out, ROOM) == SIZE_MAX);
	/* From before the first byte. */
	fails(18, 'a', 64 | 1 << 2, 0, END);
	fails(32 | 3, 0, 0, END);
	/* Fewer literals than it says. */
	fails(30, 'a', 'b');
	fails(0, 0, 0, 0);
	/* More behind the end. */
	fails(18, 'a', END, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_literals),
		cmocka_unit_test(copies_what_came_before),
		cmocka_unit_test(copies_from_afar),
		cmocka_unit_test(refuses_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
