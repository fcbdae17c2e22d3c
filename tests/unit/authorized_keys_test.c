/*
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "indexer/authorized_keys.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/scratch.h"

#define KEY1                                                           \
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGlQYCyatwszszQuJkX9Ava/" \
	"eWJvXjem6Fx3qDBnW8LQ"
#define KEY2                                                           \
	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZm5xO+yBAN81SbbLRa6S7C" \
	"oYJr9lHD9xGhchW+vSm4"
#define ECDSA                                                                \
	"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNT" \
	"YAAABBBP0tyr3ogpUOuAGz3zFYpqToZJwYVgaJi+3ST7PqOTEJHjYcr/U1MUN2OH/L" \
	"72zR986sjGtInkaws29eWk3py7o="
#define RSA1024                                                               \
	"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC/f0IdcbOQ0UeW3h/XSeRcczpbM1b" \
	"CWEmY06xe5RF4KhKDWgzQoIdXGG0PRiknazoGR/HmEmmJZDXFbhjHLQixGS/Jtcw4zF" \
	"ohPcI1E00r8mDOcgjub3QH+QTwToztYMnrHcE39QtcI4oCzjbqKX3Z+5FkX5CIEGmfN" \
	"4zF36IsEw=="
#define LINE1                                                               \
	"restrict,command=\"/usr/bin/lindex receive --store /srv/s --host " \
	"web01\" " KEY1 " web01\n"
#define FOREIGN                     \
	"# a comment, \t kept \n\n" \
	"from=\"10.0.0.1\",command=\"echo \\\"a b\\\"\" " ECDSA " admin\r\n"

static int
parse(const char *text, struct public_key *k, struct err *err)
{
	return public_key_parse(k, text, strlen(text), err);
}

static void
keys_are_taken_apart(void **state)
{
	struct err err = ERR_INIT;
	struct public_key k;

	(void)state;
	assert_int_equal(parse(KEY1 "  me@there is \n", &k, &err), 0);
	assert_string_equal(k.type, "ssh-ed25519");
	assert_string_equal(k.comment, "me@there is");
	public_key_done(&k);
	assert_int_equal(parse(ECDSA, &k, &err), 0);
	assert_string_equal(k.comment, "");
	public_key_done(&k);
}

static void
what_is_not_one_key_is_refused_by_name(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "", "it is empty" },
		{ " \n\n", "it is empty" },
		{ "hello", "\"hello\" is not a type" },
		{ "-----BEGIN OPENSSH PRIVATE KEY-----\nAA", ".pub" },
		{ KEY1 "\n" KEY2 "\n", "several lines" },
		{ "command=\"sh\" " KEY1, "is not a type" },
		{ "ssh-dss AAAAB3NzaC1kc3M=", "is not a type" },
		{ "ssh-ed25519", "base64" },
		{ "ssh-ed25519 AAAA*", "base64" },
		{ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGlQYCyatwszszQuJkX9Av"
		  "a/eWJvXjem6Fx3qDBnW8LR",
		    NULL },
		{ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGlQYCyatwszszQuJkX9",
		    "not a public key" },
		{ "ecdsa-sha2-nistp256 AAAAC3NzaC1lZDI1NTE5AAAAIGlQYCyatwszszQu"
		  "JkX9Ava/eWJvXjem6Fx3qDBnW8LQ",
		    "not of type" },
		{ RSA1024, "2048" },
		{ KEY1 " evil\x1b[2J", "not a public key" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct err err = ERR_INIT;
		struct public_key k = { 0 };
		int rc = parse(bad[i].text, &k, &err);

		if (bad[i].why == NULL) {
			public_key_done(&k);
			continue;
		}
		assert_int_equal(rc, ERR_FORMAT);
		if (strstr(told(&err), bad[i].why) == NULL)
			fail_msg(
			    "\"%s\" has no \"%s\"", told(&err), bad[i].why);
	}
}

/* What a file holds has no NUL behind it. */
static void
nothing_behind_the_text_counts(void **state)
{
	struct public_key k = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
	    public_key_parse(&k, "hello there", 4, &err), ERR_FORMAT);
	assert_non_null(strstr(told(&err), "\"hell\" is not a type"));
	assert_int_equal(public_key_parse(&k, "hello", 0, &err), ERR_FORMAT);
	assert_non_null(strstr(told(&err), "it is empty"));
}

