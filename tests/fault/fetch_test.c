/*
 * lget over a source of our own making: whatever it gives, and whatever fails in
 * the middle of writing, a file has its name only when it is whole, what was
 * there stays, and nothing half done is left.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
/* wrap: source_read malloc calloc realloc reallocarray strdup strndup pwrite64 ftruncate64 fchmod futimens fsync syncfs renameat2 linkat pread64 openat64 mkdirat symlinkat utimensat syscall */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fault/faults.h"
#include "tests/support/fixture.h"
#include "tests/support/lines.h"
#include "tests/support/output.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "fetch/fetch.h"
#include "plugin/source.h"

/* clang-format off */
FAULT(ssize_t, pwrite64, (int fd, const void *p, size_t n, off_t off),
    (fd, p, n, off), -1, ENOSPC)
FAULT(int, ftruncate64, (int fd, off_t size), (fd, size), -1, EIO)
FAULT(int, fchmod, (int fd, mode_t mode), (fd, mode), -1, EPERM)
FAULT(int, futimens, (int fd, const struct timespec *t), (fd, t), -1, EPERM)
FAULT(int, syncfs, (int fd), (fd), -1, EIO)
FAULT(int, mkdirat, (int dirfd, const char *name, mode_t mode),
    (dirfd, name, mode), -1, ENOSPC)
FAULT(int, symlinkat, (const char *to, int dirfd, const char *name),
    (to, dirfd, name), -1, ENOSPC)
FAULT(int, utimensat, (int dirfd, const char *name, const struct timespec *t,
    int flags), (dirfd, name, t, flags), -1, EPERM)
/* clang-format on */

/* openat2 has no name in libc. */
long __real_syscall(long number, ...) __attribute__((weak));
long __wrap_syscall(long number, ...);
long
__wrap_syscall(long number, ...)
{
	va_list ap;
	long a, b, c, d;

	va_start(ap, number);
	a = va_arg(ap, long);
	b = va_arg(ap, long);
	c = va_arg(ap, long);
	d = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_openat2 && faults_now(EMFILE))
		return -1;
	return __real_syscall(number, a, b, c, d);
}

/* ---- the source ---- */

/* A part of the content of a path. NULL data: `len` times 'x'. */
struct part {
	const char *path;
	uint64_t offset;
	const char *data;
	size_t len;
	bool last;
	const char *why;
	uint64_t same;
};

/* What each archive gives; the URI's path ends in 'a' or 'b'. */
static const struct part *archive_a, *archive_b;
static int64_t mtime_a, mtime_b; /* of all in it; 0: none is said */
static int reads;

static int
give(const struct part *part, int64_t mtime, const struct lookback_want *want,
    size_t n, source_piece_fn *fn, void *ctx, struct err *to)
{
	static char filler[4096];

	memset(filler, 'x', sizeof(filler));
	for (size_t i = 0; i < n; i++) {
		const struct lookback_piece piece = {
			.size = sizeof(piece),
			.offset = part->offset,
			.data = part->data != NULL ? part->data : filler,
			.len = part->why != NULL ? 0 : part->len,
			.last = part->last,
			.why = part->why,
			.has_mtime = part->last && mtime != 0,
			.mtime = mtime,
			.same = part->same,
		};

		if (want[i].len == strlen(part->path) &&
		    memcmp(want[i].path, part->path, want[i].len) == 0)
			return fn(ctx, i, &piece, to);
	}
	return 0;
}

int __wrap_source_read(const struct source_options *,
    const struct lookback_want *, size_t, source_piece_fn *, void *,
    struct err *);
int
__wrap_source_read(const struct source_options *o,
    const struct lookback_want *want, size_t n, source_piece_fn *fn, void *ctx,
    struct err *to)
{
	size_t len = strlen(o->uri->path);
	bool is_a = o->uri->path[len - 1] == 'a';
	const struct part *part = is_a ? archive_a : archive_b;
	int rc = 0;

	reads++;
	for (; part->path != NULL && rc == 0; part++)
		rc = give(part, is_a ? mtime_a : mtime_b, want, n, fn, ctx, to);
	return rc;
}

/* ---- a store, a target, a run ---- */

static char config[SCRATCH_PATH], target[SCRATCH_PATH];
static struct output output;

/* Two nights of archives that both hold /d/one (5), /d/two (5), /d/zero
 * (8193), and a link. */
