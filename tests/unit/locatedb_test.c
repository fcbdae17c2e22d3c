/*
 * Databases of locate, byte by byte.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/zframe.h"
#include "plugins/locatedb/mlocate.h"
#include "plugins/locatedb/plain.h"
#include "plugins/locatedb/plocate.h"
#include "tests/support/rising.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static const struct lookback_limits limits = {
	.size = sizeof(limits),
	.expansion = 2000,
	.free = 1 << 20,
};

static int
file_of(const void *bytes, size_t len)
{
	int fd = memfd_create("db", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	return fd;
}

/* ---- what readers say, a line an item ---- */

static struct buf said;

static void
say_item(const struct db_item *item)
{
	static const char *const notes[] = {
		[DB_ENTRY] = "",
		[DB_NOT_READ] = " not read",
		[DB_NOT_LOOKED] = " not looked",
	};

	assert_int_equal(buf_printf(&said, "%s%.*s%s\n",
			     item->kind == DB_ENTRY && item->is_dir ? "d " : "",
			     (int)item->len, item->path, notes[item->kind]),
	    0);
}

static void
say_end(int rc, const struct err *err)
{
	if (rc < 0)
		assert_int_equal(buf_printf(&said, "%s\n", err->cause), 0);
}

static const char *
mlocate_says(const void *bytes, size_t len)
{
	int fd = file_of(bytes, len), rc;
	struct err err = ERR_INIT;
	struct db_item item;
	struct mlocate m;

	buf_clear(&said);
	if ((rc = mlocate_open(&m, fd, &err)) == 0) {
		while ((rc = mlocate_next(&m, &item, &err)) == 0)
			say_item(&item);
		mlocate_done(&m);
	}
	say_end(rc, &err);
	(void)close(fd);
	return buf_str(&said);
}

static const char *
plocate_says(const void *bytes, size_t len)
{
	int fd = file_of(bytes, len), rc;
	struct err err = ERR_INIT;
	struct db_item item;
	struct plocate p;

	buf_clear(&said);
	if ((rc = plocate_open(&p, fd, &limits, &err)) == 0) {
		while ((rc = plocate_next(&p, &item, &err)) == 0)
			say_item(&item);
		plocate_done(&p);
	}
	say_end(rc, &err);
	(void)close(fd);
	return buf_str(&said);
}

static const char *
plain_says(const void *bytes, size_t len, bool gnu)
{
	int fd = file_of(bytes, len), rc;
	struct err err = ERR_INIT;
	const char *path;
	struct plain l;
	size_t n;

	buf_clear(&said);
	if ((rc = plain_open(&l, fd, gnu, &err)) == 0) {
		while ((rc = plain_next(&l, &path, &n, &err)) == 0)
			assert_int_equal(
			    buf_printf(&said, "%.*s\n", (int)n, path), 0);
		plain_done(&l);
	}
	say_end(rc, &err);
	(void)close(fd);
	return buf_str(&said);
}

/* ---- mlocate ---- */

static struct buf db;

#define ADD(bytes) assert_int_equal(buf_add(&db, bytes, sizeof(bytes) - 1), 0)
#define TIME "\0\0\0\0\x65\0\0\0\0\0\0\1\0\0\0\0"

static void
mlocate_begin(void)
{
	buf_clear(&db);
	ADD("\0mlocate\0\0\0\7\0\1\0\0/\0pruned\0");
}

/* "/" with a/b, a/c/d, a.b, an empty e, and p that nobody looked into. */
static void
mlocate_sample(void)
{
	mlocate_begin();
	ADD(TIME "/\0\1a\0\0a.b\0\1e\0\1p\0\2");
	ADD(TIME "/a\0\0b\0\1c\0\2");
	ADD(TIME "/a/c\0\0d\0\2");
	ADD(TIME "/e\0\2");
}

static void
mlocate_gives_paths_in_order(void **state)
{
	(void)state;
	mlocate_sample();
	assert_string_equal(mlocate_says(db.data, db.len),
	    "d /\n"
	    "d /a\n"
	    "/a/b\n"
	    "d /a/c\n"
	    "/a/c/d\n"
	    "/a.b\n"
	    "d /e\n"
	    "d /p\n"
	    "/p not looked\n");
}

