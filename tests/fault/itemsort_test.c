/*
 * Whatever fails while items are sorted, in memory or by way of the file: the
 * sort says so, or all comes out right; nothing stays open or on the disk.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
/* wrap: malloc calloc realloc reallocarray strdup write pread64 open64 mkostemp64 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fault/faults.h"
#include "tests/support/scratch.h"

#include <stdio.h>
#include <stdlib.h>

#include "sys/itemsort.h"

int __real_open64(const char *path, int flags, ...) __attribute__((weak));
int __wrap_open64(const char *path, int flags, ...);
static bool no_tmpfile; /* the file system has no O_TMPFILE */

int
__wrap_open64(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	if (faults_now(EMFILE))
		return -1;
	if (no_tmpfile && (flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	return __real_open64(path, flags, mode);
}

/* clang-format off */
FAULT(int, mkostemp64, (char *path, int flags), (path, flags), -1, ENOSPC)
/* clang-format on */

#define N 900

static struct scratch dir;

static int
setup(void **state)
{
	(void)state;
	scratch_make(&dir);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	scratch_remove(&dir);
	return 0;
}

/* The lowest number that is free: it rises with what stays open. */
static int
next_fd(void)
{
	int fd = dup(STDERR_FILENO);

	assert_true(fd >= 0);
	(void)close(fd);
	return fd;
}

/* Items in no order, each path twice: the second time it counts. */
static int
add_all(struct itemsort *s, struct err *err)
{
	char path[64];
	int rc;

	for (uint32_t i = 0; i < 2 * N; i++) {
		uint32_t n = i * 7 % N;
		struct itemsort_item item = { .path = path,
			.len = (size_t)snprintf(
			    path, sizeof(path), "/some/directory/%05u", n),
			.kind = 1,
			.data = &i,
			.size = sizeof(i) };

		if ((rc = itemsort_add(s, &item, err)) != 0)
			return rc;
	}
	return 0;
}

/* What comes out is right as far as it comes. */
static int
take_all(struct itemsort *s, struct err *err)
{
	struct itemsort_item item;
	char path[64];
	uint32_t n, i;
	int rc;

	for (n = 0; (rc = itemsort_next(s, &item, err)) == 0; n++) {
		assert_int_equal(item.len,
		    snprintf(path, sizeof(path), "/some/directory/%05u", n));
		assert_memory_equal(item.path, path, item.len);
		assert_int_equal(item.size, sizeof(i));
		memcpy(&i, item.data, sizeof(i));
		assert_true(i >= N && i * 7 % N == n);
	}
	if (rc < 0)
		return rc;
	assert_int_equal(n, N);
	return 0;
}

static int
sort_all(size_t memory, struct err *err)
{
	struct itemsort *s;
	int rc;

	if ((rc = itemsort_open(&s, dir.dir, memory, err)) != 0)
		return rc;
	if ((rc = add_all(s, err)) == 0)
		rc = take_all(s, err);
	itemsort_close(s);
	return rc;
}

/* Fail one call after the other; how many there are. */
static long
loop(size_t memory)
{
	struct err none = ERR_INIT;
	long n_failed = 0;
	int fd = next_fd();

	if (sort_all(memory, &none) != 0)
		fail_msg("%s", told(&none));
	for (long n = 0;; n++) {
		struct err err = ERR_INIT;
		int rc;

		faults_arm(n);
		rc = sort_all(memory, &err);
		faults_disarm();
		assert_int_equal(next_fd(), fd);
		assert_int_equal(scratch_count(&dir, "."), 0);
		if (!faults_hit) {
			assert_int_equal(rc, 0);
			return n_failed;
		}
		if (rc == 0)
			continue;
		assert_true(rc == ERR_NOMEM || rc == ERR_SYS);
		assert_int_equal(err.code, rc);
		assert_true(err.cause[0] != '\0');
		n_failed++;
	}
}

static void
in_memory(void **state)
{
	(void)state;
	assert_true(loop(ITEMSORT_MEMORY) > 5);
}

static void
by_way_of_the_file(void **state)
{
	(void)state;
	/* Some hundred items in a run, some hundred bytes a read. */
	assert_true(loop(8000) > 50);
}

static void
by_way_of_a_file_that_had_a_name(void **state)
{
	(void)state;
	no_tmpfile = true;
	assert_true(loop(8000) > 50);
	no_tmpfile = false;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    by_way_of_the_file, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    by_way_of_a_file_that_had_a_name, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
