/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/support/scratch.h"
#include "sys/walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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

static void
add(struct strlist *list, const char *s)
{
	assert_int_equal(strlist_add(list, s, strlen(s)), 0);
}

/* Compare what a walk enters and what it leaves out, as "POINT POINT ...". */
static void
assert_mounts(struct scope *s, const char *root, const char *mountinfo,
    const char *walked, const char *pruned)
{
	struct err err = ERR_INIT;
	struct buf got = { 0 };
	FILE *f = fopen(scratch_path(&dir, "mountinfo"), "w");

	assert_non_null(f);
	fputs(mountinfo, f);
	fclose(f);
	assert_int_equal(scope_set_root(s, root), 0);
	assert_int_equal(scope_from_mountinfo(s, dir.path, &err), 0);
	for (size_t i = 0; i < s->n_mounts; i++)
		assert_int_equal(buf_printf(&got, "%s%s", i == 0 ? "" : " ",
				     s->mounts[i].point),
		    0);
	assert_string_equal(buf_str(&got), walked);
	buf_clear(&got);
	for (size_t i = 0; i < s->pruned_mounts.n; i++)
		assert_int_equal(buf_printf(&got, "%s%s", i == 0 ? "" : " ",
				     s->pruned_mounts.item[i]),
		    0);
	assert_string_equal(buf_str(&got), pruned);
	buf_done(&got);
	scope_done(s);
}

#define ROOT "20 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"

static void
types_are_pruned_with_all_that_is_mounted_below(void **state)
{
	struct scope s = { 0 };

	(void)state;
	add(&s.prunefs, "NFS");
	add(&s.prunefs, "proc");
	assert_mounts(&s, "/",
	    ROOT "21 20 0:5 / /proc rw - proc proc rw\n"
		 "22 21 0:6 / /proc/fs rw - ext4 x rw\n"
		 "23 20 8:2 / /home rw - ext4 /dev/sda2 rw\n"
		 "24 23 0:9 / /home/nas rw - nfs nas:/x rw\n",
	    "/ /home", "/home/nas /proc");
}

static void
points_are_unescaped_and_bad_lines_passed_over(void **state)
{
	struct scope s = { 0 };

	(void)state;
	assert_mounts(&s, "/",
	    "\n\nnonsense\n20 1 8:1 / / rw\n1 2 3 4 5 6 7 8 9\n" ROOT
	    "21 20 8:2 / /a\\040b\\134c\\011 rw master:3 propagate_from:2 - "
	    "ext4 /dev/x\\040y rw\n"
	    "22 20 8:3 / relative rw - ext4 x rw\n"
	    "23 20 8:3 / /x//y rw - ext4 x rw\n"
	    "24 20 8:4 / /nosource rw - tmpfs  rw\n",
	    "/ /a b\\c\t /nosource", "");
}

static void
binds_are_pruned_only_where_asked(void **state)
{
	static const char info[] = ROOT
	    "21 20 8:1 /srv/data /export rw - ext4 /dev/sda1 rw\n"
	    "22 21 8:2 / /export/disk rw - ext4 /dev/sdb1 rw\n"
	    "23 20 8:3 / /one rw - ext4 /dev/sdc1 rw\n"
	    "24 20 8:3 / /two rw - ext4 /dev/sdc1 rw\n"
	    "25 20 8:4 /sub /only rw - ext4 /dev/sdd1 rw\n";
	struct scope s = { .prune_bind_mounts = true };

	(void)state;
	assert_mounts(&s, "/", info, "/ /one /only", "/export /two");
	assert_mounts(
	    &s, "/", info, "/ /export /export/disk /one /only /two", "");
}

static void
a_directory_bound_on_itself_is_no_bind_mount(void **state)
{
	struct scope s = { .prune_bind_mounts = true };

	(void)state;
	assert_mounts(&s, "/",
	    ROOT "21 20 8:1 /srv/jail /srv/jail rw - ext4 /dev/sda1 rw\n"
		 "22 20 8:2 / /home rw - ext4 /dev/sdb1 rw\n"
		 "23 22 8:2 /ann /home/ann rw - ext4 /dev/sdb1 rw\n"
		 "24 22 8:2 /ann /home/bob rw - ext4 /dev/sdb1 rw\n",
	    "/ /home /home/ann /srv/jail", "/home/bob");
}

/* plocate takes /@home for a part of /@ and loses everybody's files. */
static void
subvolumes_with_names_that_begin_alike_are_no_bind_mounts(void **state)
{
	struct scope s = { .prune_bind_mounts = true };

	(void)state;
	assert_mounts(&s, "/",
	    "20 1 0:30 /@ / rw - btrfs /dev/sda1 rw\n"
	    "21 20 0:30 /@home /home rw - btrfs /dev/sda1 rw\n"
	    "22 20 0:30 /@/srv /mnt rw - btrfs /dev/sda1 rw\n",
	    "/ /home", "/mnt");
}

static void
what_no_walk_sees_makes_nothing_a_bind_mount(void **state)
{
	struct scope s = { .prune_bind_mounts = true };

	(void)state;
	add(&s.prunepaths, "/tmp");
	add(&s.prunefs, "fuse.jail");
	assert_mounts(&s, "/",
	    ROOT "21 20 8:2 / /tmp/disk rw - ext4 /dev/sdb1 rw\n"
		 "22 20 8:2 / /data rw - ext4 /dev/sdb1 rw\n"
		 "23 20 0:7 / /jail rw - fuse.jail x rw\n"
		 "24 23 8:3 / /jail/disk rw - ext4 /dev/sdc1 rw\n"
		 "25 20 8:3 / /disk rw - ext4 /dev/sdc1 rw\n",
	    "/ /data /disk", "/jail");
}

