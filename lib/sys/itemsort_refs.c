/*
 * Sorting what lies in memory, eight bytes of the paths at a time: those whose
 * eight bytes are equal are sorted by the next eight, until the paths end. So
 * no byte is looked at more than a few times, however much paths have in common.
 *
 * A '/' is below every other byte and becomes 0, which no path has; what is
 * behind a path's end is 0, too. As no path but "/" ends with a '/', a path that
 * has ended is all zeros, one that has not is not.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "sys/itemsort_private.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define FEW 24

static uint64_t
key_at(const char *path, size_t len, size_t depth)
{
	uint64_t key = 0, slash, zero;

	if (len > depth)
		memcpy(&key, path + depth, len - depth < 8 ? len - depth : 8);
	/* The top bit of each byte of `zero` says that it is a '/'. */
	slash = key ^ UINT64_C(0x2f2f2f2f2f2f2f2f);
	zero = ~(((slash & UINT64_C(0x7f7f7f7f7f7f7f7f)) +
		     UINT64_C(0x7f7f7f7f7f7f7f7f)) |
		   slash) &
	    UINT64_C(0x8080808080808080);
	return be64toh(key & ~((zero >> 7) * 0xff));
}

static int
by_key(const void *pa, const void *pb)
{
	const struct item_ref *a = pa, *b = pb;

	return (a->key > b->key) - (a->key < b->key);
}

static void
sort_keys(struct item_ref *ref, size_t n)
{
	bool rises = true;

	for (size_t i = 1; i < n && rises; i++)
		rises = ref[i - 1].key <= ref[i].key;
	if (rises)
		return;
	if (n > FEW) {
		qsort(ref, n, sizeof(*ref), by_key);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct item_ref r = ref[i];
		size_t k = i;

		for (; k > 0 && r.key < ref[k - 1].key; k--)
			ref[k] = ref[k - 1];
		ref[k] = r;
	}
}

static int
by_kind(const void *pa, const void *pb)
{
	const struct item_ref *a = pa, *b = pb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->off > b->off) - (a->off < b->off);
}

/* All are of one path; the key is their kind now. */
static void
sort_kinds(struct item_ref *ref, size_t n, const uint8_t *bytes)
{
	for (size_t i = 0; i < n; i++)
		ref[i].key = bytes[ref[i].off];
	qsort(ref, n, sizeof(*ref), by_kind);
	/* Those that a younger one replaces are left out in the end. */
	for (size_t i = 0; i + 1 < n; i++)
		if (ref[i].key == ref[i + 1].key)
			ref[i].len = 0;
}

/* Those at the front whose keys are equal. */
static size_t
group(const struct item_ref *ref, size_t n)
{
	size_t i = 1;

	while (i < n && ref[i].key == ref[0].key)
		i++;
	return i;
}

/* The first `depth` bytes of all are equal. The largest group goes on here, so
 * that the stack holds few calls however long the paths are. */
static void
sort_from(struct item_ref *ref, size_t n, size_t depth, const uint8_t *bytes)
{
	while (n > 1) {
		struct item_ref *large = ref;
		size_t n_large = 0, len;

		for (size_t i = 0; i < n; i++)
			ref[i].key = key_at(
			    (const char *)bytes + ref[i].off + ITEM_HEAD,
			    ref[i].len, depth);
		sort_keys(ref, n);
		depth += 8;
		for (size_t i = 0; i < n; i += len) {
			len = group(ref + i, n - i);
			if (ref[i].key == 0) {
				sort_kinds(ref + i, len, bytes);
			} else if (len <= n_large) {
				sort_from(ref + i, len, depth, bytes);
			} else {
				sort_from(large, n_large, depth, bytes);
				large = ref + i;
				n_large = len;
			}
		}
		ref = large;
		n = n_large;
	}
}

size_t
item_refs_sort(struct item_ref *ref, size_t n, const uint8_t *bytes)
{
	size_t kept = 0;

	sort_from(ref, n, 0, bytes);
	for (size_t i = 0; i < n; i++)
		if (ref[i].len > 0)
			ref[kept++] = ref[i];
	return kept;
}
