/*
 * A segment from anyone: whatever its bytes say, reading it ends, stays in
 * bounds and in bounded memory. Checksums would keep a fuzzer out, so the
 * first byte chooses: the bytes as they are, or with the checksums that they
 * should have.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "format/segment_private.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static int
from_bytes(void *ctx, void *to, size_t n, uint64_t off, struct err *err)
{
	(void)err;
	memcpy(to, (const uint8_t *)ctx + off, n);
	return 0;
}

static uint64_t
get(const uint8_t *p, int n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

static void
put64(uint8_t *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static bool
inside(uint64_t off, uint64_t len, size_t size)
{
	return off <= size && len <= size - off;
}

static void
mend_rows(uint8_t *p, size_t size, uint64_t off, uint64_t len)
{
	for (uint8_t *row = p + off; len >= BLOCK_ROW_SIZE;
	     row += BLOCK_ROW_SIZE, len -= BLOCK_ROW_SIZE) {
		uint64_t at = get(row, 8), paths = get(row + 8, 4),
			 events = get(row + 12, 4);

		if (!inside(at, paths + events, size))
			continue;
		put64(row + 24, checksum(p + at, paths));
		put64(row + 32, checksum(p + at + paths, events));
	}
}

static void
mend_chunks(uint8_t *p, size_t size, const uint8_t *section)
{
	uint64_t off = get(section + 8, 8), len = get(section + 16, 8);
	uint64_t at = get(section + SECTION_SIZE + 8, 8);

	for (uint64_t i = INDEX_DIR_HEAD; i + INDEX_DIR_ENTRY <= len;
	     i += INDEX_DIR_ENTRY) {
		uint64_t n = get(p + off + i + 4, 4);

		if (!inside(at, n, size))
			return;
		put64(p + off + i + 8, checksum(p + at, n));
		at += n;
	}
}

static void
mend_firsts(uint8_t *p, uint64_t off, uint64_t len)
{
	while (len >= 12) {
		uint64_t n = get(p + off, 4);

		if (n > len - 12)
			return;
		put64(p + off + 4, checksum(p + off + 12, n));
		off += 12 + n;
		len -= 12 + n;
	}
}

static void
mend(uint8_t *p, size_t size)
{
	uint8_t *foot = p + size - FOOT_SIZE;
	uint64_t table, n;

	if (size < HEAD_SIZE + FOOT_SIZE)
		return;
	table = get(foot, 8);
	n = get(foot + 8, 4);
	if (!inside(table, n * SECTION_SIZE, size))
		return;
	for (uint64_t i = 0; i < n; i++) {
		uint8_t *s = p + table + i * SECTION_SIZE;
		uint64_t id = get(s, 4), off = get(s + 8, 8),
			 len = get(s + 16, 8);

		if (!inside(off, len, size))
			continue;
		if (id == SECTION_BLOCKS)
			mend_rows(p, size, off, len);
		if (id == SECTION_FIRSTS)
			mend_firsts(p, off, len);
		if (id == SECTION_DIRECTORY && i + 1 < n)
			mend_chunks(p, size, s);
		put64(s + 24, checksum(p + off, len));
	}
	put64(foot + 16, checksum(p + table, n * SECTION_SIZE));
	put64(foot + 24, checksum(foot, 24));
}

static void
read_all(struct segment *s)
{
	struct triquery q = {
		.kind = TRIQ_RANGE, .lo = 0x2f6100, .hi = 0x2f7aff
	};
	struct segment_cursor *c = NULL;
	struct segment_item it;
	struct bitset found = { 0 };
	struct err err = ERR_INIT;

	(void)segment_verify(s, &err);
	if (segment_candidates(s, &q, &found, &err) == 0)
		bitset_done(&found);
	if (segment_cursor_new(&c, s, &err) != 0)
		return;
	for (int i = 0; i < 4; i++)
		if (segment_cursor_next(c, &it, &err) != 0)
			break;
	(void)segment_cursor_seek(c, "/lib/x", 6, &err);
	while (segment_cursor_next(c, &it, &err) == 0)
		;
	segment_cursor_free(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct segment_source src = { NULL, 0, from_bytes };
	struct err err = ERR_INIT;
	struct segment *s;
	uint8_t *copy;

	if (size < 1 || size > 1 << 20 || (copy = malloc(size)) == NULL)
		return 0;
	memcpy(copy, data + 1, size - 1);
	if (data[0] & 1)
		mend(copy, size - 1);
	src.ctx = copy;
	src.size = size - 1;
	if (segment_open(&s, &src, &err) == 0) {
		read_all(s);
		segment_close(s);
	}
	free(copy);
	return 0;
}
