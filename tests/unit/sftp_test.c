/*
 * The walk and the reading over SFTP, against a server in memory that answers in
 * the worst order.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "remote/sftp_read.h"
#include "remote/sftp_walk.h"
#include "tests/support/sftp_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DIR_MODE 040755
#define FILE_MODE 0100644
#define LINK_MODE 0120777

struct thing {
	const char *path;
	uint32_t mode;
	const char *text; /* of a link: its target; NULL: it fails */
	bool told;	  /* its directory was listed */
};

struct server {
	struct sftp_peer peer;
	struct thing *things; /* ends with a NULL path */
	const char *mounts;   /* its mountinfo; NULL: it has none */
	/* It answers in order, and 100 names at a time; else the last question
	 * first, and a name at a time. */
	bool in_order;
	size_t left;	     /* answers until it hangs up */
	size_t last_part;    /* the most that one READ gives */
	const char *content; /* of /r/file */
	size_t size;	     /* that it says this has */
};

static struct thing *
find(struct server *s, const char *path)
{
	for (struct thing *t = s->things; t->path != NULL; t++)
		if (strcmp(t->path, path) == 0)
			return t;
	return NULL;
}

/* The handle is the path. */
static void
read_dir(struct server *s, size_t i)
{
	const char *dir = s->peer.asked[i].string;
	struct buf names = { 0 }, b = { 0 };
	size_t len = strlen(dir);
	uint32_t n = 0;

	for (struct thing *t = s->things;
	     t->path != NULL && n < (s->in_order ? 100 : 1); t++)
		if (!t->told && strncmp(t->path, dir, len) == 0 &&
		    t->path[len] == '/' &&
		    strchr(t->path + len + 1, '/') == NULL) {
			const char *name = t->path + len + 1;

			t->told = true;
			n++;
			sftp_peer_name(&names, name, strlen(name), t->mode, 7);
		}
	if (n == 0) {
		sftp_peer_status(&s->peer, i, SFTP_EOF);
		return;
	}
	sftp_peer_u32(&b, n);
	assert_int_equal(buf_add(&b, names.data, names.len), 0);
	sftp_peer_answer(&s->peer, i, SFTP_NAME, b.data, b.len);
	buf_done(&names);
	buf_done(&b);
}

static void
attrs(struct server *s, size_t i)
{
	struct thing *t = find(s, s->peer.asked[i].string);
	struct buf b = { 0 };

	if (t == NULL) {
		sftp_peer_status(&s->peer, i, SFTP_NO_SUCH_FILE);
		return;
	}
	sftp_peer_attrs(&b, t->mode, s->size);
	sftp_peer_answer(&s->peer, i, SFTP_ATTRS, b.data, b.len);
	buf_done(&b);
}

static void
data(struct server *s, size_t i)
{
	struct sftp_asked *a = &s->peer.asked[i];
	bool mounts = strcmp(a->string, "/proc/self/mountinfo") == 0;
	const char *text = mounts ? s->mounts : s->content;
	size_t len = strlen(text), n = a->n;
	struct buf b = { 0 };

	if (a->off >= len) {
		sftp_peer_status(&s->peer, i, SFTP_EOF);
		return;
	}
	if (n > len - a->off)
		n = len - (size_t)a->off;
	if (n > s->last_part)
		n = s->last_part;
	sftp_peer_string(&b, text + a->off, n);
	sftp_peer_answer(&s->peer, i, SFTP_DATA, b.data, b.len);
	buf_done(&b);
}

static void
handle(struct server *s, size_t i)
{
	struct sftp_asked *a = &s->peer.asked[i];
	struct thing *t = find(s, a->string);
	struct buf b = { 0 };

	if (a->type == SFTP_OPENDIR && t != NULL && t->mode == 040000) {
		sftp_peer_status(&s->peer, i, SFTP_PERMISSION_DENIED);
		return;
	}
	if (t == NULL && (a->type == SFTP_OPENDIR || s->mounts == NULL)) {
		sftp_peer_status(&s->peer, i, SFTP_NO_SUCH_FILE);
		return;
	}
	sftp_peer_string(&b, a->string, a->len);
	sftp_peer_answer(&s->peer, i, SFTP_HANDLE, b.data, b.len);
	buf_done(&b);
}