static void
fresh(void)
{
	static const struct line lines[] = { { "/d", 0, 'd', NULL },
		{ "/d/link", 3, 0, "/etc" }, { "/d/one", 5, 0, NULL },
		{ "/d/two", 5, 0, NULL }, { "/d/zero", 8193, 0, NULL },
		{ NULL, 0, 0, NULL } };

	fixture_renew();
	store = open_or_fail(dir, STORE_CREATE);
	for (int night = 1; night <= 2; night++) {
		const char *file = scratch_path(
		    &scratch, night == 1 ? "b" : "a");
		char origin[SCRATCH_PATH + 16];
		struct recorder *r;

		(void)fclose(fopen(file, "w"));
		(void)snprintf(origin, sizeof(origin), "archive://h1%s", file);
		r = record_begin(store, night,
		    (struct record_head){
			.series = "h1/backup/x", .origin = origin });
		for (size_t i = 0; lines[i].path != NULL; i++)
			record_see(r, lines[i]);
		(void)record_finish(r);
	}
	fixture_close();
	scratch_keep_path(&scratch, "config", config);
	scratch_keep_path(&scratch, "target", target);
	assert_int_equal(mkdir(target, 0755), 0);
	FILE *f = fopen(config, "w");
	assert_non_null(f);
	(void)fputs("host = h1\n", f);
	(void)fclose(f);
	mtime_a = mtime_b = 0;
	reads = 0;
}

static enum lget_status
run_with(struct request o, long fault)
{
	static volatile const int never = 0;
	enum lget_status status;

	o.to = target;
	o.store = dir;
	o.config = config;
	output_done(&output);
	output_catch(&output);
	faults_hit = false;
	if (fault >= 0)
		faults_arm(fault);
	status = fetch_run(&o, &never);
	faults_disarm();
	output_release(&output);
	return status;
}

static enum lget_status
get(const char *a, const char *b)
{
	char *refs[] = { (char *)(uintptr_t)a, (char *)(uintptr_t)b };

	return run_with(
	    (struct request){ .refs = refs, .n_refs = b != NULL ? 2 : 1 }, -1);
}

static enum lget_status
get_tree(bool force, long fault)
{
	char ref[] = "h1/backup/x:/d", *refs[] = { ref };

	return run_with(
	    (struct request){
		.refs = refs, .n_refs = 1, .recursive = true, .force = force },
	    fault);
}

static void
put(const char *name, const char *text)
{
	char path[2 * SCRATCH_PATH];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", target, name);
	assert_non_null(f = fopen(path, "w"));
	(void)fputs(text, f);
	(void)fclose(f);
}

/* Its content; NULL: there is none. The caller frees it. */
static char *
content(const char *name)
{
	char path[2 * SCRATCH_PATH], *text;
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", target, name);
	if ((f = fopen(path, "r")) == NULL)
		return NULL;
	assert_non_null(text = calloc(1, 10000));
	n = fread(text, 1, 9999, f);
	text[n] = '\0';
	(void)fclose(f);
	return text;
}

static void
holds(const char *name, const char *want)
{
	char *got = content(name);

	if (want == NULL)
		assert_null(got);
	else if (got == NULL)
		fail_msg("no %s: %s", name, buf_str(&output.err));
	else
		assert_string_equal(got, want);
	free(got);
}

/* Names in the target, "." of temporaries. */
static int
count(const char *sub, const char *with)
{
	char path[2 * SCRATCH_PATH];
	struct dirent *e;
	int n = 0;
	DIR *d;

	(void)snprintf(path, sizeof(path), "%s/%s", target, sub);
	if ((d = opendir(path)) == NULL)
		return 0;
	while ((e = readdir(d)) != NULL)
		n += strcmp(e->d_name, ".") != 0 &&
		    strcmp(e->d_name, "..") != 0 &&
		    strstr(e->d_name, with) != NULL;
	(void)closedir(d);
	return n;
}

#define ONE "h1/backup/x:/d/one"
#define TWO "h1/backup/x:/d/two"
#define END       \
	{         \
		0 \
	}

/* ---- what a source may give ---- */

static void
several_files_of_one_archive_are_one_pass(void **state)
{
	const struct part parts[] = { { "/d/one", 0, "11111", 5, true, NULL,
					  0 },
		{ "/d/two", 0, "22", 2, false, NULL, 0 },
		{ "/d/two", 2, "222", 3, true, NULL, 0 }, END };

	(void)state;
	fresh();
	archive_a = archive_b = parts;
	assert_int_equal(get(ONE, TWO), LGET_DONE);
	holds("one", "11111");
	holds("two", "22222");
	assert_int_equal(reads, 1);
	assert_int_equal(count("", ""), 2);
}

