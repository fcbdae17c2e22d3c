/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/path.h"
#include "base/scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
add(struct strlist *list, const char *s)
{
	assert_int_equal(strlist_add(list, s, strlen(s)), 0);
}

/* A usual machine. */
static struct scope
usual(void)
{
	struct scope s = { 0 };

	assert_int_equal(scope_set_root(&s, "/"), 0);
	s.prune_bind_mounts = true;
	add(&s.prunefs, "nfs");
	add(&s.prunefs, "tmpfs");
	add(&s.prunenames, ".git");
	add(&s.prunepaths, "/tmp");
	add(&s.prunepaths, "/var/spool");
	add(&s.pruned_mounts, "/mnt/nas");
	assert_int_equal(scope_add_mount(&s, "/", "ext4", "/dev/sda1", "/"), 0);
	assert_int_equal(
	    scope_add_mount(&s, "/home", "ext4", "/dev/sdb1", "/"), 0);
	return s;
}

static void
assert_prunes(const struct scope *s, const char *path, const char *want)
{
	char text[256];
	const char *got = scope_prunes(
	    s, path, strlen(path), text, sizeof(text));

	if (want == NULL)
		assert_null(got);
	else {
		assert_non_null(got);
		assert_string_equal(got, want);
	}
}

static bool
gone(const struct scope *was, const struct scope *now, const char *path)
{
	return scope_absence_is_gone(was, now, path, strlen(path));
}

static void
a_list_grows_and_knows_its_items(void **state)
{
	struct strlist list = { 0 };
	char name[16];

	(void)state;
	for (int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof(name), "n%d", i);
		add(&list, name);
	}
	assert_int_equal(list.n, 100);
	assert_true(strlist_has(&list, "n99", 3));
	assert_true(strlist_has(&list, "n9xx", 2));
	assert_false(strlist_has(&list, "n100", 4));
	assert_false(strlist_has(&list, "n1\0x", 4));
	assert_false(strlist_has(&list, "", 0));
	strlist_done(&list);
	assert_int_equal(list.n, 0);
}

static void
what_is_below_a_pruned_directory_is_not_looked_at(void **state)
{
	struct scope s = usual();

	(void)state;
	assert_prunes(&s, "/", NULL);
	assert_prunes(&s, "/tmp", NULL);
	assert_prunes(&s, "/tmp/x", "PRUNEPATHS /tmp");
	assert_prunes(&s, "/tmpx/x", NULL);
	assert_prunes(&s, "/a/tmp/x", NULL);
	assert_prunes(&s, "/var/spool/cron/root", "PRUNEPATHS /var/spool");
	assert_prunes(&s, "/srv/p/.git", NULL);
	assert_prunes(&s, "/srv/p/.git/HEAD", "PRUNENAMES .git");
	assert_prunes(&s, "/srv/p/.gitx/HEAD", NULL);
	assert_prunes(&s, "/.git/HEAD", "PRUNENAMES .git");
	assert_prunes(&s, "/mnt/nas", NULL);
	assert_prunes(
	    &s, "/mnt/nas/a", "PRUNEFS or PRUNE_BIND_MOUNTS: mount /mnt/nas");
	s.prune_bind_mounts = false;
	assert_prunes(&s, "/mnt/nas/a", "PRUNEFS: mount /mnt/nas");
	/* The outermost one kept the walk away. */
	assert_prunes(&s, "/tmp/p/.git/HEAD", "PRUNEPATHS /tmp");
	add(&s.prunepaths, "/srv/p/.git/objects");
	assert_prunes(&s, "/srv/p/.git/objects/aa", "PRUNENAMES .git");
	add(&s.prunepaths, "/srv/p/.git");
	assert_prunes(&s, "/srv/p/.git/HEAD", "PRUNENAMES .git");
	add(&s.prunepaths, "/");
	assert_prunes(&s, "/", NULL);
	assert_prunes(&s, "/etc", "PRUNEPATHS /");
	scope_done(&s);
}