static void
a_root_of_its_own_and_a_name_twice(void **state)
{
	(void)state;
	buf_clear(&db);
	ADD("\0mlocate\0\0\0\0\0\0\0\0/srv/x\0");
	ADD(TIME "/srv/x\0\0a\0\0a\0\0\xff\n\0\2");
	assert_string_equal(mlocate_says(db.data, db.len),
	    "d /srv/x\n/srv/x/a\n/srv/x/\xff\n\n");
}

/* What came before the cut is there, what did not come is said to be unread, and
 * no directory is there by half. */
static void
mlocate_may_be_cut_anywhere(void **state)
{
	static const char *const whole[] = { "d /\n", "d /a\n", "/a/b\n",
		"d /a/c\n", "/a/c/d\n", "/a.b\n", "d /e\n", "d /p\n" };
	size_t lists = 0;

	(void)state;
	mlocate_sample();
	for (size_t n = 0; n < db.len; n++) {
		const char *text = mlocate_says(db.data, n);

		/* A file that ends behind a list cannot be told from a whole. */
		if (strstr(text, "cut short at byte") == NULL) {
			assert_int_equal(db.data[n - 1], 2);
			lists++;
		}
		/* The names of one list come together. */
		assert_int_equal(strstr(text, whole[1]) != NULL,
		    strstr(text, whole[7]) != NULL);
		assert_int_equal(strstr(text, whole[2]) != NULL,
		    strstr(text, whole[3]) != NULL);
		if (strstr(text, whole[1]) != NULL &&
		    strstr(text, whole[2]) == NULL)
			assert_true(strstr(text, "/a not read\n") != NULL ||
			    strstr(text, "/a not looked\n") != NULL);
	}
	assert_int_equal(lists, 3);
}

static void
what_mlocate_cannot_have_written_ends_it(void **state)
{
	(void)state;
	mlocate_begin();
	ADD(TIME "/\0\1a\0\1b\0\2" TIME "/b\0\0x\0\2" TIME "/a\0\0x\0\2");
	assert_string_equal(mlocate_says(db.data, db.len),
	    "d /\nd /a\n/a not looked\nd /b\n/b/x\n"
	    "a directory that is out of order: /a\n");
	mlocate_begin();
	ADD(TIME "/\0\1b\0\0c\0\2" TIME "/a\0\2");
	assert_string_equal(mlocate_says(db.data, db.len),
	    "d /\nd /b\n/b not read\n/c\n"
	    "a directory that is out of order: /a\n");
	mlocate_begin();
	ADD(TIME "/\0\0b\0\0a\0\2");
	assert_string_equal(mlocate_says(db.data, db.len),
	    "d /\n/ not read\nnames that are out of order: a\n");
	mlocate_begin();
	ADD(TIME "/\0\0a/b\0\2");
	assert_string_equal(mlocate_says(db.data, db.len),
	    "d /\n/ not read\na name that cannot be\n");
	mlocate_begin();
	ADD(TIME "/\0\0\0\2");
	assert_string_equal(mlocate_says(db.data, db.len),
	    "d /\n/ not read\na name that cannot be\n");
	mlocate_begin();
	ADD(TIME "/\0\3x\0\2");
	assert_string_equal(mlocate_says(db.data, db.len),
	    "d /\n/ not read\nno name at byte 43\n");
	mlocate_begin();
	ADD(TIME "srv\0\2");
	assert_string_equal(
	    mlocate_says(db.data, db.len), "no path at byte 41\n");
	mlocate_begin();
	db.data[12] = 1;
	assert_string_equal(mlocate_says(db.data, db.len),
	    "a database of mlocate of version 1\n");
}

/* ---- plocate ---- */

static void
put(size_t at, uint64_t v, size_t size)
{
	v = htole64(v);
	memcpy(db.data + at, &v, size);
}

