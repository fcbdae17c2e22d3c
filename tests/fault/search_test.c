/*
 * A search whose memory fails at any call: it is over with a message, or its
 * answer is the whole one. Never a short one that looks whole.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
/* wrap: malloc calloc realloc reallocarray strdup strndup regcomp regexec ZSTD_createDCtx pthread_create */
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
#include <getopt.h>
#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/log.h"
#include "base/when.h"
#include "search/search.h"

/* What takes memory inside of the libraries. */
/* clang-format off */
FAULT(int, regcomp, (regex_t *restrict r, const char *restrict s, int flags),
    (r, s, flags), REG_ESPACE, ENOMEM)
FAULT(int, regexec, (const regex_t *restrict r, const char *restrict s,
    size_t n, regmatch_t m[restrict], int flags), (r, s, n, m, flags),
    REG_ESPACE, ENOMEM)
FAULT(void *, ZSTD_createDCtx, (void), (), NULL, ENOMEM)
FAULT(int, pthread_create, (pthread_t *restrict t,
    const pthread_attr_t *restrict a, void *(*f)(void *), void *restrict arg),
    (t, a, f, arg), EAGAIN, EAGAIN)
/* clang-format on */

/* ---- SQLite's memory ---- */

static sqlite3_mem_methods sqlite_memory;

static void *
sqlite_malloc(int n)
{
	return faults_now(ENOMEM) ? NULL : sqlite_memory.xMalloc(n);
}

static void *
sqlite_realloc(void *p, int n)
{
	return faults_now(ENOMEM) ? NULL : sqlite_memory.xRealloc(p, n);
}

static int
install(void **state)
{
	sqlite3_mem_methods faulty;

	(void)state;
	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite_memory) !=
	    SQLITE_OK)
		return -1;
	faulty = sqlite_memory;
	faulty.xMalloc = sqlite_malloc;
	faulty.xRealloc = sqlite_realloc;
	return sqlite3_config(SQLITE_CONFIG_MALLOC, &faulty);
}

/* ---- a store ---- */

#define DAY (86400 * NS_PER_S)
#define NOW (100 * DAY)

/* Many paths, of which a few are gone on the second day. */
static void
record_many(const char *series, size_t n)
{
	struct line *lines = calloc(n + 1, sizeof(*lines));
	char *text = malloc(n * 40);

	assert_true(lines != NULL && text != NULL);
	for (int day = 1; day <= 2; day++) {
		size_t k = 0;

		for (size_t i = 0; i < n; i++) {
			char *path = text + i * 40;

			(void)snprintf(path, 40, "/lib/%05zu/%zu.so.%zu", i,
			    i * 7919, i % 10);
			if (day == 1 || i % 500 != 0)
				lines[k++] = (struct line){ .path = path,
					.size = i };
		}
		lines[k] = (struct line){ 0 };
		(void)record_lines(store, series, day * DAY, NULL, lines);
	}
	free(lines);
	free(text);
}

/* The third day could not read all of /home. */
static void
record_unread(const char *series)
{
	struct recorder *r = record_begin(
	    store, 3 * DAY, (struct record_head){ .series = series });

	record_see(r, (struct line){ "/home", 0, 'd', NULL });
	if (recorder_unread(r, "/home", 5, true, EACCES, &err) != 0)
		fail_msg("%s", told(&err));
	(void)record_finish(r);
}

static int
setup(void **state)
{
	static const struct line first[] = { { "/etc", 0, 'd', NULL },
		{ "/etc/passwd", 1, 0, NULL }, { "/etc/passwd-", 1, 0, NULL },
		{ "/home", 0, 'd', NULL }, { "/home/a/noon", 5, 0, NULL },
		{ "/home/link", 0, 'l', "a/noon" },
		{ "/home/\377a/Passwd", 6, 0, NULL }, { NULL, 0, 0, NULL } };
	static const struct line second[] = { { "/etc", 0, 'd', NULL },
		{ "/etc/passwd", 2, 0, NULL }, { "/home", 0, 'd', NULL },
		{ "/home/a/noon", 7, 0, NULL },
		{ "/home/link", 0, 'l', "a/moon" }, { NULL, 0, 0, NULL } };
	struct scope scope = { 0 };

	(void)fixture_store(state);
	assert_int_equal(strlist_add(&scope.prunepaths, "/tmp", 4), 0);
	(void)record_lines(store, "db01", DAY, &scope, first);
	(void)record_lines(store, "web01", DAY, &scope, first);
	(void)record_lines(store, "web01", 2 * DAY, &scope, second);
	scope_done(&scope);
	record_unread("web01");
	record_many("web01/import", 2500);
	fixture_close();
	return 0;
}

static int
setup_large(void **state)
{
	(void)fixture_store(state);
	record_many("web01", 12000);
	fixture_close();
	return 0;
}

static int
teardown(void **state)
{
	faults_disarm();
	return fixture_done(state);
}

/* ---- one search ---- */

struct answer {
	int status;
	struct output said; /* owned */
};

/* As the program's main does it. */
static int
main_of(char **argv)
{
	struct options options;
	int argc = 0, status = LSEARCH_ERROR;

	while (argv[argc] != NULL)
		argc++;
	optind = 0; /* getopt's for "begin anew" */
	if (search_options(&options, argc, argv, NOW) == OPTIONS_SEARCH) {
		status = (int)search_run(&options, NOW);
		search_options_done(&options);
	}
	return status;
}