static void
settings_above_the_root_do_not_count(void **state)
{
	struct scope s = usual();

	(void)state;
	assert_int_equal(scope_set_root(&s, "/tmp/.git"), 0);
	assert_prunes(&s, "/tmp", "outside /tmp/.git");
	assert_prunes(&s, "/tmp/.gitx", "outside /tmp/.git");
	assert_prunes(&s, "/tmp/.git", NULL);
	assert_prunes(&s, "/tmp/.git/a", NULL);
	assert_prunes(&s, "/tmp/.git/.git/a", "PRUNENAMES .git");
	add(&s.prunepaths, "/tmp/.git");
	assert_prunes(&s, "/tmp/.git/a", "PRUNEPATHS /tmp/.git");
	scope_done(&s);
}

static void
what_was_looked_for_and_not_met_is_gone(void **state)
{
	struct scope was = usual(), now = usual();

	(void)state;
	assert_true(gone(&was, &now, "/etc/x"));
	assert_true(gone(&was, &now, "/home/u/x"));
	assert_true(gone(&was, &now, "/home"));
	assert_true(gone(&was, &now, "/tmp"));
	assert_true(gone(NULL, &now, "/etc/x"));
	scope_done(&was);
	scope_done(&now);
}

static void
what_is_pruned_now_is_unseen(void **state)
{
	struct scope was = usual(), now = usual();

	(void)state;
	assert_false(gone(&was, &now, "/tmp/x"));
	assert_false(gone(NULL, &now, "/tmp/x"));
	assert_false(gone(&was, &now, "/mnt/nas/x"));
	add(&now.pruned_mounts, "/home");
	assert_false(gone(&was, &now, "/home/u/x"));
	assert_true(gone(&was, &now, "/home"));
	assert_int_equal(scope_set_root(&now, "/srv"), 0);
	assert_false(gone(&was, &now, "/etc"));
	assert_true(gone(&was, &now, "/srv/x"));
	scope_done(&was);
	scope_done(&now);
}

/* A machine whose mount of /home is as told; NULL: none. */
static struct scope
with_home(const char *fstype, const char *source, const char *root)
{
	struct scope s = { 0 };

	assert_int_equal(scope_add_mount(&s, "/", "ext4", "sda1", "/"), 0);
	if (fstype != NULL)
		assert_int_equal(
		    scope_add_mount(&s, "/home", fstype, source, root), 0);
	return s;
}

static void
an_absent_or_other_mount_makes_unseen(void **state)
{
	struct scope was = with_home("ext4", "sdb1", "/");
	struct scope other[] = {
		with_home(NULL, NULL, NULL),
		with_home("xfs", "sdb1", "/"),
		with_home("ext4", "sdc1", "/"),
		with_home("ext4", "sdb1", "/sub"),
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_false(gone(&was, &other[i], "/home/u"));
		assert_false(gone(&was, &other[i], "/home/u/x"));
		/* The mount point's name belongs to the file system above. */
		assert_true(gone(&was, &other[i], "/home"));
		assert_true(gone(&was, &other[i], "/homes/u"));
		assert_true(gone(&was, &other[i], "/etc/x"));
		/* A new mount hides what the directory held: also unseen. */
		assert_false(gone(&other[i], &was, "/home/u/x"));
	}
	/* Of two mounts on one point the last is seen. */
	assert_int_equal(
	    scope_add_mount(&other[3], "/home", "ext4", "sdb1", "/"), 0);
	assert_true(gone(&was, &other[3], "/home/u/x"));
	assert_int_equal(
	    scope_add_mount(&other[3], "/home/u", "ext4", "sdd1", "/"), 0);
	assert_false(gone(&was, &other[3], "/home/u/x"));
	assert_true(gone(&was, &other[3], "/home/v/x"));
	for (size_t i = 0; i < 4; i++)
		scope_done(&other[i]);
	scope_done(&was);
}

static void
sources_without_mounts_have_plain_absence(void **state)
{
	struct scope none = { 0 }, some = usual();

	(void)state;
	assert_true(gone(&none, &none, "/a/b"));
	assert_true(gone(&none, &some, "/a/b"));
	assert_false(gone(&some, &none, "/a/b"));
	scope_done(&some);
}

