/*
 * Sources at work that misbehave (tests/plugins/hostile.c), and that die: each
 * ends as an error, and nothing of it stays.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plugin/source_private.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/expect.h"
#include "tests/support/output.h"
#include "tests/support/scratch.h"

/* A sanitizer maps terabytes: there memory is not bounded. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define BOUNDED
#endif

static struct err err;
static struct source_limits limits;
static struct source *source;
static struct source_item item;
static struct uri uri;
static const struct source_options options = { .uri = &uri };
static int n_open;

/* ---- what is left ---- */

static int
count_open(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

static int
make(void **state)
{
	(void)state;
	limits = source_limits_default;
	err_clear(&err);
	n_open = count_open();
	return 0;
}

/* Helper programs of a source come to us when it is gone. */
static int
nothing_is_left(void **state)
{
	(void)state;
	uri_done(&uri);
	while (waitpid(-1, NULL, 0) > 0)
		;
	expect(errno == ECHILD);
	expect(count_open() == n_open);
	return 0;
}

/* ---- a hostile source ---- */

static int
start(const char *deed)
{
	const struct source_task task = {
		.options = &options, .limits = &limits, .stream = -1
	};
	char text[80];

	(void)snprintf(text, sizeof(text), "hostile:/%s", deed);
	assert_int_equal(uri_parse(&uri, text, &err), 0);
	return source_start(&source, &task, &err);
}

/* All of it, closed; what source_next said last. */
static int
rest(size_t *ret_n)
{
	int rc;

	while ((rc = source_next(source, &item, &err)) == 0)
		if (ret_n != NULL)
			++*ret_n;
	source_close(source);
	return rc;
}

/* After `n` items it fails with this. What it had not yet sent when it died is
 * lost. */
static void
fails(const char *deed, size_t n, int code, const char *why)
{
	size_t got = 0;

	if (start(deed) != 0)
		fail_msg("%s: %s", deed, told(&err));
	assert_int_equal(rest(&got), code);
	expect_text(told(&err), why);
	assert_int_equal(got, n);
	uri_done(&uri);
	err_clear(&err);
}

static long
next_number(void)
{
	char *end;
	long number;

	if (source_next(source, &item, &err) != 0)
		fail_msg("%s", told(&err));
	number = strtol(item.path + 1, &end, 10);
	assert_ptr_equal(end, item.path + item.len);
	return number;
}

/* ---- tests ---- */

static void
nobody_breaks_out(void **state)
{
	size_t n = 0;

	(void)state;
	assert_int_equal(start("break-out"), 0);
	assert_int_equal(rest(&n), 1);
	if (n > 0)
		fail_msg("%s", item.path);
}

static void
failures_are_told_in_its_words(void **state)
{
	(void)state;
	assert_int_equal(start("attach-fails"), ERR_SYS);
	expect_text(told(&err), "hostile: not ?[1m here");
	assert_int_equal(err.sys, ENODEV);
	uri_done(&uri);
	assert_int_equal(start("about-fails"), ERR_SYS);
	expect_text(told(&err), "hostile: no such thing");
	uri_done(&uri);
	fails("fails", 1, ERR_SYS, "hostile: torn ? off");
}

static void
deaths_are_told(void **state)
{
	(void)state;
	fails("abort", 0, ERR_FORMAT, "its process died: Aborted");
	fails("exit", 0, ERR_FORMAT, "its process ended early");
	fails("closes", 0, ERR_FORMAT, "its process died: Killed");
}

static void
what_is_no_item_is_refused(void **state)
{
	static const struct {
		const char *deed, *why;
		size_t n;
	} lies[] = {
		{ "no-slash", "its process says nonsense: no path", 1 },
		{ "two-slashes", "its process says nonsense: no path", 1 },
		{ "end-slash", "its process says nonsense: no path", 1 },
		{ "no-path", "its process says nonsense: no path", 1 },
		{ "nul", "its process says nonsense: no path", 1 },
		{ "wrong-kind", "its process says nonsense: of an item", 1 },
		{ "wrong-type", "its process says nonsense: of an entry", 1 },
		{ "wrong-fields", "its process says nonsense: of an item", 1 },
		{ "other-fields", "its process says nonsense: out of turn", 1 },
		{ "unordered", "is out of order", 1 },
		{ "twice", "is out of order", 1 },
		{ "rubbish", "its process says nonsense: too long", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		fails(lies[i].deed, lies[i].n, ERR_FORMAT, lies[i].why);
	assert_int_equal(start("about-lies"), ERR_FORMAT);
	expect_text(told(&err), "its process says nonsense: about itself");
}

static void
the_format_is_text(void **state)
{
	(void)state;
	assert_int_equal(start("pid"), 0);
	assert_string_equal(source_about(source)->format, "hos?tile");
	source_close(source);
}

static void
entries_are_counted(void **state)
{
	(void)state;
	limits.items = 1000;
	fails("flood", 1000, ERR_REFUSED, "more than 1000 entries");
	fails("flood-unread", 1000, ERR_REFUSED, "more than 1000 entries");
}

static void
bytes_are_counted(void **state)
{
	(void)state;
	limits.said = 10000;
	assert_int_equal(start("flood"), 0);
	assert_int_equal(rest(NULL), ERR_REFUSED);
	expect_text(told(&err), "says more than 10000 bytes");
}

static void
messages_are_counted_and_are_text(void **state)
{
	struct output o;

	(void)state;
	limits.messages = 2;
	output_catch(&o);
	assert_int_equal(start("messages"), 0);
	assert_int_equal(rest(NULL), 1);
	output_release(&o);
	expect_text(buf_str(&o.err),
	    "lookback: warning: hostile: no ? 0\n"
	    "lookback: warning: hostile: no ? 1\n"
	    "lookback: warning: more messages than 2: no more are told\n");
	output_done(&o);
}

/* What lies too deep is a directory that was not read. */
static void
bounded(const char *deed, const char *path)
{
	assert_int_equal(start(deed), 0);
	assert_int_equal(source_next(source, &item, &err), 0);
	assert_int_equal(item.kind, LOOKBACK_ENTRY);
	assert_int_equal(source_next(source, &item, &err), 0);
	assert_int_equal(item.kind, LOOKBACK_UNREAD);
	assert_int_equal(item.error, ENAMETOOLONG);
	assert_int_equal(item.len, strlen(path));
	assert_memory_equal(item.path, path, item.len);
	assert_string_equal(
	    item.why, "a path of more than 10 bytes or 3 directories");
	assert_int_equal(rest(NULL), 1);
	uri_done(&uri);
}

static void
paths_are_bounded(void **state)
{
	(void)state;
	limits.path = 10;
	limits.depth = 3;
	bounded("long-path", "/d");
	bounded("deep-path", "/d/x/x");
}

static void
time_is_bounded(void **state)
{
	(void)state;
	limits.cpu_s = 1;
	fails("loop", 0, ERR_REFUSED,
	    "took more processor time than a source may");
}

#ifdef BOUNDED
static void
memory_is_bounded(void **state)
{
	(void)state;
	limits.memory = UINT64_C(32) << 20;
	fails("memory", 0, ERR_SYS, "hostile: not even 1 MiB");
}
#endif

static void
silence_is_bounded(void **state)
{
	(void)state;
	/* No process starts so fast that it is not silent before. */
	limits.silence_ms = 0;
	assert_int_equal(start("attach-hangs"), ERR_REFUSED);
	uri_done(&uri);
	limits.silence_ms = 2000;
	fails("silent", 1, ERR_REFUSED, "said nothing for 2 s");
}

static void
waiting_is_bounded(void **state)
{
	(void)state;
	limits.wait_ms = 1000;
	fails("lives", 0, ERR_REFUSED,
	    "was waited for more than 1 s, all in all");
}

/* One that has no memory is no reason to end for who reads others as well. */
static void
its_memory_is_not_ours(void **state)
{
	(void)state;
	fails("no-memory", 0, ERR_REFUSED, "none");
}

/* Two seconds of work, of which each tenth says so: it would be too slow only
 * where two seconds give it less than that. */
static void
work_is_no_silence(void **state)
{
	(void)state;
	limits.silence_ms = 2000;
	assert_int_equal(start("works"), 0);
	assert_int_equal(rest(NULL), 1);
}

static void
stop_is_heard(void **state)
{
	static volatile int stop = 0;
	const struct source_options o = { .uri = &uri, .stop = &stop };
	const struct source_task task = {
		.options = &o, .limits = &limits, .stream = -1
	};

	(void)state;
	assert_int_equal(uri_parse(&uri, "hostile:/silent", &err), 0);
	assert_int_equal(source_start(&source, &task, &err), 0);
	assert_int_equal(source_next(source, &item, &err), 0);
	stop = 1;
	assert_int_equal(rest(NULL), ERR_CANCELLED);
}

/* ---- content ---- */

static int
add_piece(
    void *ctx, size_t i, const struct lookback_piece *piece, struct err *e)
{
	(void)i;
	(void)e;
	if (piece->offset == 0)
		buf_clear(ctx);
	return buf_add(ctx, piece->data, piece->len);
}

static void
content_is_checked(void **state)
{
	static const struct {
		const char *uri, *why;
	} lies[] = {
		{ "hostile:/read-falls",
		    "its process says nonsense: content that goes back" },
		{ "hostile:/read-other",
		    "its process says nonsense: of content" },
		{ "hostile:/read-far",
		    "its process says nonsense: of content" },
		{ "hostile:/read-item",
		    "its process says nonsense: out of turn" },
		{ "hostile:/read-bad-time",
		    "its process says nonsense: of content" },
		{ "hostile:/read-early-time",
		    "its process says nonsense: a time or a number of what is "
		    "not whole" },
		{ "hostile:/read-early-same",
		    "its process says nonsense: a time or a number of what is "
		    "not whole" },
	};
	const struct lookback_want want = { "/a", 2 };
	struct buf got = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		assert_int_equal(uri_parse(&uri, lies[i].uri, &err), 0);
		assert_int_equal(
		    source_read(&options, &want, 1, add_piece, &got, &err),
		    ERR_FORMAT);
		expect_text(told(&err), lies[i].why);
		uri_done(&uri);
	}
	/* The last of two of one path counts. */
	assert_int_equal(uri_parse(&uri, "hostile:/read-twice", &err), 0);
	assert_int_equal(
	    source_read(&options, &want, 1, add_piece, &got, &err), 0);
	assert_int_equal(got.len, 5);
	buf_done(&got);
}

struct parts {
	size_t n, timed, named;
	struct lookback_piece last;
};

static int
count_times(
    void *ctx, size_t i, const struct lookback_piece *piece, struct err *e)
{
	struct parts *parts = ctx;

	(void)i;
	(void)e;
	parts->n++;
	parts->timed += piece->has_mtime;
	parts->named += piece->same != 0;
	parts->last = *piece;
	return 0;
}

static struct parts
times_of(const char *text)
{
	const struct lookback_want want = { "/a", 2 };
	struct parts parts = { 0 };

	assert_int_equal(uri_parse(&uri, text, &err), 0);
	if (source_read(&options, &want, 1, count_times, &parts, &err) != 0)
		fail_msg("%s: %s", text, told(&err));
	assert_true(parts.last.last);
	assert_int_equal(parts.n, 4);
	uri_done(&uri);
	return parts;
}

static void
the_last_part_has_the_time_and_the_number(void **state)
{
	struct parts parts = times_of("hostile:/read-time");

	(void)state;
	assert_int_equal(parts.timed, 1);
	assert_true(parts.last.has_mtime);
	assert_int_equal(parts.last.mtime, -5);
	assert_int_equal(parts.last.mtime_ns, 7);
	assert_int_equal(parts.named, 1);
	assert_true(parts.last.same == UINT64_MAX);
	/* Plugins that were built before they could say so. */
	parts = times_of("hostile:/read-old");
	assert_int_equal(parts.timed + parts.named, 0);
	parts = times_of("hostile:/read-older");
	assert_int_equal(parts.timed, 1);
	assert_int_equal(parts.named, 0);
}

/* ---- kill -9 ---- */

static void
its_death_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(start("pid"), 0);
	assert_int_equal(kill((pid_t)next_number(), SIGKILL), 0);
	assert_int_equal(rest(NULL), ERR_FORMAT);
	expect_text(told(&err), "its process died: Killed");
}

static void
gone(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void
its_end_ends_its_helpers(void **state)
{
	pid_t helper;

	(void)state;
	assert_int_equal(start("helper"), 0);
	(void)next_number();
	helper = (pid_t)next_number();
	source_close(source);
	gone(helper);
}

static void
our_death_ends_all(void **state)
{
	pid_t ours, pids[2];
	int p[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	if ((ours = fork()) == 0) {
		if (start("helper") != 0)
			_exit(1);
		pids[0] = (pid_t)next_number();
		pids[1] = (pid_t)next_number();
		if (write(p[1], pids, sizeof(pids)) < 0)
			_exit(1);
		for (;;)
			(void)pause();
	}
	(void)close(p[1]);
	assert_int_equal(read(p[0], pids, sizeof(pids)), sizeof(pids));
	(void)close(p[0]);
	assert_int_equal(kill(ours, SIGKILL), 0);
	gone(ours);
	gone(pids[0]);
	gone(pids[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, nothing_is_left)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_breaks_out),
		TEST(failures_are_told_in_its_words),
		TEST(deaths_are_told),
		TEST(what_is_no_item_is_refused),
		TEST(the_format_is_text),
		TEST(entries_are_counted),
		TEST(bytes_are_counted),
		TEST(messages_are_counted_and_are_text),
		TEST(paths_are_bounded),
		TEST(time_is_bounded),
#ifdef BOUNDED
		TEST(memory_is_bounded),
#endif
		TEST(silence_is_bounded),
		TEST(waiting_is_bounded),
		TEST(its_memory_is_not_ours),
		TEST(work_is_no_silence),
		TEST(stop_is_heard),
		TEST(content_is_checked),
		TEST(the_last_part_has_the_time_and_the_number),
		TEST(its_death_is_an_error),
		TEST(its_end_ends_its_helpers),
		TEST(our_death_ends_all),
	};

	/* For processes whose parent is gone. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
