/*
 * Patterns of any bytes on some paths: the first byte chooses how they are
 * read. Where one matches, what it needs is there.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>

#include "search/matcher.h"
#include "tests/support/expect.h"
#include "tests/support/needs.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static const char text[] = "/\0/etc\0/usr/lib/libz.so.1.2\0/a/b/aaaaaaaa\0"
			   "/srv/2026-11/\xc3\xa4\xff [x]*{2}\0"
			   "/var/log/New\nLine.LOG\0";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pattern_options how;
	struct path_list list = { .text = text };
	struct pattern *pattern;
	struct matcher *m;
	struct err err = ERR_INIT;
	uint32_t off[16] = { 0 };
	char copy[65];

	/* Long expressions with back-references take glibc for ever. */
	if (size < 1 || size > sizeof(copy))
		return 0;
	how = (struct pattern_options){
		.syntax = (enum pattern_syntax)(data[0] % 3),
		.ignore_case = data[0] & 0x40,
		.basename = data[0] & 0x80,
	};
	memcpy(copy, data + 1, size - 1);
	copy[size - 1] = '\0';
	for (size_t at = 0; at < sizeof(text) - 1; list.n++) {
		at += strlen(text + at) + 1;
		off[list.n + 1] = (uint32_t)at;
	}
	list.off = off;
	if (pattern_new(&pattern, copy, &how, &err) != 0)
		return 0;
	expect(matcher_new(&m, pattern, &err) == 0);
	for (size_t i = matcher_next(m, &list, 0); i < list.n;
	     i = matcher_next(m, &list, i + 1))
		expect(needs_hold(pattern_needs(pattern), text + off[i]));
	matcher_free(m);
	pattern_free(pattern);
	return 0;
}
