#!/bin/bash
# Clocks that were wrong: snapshots of the future, scans before the last one.
# They are told, kept in order, and nothing is lost.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

feed=$HELPERS/../bench/feed
# feed counts days from 2024-01-01; these are a year ahead, and the last ones
# that a store can hold.
ahead=$((($(date +%s) - 1704067200) / 86400 + 400))
last=86900
mkdir tree lists
printf 'd\t0\t1\t/\nf\t1\t1\t/old\n' > lists/base.tsv
printf -- '-\t/old\n+\tf\t1\t1\t/new\n' > lists/d$ahead.delta
printf '+\tf\t1\t1\t/last\n' > lists/d$last.delta
: > tree/file

clean()	# STORE
{
	expect_status 0 lindex check --store "$1"
	has_text "nothing differs"
}
scan()	# [STATUS]
{
	run_status lindex scan --config /dev/null --store store --host web01 \
	    -U tree
	[ "$status" = "${1:-0}" ] || fail "scan: $status: $(cat err)"
}

# ---- a clock that was set back ----

"$feed" --store store --series web01 lists/base.tsv lists/d$ahead.delta
date=$(lindex snapshots --store store --jsonl |
    sed -n 's/.*"number":2,"date":"\([^"]*\)Z".*/\1/p')
scan
has_text "the clock says $(date -u +%Y)-" err
has_text "before the last snapshot of web01" err
has_text "this one is dated $date.000000001Z" err
scan
has_text "this one is dated $date.000000002Z" err
expect_status 0 lindex snapshots --store store --jsonl
[ "$(grep -c '"number":' out)" = 4 ] || fail "not four snapshots"
has_text "\"number\":4,\"date\":\"$date.000000002Z\",\"clock\":\"$(date -u +%Y)-"
clean store
# All dates answer as if the clock had been right.
expect_status 0 lsearch --store store /old
has_text "$(printf 'deleted\t1\t1\tweb01:/old')"
expect_status 0 lsearch --store store -N --at "$date" /new
expect_status 1 lsearch --store store -N --at today /new
expect_status 0 lsearch --store store -N --at today /old
expect_status 1 lsearch --store store -N --until today /new

# A host is no fresher than what is known of it.
expect_status 0 lsearch --store store --strict --max-age 1h /old
expect_status 0 lindex hosts --store store --jsonl
lacks_text '"age_s":-'
# shellcheck disable=SC2016
wait_until 60 bash -c '! lsearch --store store -q --strict --max-age 1s /old > out'

# What is of the future does not make the rest old.
expect_status 0 lindex prune --config /dev/null --store store --keep-within 7d
has_text "4 kept"
expect_status 0 lindex prune --config /dev/null --store store --keep-last 1
has_text "1 kept"
expect_status 0 lindex compact --store store
clean store
expect_status 0 lsearch --store store -N tree/file

# ---- at the end of time there is no date after ----

"$feed" --store end --series web01 lists/base.tsv lists/d$last.delta
expect_status 0 lsearch --store end /last
lindex scan --config /dev/null --store end --host web01 -U tree > out 2>&1
clean end

# ---- a push of the future is of now ----

command -v sshd > /dev/null || exit 0
make_central > out
make_host web01 > out
"$feed" --store web01/store --series web01 lists/base.tsv lists/d$ahead.delta
expect_status 0 host_push web01
has_text "says it is of" err
has_text "which cannot be" err
expect_status 0 lindex snapshots --store "$CENTRAL" --jsonl
has_text "\"number\":2,\"date\":\"$(date -u +%Y)-"
has_text "\"clock\":\"${date%%-*}-"
clean "$CENTRAL"
# The next comes after it.
host_scan web01 > out 2>&1
expect_status 0 host_push web01
expect_status 0 lindex hosts --store "$CENTRAL" --jsonl
has_text '"snapshots":3,'
clean "$CENTRAL"
