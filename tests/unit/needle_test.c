/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "search/needle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static size_t
spell(struct needle_byte *to, const char *text, bool ignore_case)
{
	size_t n = 0;

	for (; *text != '\0'; text++, n++) {
		uint8_t c = (uint8_t)*text;
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		to[n].mask = ignore_case && letter ? 0x20 : 0;
		to[n].byte = c | to[n].mask;
	}
	return n;
}

/* The needle at every place of texts of many lengths, in memory that ends
 * where the text does. */
static void
found_wherever_it_stands(void **state)
{
	static const char *const words[] = { "/", "so", "x.y", "lib64",
		"\xc3\xa4\xff", "aaaaaaaaaaaaaaaaaaaaaaaaa/", "/usr/share" };

	(void)state;
	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
		struct needle_byte bytes[64];
		struct needle nd;
		size_t n = spell(bytes, words[w], false);

		needle_init(&nd, bytes, n);
		for (size_t len = n; len < 80; len++) {
			char *text = malloc(len);

			assert_non_null(text);
			for (size_t at = 0; at + n <= len; at++) {
				memset(text, 'a', len);
				memcpy(text + at, words[w], n);
				assert_ptr_equal(
				    needle_find(&nd, text, text + len),
				    memmem(text, len, words[w], n));
			}
			memset(text, '.', len);
			assert_null(needle_find(&nd, text, text + len));
			free(text);
		}
	}
}

static void
letters_fit_in_either_case_and_nothing_else_does(void **state)
{
	struct needle_byte bytes[8];
	struct needle nd;

	(void)state;
	needle_init(&nd, bytes, spell(bytes, "a[Z", true));
	for (int c = 0; c < 256; c++) {
		char text[3] = { 'A', (char)c, 'z' };

		assert_int_equal(
		    needle_find(&nd, text, text + 3) != NULL, c == '[');
		text[1] = '[';
		text[2] = (char)c;
		assert_int_equal(needle_find(&nd, text, text + 3) != NULL,
		    c == 'z' || c == 'Z');
	}
}

static void
nothing_is_found_in_too_short_a_text(void **state)
{
	struct needle_byte bytes[8];
	struct needle nd;

	(void)state;
	needle_init(&nd, bytes, spell(bytes, "abc", false));
	const char text[] = "abcd";

	assert_null(needle_find(&nd, text, text));
	assert_null(needle_find(&nd, text, text + 2));
	assert_ptr_equal(needle_find(&nd, text, text + 3), text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_wherever_it_stands),
		cmocka_unit_test(
		    letters_fit_in_either_case_and_nothing_else_does),
		cmocka_unit_test(nothing_is_found_in_too_short_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