static void
of_a_path_that_comes_twice_the_last_counts(void **state)
{
	const struct part parts[] = { { "/d/one", 0, "abcde", 5, true, NULL,
					  0 },
		{ "/d/two", 0, "22222", 5, true, NULL, 0 },
		{ "/d/one", 0, "fg", 2, false, NULL, 0 },
		{ "/d/one", 4, "h", 1, true, NULL, 0 }, END };

	(void)state;
	fresh();
	archive_a = archive_b = parts;
	assert_int_equal(get(ONE, TWO), LGET_DONE);
	assert_int_equal(count("", ""), 2);
	/* What lies between is a hole. */
	char *got = content("one");
	assert_memory_equal(got, "fg\0\0h", 6);
	free(got);
}

static void
what_one_archive_lacks_comes_from_the_next(void **state)
{
	static const struct part no[][4] = {
		{ END },					   /* missing */
		{ { "/d/one", 0, "123", 3, true, NULL, 0 }, END }, /* short */
		{ { "/d/one", 0, "123", 3, false, NULL, 0 },
		    END }, /* cut off */
		{ { "/d/one", 0, NULL, 4096, false, NULL, 0 },
		    { "/d/one", 4096, NULL, 4096, true, NULL, 0 },
		    END }, /* long */
		{ { "/d/one", 0, "123", 3, false, NULL, 0 },
		    { "/d/one", 1, "45", 2, true, NULL, 0 },
		    END }, /* overlaps */
		{ { "/d/one", 0, "", 0, false, "is encrypted", 0 }, END },
		{ { "/d/one", 0, "123", 3, false, NULL, 0 },
		    { "/d/one", 3, "", 0, true, "a bad checksum", 0 }, END },
	};
	static const struct part yes[] = { { "/d/one", 0, "12345", 5, true,
					       NULL, 0 },
		{ "/d/two", 0, "12345", 5, true, NULL, 0 }, END };

	(void)state;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		fresh();
		archive_a = no[i];
		archive_b = yes;
		if (get(ONE, TWO) != LGET_DONE)
			fail_msg("%zu: %s", i, buf_str(&output.err));
		holds("one", "12345");
		assert_int_equal(count("", ""), 2);
	}
}

static void
what_differs_everywhere_is_kept_as_partial(void **state)
{
	const struct part parts[] = { { "/d/one", 0, "123", 3, true, NULL, 0 },
		END };

	(void)state;
	fresh();
	archive_a = archive_b = parts;
	assert_int_equal(get(ONE, NULL), LGET_MISSING);
	holds("one", NULL);
	holds("one.partial", "123");
	assert_int_equal(count("", ""), 1);
	assert_int_equal(reads, 2);
	/* The next one does not take its place. */
	assert_int_equal(get(ONE, NULL), LGET_MISSING);
	holds("one.partial", "123");
	assert_int_equal(count("", ".lget-"), 1);
}

/* As names of one file do. */
static void
several_paths_may_come_at_once(void **state)
{
	static const struct part mixed[] = { { "/d/one", 0, "11", 2, false,
						 NULL, 0 },
		{ "/d/two", 0, "22", 2, false, NULL, 0 },
		{ "/d/one", 2, "1", 1, false, NULL, 0 },
		{ "/d/one", 3, "11", 2, true, NULL, 0 },
		{ "/d/two", 2, "222", 3, true, NULL, 0 }, END };
	/* Two ends early, and one comes again. */
	static const struct part cut[] = { { "/d/two", 0, "xx", 2, false, NULL,
					       0 },
		{ "/d/one", 0, "11111", 5, true, NULL, 0 },
		{ "/d/two", 2, "xx", 2, false, NULL, 0 },
		{ "/d/one", 0, "aa", 2, false, NULL, 0 }, END };
	static const struct part failing[] = { { "/d/one", 0, "11", 2, false,
						   NULL, 0 },
		{ "/d/two", 0, "2", 1, false, NULL, 0 },
		{ "/d/one", 2, "", 0, false, "torn", 0 },
		{ "/d/two", 1, "2222", 4, true, NULL, 0 }, END };
	char one[] = ONE, two[] = TWO, *both[] = { one, two };

	(void)state;
	fresh();
	archive_a = archive_b = mixed;
	assert_int_equal(get(ONE, TWO), LGET_DONE);
	assert_int_equal(reads, 1);
	holds("one", "11111");
	holds("two", "22222");
	assert_int_equal(count("", ""), 2);
	fresh();
	assert_int_equal(run_with(
			     (struct request){
				 .refs = both, .n_refs = 2, .to_stdout = true },
			     -1),
	    LGET_DONE);
	assert_int_equal(reads, 2);
	assert_string_equal(buf_str(&output.out), "1111122222");
	fresh();
	archive_a = cut;
	assert_int_equal(get(ONE, TWO), LGET_DONE);
	assert_int_equal(reads, 2);
	holds("one", "11111");
	holds("two", "22222");
	assert_int_equal(count("", ""), 2);
	fresh();
	archive_b = cut;
	assert_int_equal(get(ONE, TWO), LGET_MISSING);
	holds("one.partial", "aa");
	holds("two.partial", "xxxx");
	assert_int_equal(count("", ""), 2);
	fresh();
	archive_a = archive_b = failing;
	assert_int_equal(get(ONE, TWO), LGET_MISSING);
	holds("one.partial", "11");
	holds("two", "22222");
	assert_int_equal(count("", ""), 2);
}