static void
name(struct server *s, size_t i, const char *text)
{
	struct buf b = { 0 };

	sftp_peer_u32(&b, 1);
	sftp_peer_name(&b, text, strlen(text), 0, 0);
	sftp_peer_answer(&s->peer, i, SFTP_NAME, b.data, b.len);
	buf_done(&b);
}

static void
serve(struct sftp_peer *peer)
{
	struct server *s = (struct server *)peer;
	size_t i = s->in_order ? 0 : peer->n_asked - 1;
	struct thing *t;

	assert_true(peer->n_asked > 0);
	if (s->left == 0)
		return;
	s->left--;
	switch (peer->asked[i].type) {
	case SFTP_REALPATH:
		name(s, i, peer->asked[i].string);
		break;
	case SFTP_LSTAT:
	case SFTP_FSTAT:
		attrs(s, i);
		break;
	case SFTP_OPEN:
	case SFTP_OPENDIR:
		handle(s, i);
		break;
	case SFTP_READDIR:
		read_dir(s, i);
		break;
	case SFTP_READ:
		data(s, i);
		break;
	case SFTP_READLINK:
		t = find(s, peer->asked[i].string);
		if (t->text == NULL)
			sftp_peer_status(peer, i, SFTP_PERMISSION_DENIED);
		else
			name(s, i, t->text);
		break;
	default:
		sftp_peer_status(peer, i, SFTP_OK);
	}
}

static struct sftp *
start(struct server *s)
{
	struct sftp_stream stream = sftp_peer_stream(&s->peer);
	struct err err = ERR_INIT;
	struct sftp *sftp;

	s->peer.more = serve;
	if (s->left == 0)
		s->left = SIZE_MAX;
	if (s->last_part == 0)
		s->last_part = SIZE_MAX;
	assert_int_equal(sftp_begin(&sftp, &stream, &err), 0);
	return sftp;
}

/* ---- the walk ---- */

static int
line_cmp(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

/* Its items, sorted: what it returned at the end, and each a line in `ret`. */
static int
listed(struct server *s, uint32_t path_max, uint32_t depth_max, struct buf *ret)
{
	struct sftp_walk_options o = {
		.root = "/r", .path_max = path_max, .depth_max = depth_max
	};
	static const char *const kinds[] = { "", "unread ", "unlooked ",
		"outside " };
	struct sftp *sftp = start(s);
	struct sftp_walk_item item;
	struct err err = ERR_INIT;
	struct sftp_walk *w = NULL;
	char *lines[600];
	size_t n = 0;
	int rc;

	if ((rc = sftp_walk_open(&w, sftp, &o, &err)) == 0)
		while ((rc = sftp_walk_next(w, &item, &err)) == 0) {
			bool link = item.entry.fields & ENTRY_TARGET;

			assert_true(n < sizeof(lines) / sizeof(lines[0]));
			assert_true(
			    asprintf(&lines[n++], "%s%.*s%s%.*s\n",
				kinds[item.kind], (int)item.len, item.path,
				link ? " -> " : "", (int)item.entry.target_len,
				link ? item.entry.target : "") > 0);
		}
	qsort(lines, n, sizeof(lines[0]), line_cmp);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(buf_add_str(ret, lines[i]), 0);
		free(lines[i]);
	}
	sftp_walk_close(w);
	sftp_end(sftp);
	sftp_peer_done(&s->peer);
	return rc;
}

static void
expect_list(struct server *s, uint32_t path_max, uint32_t depth_max, int rc,
    const char *want)
{
	struct buf b = { 0 };

	assert_int_equal(listed(s, path_max, depth_max, &b), rc);
	assert_string_equal(buf_str(&b), want);
	buf_done(&b);
}

static void
all_is_listed_whatever_the_order_of_answers(void **state)
{
	struct thing things[] = {
		{ .path = "/r", .mode = DIR_MODE },
		{ .path = "/r/.", .mode = DIR_MODE },
		{ .path = "/r/..", .mode = DIR_MODE },
		{ .path = "/r/a", .mode = FILE_MODE },
		{ .path = "/r/d", .mode = DIR_MODE },
		{ .path = "/r/d/e", .mode = DIR_MODE },
		{ .path = "/r/d/e/f", .mode = FILE_MODE },
		{ .path = "/r/d/l", .mode = LINK_MODE, .text = "../a" },
		{ .path = "/r/no", .mode = LINK_MODE },
		{ .path = "/r/shut", .mode = 040000 },
		{ 0 },
	};
	struct server s = { .things = things };

	(void)state;
	expect_list(&s, 100, 10, 1,
	    "/r\n/r/a\n/r/d\n/r/d/e\n/r/d/e/f\n/r/d/l -> ../a\n/r/no\n"
	    "/r/shut\nunlooked /r/no\nunread /r/shut\n");
}