/* ---- against a plain model ---- */

static bool
model_prunes(const struct scope *s, const char *path)
{
	size_t root_len = strlen(s->root), len = strlen(path);
	char dir[64];

	if (strcmp(path, s->root) != 0 &&
	    !path_below(path, len, s->root, root_len))
		return true;
	/* Every directory from the path's parent up to the root. */
	for (size_t n = len; n > root_len;) {
		const char *base;

		n = path_parent_len(path, n);
		(void)snprintf(dir, sizeof(dir), "%.*s", (int)n, path);
		base = strrchr(dir, '/') + 1;
		if (strlist_has(&s->prunepaths, dir, n) ||
		    strlist_has(&s->pruned_mounts, dir, n) ||
		    (n > root_len &&
			strlist_has(&s->prunenames, base, strlen(base))))
			return true;
	}
	return false;
}

static void
random_path(char path[static 32])
{
	int depth = rand() % 5;
	size_t n = 0;

	for (int i = 0; i < depth; i++)
		n += (size_t)sprintf(path + n, "/%s",
		    rand() % 4 == 0 ? "ab" :
			rand() % 2  ? "a" :
				      "b");
	if (n == 0)
		memcpy(path, "/", 2);
}

static void
agrees_with_a_plain_model(void **state)
{
	char path[32], text[256];

	(void)state;
	srand(7);
	for (int i = 0; i < 20000; i++) {
		struct scope s = { 0 };

		random_path(path);
		assert_int_equal(
		    scope_set_root(&s, rand() % 2 ? "/" : path), 0);
		for (int k = rand() % 3; k > 0; k--) {
			random_path(path);
			add(rand() % 2 ? &s.prunepaths : &s.pruned_mounts,
			    path);
		}
		if (rand() % 4 == 0)
			add(&s.prunenames, rand() % 2 ? "a" : "ab");
		for (int k = 0; k < 5; k++) {
			random_path(path);
			assert_int_equal(model_prunes(&s, path),
			    scope_prunes(&s, path, strlen(path), text,
				sizeof(text)) != NULL);
		}
		scope_done(&s);
	}
}

/* ---- as bytes ---- */

static void
bytes_bring_the_scope_back(void **state)
{
	struct scope s = usual(), t = { 0 };
	struct buf a = { 0 }, b = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(scope_encode(&s, &a), 0);
	assert_int_equal(scope_decode(&t, a.data, a.len, &err), 0);
	assert_string_equal(t.root, "/");
	assert_true(t.prune_bind_mounts);
	assert_int_equal(t.prunefs.n, 2);
	assert_string_equal(t.prunefs.item[1], "tmpfs");
	assert_string_equal(t.prunenames.item[0], ".git");
	assert_string_equal(t.prunepaths.item[1], "/var/spool");
	assert_string_equal(t.pruned_mounts.item[0], "/mnt/nas");
	assert_int_equal(t.n_mounts, 2);
	assert_string_equal(t.mounts[1].point, "/home");
	assert_string_equal(t.mounts[1].fstype, "ext4");
	assert_string_equal(t.mounts[1].source, "/dev/sdb1");
	assert_string_equal(t.mounts[1].root, "/");
	assert_int_equal(scope_encode(&t, &b), 0);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	scope_done(&s);
	scope_done(&t);
	buf_done(&a);
	buf_done(&b);
}

static void
an_empty_scope_is_the_whole_tree(void **state)
{
	struct scope s = { 0 }, t = { 0 };
	struct buf b = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(scope_encode(&s, &b), 0);
	assert_int_equal(scope_decode(&t, b.data, b.len, &err), 0);
	assert_string_equal(t.root, "/");
	assert_prunes(&s, "/x", NULL);
	scope_done(&t);
	buf_done(&b);
}

