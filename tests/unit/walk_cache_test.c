/*
 * The scan cache, and walks along it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/when.h"
#include "sys/file.h"
#include "sys/walk.h"
#include "tests/support/dice.h"
#include "tests/support/scratch.h"
#include "tests/support/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* Directory times settle with a tick. */
#define SETTLED_NS (12 * NS_PER_S / 1000)

static const struct walk_limits limits[] = {
	{ .threads = 8,
	    .ahead = 1,
	    .part = 2,
	    .sort = 60,
	    .fds = 2,
	    .settled_ns = SETTLED_NS },
	{ .threads = 0,
	    .ahead = 1 << 20,
	    .part = 7,
	    .sort = 4000,
	    .fds = 9,
	    .settled_ns = SETTLED_NS },
	{ .threads = 5,
	    .ahead = 16 << 20,
	    .part = 1024,
	    .sort = 1 << 20,
	    .fds = 4096,
	    .settled_ns = SETTLED_NS },
};
#define N_LIMITS (sizeof(limits) / sizeof(limits[0]))

static struct scratch dir;
static struct scope scope;
static char cache[SCRATCH_PATH];

static int
setup(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	scratch_make(&dir);
	snprintf(cache, sizeof(cache), "%s/cache", dir.dir);
	assert_int_equal(mkdir(scratch_path(&dir, "tree"), 0755), 0);
	assert_int_equal(scope_set_root(&scope, dir.path), 0);
	assert_int_equal(
	    scope_from_mountinfo(&scope, "/proc/self/mountinfo", &err), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	scope_done(&scope);
	scratch_remove(&dir);
	return 0;
}

/* So that what was changed until now has settled. */
static void
settle(void)
{
	const struct timespec t = { 0, 2 * SETTLED_NS };

	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

static void
walk(size_t limit, const char *tag, const char *new_tag, struct found_list *ret)
{
	const struct walk_options o = { .scope = &scope,
		.names_only = true,
		.cache = cache,
		.cache_tag = tag,
		.tmpdir = dir.dir };

	walk_list(&o, &limits[limit], new_tag, ret);
}

static size_t
unchanged(const struct found_list *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->item[i].unchanged;
	return n;
}

/* What a store would list after this walk, by the list before it. */
static void
join(const struct found_list *was, const struct found_list *now,
    struct found_list *ret)
{
	char parent[4096] = "";

	*ret = (struct found_list){ 0 };
	ret->item = calloc(was->n + now->n + 1, sizeof(*ret->item));
	assert_non_null(ret->item);
	for (size_t i = 0; i < now->n; i++) {
		ret->item[ret->n] = now->item[i];
		ret->item[ret->n++].path = strdup(now->item[i].path);
	}
	for (size_t i = 0; i < was->n; i++) {
		const struct found *f = &was->item[i];

		if (f->type == 'd')
			continue;
		snprintf(parent, sizeof(parent), "%.*s",
		    (int)(strrchr(f->path, '/') - f->path), f->path);
		for (size_t k = 0; k < now->n; k++)
			if (now->item[k].unchanged &&
			    strcmp(now->item[k].path, parent) == 0) {
				ret->item[ret->n] = *f;
				ret->item[ret->n].entry.target = NULL;
				ret->item[ret->n++].path = strdup(f->path);
			}
	}
	found_sort(ret);
}

static void
change_something(struct dice *dice, int fd)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f" };
	char path[64] = "", other[64] = "";
	const char *name = names[dice_below(dice, 6)];

	for (uint32_t i = dice_below(dice, 4); i > 0; i--) {
		strcat(strcat(path, names[dice_below(dice, 6)]), "/");
		strcat(strcat(other, names[dice_below(dice, 6)]), "/");
	}
	strcat(path, name);
	strcat(other, names[dice_below(dice, 6)]);
	switch (dice_below(dice, 6)) {
	case 0:
		(void)close(
		    openat(fd, path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
		break;
	case 1:
		(void)unlinkat(fd, path, 0);
		break;
	case 2:
		(void)unlinkat(fd, path, AT_REMOVEDIR);
		break;
	case 3:
		(void)renameat(fd, path, fd, other);
		break;
	case 4:
		(void)symlinkat("a", fd, path);
		break;
	default:
		(void)mkdirat(fd, path, 0755);
		break;
	}
}

static void
gives_what_a_walk_without_it_gives(void **state)
{
	struct found_list was = { 0 }, now, all, want;
	struct dice dice = { 7 };
	size_t spared = 0;
	int fd = open(scope.root, O_RDONLY | O_DIRECTORY);
	char tag[2][16] = { "", "" };

	(void)state;
	for (int i = 0; i < 600; i++)
		change_something(&dice, fd);
	for (int round = 0; round < 40; round++) {
		for (uint32_t i = dice_below(&dice, 12); i > 0; i--)
			change_something(&dice, fd);
		if (!dice_one_in(&dice, 4))
			settle();
		memcpy(tag[0], tag[1], sizeof(tag[0]));
		snprintf(tag[1], sizeof(tag[1]), "%d", round);
		walk(dice_below(&dice, N_LIMITS), tag[0], tag[1], &now);
		spared += unchanged(&now);
		join(&was, &now, &all);
		tree_list(scope.root, &want);
		found_compare(&all, &want, false);
		found_done(&was);
		found_done(&all);
		found_done(&now);
		was = want;
	}
	assert_true(spared > 100);
	found_done(&was);
	(void)close(fd);
}

static void
make_some(void)
{
	int fd = open(scope.root, O_RDONLY | O_DIRECTORY), below;

	for (int i = 0; i < 300; i++) {
		char name[16];

		snprintf(name, sizeof(name), "d%d", i % 10);
		below = tree_dir(fd, name);
		snprintf(name, sizeof(name), "s%d", i);
		(void)close(tree_dir(below, name));
		tree_file(below, "file", 0);
		(void)close(below);
	}
	(void)close(fd);
	settle();
}

static void
add_below(struct strlist *list, const char *below)
{
	char path[SCRATCH_PATH + 64];

	snprintf(path, sizeof(path), "%s%s", scope.root, below);
	assert_int_equal(strlist_add(list, path, strlen(path)), 0);
}

static void
needs_the_same_tag_and_settings(void **state)
{
	struct found_list l;

	(void)state;
	make_some();
	walk(2, NULL, "one", &l);
	assert_int_equal(unchanged(&l), 0);
	found_done(&l);
	walk(2, "one", "two", &l);
	assert_int_equal(unchanged(&l), 311);
	assert_int_equal(l.n, 311);
	found_done(&l);
	walk(2, "one", NULL, &l);
	assert_int_equal(unchanged(&l), 0);
	found_done(&l);
	/* Not committed: the one before stays. */
	walk(2, "two", NULL, &l);
	assert_int_equal(unchanged(&l), 311);
	found_done(&l);
	assert_int_equal(strlist_add(&scope.prunenames, "d3", 2), 0);
	walk(2, "two", NULL, &l);
	assert_int_equal(unchanged(&l), 0);
	found_done(&l);
}

static void
mounts_come_and_go_without_a_new_cache(void **state)
{
	struct found_list l;

	(void)state;
	make_some();
	walk(2, NULL, "one", &l);
	found_done(&l);
	/* A mount that must not be touched now. */
	add_below(&scope.pruned_mounts, "/d4");
	walk(2, "one", "two", &l);
	assert_int_equal(l.n, 311 - 30);
	assert_int_equal(unchanged(&l), 311 - 31);
	found_done(&l);
	/* It is gone again: nothing is known of what is below. */
	strlist_done(&scope.pruned_mounts);
	walk(2, "two", "three", &l);
	assert_int_equal(unchanged(&l), 311 - 31);
	assert_int_equal(l.n, 311 + 1);
	found_done(&l);
	walk(2, "three", NULL, &l);
	assert_int_equal(unchanged(&l), 311);
	found_done(&l);
}

static void
other_file_systems_are_read_again(void **state)
{
	struct found_list l;

	(void)state;
	make_some();
	for (size_t i = 0; i < scope.n_mounts; i++)
		memset(scope.mounts[i].fstype, 'x',
		    strlen(scope.mounts[i].fstype));
	walk(2, NULL, "one", &l);
	found_done(&l);
	walk(2, "one", NULL, &l);
	assert_int_equal(unchanged(&l), 0);
	found_done(&l);
}

static void
a_stamp_holds_only_when_nothing_can_have_passed(void **state)
{
	const int64_t s = NS_PER_S;
	const struct stamp was = { 1, 2, 100 * s, 110 * s, 120 * s };
	struct stamp is = was, early = was;

	(void)state;
	is.began = 0;
	assert_true(stamp_holds(&was, &is, 500 * s, 3 * s));
	for (int i = 0; i < 4; i++) {
		is = was;
		is.dev += i == 0;
		is.ino += i == 1;
		is.mtime += i == 2;
		is.ctime += i == 3;
		assert_false(stamp_holds(&was, &is, 500 * s, 3 * s));
	}
	/* Changed when its reading was about to begin, or after. */
	early.began = 113 * s;
	assert_false(stamp_holds(&early, &was, 500 * s, 3 * s));
	early.began++;
	assert_true(stamp_holds(&early, &was, 500 * s, 3 * s));
	early.ctime = 100 * s;
	early.mtime = 111 * s;
	assert_false(stamp_holds(&early, &early, 500 * s, 3 * s));
	/* The clock was ahead. */
	assert_false(stamp_holds(&was, &was, 119 * s, 3 * s));
	assert_false(stamp_holds(&was, &was, 105 * s, 3 * s));
}

/* ---- the file ---- */

static void
key_of(const char *tag, struct buf *key)
{
	*key = (struct buf){ 0 };
	assert_int_equal(buf_add_str(key, tag), 0);
}

static void
write_cache(const char *tag)
{
	static const char *const paths[] = { "/", "/a", "/a/b", "/a/b/c",
		"/a/bc", "/a.b", "/z" };
	struct cache_writer *w;
	struct err err = ERR_INIT;
	struct buf key;

	assert_int_equal(cache_create(&w, cache, &err), 0);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct cache_record rec = { paths[i], strlen(paths[i]),
			i % 3 != 2,
			{ i << 60, i, INT64_MIN + (int64_t)i, INT64_MAX,
			    -(int64_t)i } };

		assert_int_equal(cache_add(w, &rec, &err), 0);
	}
	key_of(tag, &key);
	assert_int_equal(cache_commit(w, &key, &err), 0);
	cache_abort(w);
	buf_done(&key);
}

static void
what_is_written_is_read(void **state)
{
	struct cache_reader *r;
	struct cache_record rec;
	struct err err = ERR_INIT;
	struct buf key;
	size_t n = 0;
	int rc;

	(void)state;
	write_cache("k");
	key_of("other", &key);
	assert_int_equal(cache_open(&r, cache, &key, &err), 0);
	assert_null(r);
	buf_done(&key);
	key_of("k", &key);
	assert_int_equal(cache_open(&r, cache, &key, &err), 0);
	assert_non_null(r);
	while ((rc = cache_next(r, &rec, &err)) == 0) {
		assert_int_equal(rec.stamped, n % 3 != 2);
		if (rec.stamped) {
			assert_int_equal(rec.stamp.dev, n << 60);
			assert_int_equal(rec.stamp.ino, n);
			assert_int_equal(
			    rec.stamp.mtime, INT64_MIN + (int64_t)n);
			assert_int_equal(rec.stamp.ctime, INT64_MAX);
			assert_int_equal(rec.stamp.began, -(int64_t)n);
		}
		n++;
	}
	assert_int_equal(rc, 1);
	assert_int_equal(n, 7);
	cache_close(r);
	buf_done(&key);
}

static void
any_damage_is_as_if_it_was_not_there(void **state)
{
	struct cache_reader *r;
	struct err err = ERR_INIT;
	struct buf key, file = { 0 };
	int fd;

	(void)state;
	write_cache("k");
	key_of("k", &key);
	assert_int_equal(
	    file_read_all(AT_FDCWD, cache, 1 << 20, &file, &err), 0);
	for (size_t i = 0; i < 2 * file.len; i++) {
		fd = open(cache, O_WRONLY | O_TRUNC | O_CREAT, 0600);
		if (i < file.len) {
			file.data[i] ^= (uint8_t)(1 << (i % 8));
			assert_int_equal(
			    file_write(fd, file.data, file.len, "c", &err), 0);
			file.data[i] ^= (uint8_t)(1 << (i % 8));
		} else
			assert_int_equal(
			    file_write(fd, file.data, i - file.len, "c", &err),
			    0);
		(void)close(fd);
		assert_int_equal(cache_open(&r, cache, &key, &err), 0);
		assert_null(r);
	}
	buf_done(&file);
	buf_done(&key);
	/* Nor does anything else that stands there. */
	assert_int_equal(unlink(cache), 0);
	key_of("k", &key);
	assert_int_equal(cache_open(&r, cache, &key, &err), 0);
	assert_null(r);
	assert_int_equal(mkfifo(cache, 0600), 0);
	assert_int_equal(cache_open(&r, cache, &key, &err), 0);
	assert_null(r);
	buf_done(&key);
}

int
main(void)
{
#define test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		test(gives_what_a_walk_without_it_gives),
		test(needs_the_same_tag_and_settings),
		test(mounts_come_and_go_without_a_new_cache),
		test(other_file_systems_are_read_again),
		cmocka_unit_test(
		    a_stamp_holds_only_when_nothing_can_have_passed),
		test(what_is_written_is_read),
		test(any_damage_is_as_if_it_was_not_there),
	};

	return cmocka_run_group_tests_name("walk_cache", tests, NULL, NULL);
}