static struct answer
ask(char **argv, long fail_at)
{
	struct answer a;

	output_catch(&a.said);
	faults_arm(fail_at);
	a.status = main_of(argv);
	faults_disarm();
	output_release(&a.said);
	return a;
}

/* ---- all of them ---- */

static int
count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

static bool
begins(const struct buf *text, const struct buf *with)
{
	return text->len >= with->len &&
	    (with->len == 0 || memcmp(text->data, with->data, with->len) == 0);
}

static bool
has_no_memory(struct answer *a)
{
	return strstr(buf_str(&a->said.err), "out of memory") != NULL;
}

/* A message beside it may have been lost, but then that is said. */
static bool
is_whole(struct answer *a, const struct answer *want)
{
	return a->status == want->status &&
	    a->said.out.len == want->said.out.len &&
	    begins(&want->said.out, &a->said.out) &&
	    ((a->said.err.len == want->said.err.len &&
		 begins(&want->said.err, &a->said.err)) ||
		has_no_memory(a));
}

/* What was found stands, whole lines of it, and why there is no more. */
static bool
is_told(struct answer *a, const struct answer *want)
{
	uint8_t last = a->said.out.len == 0 ?
	    '\n' :
	    a->said.out.data[a->said.out.len - 1];

	return a->status == LSEARCH_ERROR &&
	    begins(&want->said.out, &a->said.out) &&
	    (last == '\n' || last == '\0') && has_no_memory(a);
}

static void
fail_each(char **argv, int status)
{
	struct answer want = ask(argv, -1);
	int n_fds = count_fds();
	long n = 0, failed = 0;

	if (want.status != status)
		fail_msg("%s: status %d: %s", argv[3], want.status,
		    buf_str(&want.said.err));
	do {
		struct answer a = ask(argv, n);

		if (!is_whole(&a, &want) && !is_told(&a, &want))
			fail_msg("%s %s, call %ld: status %d\n%s\n%.300s",
			    argv[3], argv[4], n, a.status, buf_str(&a.said.err),
			    buf_str(&a.said.out));
		if (count_fds() != n_fds)
			fail_msg("%s %s, call %ld: descriptors", argv[3],
			    argv[4], n);
		failed += a.status == LSEARCH_ERROR;
		output_done(&a.said);
	} while (faults_hit && n++ < 100000);
	assert_true(failed > 20);
	output_done(&want.said);
}

struct question {
	int status;
	char words[6][32]; /* "" ends them */
};

static void
ask_all(struct question *q, size_t n)
{
	static char name[] = "lsearch", option[] = "--store";

	for (size_t i = 0; i < n; i++) {
		char *argv[12] = { name, option, dir };

		for (size_t k = 0; k < 6 && q[i].words[k][0] != '\0'; k++)
			argv[3 + k] = q[i].words[k];
		fail_each(argv, q[i].status);
	}
}

static void
a_search_without_memory_is_never_short(void **state)
{
	static struct question q[] = {
		{ LSEARCH_FOUND, { "passwd" } },
		{ LSEARCH_FOUND, { "-i", "PASSWD" } },
		{ LSEARCH_FOUND, { "-b", "*o?n" } },
		{ LSEARCH_FOUND, { "*[[:alpha:]]oo[[=n=]]" } },
		{ LSEARCH_FOUND, { "--regex", "(77|99)\\.so\\.[0-9]$" } },
		{ LSEARCH_FOUND, { "-r", "\\(o\\)\\1n" } },
		{ LSEARCH_FOUND, { "--jsonl", "a" } },
		{ LSEARCH_FOUND, { "--deleted", "0.so" } },
		{ LSEARCH_FOUND, { "-e", "-N", "home", "link" } },
		{ LSEARCH_FOUND, { "--at", "@86400", "-l", "2", "pass" } },
		{ LSEARCH_FOUND, { "-H", "web*", "-c", "so" } },
		{ LSEARCH_FOUND, { "--series", "*/import", "-0", "777" } },
		{ LSEARCH_NOTHING, { "/tmp/x" } },
		{ LSEARCH_PARTLY, { "--strict", "passwd" } },
	};

	(void)state;
	ask_all(q, sizeof(q) / sizeof(q[0]));
}

static void
nor_is_one_by_many_threads(void **state)
{
	static struct question q[] = {
		{ LSEARCH_FOUND, { "-N", "99" } },
		{ LSEARCH_FOUND, { "-N", "--regex", "9\\.so\\.[1-3]$" } },
	};

	(void)state;
	ask_all(q, sizeof(q) / sizeof(q[0]));
}

/* What cannot be read is no less so without memory. */
static void
damage_stays_damage(void **state)
{
	static struct question q[] = {
		{ LSEARCH_PARTLY, { "passwd" } },
		{ LSEARCH_PARTLY, { "--jsonl", "777" } },
	};

	(void)state;
	assert_int_equal(
	    truncate(scratch_path(&scratch, "store/seg/1.seg"), 100), 0);
	ask_all(q, sizeof(q) / sizeof(q[0]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_search_without_memory_is_never_short, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    nor_is_one_by_many_threads, setup_large, teardown),
		cmocka_unit_test_setup_teardown(
		    damage_stays_damage, setup, teardown),
	};

	log_program("lsearch");
	return cmocka_run_group_tests(tests, install, NULL);
}