static void
other_bytes_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
		{ "", 0 },
		{ "\0\0\1/\0\0\0\0\0", 9 },	      /* version 0 */
		{ "\1\2\1/\0\0\0\0\0", 9 },	      /* unknown flag */
		{ "\1\0\1x\0\0\0\0\0", 9 },	      /* root is no path */
		{ "\1\0\201\0/\0\0\0\0\0", 10 },      /* long varint */
		{ "\1\0\1/\1\1N\0\0\0\0", 11 },	      /* upper case */
		{ "\1\0\1/\0\1\1/\0\0\0", 11 },	      /* a name with a slash */
		{ "\1\0\1/\0\1\0\0\0\0", 10 },	      /* an empty name */
		{ "\1\0\1/\0\0\1\1x\0\0", 11 },	      /* not absolute */
		{ "\1\0\1/\0\0\1\3/a/\0\0", 13 },     /* slash at the end */
		{ "\1\0\1/\0\1\1\0\0\0\0", 11 },      /* a NUL in a name */
		{ "\1\0\1/\0\0\0\0\1\1x\0\0\0", 14 }, /* mount on x */
		{ "\1\0\1/\0\0\0\0\0\0", 10 },	      /* trailing byte */
		{ "\1\0\1/\377\377\377\377\17\0\0\0\0", 13 },
		{ "\1\0\377\377\377\377\377\377\377\377\377\1/", 13 },
	};
	struct scope t = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(scope_decode(&t, "\1\0\1/\0\0\0\0\0", 9, &err), 0);
	scope_done(&t);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
		    scope_decode(&t, bad[i].bytes, bad[i].len, &err),
		    ERR_FORMAT);
		assert_null(t.root);
	}
	assert_int_equal(scope_decode(&t, "\2", 1, &err), ERR_VERSION);
}

static void
every_cut_and_flip_is_refused_or_another_scope(void **state)
{
	struct scope s = usual(), t;
	struct buf a = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(scope_encode(&s, &a), 0);
	for (size_t n = 0; n < a.len; n++)
		assert_int_equal(scope_decode(&t, a.data, n, &err), ERR_FORMAT);
	for (size_t n = 0; n < a.len * 8; n++) {
		a.data[n / 8] ^= (uint8_t)(1u << n % 8);
		if (scope_decode(&t, a.data, a.len, &err) == 0) {
			struct buf b = { 0 };

			assert_int_equal(scope_encode(&t, &b), 0);
			assert_int_equal(b.len, a.len);
			assert_memory_equal(b.data, a.data, a.len);
			buf_done(&b);
			scope_done(&t);
		}
		a.data[n / 8] ^= (uint8_t)(1u << n % 8);
	}
	buf_done(&a);
	scope_done(&s);
}

static void
a_scope_has_a_bound(void **state)
{
	struct scope s = { 0 };
	struct buf b = { 0 };
	char *name = calloc(1, 1024 * 1024 + 1);

	(void)state;
	assert_non_null(name);
	memset(name, 'x', 1024 * 1024);
	add(&s.prunenames, name);
	assert_int_equal(scope_encode(&s, &b), 0);
	add(&s.prunenames, name);
	b.len = 0;
	assert_int_equal(scope_encode(&s, &b), -1);
	assert_int_equal(b.len, 0);
	free(name);
	buf_done(&b);
	scope_done(&s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_grows_and_knows_its_items),
		cmocka_unit_test(
		    what_is_below_a_pruned_directory_is_not_looked_at),
		cmocka_unit_test(settings_above_the_root_do_not_count),
		cmocka_unit_test(what_was_looked_for_and_not_met_is_gone),
		cmocka_unit_test(what_is_pruned_now_is_unseen),
		cmocka_unit_test(an_absent_or_other_mount_makes_unseen),
		cmocka_unit_test(sources_without_mounts_have_plain_absence),
		cmocka_unit_test(agrees_with_a_plain_model),
		cmocka_unit_test(bytes_bring_the_scope_back),
		cmocka_unit_test(an_empty_scope_is_the_whole_tree),
		cmocka_unit_test(other_bytes_are_refused),
		cmocka_unit_test(
		    every_cut_and_flip_is_refused_or_another_scope),
		cmocka_unit_test(a_scope_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
