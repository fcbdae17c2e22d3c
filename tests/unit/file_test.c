/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/file.h"
#include "sys/lock.h"

static struct scratch scratch;
static struct err err;
static int dirfd;

static int
setup(void **state)
{
	(void)state;
	scratch_make(&scratch);
	err_clear(&err);
	dirfd = open(scratch.dir, O_RDONLY | O_DIRECTORY);
	return dirfd >= 0 ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	(void)close(dirfd);
	scratch_remove(&scratch);
	return 0;
}

static int
make_file(const char *name, const char *text)
{
	int fd = openat(dirfd, name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(file_write(fd, text, strlen(text), name, &err), 0);
	return fd;
}

static void
a_read_is_whole_or_an_error(void **state)
{
	int fd = make_file("f", "0123456789");
	char got[16];

	(void)state;
	assert_int_equal(file_read_at(fd, got, 4, 3, "f", &err), 0);
	assert_memory_equal(got, "3456", 4);
	assert_int_equal(file_read_at(fd, got, 0, 10, "f", &err), 0);
	assert_int_equal(file_read_at(fd, got, 4, 7, "f", &err), ERR_FORMAT);
	assert_int_equal(file_read_at(-1, got, 4, 7, "f", &err), ERR_SYS);
	assert_int_equal(err.sys, EBADF);
	(void)close(fd);
}

static void
a_write_that_fails_is_told(void **state)
{
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_int_equal(file_write(fd, "x", 1, "f", &err), ERR_SYS);
	assert_int_equal(err.sys, ENOSPC);
	(void)close(fd);
}

static void
whole_files_are_read_up_to_a_bound(void **state)
{
	struct buf b = { 0 };

	(void)state;
	(void)close(make_file("f", "hello"));
	assert_int_equal(buf_add_str(&b, "> "), 0);
	assert_int_equal(file_read_all(dirfd, "f", 5, &b, &err), 0);
	assert_string_equal(buf_str(&b), "> hello");
	assert_int_equal(file_read_all(dirfd, "f", 4, &b, &err), ERR_FORMAT);
	assert_int_equal(file_read_all(dirfd, "g", 4, &b, &err), ERR_SYS);
	assert_int_equal(err.sys, ENOENT);
	/* What failed left it as it was. */
	assert_string_equal(buf_str(&b), "> hello");
	buf_done(&b);
}

static void
a_new_file_belongs_to_who_owns_the_directory(void **state)
{
	struct stat st;
	int fd;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(fchown(dirfd, 65534, 65533), 0);
	(void)umask(077);
	fd = make_file("f", "");
	(void)umask(022);
	assert_int_equal(file_adopt(fd, dirfd, 0640, "f", &err), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_uid, 65534);
	assert_int_equal(st.st_gid, 65533);
	assert_int_equal(st.st_mode & 07777, 0640);
	(void)close(fd);
}

static void
a_temporary_gets_a_name_once(void **state)
{
	struct temp a = { 0 }, b = { 0 };
	char got[4];
	int fd;

	(void)state;
	assert_int_equal(temp_open(&a, dirfd, 0640, &err), 0);
	assert_int_equal(temp_open(&b, dirfd, 0640, &err), 0);
	assert_string_not_equal(a.name, b.name);
	assert_int_equal(file_write(a.fd, "a", 1, "a", &err), 0);
	assert_int_equal(file_write(b.fd, "b", 1, "b", &err), 0);
	assert_int_equal(temp_rename(&a, dirfd, "file", &err), 0);
	assert_string_equal(a.name, "");
	/* Never over one that is there. */
	assert_int_equal(temp_rename(&b, dirfd, "file", &err), ERR_SYS);
	assert_int_equal(err.sys, EEXIST);
	temp_done(&b);
	temp_done(&b);
	temp_done(&a);
	fd = openat(dirfd, "file", O_RDONLY);
	assert_int_equal(file_read_at(fd, got, 1, 0, "file", &err), 0);
	assert_int_equal(got[0], 'a');
	(void)close(fd);
	assert_int_equal(scratch_count(&scratch, "."), 1);
}

static void
a_sweep_takes_what_nobody_holds(void **state)
{
	struct temp held = { 0 };

	(void)state;
	assert_int_equal(temp_open(&held, dirfd, 0640, &err), 0);
	(void)close(make_file("1.1", ""));
	(void)close(make_file("2.2", ""));
	assert_int_equal(scratch_count(&scratch, "."), 3);
	assert_int_equal(temp_sweep(dirfd, &err), 0);
	assert_int_equal(scratch_count(&scratch, "."), 1);
	temp_done(&held);
	assert_int_equal(scratch_count(&scratch, "."), 0);
}

static void
a_lock_is_held_by_one(void **state)
{
	int one, two;

	(void)state;
	assert_int_equal(lock_take(&one, dirfd, "lock", 0, &err), 0);
	assert_int_equal(lock_take(&two, dirfd, "lock", 0, &err), ERR_BUSY);
	assert_int_equal(lock_take(&two, dirfd, "lock", 12, &err), ERR_BUSY);
	(void)close(one);
	assert_int_equal(lock_take(&one, dirfd, "lock", LOCK_FOREVER, &err), 0);
	(void)close(one);
	assert_int_equal(lock_take(&one, dirfd, "no/lock", 0, &err), ERR_SYS);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_read_is_whole_or_an_error),
		TEST(a_write_that_fails_is_told),
		TEST(whole_files_are_read_up_to_a_bound),
		TEST(a_new_file_belongs_to_who_owns_the_directory),
		TEST(a_temporary_gets_a_name_once),
		TEST(a_sweep_takes_what_nobody_holds),
		TEST(a_lock_is_held_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
