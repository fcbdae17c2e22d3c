/*
 * Origins as URIs: read, written, refused.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "base/uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
same(const char *text)
{
	struct err err = ERR_INIT;
	struct uri uri;
	struct buf b = { 0 };

	assert_int_equal(uri_parse(&uri, text, &err), 0);
	assert_int_equal(uri_format(&uri, &b), 0);
	assert_string_equal(buf_str(&b), text);
	buf_done(&b);
	uri_done(&uri);
}

static void
what_is_written_is_read_back(void **state)
{
	(void)state;
	same("file://web01/");
	same("archive://b1/a%20b/"
	     "etc.tar%3F?size=4711&mtime=1763694000.500000000");
	same("image:?mtime=-1.500000000");
	same("sftp://root@192.168.150.36:2222/srv/%FF");
	same("locatedb:/x?size=0");
	same("archive:/x?size=0&additive=yes");
	same("archive:/x?additive=yes");
}

static void
the_parts_are_told_apart(void **state)
{
	struct err err = ERR_INIT;
	struct uri uri;

	(void)state;
	assert_int_equal(
	    uri_parse(&uri, "sftp://a%40b@h:22/x%2fy?mtime=-1.5&size=7", &err),
	    0);
	assert_string_equal(uri.scheme, "sftp");
	assert_string_equal(uri.user, "a@b");
	assert_string_equal(uri.host, "h");
	assert_int_equal(uri.port, 22);
	assert_string_equal(uri.path, "/x/y");
	assert_true(uri.has_size && uri.size == 7);
	assert_true(uri.has_mtime && uri.mtime_ns == -1500000000);
	uri_done(&uri);
	assert_int_equal(uri_parse(&uri, "archive:a/b.tar", &err), 0);
	assert_null(uri.host);
	assert_string_equal(uri.path, "a/b.tar");
	uri_done(&uri);
}

static void
refused(const char *text, const char *why)
{
	struct err err = ERR_INIT;
	struct uri uri;

	assert_int_equal(uri_parse(&uri, text, &err), ERR_USAGE);
	assert_non_null(strstr(err.cause, why));
	assert_null(uri.scheme);
}

static void
what_is_wrong_is_said(void **state)
{
	(void)state;
	refused("", "SCHEME");
	refused("/etc/passwd", "SCHEME");
	refused("Tar:/x", "SCHEME");
	refused("archive:/x%0", "%XX");
	refused("archive:/x%00y", "%XX");
	refused("archive:/x%g0", "%XX");
	refused("sftp://h:/x", "port");
	refused("sftp://h:70000/x", "port");
	refused("sftp://h:1234567890/x", "port");
	refused("archive:/x?size=-1", "size=");
	refused("archive:/x?size=1&colour=2", "colour");
	refused("archive:/x?mtime=1.0000000001", "mtime=");
	refused("archive:/x?mtime=9223372036", "mtime=");
	refused("archive:/x?mtime=--1", "mtime=");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(the_parts_are_told_apart),
		cmocka_unit_test(what_is_wrong_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
