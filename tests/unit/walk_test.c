/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/walk.h"
#include "base/path.h"
#include "tests/support/dice.h"
#include "tests/support/scratch.h"
#include "tests/support/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* Nothing fits, everything fits, nobody helps. */
static const struct walk_limits limits[] = {
	{ .threads = 8, .ahead = 1, .part = 2, .sort = 60, .fds = 2 },
	{ .threads = 0, .ahead = 1 << 20, .part = 7, .sort = 4000, .fds = 9 },
	{ .threads = 32, .ahead = 4000, .part = 64, .sort = 1 << 20, .fds = 3 },
	{ .threads = 3,
	    .ahead = 16 << 20,
	    .part = 1024,
	    .sort = 1 << 20,
	    .fds = 4096 },
};
#define N_LIMITS (sizeof(limits) / sizeof(limits[0]))

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
	char command[SCRATCH_PATH + 16];

	(void)state;
	/* nftw stops where paths end. */
	snprintf(command, sizeof(command), "rm -rf %s/tree", dir.dir);
	assert_int_equal(system(command), 0);
	scratch_remove(&dir);
	return 0;
}

static int
top(void)
{
	int fd = open(dir.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return tree_dir(fd, "tree");
}

static struct walk_options
options(struct scope *scope)
{
	assert_int_equal(scope_set_root(scope, scratch_path(&dir, "tree")), 0);
	return (struct walk_options){ .scope = scope, .tmpdir = dir.dir };
}

/* Every way of walking finds what is there. */
static void
assert_all_ways(struct scope *scope)
{
	struct walk_options o = options(scope);
	struct found_list want, got;

	tree_list(scope->root, &want);
	for (size_t i = 0; i < N_LIMITS; i++) {
		o.names_only = false;
		walk_list(&o, &limits[i], NULL, &got);
		found_compare(&got, &want, true);
		found_done(&got);
		o.names_only = true;
		walk_list(&o, &limits[i], NULL, &got);
		found_compare(&got, &want, false);
		found_done(&got);
	}
	found_done(&want);
}

static void
make_strange(int fd)
{
	static const char *const names[] = { "a", "a.b", "a-b", "a b", "a\nb",
		"\001", "\377\376", "ab", "abcdefgh", "abcdefghi", "abcdefg",
		"abcdefgh\001", "abcdefghij", "\303\244", "z", "...", "-" };
	int below;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char name[64];

		tree_file(fd, names[i], i);
		snprintf(name, sizeof(name), "%s0", names[i]);
		below = tree_dir(fd, name);
		tree_file(below, names[i], 1000 * i);
		(void)close(tree_dir(below, "sub"));
		assert_int_equal(symlinkat(names[i], below, "link"), 0);
		assert_int_equal(mkfifoat(below, "fifo", 0600), 0);
		(void)close(below);
	}
	assert_int_equal(symlinkat("/nowhere/../at all", fd, "dangling"), 0);
	assert_int_equal(symlinkat("..", fd, "up"), 0);
}

static void
gives_names_of_any_bytes_in_path_order(void **state)
{
	struct scope scope = { 0 };
	int fd = top();

	(void)state;
	make_strange(fd);
	(void)close(fd);
	assert_all_ways(&scope);
	scope_done(&scope);
}

static void
gives_random_trees(void **state)
{
	struct scope scope = { 0 };
	struct dice dice = { 4 };

	(void)state;
	for (int round = 0; round < 5; round++) {
		int fd[6];
		size_t depth = 0;

		fd[0] = top();
		for (int i = 0; i < 120; i++) {
			char name[16];

			snprintf(
			    name, sizeof(name), "%x", dice_below(&dice, 1000));
			if (depth > 0 && dice_one_in(&dice, 5))
				(void)close(fd[depth--]);
			else if (depth < 5 && dice_one_in(&dice, 4)) {
				strcat(name, "_");
				fd[depth + 1] = tree_dir(fd[depth], name);
				depth++;
			} else
				tree_file(fd[depth], name, 1);
		}
		while (depth > 0)
			(void)close(fd[depth--]);
		(void)close(fd[0]);
		assert_all_ways(&scope);
	}
	scope_done(&scope);
}

static void
a_large_directory_comes_in_parts(void **state)
{
	struct scope scope = { 0 };
	int fd = top();

	(void)state;
	for (unsigned i = 0; i < 800; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%u-%s", i * 7919 % 800,
		    i % 3 == 0 ? "a longer name of a file" : "f");
		if (i % 50 == 0) {
			int below = tree_dir(fd, name);

			tree_file(below, "x", i);
			(void)close(below);
		} else
			tree_file(fd, name, i);
	}
	(void)close(fd);
	assert_all_ways(&scope);
	scope_done(&scope);
}