static void
of_mounts_on_one_point_the_last_is_seen(void **state)
{
	struct scope s = { 0 };

	(void)state;
	add(&s.prunefs, "tmpfs");
	assert_mounts(&s, "/",
	    ROOT "21 20 8:2 / /mnt rw - ext4 /dev/sdb1 rw\n"
		 "22 21 8:3 / /mnt/below rw - ext4 /dev/sdc1 rw\n"
		 "23 21 8:4 / /mnt rw - xfs /dev/sdd1 rw\n"
		 "24 20 8:5 / /over/a/b rw - xfs /dev/sde1 rw\n"
		 "25 20 8:6 / /over rw - xfs /dev/sdf1 rw\n"
		 "35 20 8:8 / /over2/a rw - xfs /dev/sdh1 rw\n"
		 "34 20 8:9 / /over2 rw - xfs /dev/sdi1 rw\n"
		 "26 20 8:7 / /cut rw - xfs /dev/sdg1 rw\n"
		 "27 26 0:9 / /cut rw - tmpfs none rw\n",
	    "/ /mnt /over /over2", "/cut");
}

static void
an_automount_point_is_left_alone_until_it_is_mounted(void **state)
{
	struct scope s = { 0 };

	(void)state;
	assert_mounts(&s, "/",
	    ROOT "21 20 0:40 / /boot/efi rw - autofs systemd-1 rw,direct\n"
		 "22 20 0:41 / /net rw - autofs auto.net rw,indirect\n"
		 "23 22 0:42 / /net/far rw - nfs far:/ rw\n"
		 "24 21 8:3 / /boot/efi rw - vfat /dev/sda3 rw\n",
	    "/ /boot/efi", "/net");
}

static void
a_pruned_path_hides_the_mounts_below_and_spares_its_own(void **state)
{
	struct scope s = { 0 };

	(void)state;
	add(&s.prunepaths, "/media");
	add(&s.prunenames, ".snapshots");
	assert_mounts(&s, "/",
	    ROOT "21 20 0:40 / /media rw - nfs far:/ rw\n"
		 "22 20 8:2 / /srv rw - ext4 /dev/sdb1 rw\n"
		 "23 22 8:3 / /srv/.snapshots rw - ext4 /dev/sdc1 rw\n"
		 "24 22 8:4 / /srv/x/.snapshots/1 rw - ext4 /dev/sdd1 rw\n"
		 "25 21 8:5 / /media/usb rw - vfat /dev/sde1 rw\n",
	    "/ /srv", "/media /srv/.snapshots");
}

static void
a_walk_of_a_part_takes_its_own_mount_and_those_below(void **state)
{
	static const char info[] = ROOT
	    "21 20 8:2 / /srv rw - tmpfs none rw\n"
	    "22 21 8:3 / /srv/a rw - ext4 /dev/sdc1 rw\n"
	    "23 21 8:4 / /srv/ab rw - ext4 /dev/sdd1 rw\n"
	    "24 22 8:5 / /srv/a/.git/x rw - ext4 /dev/sde1 rw\n";
	struct scope s = { 0 };

	(void)state;
	add(&s.prunefs, "tmpfs");
	add(&s.prunenames, "srv");
	assert_mounts(
	    &s, "/srv", info, "/srv /srv/a /srv/a/.git/x /srv/ab", "");
	assert_mounts(&s, "/srv/a/.git", info, "/srv/a /srv/a/.git/x", "");
	assert_mounts(&s, "/usr", info, "/", "");
	/* In a chroot the mount of "/" may not be told. */
	assert_mounts(&s, "/", "22 21 8:3 / /a rw - ext4 x rw\n", "/a", "");
}

static void
parents_in_a_circle_end(void **state)
{
	struct scope s = { 0 };

	(void)state;
	assert_mounts(&s, "/",
	    ROOT "21 22 8:2 / /a rw - ext4 x rw\n"
		 "22 21 8:2 / /a rw - ext4 x rw\n"
		 "23 23 8:2 / /b rw - ext4 x rw\n",
	    "/", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    types_are_pruned_with_all_that_is_mounted_below),
		cmocka_unit_test(
		    points_are_unescaped_and_bad_lines_passed_over),
		cmocka_unit_test(binds_are_pruned_only_where_asked),
		cmocka_unit_test(a_directory_bound_on_itself_is_no_bind_mount),
		cmocka_unit_test(
		    subvolumes_with_names_that_begin_alike_are_no_bind_mounts),
		cmocka_unit_test(what_no_walk_sees_makes_nothing_a_bind_mount),
		cmocka_unit_test(of_mounts_on_one_point_the_last_is_seen),
		cmocka_unit_test(
		    an_automount_point_is_left_alone_until_it_is_mounted),
		cmocka_unit_test(
		    a_pruned_path_hides_the_mounts_below_and_spares_its_own),
		cmocka_unit_test(
		    a_walk_of_a_part_takes_its_own_mount_and_those_below),
		cmocka_unit_test(parents_in_a_circle_end),
	};

	return cmocka_run_group_tests_name("mounts", tests, setup, teardown);
}