static void
many_directories_are_read_at_once(void **state)
{
	static char paths[500][16];
	struct thing things[502] = { { .path = "/r", .mode = DIR_MODE } };
	struct server s = { .things = things, .in_order = true };
	struct buf b = { 0 };
	size_t lines = 0;

	(void)state;
	for (size_t i = 0; i < 500; i++) {
		(void)snprintf(paths[i], sizeof(paths[i]), "/r/%zu", i);
		things[i + 1] = (struct thing){ .path = paths[i],
			.mode = DIR_MODE };
	}
	assert_int_equal(listed(&s, 100, 10, &b), 1);
	for (size_t i = 0; i < b.len; i++)
		lines += b.data[i] == '\n';
	buf_done(&b);
	assert_int_equal(lines, 501);
	assert_true(s.peer.most >= 24);
}

static void
what_is_too_deep_or_too_long_is_said(void **state)
{
	struct thing things[] = {
		{ .path = "/r", .mode = DIR_MODE },
		{ .path = "/r/a", .mode = DIR_MODE },
		{ .path = "/r/a/b", .mode = DIR_MODE },
		{ .path = "/r/a/b/c", .mode = FILE_MODE },
		{ .path = "/r/long-name", .mode = FILE_MODE },
		{ .path = "/r/longer-name", .mode = FILE_MODE },
		{ 0 },
	};
	struct server s = { .things = things };

	(void)state;
	expect_list(
	    &s, 8, 3, 1, "/r\n/r/a\n/r/a/b\nunread /r\nunread /r/a/b\n");
}

static void
names_that_are_none_are_left_out(void **state)
{
	struct thing things[] = {
		{ .path = "/r", .mode = DIR_MODE },
		{ .path = "/r/", .mode = FILE_MODE },
		{ .path = "/r/good", .mode = FILE_MODE },
		{ 0 },
	};
	struct server s = { .things = things };

	(void)state;
	expect_list(&s, 100, 10, 1, "/r\n/r/good\nunread /r\n");
}

static void
pseudo_file_systems_are_not_entered(void **state)
{
	struct thing things[] = {
		{ .path = "/r", .mode = DIR_MODE },
		{ .path = "/r/nfs", .mode = DIR_MODE },
		{ .path = "/r/nfs/x", .mode = FILE_MODE },
		{ .path = "/r/disk", .mode = DIR_MODE },
		{ .path = "/r/disk/x", .mode = FILE_MODE },
		{ 0 },
	};
	struct server s = { .things = things,
		.mounts = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
			  "2 1 0:5 / /r/nfs rw - nfs4 server:/ rw\n"
			  "3 1 8:2 / /r/disk rw - xfs /dev/sda2 rw\n" };

	(void)state;
	expect_list(
	    &s, 100, 10, 1, "/r\n/r/disk\n/r/disk/x\n/r/nfs\noutside /r/nfs\n");
}

static void
a_connection_that_ends_is_an_error_at_any_moment(void **state)
{
	int rc = ERR_NOTFOUND;

	(void)state;
	for (size_t n = 1; rc != 1; n++) {
		struct thing things[] = {
			{ .path = "/r", .mode = DIR_MODE },
			{ .path = "/r/d", .mode = DIR_MODE },
			{ .path = "/r/d/l", .mode = LINK_MODE, .text = "x" },
			{ 0 },
		};
		struct server s = { .things = things, .left = n };
		struct buf b = { 0 };

		rc = listed(&s, 100, 10, &b);
		assert_true(rc == 1 || rc == ERR_NOTFOUND);
		buf_done(&b);
		assert_true(n < 100);
	}
}

/* ---- content ---- */

struct got {
	struct buf bytes;
	bool last;
	struct sftp_outcome outcome;
};

static int
take(void *ctx, uint64_t off, const void *bytes, size_t len, bool last)
{
	struct got *got = ctx;

	assert_int_equal(off, got->bytes.len);
	assert_false(got->last);
	got->last = last;
	/* Asked for when all was read. */
	assert_true(got->outcome.has_mtime == last);
	return len > 0 ? buf_add(&got->bytes, bytes, len) : 0;
}

