#!/bin/bash
# A source of more items than the sort keeps in memory, in no order at all: the
# listing is the same as that of sort(1), and the memory stays bounded.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"

S=$T/store
printf 'host = web01\nstore = %s\n' "$S" > plain.conf
n=2000000 kib=262144
# Sanitizers take time, and several times the memory.
case $BIN in *asan* | *tsan*) n=600000 kib=2000000 ;; esac

# 141 bytes each, 280 MB of them; any two neighbours are of other directories.
awk -v n=$n 'BEGIN {
	long = sprintf("%110s", "")
	gsub(/ /, "x", long)
	for (i = 0; i < n; i++) {
		k = (i * 104729) % n
		printf "/tree/part-%03d/dir.%03d/%s%07d\n",
		    k % 211, k % 997, long, k
	}
}' > list
awk 'BEGIN {
	print "/\n/tree"
	for (i = 0; i < 211; i++) {
		printf "/tree/part-%03d\n", i
		for (k = 0; k < 997; k++)
			printf "/tree/part-%03d/dir.%03d\n", i, k
	}
}' > parents

read -r _ peak status < <("$HELPERS/../bench/measure" 1 "" \
    "$BIN/lindex" scan --config plain.conf --source "locatedb:$T/list" \
    --format list < /dev/null 2> err)
[ "$status" = 0 ] || fail "status $status"
[ "$peak" -lt "$kib" ] || fail "$peak KiB"
[ -z "$(ls -A "$S/tmp")" ] || fail "something is left in the store"

# A slash is below every other byte.
cat list parents | tr / '\001' | LC_ALL=C sort -S 100M -T "$T" |
    tr '\001' / > want
rm list
"$HELPERS/listing" "$S" web01/locatedb/list | cmp - want ||
    fail "the listing is another"