struct enrolled {
	int rc;
	enum enrol_outcome outcome;
	struct err err;
};

static struct enrolled
enrol(struct buf *text, const char *host, const char *key, bool replace)
{
	struct enrolled e = { .outcome = ENROL_ADDED };
	struct public_key k;
	struct enrolment what = { .lindex = "/usr/bin/lindex",
		.store = "/srv/s",
		.host = host,
		.key = &k };

	assert_int_equal(parse(key, &k, &e.err), 0);
	e.rc = authorized_keys_enrol(text, &what, replace, &e.outcome, &e.err);
	public_key_done(&k);
	return e;
}

static void
a_line_is_added_and_the_others_stay_as_they_are(void **state)
{
	struct buf text = { 0 };
	struct enrolled e;

	(void)state;
	assert_int_equal(buf_add_str(&text, FOREIGN "# no newline"), 0);
	e = enrol(&text, "web01", KEY1 " web01", false);
	assert_int_equal(e.rc, 0);
	assert_int_equal(e.outcome, ENROL_ADDED);
	assert_string_equal(buf_str(&text), FOREIGN "# no newline\n" LINE1);
	e = enrol(&text, "web01", KEY1 " web01", false);
	assert_int_equal(e.rc, 0);
	assert_int_equal(e.outcome, ENROL_SAME);
	assert_int_equal(authorized_keys_revoke(&text, "web01", &e.err), 0);
	assert_string_equal(buf_str(&text), FOREIGN "# no newline\n");
	assert_int_equal(
	    authorized_keys_revoke(&text, "web01", &e.err), ERR_NOTFOUND);
	buf_done(&text);
}

static void
another_key_of_a_host_needs_force(void **state)
{
	struct buf text = { 0 };
	struct enrolled e;

	(void)state;
	assert_int_equal(enrol(&text, "web01", KEY1, false).rc, 0);
	assert_int_equal(enrol(&text, "web02", ECDSA, false).rc, 0);
	e = enrol(&text, "web01", KEY2, false);
	assert_int_equal(e.rc, ERR_REFUSED);
	assert_non_null(strstr(told(&e.err), "--force"));
	e = enrol(&text, "web01", KEY2, true);
	assert_int_equal(e.rc, 0);
	assert_int_equal(e.outcome, ENROL_REPLACED);
	assert_null(strstr(buf_str(&text), KEY1));
	assert_non_null(strstr(buf_str(&text), KEY2));
	assert_non_null(strstr(buf_str(&text), ECDSA));
	buf_done(&text);
}

static void
a_key_serves_one_host_only(void **state)
{
	struct buf text = { 0 };
	struct enrolled e;

	(void)state;
	assert_int_equal(buf_add_str(&text, FOREIGN), 0);
	assert_int_equal(enrol(&text, "web01", KEY1, false).rc, 0);
	e = enrol(&text, "web02", KEY1 " other comment", true);
	assert_int_equal(e.rc, ERR_REFUSED);
	assert_non_null(strstr(told(&e.err), "web01"));
	e = enrol(&text, "web02", ECDSA, true);
	assert_int_equal(e.rc, ERR_REFUSED);
	assert_non_null(strstr(told(&e.err), "line 3"));
	buf_done(&text);
}

static int
collect(
    void *ctx, const char *host, const struct public_key *k, struct err *err)
{
	struct buf *b = ctx;

	(void)err;
	return buf_printf(b, "%s %s;", host, k->comment);
}

static void
odd_paths_are_quoted_and_still_ours(void **state)
{
	struct err err = ERR_INIT;
	struct public_key k;
	struct enrolment what = { .lindex = "/opt/it's \"so\"/lindex",
		.store = "/srv/$(reboot) `x`",
		.config = "/etc/a b.conf",
		.host = "web01",
		.key = &k };
	struct buf text = { 0 }, hosts = { 0 };
	enum enrol_outcome outcome;

	(void)state;
	assert_int_equal(parse(KEY1 " c", &k, &err), 0);
	assert_int_equal(
	    authorized_keys_enrol(&text, &what, false, &outcome, &err), 0);
	assert_string_equal(buf_str(&text),
	    "restrict,command=\"'/opt/it'\\''s \\\"so\\\"/lindex' receive "
	    "--store '/srv/$(reboot) `x`' --host web01 --config "
	    "'/etc/a b.conf'\" " KEY1 " c\n");
	assert_int_equal(authorized_keys_each(&text, collect, &hosts, &err), 0);
	assert_string_equal(buf_str(&hosts), "web01 c;");
	what.store = "/srv/a\nb";
	assert_int_equal(
	    authorized_keys_enrol(&text, &what, true, &outcome, &err),
	    ERR_USAGE);
	public_key_done(&k);
	buf_done(&text);
	buf_done(&hosts);
}