/* The file is said to have `size` bytes, and has these. */
static void
expect_content(const char *content, size_t size, size_t want)
{
	struct thing things[] = { { .path = "/r/file", .mode = FILE_MODE },
		{ 0 } };
	struct server s = { .things = things,
		.content = content,
		.size = size,
		.last_part = 50000 };
	struct sftp *sftp = start(&s);
	struct err err = ERR_INIT;
	struct got got = { 0 };

	assert_int_equal(
	    sftp_read_file(sftp, "/r/file", 7, take, &got, &got.outcome, &err),
	    0);
	assert_int_equal(got.outcome.found, SFTP_FOUND);
	assert_int_equal(got.outcome.mtime, 1700000000);
	assert_true(got.last);
	assert_int_equal(got.bytes.len, want);
	assert_true(want == 0 || memcmp(got.bytes.data, content, want) == 0);
	buf_done(&got.bytes);
	sftp_end(sftp);
	sftp_peer_done(&s.peer);
}

static void
content_comes_in_order(void **state)
{
	static char text[5000001];

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		text[i] = (char)('a' + i % 23);
	expect_content(text, 5000000, 5000000);
	expect_content(text, 65536, 65536);
	expect_content(text, 1, 1);
	expect_content(text, 0, 0);
	/* It became shorter. */
	text[200001] = '\0';
	expect_content(text, 5000000, 200001);
}

static void
what_is_no_file_is_not_opened(void **state)
{
	struct thing things[] = { { .path = "/r/p", .mode = 010644 },
		{ .path = "/r/l", .mode = LINK_MODE }, { 0 } };
	static const char *const paths[] = { "/r/p", "/r/l", "/r/n" };
	struct server s = { .things = things };
	struct sftp *sftp = start(&s);
	struct sftp_outcome outcome;
	struct err err = ERR_INIT;
	struct got got = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		/* One question each: what it is. */
		s.left = 1;
		assert_int_equal(sftp_read_file(sftp, paths[i], 4, take, &got,
				     &outcome, &err),
		    0);
		assert_int_equal(outcome.found, SFTP_NO_FILE);
	}
	assert_false(got.last);
	sftp_end(sftp);
	sftp_peer_done(&s.peer);
}

/* ---- bytes ---- */

static void
an_answer_cut_anywhere_is_none(void **state)
{
	struct buf b = { 0 };
	struct sftp_reply reply;
	struct sftp_attrs a;
	const char *text;
	size_t len;

	(void)state;
	assert_int_equal(buf_add_byte(&b, SFTP_NAME), 0);
	sftp_peer_u32(&b, 9);
	sftp_peer_u32(&b, 1);
	sftp_peer_name(&b, "some", 4, FILE_MODE, UINT64_C(0x123456789));
	for (size_t n = 0; n < b.len; n++)
		assert_true(!sftp_reply_parse(&reply, b.data, n) ||
		    sftp_name_next(&reply, &text, &len, &a) < 0);
	assert_true(sftp_reply_parse(&reply, b.data, b.len));
	assert_int_equal(reply.id, 9);
	assert_int_equal(sftp_name_next(&reply, &text, &len, &a), 0);
	assert_int_equal(len, 4);
	assert_memory_equal(text, "some", 4);
	assert_int_equal(a.size, UINT64_C(0x123456789));
	assert_int_equal(a.mode, FILE_MODE);
	assert_int_equal(a.uid, 1000);
	assert_int_equal(a.gid, 100);
	assert_int_equal(a.mtime, 1700000000);
	assert_int_equal(sftp_name_next(&reply, &text, &len, &a), 1);
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_listed_whatever_the_order_of_answers),
		cmocka_unit_test(many_directories_are_read_at_once),
		cmocka_unit_test(what_is_too_deep_or_too_long_is_said),
		cmocka_unit_test(names_that_are_none_are_left_out),
		cmocka_unit_test(pseudo_file_systems_are_not_entered),
		cmocka_unit_test(
		    a_connection_that_ends_is_an_error_at_any_moment),
		cmocka_unit_test(content_comes_in_order),
		cmocka_unit_test(what_is_no_file_is_not_opened),
		cmocka_unit_test(an_answer_cut_anywhere_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