/* A comb: each directory has one below, and one after that. */
static void
goes_deeper_than_any_path(void **state)
{
	struct scope scope = { 0 };
	char name[120];
	int fd = top();

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (int i = 0; i < 120; i++) {
		int below = tree_dir(fd, name), beside = tree_dir(fd, "z");

		tree_file(beside, "file", (size_t)i);
		(void)close(beside);
		(void)close(fd);
		fd = below;
	}
	(void)close(fd);
	assert_true(120 * sizeof(name) > PATH_MAX);
	assert_all_ways(&scope);
	scope_done(&scope);
}

static void
add(struct strlist *list, const char *s)
{
	assert_int_equal(strlist_add(list, s, strlen(s)), 0);
}

static void
add_below(struct strlist *list, const char *below)
{
	char path[SCRATCH_PATH + 64];

	snprintf(path, sizeof(path), "%s/tree%s", dir.dir, below);
	add(list, path);
}

static const struct found *
find(const struct found_list *l, const char *below)
{
	char path[SCRATCH_PATH + 64];

	snprintf(path, sizeof(path), "%s/tree%s", dir.dir, below);
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->item[i].path, path) == 0)
			return &l->item[i];
	return NULL;
}

static void
what_is_pruned_is_given_and_not_entered(void **state)
{
	struct scope scope = { 0 };
	struct walk_options o;
	struct found_list got;
	int fd = top(), below;

	(void)state;
	for (const char *const *name =
		 (const char *const[]){ "a", "ab", "a.b", "mnt", "keep", NULL };
	     *name != NULL; name++) {
		below = tree_dir(fd, *name);
		tree_file(below, "x", 1);
		(void)close(tree_dir(below, ".git"));
		tree_file(below, "git", 1);
		assert_int_equal(mkdirat(below, ".git/objects", 0755), 0);
		(void)close(below);
	}
	tree_file(fd, "hosts", 12);
	(void)close(fd);
	o = options(&scope);
	add(&scope.prunenames, ".git");
	add(&scope.prunenames, "git");
	add(&scope.prunenames, "tree"); /* the root's own name */
	add_below(&scope.prunepaths, "/a");
	add_below(&scope.prunepaths, "/keep/x"); /* a file */
	add_below(&scope.prunepaths, "/mnt/.git/objects");
	add_below(&scope.pruned_mounts, "/mnt");
	add_below(&scope.pruned_mounts, "/hosts");
	for (size_t i = 0; i < 2 * N_LIMITS; i++) {
		o.names_only = i % 2 == 1;
		walk_list(&o, &limits[i / 2], NULL, &got);
		assert_null(find(&got, "/a/x"));
		assert_null(find(&got, "/mnt/x"));
		assert_non_null(find(&got, "/keep/x"));
		assert_non_null(find(&got, "/ab/x"));
		assert_non_null(find(&got, "/a.b/git"));
		assert_false(find(&got, "/a.b/git")->pruned);
		assert_true(find(&got, "/keep/.git")->pruned);
		assert_null(find(&got, "/keep/.git/objects"));
		assert_true(find(&got, "/a")->pruned);
		assert_int_equal(find(&got, "/a")->entry.fields,
		    o.names_only ? ENTRY_TYPE : ENTRY_ALL & ~ENTRY_TARGET);
		/* Nobody looked at these. */
		assert_int_equal(find(&got, "/mnt")->entry.fields, ENTRY_TYPE);
		assert_int_equal(find(&got, "/mnt")->type, 'd');
		assert_true(find(&got, "/mnt")->pruned);
		assert_int_equal(
		    find(&got, "/hosts")->entry.fields, ENTRY_TYPE);
		assert_int_equal(find(&got, "/hosts")->type, 'f');
		assert_int_equal(got.n, 1 + 6 + 3 * 3);
		found_done(&got);
	}
	/* As with updatedb, the root's own path does count. */
	add_below(&scope.prunepaths, "");
	walk_list(&o, &limits[3], NULL, &got);
	assert_int_equal(got.n, 1);
	assert_true(got.item[0].pruned);
	found_done(&got);
	scope_done(&scope);
}

static void
a_root_that_is_not_there_is_an_error(void **state)
{
	struct scope scope = { 0 };
	struct walk_options o;
	struct err err = ERR_INIT;
	struct walk *w;

	(void)state;
	tree_file(top(), "file", 0);
	o = options(&scope);
	assert_int_equal(scope_set_root(&scope, scratch_path(&dir, "none")), 0);
	assert_int_equal(walk_open(&w, &o, &err), ERR_SYS);
	assert_int_equal(err.sys, ENOENT);
	assert_int_equal(
	    scope_set_root(&scope, scratch_path(&dir, "tree/file")), 0);
	assert_int_equal(walk_open(&w, &o, &err), ERR_SYS);
	assert_int_equal(err.sys, ENOTDIR);
	assert_int_equal(scope_set_root(&scope, "tree"), 0);
	assert_int_equal(walk_open(&w, &o, &err), ERR_USAGE);
	scope_done(&scope);
}

