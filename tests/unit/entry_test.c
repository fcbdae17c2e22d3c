/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/entry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct entry link_to_x = { .fields = ENTRY_ALL,
	.type = 'l',
	.mode = 0777,
	.uid = 5,
	.gid = 6,
	.size = 1,
	.mtime = -7,
	.mtime_ns = 999999999,
	.target_len = 1,
	.target = "x" };

/* Each field changed once. */
static struct entry
changed(int i)
{
	struct entry e = link_to_x;

	switch (i) {
	case 0:
		e.type = 'f';
		break;
	case 1:
		e.mode = 0700;
		break;
	case 2:
		e.uid = 0;
		break;
	case 3:
		e.gid = 0;
		break;
	case 4:
		e.size = 2;
		break;
	case 5:
		e.mtime = 7;
		break;
	case 6:
		e.mtime_ns = 0;
		break;
	case 7:
		e.target = "y";
		break;
	case 8:
		e.target_len = 0;
		break;
	}
	return e;
}

static void
every_field_makes_a_version(void **state)
{
	static const uint8_t field[] = { ENTRY_TYPE, ENTRY_MODE, ENTRY_OWNER,
		ENTRY_OWNER, ENTRY_SIZE, ENTRY_MTIME, ENTRY_MTIME, ENTRY_TARGET,
		ENTRY_TARGET };

	(void)state;
	assert_true(entry_equal(&link_to_x, &link_to_x));
	for (int i = 0; i < 9; i++) {
		struct entry e = changed(i);

		assert_false(entry_equal(&link_to_x, &e));
		assert_false(entry_agrees(&e, &link_to_x));
		/* ...but where one has not observed it. */
		e.fields &= (uint8_t)~field[i];
		assert_false(entry_equal(&link_to_x, &e));
		assert_true(entry_agrees(&e, &link_to_x));
		assert_true(entry_agrees(&link_to_x, &e));
	}
}

static void
fields_out_of_range_are_refused(void **state)
{
	struct entry e = { 0 };

	(void)state;
	assert_true(entry_is_valid(&e));
	assert_true(entry_is_valid(&link_to_x));
	for (const char *t = ENTRY_TYPES; *t != '\0'; t++) {
		e = link_to_x;
		e.type = *t;
		assert_true(entry_is_valid(&e));
	}
	e.type = '\0';
	assert_false(entry_is_valid(&e));
	e.type = 'x';
	assert_false(entry_is_valid(&e));
	e = link_to_x;
	e.mode = 010000;
	assert_false(entry_is_valid(&e));
	e = link_to_x;
	e.mtime_ns = 1000000000;
	assert_false(entry_is_valid(&e));
	e = link_to_x;
	e.target_len = ENTRY_TARGET_MAX + 1;
	assert_false(entry_is_valid(&e));
	e = link_to_x;
	e.fields = 0x40;
	assert_false(entry_is_valid(&e));
	/* What was not observed is zero. */
	for (unsigned bit = 1; bit <= ENTRY_TARGET; bit <<= 1) {
		e = link_to_x;
		e.fields &= (uint8_t)~bit;
		assert_false(entry_is_valid(&e));
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_makes_a_version),
		cmocka_unit_test(fields_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