static void
put_block(const void *bytes, size_t len, bool sized)
{
	/* A frame of one raw block, which is all that a frame must be. */
	uint8_t head[] = { 0x28, 0xb5, 0x2f, 0xfd, sized ? 0x60 : 0x00, 0, 0, 0,
		0, 0 };
	uint16_t size = htole16((uint16_t)(len - 256)); /* as it stands */
	uint32_t block = htole32((uint32_t)(len << 3 | 1));
	size_t n = 4;

	assert_true(!sized || len >= 256);
	n++;
	if (sized) {
		memcpy(head + n, &size, 2);
		n += 2;
	} else
		head[n++] = 0x58;
	memcpy(head + n, &block, 3);
	n += 3;
	assert_int_equal(buf_add(&db, head, n), 0);
	assert_int_equal(buf_add(&db, bytes, len), 0);
}

#define LONG                                                               \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* The same as mlocate's, in two blocks; with times, or none. */
static void
plocate_sample(bool times)
{
	static const char one[] = "/a\0/a.b\0/e\0/p\0/z" LONG "\0/a/b";
	static const char two[] = "/a/c\0/a/c/d" LONG;
	static const uint8_t nothing[112];
	/* Of /a, /a.b, /e, /p, /z..., /a/b, /a/c, /a/c/d... */
	uint8_t when[128] = { 0 };
	static const char dirs[] = "d.dp..d.";
	size_t at[3], n = 0, off;

	buf_clear(&db);
	assert_int_equal(buf_add(&db, nothing, sizeof(nothing)), 0);
	at[0] = db.len;
	put_block(one, sizeof(one) - 1, true);
	at[1] = db.len;
	put_block(two, sizeof(two) - 1, true);
	at[2] = db.len;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(buf_add_u64(&db, at[i]), 0);
	for (const char *d = dirs; *d != '\0'; d++) {
		when[n++] = *d != '.';
		if (*d == 'd')
			when[n] = 7;
		if (*d != '.')
			n += 12;
	}
	off = db.len;
	if (times)
		put_block(when, n, false);
	memcpy(db.data, PLOCATE_MAGIC, 8);
	put(8, 1, 4);
	put(20, 2, 4);
	put(32, at[2], 8);
	put(40, 2, 4);
	put(56, db.len - off, 8);
	put(64, off, 8);
}

static const char plocate_whole[] = "d /\n"
				    "d /a\n"
				    "/a/b\n"
				    "d /a/c\n"
				    "/a/c/d" LONG "\n"
				    "/a.b\n"
				    "d /e\n"
				    "d /p\n"
				    "/p not looked\n"
				    "/z" LONG "\n";

static void
plocate_gives_paths_in_order(void **state)
{
	(void)state;
	plocate_sample(true);
	assert_string_equal(plocate_says(db.data, db.len), plocate_whole);
	/* Without times a directory is what has something in it. */
	plocate_sample(false);
	assert_string_equal(plocate_says(db.data, db.len),
	    "d /\nd /a\n/a/b\nd /a/c\n/a/c/d" LONG "\n/a.b\n/e\n/p\n/z" LONG
	    "\n");
}

static void
plocate_may_be_cut_anywhere(void **state)
{
	(void)state;
	plocate_sample(true);
	for (size_t n = 0; n < db.len; n++)
		assert_string_not_equal(
		    plocate_says(db.data, n), plocate_whole);
}

