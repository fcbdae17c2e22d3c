/*
 * Whatever fails in the middle of a walk: either the walk says so and ends, or
 * it tells what it could not look at; nothing is left out in silence.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
/* wrap: malloc calloc realloc reallocarray strdup write pread64 openat64 statx getdents64 readlinkat */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/fault/faults.h"
#include "tests/support/scratch.h"
#include "tests/support/tree.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"

/* clang-format off */
FAULT(int, statx, (int fd, const char *restrict path, int flags, unsigned mask,
    struct statx *restrict st), (fd, path, flags, mask, st), -1, EIO)
FAULT(ssize_t, getdents64, (int fd, void *p, size_t n), (fd, p, n), -1, EIO)
FAULT(ssize_t, readlinkat, (int fd, const char *restrict path,
    char *restrict buf, size_t n), (fd, path, buf, n), -1, EIO)
/* clang-format on */

/* The caller does all the work, so that calls come in the same order. */
static const struct walk_limits limits[] = {
	{ .threads = 0,
	    .ahead = 1 << 20,
	    .part = 1000,
	    .sort = 1 << 20,
	    .fds = 100 },
	{ .threads = 0, .ahead = 1, .part = 2, .sort = 60, .fds = 1 },
};

static struct scratch dir;
static struct scope scope;
static struct found_list want;

static int
setup(void **state)
{
	struct err err = ERR_INIT;
	int fd, below;

	(void)state;
	scratch_make(&dir);
	assert_int_equal(mkdir(scratch_path(&dir, "tree"), 0755), 0);
	assert_int_equal(scope_set_root(&scope, dir.path), 0);
	assert_int_equal(
	    scope_from_mountinfo(&scope, "/proc/self/mountinfo", &err), 0);
	fd = open(dir.path, O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < 12; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "d%d", i % 4);
		below = tree_dir(fd, name);
		(void)snprintf(name, sizeof(name), "s%d", i);
		(void)close(tree_dir(below, name));
		tree_file(below, "a file", 7);
		(void)close(below);
	}
	assert_int_equal(symlinkat("d1", fd, "link"), 0);
	(void)close(fd);
	tree_list(scope.root, &want);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	faults_disarm();
	found_done(&want);
	scope_done(&scope);
	scratch_remove(&dir);
	return 0;
}

/* ---- one walk ---- */

struct seen {
	bool met[64]; /* as in `want` */
	char unread[64][SCRATCH_PATH + 32];
	size_t n_unread;
	char unchanged[64][SCRATCH_PATH + 32];
	size_t n_unchanged;
};

static void
take(struct seen *s, const struct walk_item *item)
{
	switch (item->kind) {
	case WALK_ENTRY:
		for (size_t i = 0; i < want.n; i++)
			if (strcmp(want.item[i].path, item->path) == 0)
				s->met[i] = true;
		break;
	case WALK_UNREAD:
	case WALK_UNSTATTED:
		(void)strcpy(s->unread[s->n_unread++], item->path);
		break;
	case WALK_UNCHANGED:
		(void)strcpy(s->unchanged[s->n_unchanged++], item->path);
		break;
	}
}

/* Whether it was said what became of a path that was not given. */
static bool
is_told(const struct seen *s, const struct found *f)
{
	for (size_t i = 0; i < s->n_unread; i++)
		if (path_below(
			f->path, f->len, s->unread[i], strlen(s->unread[i])))
			return true;
	for (size_t i = 0; i < s->n_unchanged; i++)
		if (f->type != 'd' &&
		    path_parent_len(f->path, f->len) ==
			strlen(s->unchanged[i]) &&
		    path_below(f->path, f->len, s->unchanged[i],
			strlen(s->unchanged[i])))
			return true;
	return false;
}

/* Whether the walk came to its end. */
static bool
walk_once(const struct walk_options *o, const struct walk_limits *l,
    const char *tag, long fail_at)
{
	struct seen seen = { 0 };
	struct walk_item item;
	struct err err = ERR_INIT;
	struct walk *w;
	int rc;

	faults_arm(fail_at);
	if ((rc = walk_open_limited(&w, o, l, &err)) == 0) {
		while ((rc = walk_next(w, &item, &err)) == 0)
			take(&seen, &item);
		if (rc == 1 && tag != NULL)
			rc = walk_commit_cache(w, tag, &err) == 0 ? 1 : -1;
		walk_close(w);
	}
	faults_disarm();
	if (rc < 0) {
		assert_true(err.code != 0 && err.cause[0] != '\0');
		return false;
	}
	for (size_t i = 0; i < want.n; i++)
		if (!seen.met[i] && !is_told(&seen, &want.item[i]))
			fail_msg("call %ld: %s was left out", fail_at,
			    want.item[i].path);
	return true;
}

static void
fail_each(
    const struct walk_options *o, const struct walk_limits *l, const char *tag)
{
	long n = 0, ended = 0;

	for (; n == 0 || faults_hit; n++)
		ended += walk_once(o, l, tag, n);
	/* Some of them end the walk, some do not. */
	assert_true(n > 50);
	assert_true(ended > 10 && ended < n);
}

static void
a_walk_leaves_nothing_out_in_silence(void **state)
{
	struct walk_options o = { .scope = &scope, .tmpdir = dir.dir };

	(void)state;
	for (int i = 0; i < 4; i++) {
		o.names_only = i % 2 == 1;
		fail_each(&o, &limits[i / 2], NULL);
	}
}

static void
nor_does_one_along_a_cache(void **state)
{
	char cache[SCRATCH_PATH];
	struct walk_options o = { .scope = &scope,
		.tmpdir = dir.dir,
		.names_only = true,
		.cache = cache };

	(void)state;
	(void)snprintf(cache, sizeof(cache), "%s/cache", dir.dir);
	assert_true(walk_once(&o, &limits[0], "one", -1));
	o.cache_tag = "one";
	for (int i = 0; i < 2; i++) {
		/* The first time nothing has changed, the second much. */
		fail_each(&o, &limits[0], NULL);
		fail_each(&o, &limits[1], "one");
		(void)rename(scratch_path(&dir, "tree/d1"),
		    strcat(strcpy((char[SCRATCH_PATH]){ 0 }, dir.path), "x"));
		found_done(&want);
		tree_list(scope.root, &want);
	}
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_walk_leaves_nothing_out_in_silence),
		TEST(nor_does_one_along_a_cache),
	};

	return cmocka_run_group_tests_name("walk faults", tests, NULL, NULL);
}