static void
stops_when_told_and_can_be_left_anywhere(void **state)
{
	struct scope scope = { 0 };
	struct walk_options o;
	struct walk_item item;
	struct err err = ERR_INIT;
	struct walk *w;
	int fd = top();
	volatile int stop;

	(void)state;
	make_strange(fd);
	(void)close(fd);
	o = options(&scope);
	o.stop = &stop;
	for (size_t i = 0; i < N_LIMITS; i++) {
		for (int n = 0; n < 60; n += 7) {
			stop = 0;
			assert_int_equal(
			    walk_open_limited(&w, &o, &limits[i], &err), 0);
			for (int k = 0; k < n; k++)
				assert_int_equal(walk_next(w, &item, &err), 0);
			stop = 1;
			assert_int_equal(
			    walk_next(w, &item, &err), ERR_CANCELLED);
			walk_close(w);
		}
	}
	scope_done(&scope);
}

/* Somebody makes, renames and removes directories all the time. */
static pid_t
start_meddler(void)
{
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = top();
	for (unsigned i = 0;; i++) {
		char name[32], other[32];

		snprintf(name, sizeof(name), "m%u", i % 17);
		snprintf(other, sizeof(other), "m%u", i * 5 % 13);
		(void)mkdirat(fd, name, 0755);
		(void)renameat(fd, name, fd, other);
		(void)unlinkat(fd, name, AT_REMOVEDIR);
		(void)unlinkat(fd, other, 0);
		(void)symlinkat("..", fd, other);
		(void)renameat(fd, "still", fd, "moved");
		(void)renameat(fd, "moved", fd, "still");
	}
}

static void
survives_a_tree_that_changes_meanwhile(void **state)
{
	struct scope scope = { 0 };
	struct walk_options o;
	struct found_list got;
	int fd = top(), below;
	pid_t pid;

	(void)state;
	below = tree_dir(fd, "still");
	for (int i = 0; i < 30; i++) {
		char name[16];

		snprintf(name, sizeof(name), "d%d", i);
		tree_file(below, name, 0);
		snprintf(name, sizeof(name), "s%d", i);
		(void)close(tree_dir(below, name));
	}
	(void)close(below);
	make_strange(fd);
	(void)close(fd);
	o = options(&scope);
	pid = start_meddler();
	assert_true(pid > 0);
	for (int round = 0; round < 60; round++) {
		o.names_only = round % 2 == 1;
		/* Its own checks of order and validity are the test. */
		walk_list(&o, &limits[round % (int)N_LIMITS], NULL, &got);
		for (size_t i = 0; i < got.n; i++)
			assert_false(got.item[i].unread);
		assert_non_null(find(&got, "/abcdefghi0/sub"));
		found_done(&got);
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	scope_done(&scope);
}

static void
no_link_on_the_way_is_followed(void **state)
{
	int fd = top(), at, below;
	static const char *const paths[] = { "a", "a/b", "a/b/c", "", "a/l/c",
		"l", "no/b" };
	const int errors[] = { 0, 0, 0, 0, ELOOP, ENOTDIR, ENOENT };

	(void)state;
	below = tree_dir(fd, "a");
	(void)close(tree_dir(below, "b"));
	(void)close(tree_dir(below, "b/c"));
	assert_int_equal(symlinkat("b", below, "l"), 0);
	assert_int_equal(symlinkat("a", fd, "l"), 0);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		for (int way = 0; way < 4; way++) {
			at = (way < 2 ? open_below : open_steps)(fd, paths[i],
			    strlen(paths[i]), way % 2 == 0 ? O_RDONLY : O_PATH);
			if (errors[i] == 0)
				assert_true(at >= 0);
			else {
				assert_int_equal(at, -1);
				assert_true(errno == errors[i] ||
				    (errors[i] != ENOENT &&
					(errno == ELOOP || errno == ENOTDIR)));
			}
			if (at >= 0)
				(void)close(at);
		}
	(void)close(below);
	(void)close(fd);
}

int
main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		test(gives_names_of_any_bytes_in_path_order),
		test(gives_random_trees),
		test(a_large_directory_comes_in_parts),
		test(goes_deeper_than_any_path),
		test(what_is_pruned_is_given_and_not_entered),
		test(a_root_that_is_not_there_is_an_error),
		test(stops_when_told_and_can_be_left_anywhere),
		test(survives_a_tree_that_changes_meanwhile),
		test(no_link_on_the_way_is_followed),
	};

	return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
