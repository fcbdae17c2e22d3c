#!/bin/bash
# Stores of every released format are read, and say what they said then.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
export TZ=UTC

for golden in "$TOP"/tests/golden/v*; do
	v=${golden##*/}
	cp -r "$golden" "$v"
	# What git does not keep, a copy brought back from a backup has.
	mkdir -p "$v/store/tmp" "$v/store/series"
	lindex check --store "$v/store" > checked ||
	    fail "$v: check: $(cat checked)"
	lindex snapshots --store "$v/store" --jsonl > listed
	cmp listed "$v/snapshots" || fail "$v: other snapshots"
	lsearch --store "$v/store" --jsonl / > all
	zcat "$v/all.gz" | cmp - all || fail "$v: other hits"
	lsearch --store "$v/store" --paths-only '.so.1' > found
	[ "$(wc -l < found)" = 1400 ] || fail "$v: $(wc -l < found) hits"
	lindex compact --store "$v/store" > compacted
	lsearch --store "$v/store" --jsonl / > merged
	cmp all merged || fail "$v: other hits after a merge"
	lindex check --store "$v/store" > checked ||
	    fail "$v: check after a merge: $(cat checked)"
done