/* ---- the file ---- */

static int
append(void *ctx, struct buf *text, struct err *err)
{
	(void)err;
	return buf_add_str(text, ctx);
}

static void
the_file_and_its_folder_are_made_for_sshd(void **state)
{
	struct scratch s;
	struct err err = ERR_INIT;
	struct buf text = { 0 };
	struct stat st;
	char line[] = "one\n";

	(void)state;
	scratch_make(&s);
	assert_int_equal(
	    authorized_keys_read(scratch_path(&s, ".ssh/a"), &text, &err), 0);
	assert_int_equal(text.len, 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    authorized_keys_edit(
			scratch_path(&s, ".ssh/a"), append, line, &err),
		    0);
	assert_int_equal(
	    authorized_keys_read(scratch_path(&s, ".ssh/a"), &text, &err), 0);
	assert_string_equal(buf_str(&text), "one\none\n");
	assert_int_equal(scratch_count(&s, ".ssh"), 1);
	assert_int_equal(stat(scratch_path(&s, ".ssh"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(scratch_path(&s, ".ssh/a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* Modes that sshd refuses are mended. */
	assert_int_equal(chmod(scratch_path(&s, ".ssh/a"), 0664), 0);
	assert_int_equal(chmod(scratch_path(&s, ".ssh"), 0775), 0);
	assert_int_equal(authorized_keys_edit(
			     scratch_path(&s, ".ssh/a"), append, line, &err),
	    0);
	assert_int_equal(stat(scratch_path(&s, ".ssh/a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(stat(scratch_path(&s, ".ssh"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	buf_done(&text);
	scratch_remove(&s);
}

static void
links_and_foreign_files_are_not_touched(void **state)
{
	struct scratch s;
	struct err err = ERR_INIT;
	struct buf text = { 0 };
	char target[SCRATCH_PATH], line[] = "one\n";
	int fd;

	(void)state;
	scratch_make(&s);
	(void)snprintf(
	    target, sizeof(target), "%s", scratch_path(&s, "secret"));
	assert_true((fd = creat(target, 0600)) >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(close(fd), 0);
	assert_int_equal(symlink(target, scratch_path(&s, "a")), 0);
	assert_int_not_equal(
	    authorized_keys_edit(scratch_path(&s, "a"), append, line, &err), 0);
	assert_int_equal(unlink(scratch_path(&s, "a")), 0);
	assert_int_equal(link(target, scratch_path(&s, "a")), 0);
	assert_int_equal(
	    authorized_keys_edit(scratch_path(&s, "a"), append, line, &err),
	    ERR_REFUSED);
	assert_int_equal(unlink(scratch_path(&s, "a")), 0);
	assert_int_equal(mkfifo(scratch_path(&s, "a"), 0600), 0);
	assert_int_not_equal(
	    authorized_keys_read(scratch_path(&s, "a"), &text, &err), 0);
	/* Not a folder of keys, and open to all. */
	assert_int_equal(unlink(scratch_path(&s, "a")), 0);
	assert_int_equal(chmod(s.dir, 0777), 0);
	assert_int_equal(
	    authorized_keys_edit(scratch_path(&s, "a"), append, line, &err),
	    ERR_REFUSED);
	assert_int_equal(scratch_count(&s, "."), 1);
	buf_done(&text);
	scratch_remove(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_taken_apart),
		cmocka_unit_test(what_is_not_one_key_is_refused_by_name),
		cmocka_unit_test(nothing_behind_the_text_counts),
		cmocka_unit_test(
		    a_line_is_added_and_the_others_stay_as_they_are),
		cmocka_unit_test(another_key_of_a_host_needs_force),
		cmocka_unit_test(a_key_serves_one_host_only),
		cmocka_unit_test(odd_paths_are_quoted_and_still_ours),
		cmocka_unit_test(the_file_and_its_folder_are_made_for_sshd),
		cmocka_unit_test(links_and_foreign_files_are_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