static ino_t
inode(const char *name)
{
	char path[2 * SCRATCH_PATH];
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", target, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_ino;
}

static void
names_of_one_file_are_that_again(void **state)
{
	const struct part parts[] = { { "/d/one", 0, "11111", 5, true, NULL,
					  UINT64_MAX },
		{ "/d/two", 0, "11111", 5, true, NULL, UINT64_MAX }, END };

	(void)state;
	fresh();
	archive_a = archive_b = parts;
	assert_int_equal(get(ONE, TWO), LGET_DONE);
	assert_int_equal(inode("one"), inode("two"));
	holds("two", "11111");
	assert_int_equal(count("", ""), 2);
}

static void
a_lie_about_names_joins_nothing(void **state)
{
	const struct part parts[] = { { "/d/one", 0, "11111", 5, true, NULL,
					  1 },
		{ "/d/two", 0, "11112", 5, true, NULL, 1 }, END };

	(void)state;
	fresh();
	archive_a = archive_b = parts;
	assert_int_equal(get(ONE, TWO), LGET_DONE);
	assert_int_not_equal(inode("one"), inode("two"));
	holds("one", "11111");
	holds("two", "11112");
	assert_int_equal(count("", ""), 2);
}

#define INDEXED 1700000000

static void
what_has_another_time_comes_from_the_next(void **state)
{
	const struct part other[] = {
		{ "/d/one", 0, "abcde", 5, true, NULL, 0 }, END
	};
	const struct part right[] = {
		{ "/d/one", 0, "12345", 5, true, NULL, 0 }, END
	};

	(void)state;
	fresh();
	archive_a = other;
	archive_b = right;
	mtime_a = INDEXED + 3600;
	mtime_b = INDEXED;
	assert_int_equal(get(ONE, NULL), LGET_DONE);
	holds("one", "12345");
	assert_int_equal(count("", ""), 1);
	assert_int_equal(reads, 2);
	fresh();
	mtime_a = INDEXED;
	assert_int_equal(get(ONE, NULL), LGET_DONE);
	holds("one", "abcde");
}

static void
what_has_another_time_everywhere_is_kept_with_that(void **state)
{
	static const int64_t times[] = { INDEXED + 100, INDEXED - 100,
		INT64_MIN, INT64_MAX };
	const struct part parts[] = {
		{ "/d/one", 0, "abcde", 5, true, NULL, 0 }, END
	};
	char path[2 * SCRATCH_PATH];
	struct stat st;

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		fresh();
		archive_a = archive_b = parts;
		mtime_a = mtime_b = times[i];
		assert_int_equal(get(ONE, NULL), LGET_MISSING);
		holds("one", NULL);
		holds("one.partial", "abcde");
		assert_int_equal(count("", ""), 1);
		assert_int_equal(reads, 2);
		assert_non_null(
		    strstr(buf_str(&output.err), "one was modified "));
		assert_non_null(strstr(buf_str(&output.err),
		    " there, and by the index 2023-11-1"));
		(void)snprintf(path, sizeof(path), "%s/one.partial", target);
		assert_int_equal(stat(path, &st), 0);
		if (i < 2)
			assert_int_equal(st.st_mtim.tv_sec, times[i]);
	}
}

