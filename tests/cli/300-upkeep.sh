#!/bin/bash
# prune, compact, check, hosts, snapshots, stats: options, output, status.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"

S=$T/store
mkdir tree
scan()	# HOST
{
	lindex scan --store "$S" --host "$1" -U "$T/tree" > log 2>&1 ||
	    fail "scan: $(cat log)"
}

# ---- a store that is not there, options that are not known ----

for c in prune compact check hosts snapshots stats; do
	expect_status 2 lindex $c --store "$T/nowhere"
	has_text "$T/nowhere" err
	expect_status 2 lindex $c --store "$S" --no-such-option
	expect_status 2 lindex $c --store "$S" word
	has_text '"word" is not an option' err
	expect_status 2 lindex $c --store ''
	has_text "the name of the store is empty" err
	expect_status 0 lindex $c --help
	has_text "usage: lindex $c"
	cp out help
	expect_status 0 lindex $c -h
	same_text < help
done
[ ! -e "$T/nowhere" ] || fail "a command that keeps a store made one"

# ---- four snapshots of one host, one of another ----

for i in 1 2 3 4; do
	echo "$i" > "tree/file$i"
	scan web01
done
scan web-02
expect_status 0 lindex check --store "$S"
has_text "5 snapshots: nothing differs"

expect_status 0 lindex hosts --store "$S"
[ "$(sed -n '$=' out)" = 3 ] || fail "not a heading and two series"
grep -qE '^web01 +4 .* 5 +0$' out || fail "web01 in the table"
expect_status 0 lindex hosts --store "$S" --host 'web-*' --jsonl
[ "$(sed -n '$=' out)" = 1 ] || fail "--host lets more pass"
has_text '{"v":1,"type":"series","series":"web-02","host":"web-02","snapshots":1,'
has_text '"entries":5,"complete":true,"incomplete_snapshots":0,"acked":0,"waiting":1}'

expect_status 0 lindex snapshots --store "$S" --host web01
[ "$(sed -n '$=' out)" = 5 ] || fail "not a heading and four snapshots"
expect_status 0 lindex snapshots --store "$S" --host web01 --jsonl
[ "$(grep -c '"v":1,"type":"snapshot","series":"web01"' out)" = 4 ] ||
    fail "not four snapshots"
has_text '"number":4,'
has_text '"observed":{"type":true,"mode":true,'

expect_status 0 lindex stats --store "$S"
grep -qE '^snapshots +5, 0 of them incomplete$' out || fail "snapshots"
expect_status 0 lindex stats --store "$S" --jsonl
has_text '"hosts":2,"series":2,"snapshots":5,"incomplete_snapshots":0,'

# ---- prune ----

expect_status 2 lindex prune --store "$S" --keep-last 0
has_text 'keep-last: "0" is neither a number from 1 to 1000000 nor "unlimited"' err
expect_status 2 lindex prune --store "$S" --keep-last 1000001
has_text 'keep-last: "1000001" is neither' err
expect_status 2 lindex prune --store "$S" --keep-within 0d
has_text 'keep-within: "0d" keeps nothing' err
expect_status 2 lindex prune --store "$S" --keep-within 5m
has_text minutes err
expect_status 2 lindex prune --store "$S" --keep-daily

lindex snapshots --store "$S" > before
expect_status 0 lindex prune --store "$S" --keep-last 2 --dry-run
[ "$(grep -c '^would drop .* web01  snapshot [12]$' out)" = 2 ] ||
    fail "not both named"
has_text "2 snapshots would be dropped, 3 kept"
lindex snapshots --store "$S" | same_text before
expect_status 0 lindex prune --store "$S" --keep-last unlimited
has_text "0 snapshots dropped, 5 kept"
expect_status 0 lindex prune --store "$S" --keep-last 2 --series 'other*'
has_text "0 snapshots dropped, 0 kept"
expect_status 0 lindex prune --store "$S" --keep-last 2
has_text "2 snapshots dropped, 3 kept"
lindex snapshots --store "$S" --host web01 > out
lacks_text " 2  2"
expect_status 0 lindex check --store "$S"
has_text "3 snapshots: nothing differs"

# All on one day: the newest of it, and the oldest where there is room.
expect_status 0 lindex prune --store "$S" --keep-daily 1 --dry-run
has_text "1 snapshots would be dropped"
expect_status 0 lindex prune --store "$S" --keep-daily 7 --dry-run
has_text "0 snapshots would be dropped"

# ---- what the settings say ----

printf '[Local]\nkeep-last = 1\nkeep-daily = 0\n' > local.conf
printf '[Local]\nkeep-last = 1\nkeep-daily = 0\n[Server]\nserver = there\n' > pushing.conf
printf '[Local]\nkeep-lost = 1\n' > wrong.conf
expect_status 0 lindex prune --store "$S" --config local.conf --dry-run
has_text "1 snapshots would be dropped"
# What no server has acknowledged stays.
expect_status 0 lindex prune --store "$S" --config pushing.conf --dry-run
has_text "0 snapshots would be dropped"
expect_status 2 lindex prune --store "$S" --config wrong.conf
has_text keep-lost err

# ---- compact ----

echo 5 > tree/file5
scan web01
expect_status 0 lindex compact --store "$S" --tiered
has_text "nothing to merge"
expect_status 0 lindex compact --store "$S"
has_text "are now 1 of"
[ "$(find "$S/seg" -type f | wc -l)" = 1 ] || fail "more than one segment"
expect_status 0 lindex compact --store "$S"
has_text "nothing to merge"

# ---- check ----

segment=$(echo "$S"/seg/*.seg)
cp "$segment" whole
printf '\377' | dd of="$segment" bs=1 seek=99 conv=notrunc status=none
expect_status 1 lindex check --store "$S"
has_text "differences"
has_text "segment" err
cp whole "$segment"
expect_status 0 lindex check --store "$S"
truncate -s -1 "$segment"
expect_status 1 lindex check --store "$S"
rm "$segment"
expect_status 1 lindex check --store "$S"
has_text "missing" err
cp whole "$segment"
expect_status 0 lindex check --store "$S"

# ---- a reader that goes away is an error, not a success ----

if [ -c /dev/full ]; then
	expect_status 2 bash -c 'lindex snapshots --store "$0" > /dev/full' "$S"
	has_text "cannot write" err
	expect_status 3 bash -c 'lindex check --store "$0" > /dev/full' "$S"
	has_text "standard output: cannot write all of it" err
fi