static void
what_plocate_cannot_have_written_ends_it(void **state)
{
	static const struct {
		size_t at, size;
		uint64_t value;
		const char *says;
	} wrong[] = {
		{ 8, 4, 0xffffffff,
		    "an unfinished database of plocate: its "
		    "updatedb did not come to its end\n" },
		{ 8, 4, 0x01000000,
		    "a database of plocate from a host of the "
		    "other byte order\n" },
		{ 8, 4, 2, "a database of plocate of version 2\n" },
		{ 20, 4, 0, "an empty database of plocate\n" },
		{ 20, 4, 0xffffffff, NULL },
		{ 32, 8, UINT64_MAX, "an index that is nowhere\n" },
		{ 32, 8, 112, NULL },
		{ 44, 4, 0x7fffffff, "a dictionary of 2147483647 bytes\n" },
		{ 56, 8, 9, NULL },
		{ 64, 8, 3, NULL },
		{ 88, 8, UINT32_MAX, "settings of 4294967295 bytes\n" },
		{ 112, 4, 0, "a block that cannot be read, number 0\n" },
		{ 117, 2, 0xffff, "a block that cannot be read, number 0\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *text;

		plocate_sample(true);
		put(wrong[i].at, wrong[i].value, wrong[i].size);
		text = plocate_says(db.data, db.len);
		if (wrong[i].says != NULL)
			assert_string_equal(text, wrong[i].says);
		assert_string_not_equal(text, plocate_whole);
	}
}

/* ---- what any bytes may do ---- */

/* Each bit of the sample turned: paths are valid and rise all the same. */
static void
turned_bits_harm_nobody(void **state)
{
	(void)state;
	for (int plocate = 0; plocate < 2; plocate++) {
		if (plocate)
			plocate_sample(true);
		else
			mlocate_sample();
		for (size_t bit = 0; bit < db.len * 8; bit++) {
			uint8_t mask = (uint8_t)(1 << bit % 8);
			struct rising rising = { 0 };
			struct err err = ERR_INIT;
			struct db_item item;
			struct mlocate m;
			struct plocate p;
			int fd, rc;

			db.data[bit / 8] ^= mask;
			fd = file_of(db.data, db.len);
			rc = plocate ? plocate_open(&p, fd, &limits, &err) :
				       mlocate_open(&m, fd, &err);
			if (rc == 0) {
				while (
				    (rc = plocate ?
					    plocate_next(&p, &item, &err) :
					    mlocate_next(&m, &item, &err)) == 0)
					rising_next(&rising, item.path,
					    item.len, item.kind != DB_ENTRY);
				if (plocate)
					plocate_done(&p);
				else
					mlocate_done(&m);
			}
			assert_true(rc == 1 || err.cause[0] != '\0');
			rising_done(&rising);
			(void)close(fd);
			db.data[bit / 8] ^= mask;
		}
	}
}

/* ---- lists ---- */

#define LIST(text) plain_says(text, sizeof(text) - 1, false)
#define GNU(text) plain_says("\0LOCATE02\0" text, sizeof(text) + 9, true)

static void
lists_end_paths_in_two_ways(void **state)
{
	(void)state;
	assert_string_equal(
	    LIST("/a\n./b//c/\n\nd e\n.\n/z"), "/a\n/b/c\n/d e\n/\n/z\n");
	assert_string_equal(LIST("/a\nb\0/c\0"), "/a\nb\n/c\n");
	assert_string_equal(LIST(""), "");
	assert_string_equal(LIST("\n\n"), "");
}

static void
gnu_takes_from_the_path_before(void **state)
{
	(void)state;
	assert_string_equal(GNU("\0/usr/src\0\x8/cmd/aardvark.c\0"
				"\x6rmadillo.c\0\xf7tmp/zoo\0"),
	    "/usr/src\n/usr/src/cmd/aardvark.c\n"
	    "/usr/src/cmd/armadillo.c\n/usr/tmp/zoo\n");
	assert_string_equal(
	    GNU("\0/ab\0\x80\0\2x\0\x80\xff\xffy\0"), "/ab\n/ax\n/y\n");
	assert_string_equal(GNU("\0/ab\0\x9x\0"), "/ab\nno path at byte 15\n");
	assert_string_equal(GNU("\0/ab\0\xffx\0"), "/ab\nno path at byte 15\n");
	assert_string_equal(GNU("\0/ab\0\2x"), "/ab\ncut short at byte 17\n");
	assert_string_equal(
	    GNU("\0/ab\0\x80\0"), "/ab\ncut short at byte 17\n");
}

static int
done(void **state)
{
	(void)state;
	buf_done(&said);
	buf_done(&db);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mlocate_gives_paths_in_order),
		cmocka_unit_test(a_root_of_its_own_and_a_name_twice),
		cmocka_unit_test(mlocate_may_be_cut_anywhere),
		cmocka_unit_test(what_mlocate_cannot_have_written_ends_it),
		cmocka_unit_test(plocate_gives_paths_in_order),
		cmocka_unit_test(plocate_may_be_cut_anywhere),
		cmocka_unit_test(what_plocate_cannot_have_written_ends_it),
		cmocka_unit_test(turned_bits_harm_nobody),
		cmocka_unit_test(lists_end_paths_in_two_ways),
		cmocka_unit_test(gnu_takes_from_the_path_before),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