static void
what_is_there_stays(void **state)
{
	const struct part parts[] = {
		{ "/d/one", 0, "11111", 5, true, NULL, 0 }, END
	};
	char ref[] = ONE, *refs[] = { ref };

	(void)state;
	fresh();
	put("one", "mine");
	archive_a = archive_b = parts;
	assert_int_equal(get(ONE, NULL), LGET_ERROR);
	holds("one", "mine");
	assert_int_equal(reads, 0);
	assert_int_equal(
	    run_with(
		(struct request){ .refs = refs, .n_refs = 1, .force = true },
		-1),
	    LGET_DONE);
	holds("one", "11111");
}

static void
what_is_asked_for_twice_comes_once(void **state)
{
	const struct part parts[] = {
		{ "/d/one", 0, "11111", 5, true, NULL, 0 }, END
	};

	(void)state;
	fresh();
	archive_a = archive_b = parts;
	assert_int_equal(get(ONE, ONE), LGET_DONE);
	holds("one", "11111");
	assert_int_equal(count("", ""), 1);
	assert_int_equal(reads, 1);
}

/* ---- calls that fail ---- */

static const struct part whole[] = { { "/d/one", 0, "11111", 5, true, NULL, 0 },
	{ "/d/two", 0, "22222", 5, true, NULL, 0 },
	{ "/d/zero", 8192, "z", 1, true, NULL, 0 }, END };
static const struct part linked[] = { { "/d/one", 0, "11", 2, false, NULL, 0 },
	{ "/d/two", 0, "11", 2, false, NULL, 0 },
	{ "/d/one", 2, "111", 3, true, NULL, 9 },
	{ "/d/two", 2, "111", 3, true, NULL, 9 },
	{ "/d/zero", 8192, "z", 1, true, NULL, 0 }, END };

/* Nothing is half there: under its name a file is whole or what was there. */
static void
check_tree(long n, enum lget_status status, const char *was)
{
	char *one = content("d/one");

	if (one != NULL && strcmp(one, "11111") != 0 &&
	    (was == NULL || strcmp(one, was) != 0))
		fail_msg("call %ld: half a file: %s", n, one);
	if (status == LGET_DONE && (one == NULL || strcmp(one, "11111") != 0))
		fail_msg("call %ld: done, but not there", n);
	if (was != NULL && one == NULL)
		fail_msg("call %ld: what was there is lost", n);
	free(one);
	if (count("", ".lget-") + count("d", ".lget-") != 0)
		fail_msg("call %ld: a temporary is left", n);
	if (status != LGET_DONE && output.err.len == 0)
		fail_msg("call %ld: status %d, and not a word", n, status);
	if (faults_hit == false && status != LGET_DONE)
		fail_msg("no call failed: %s", buf_str(&output.err));
}

static void
fail_each(const struct part *parts, bool force)
{
	long n = 0;

	archive_a = archive_b = parts;
	do {
		fresh();
		if (force) {
			char path[2 * SCRATCH_PATH];

			(void)snprintf(path, sizeof(path), "%s/d", target);
			assert_int_equal(mkdir(path, 0755), 0);
			put("d/one", "mine");
		}
		check_tree(n, get_tree(force, n), force ? "mine" : NULL);
	} while (faults_hit && n++ < 100000);
	assert_true(n > 50);
}

static void
each_call_may_fail(void **state)
{
	(void)state;
	fail_each(whole, false);
}

static void
each_call_may_fail_where_files_are_replaced(void **state)
{
	(void)state;
	fail_each(whole, true);
}

static void
each_call_may_fail_where_names_are_joined(void **state)
{
	(void)state;
	fail_each(linked, false);
	fail_each(linked, true);
}

static int
teardown(void **state)
{
	faults_disarm();
	output_done(&output);
	return fixture_done(state);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_dir, teardown)
	const struct CMUnitTest tests[] = {
		TEST(several_files_of_one_archive_are_one_pass),
		TEST(of_a_path_that_comes_twice_the_last_counts),
		TEST(what_one_archive_lacks_comes_from_the_next),
		TEST(what_differs_everywhere_is_kept_as_partial),
		TEST(several_paths_may_come_at_once),
		TEST(names_of_one_file_are_that_again),
		TEST(a_lie_about_names_joins_nothing),
		TEST(what_has_another_time_comes_from_the_next),
		TEST(what_has_another_time_everywhere_is_kept_with_that),
		TEST(what_is_there_stays),
		TEST(what_is_asked_for_twice_comes_once),
		TEST(each_call_may_fail),
		TEST(each_call_may_fail_where_files_are_replaced),
		TEST(each_call_may_fail_where_names_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
