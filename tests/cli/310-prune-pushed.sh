#!/bin/bash
# What is dropped on either side leaves pushes going on where they were.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"

make_central
make_host web01
make_host web02
tree=$T/web01/tree
night()	# NAME [OPTION...]: scan and push
{
	host_scan "$@" > log 2>&1 || fail "scan: $(cat log)"
	host_push "$1" > log 2>&1 || fail "push: $(cat log)"
}

# ---- server.conf decides about what hosts pushed ----

echo 1 > "$tree/a"
night web01
mkdir "$tree/dir"
echo 1 > "$tree/dir/file"
night web01
# Not looked at any more, for two nights.
night web01 --prunepaths "$tree/dir"
echo 2 > "$tree/a"
night web01 --prunepaths "$tree/dir"
night web02
night web02

expect_status 0 lindex prune --store "$CENTRAL" --config "$SERVER_CONF"
has_text "0 snapshots dropped, 6 kept"
cat >> "$SERVER_CONF" <<-END
	[Retention]
	keep-last = 1
	[Retention "web02"]
	keep-last = 2
END
expect_status 0 lindex prune --store "$CENTRAL" --config "$SERVER_CONF"
has_text "3 snapshots dropped, 3 kept"
has_text "are now 1 of"
expect_status 0 lindex check --store "$CENTRAL"

# ---- the put and the unseen of dir/file now count on one snapshot there ----

rm "$tree/dir/file"
night web01
lacks_text "whole listing" log
lindex snapshots --store "$CENTRAL" --host web01 --jsonl > out
has_text '"number":5,'
expect_status 0 lindex check --store "$CENTRAL"

# ---- the host keeps what is not acknowledged, and the last one that is ----

host_scan web01 > log 2>&1
host_scan web01 > log 2>&1
expect_status 0 lindex prune --config web01/lindex.conf \
    --store web01/store --keep-last 1
has_text "4 snapshots dropped, 3 kept"
lindex hosts --store web01/store --jsonl > out
has_text '"acked":5,"waiting":2}'
expect_status 0 host_push web01
expect_status 0 lindex check --store web01/store
expect_status 0 lindex check --store "$CENTRAL"
lindex snapshots --store "$CENTRAL" --host web01 --jsonl > out
has_text '"number":7,'
expect_status 0 lindex prune --config web01/lindex.conf \
    --store web01/store --keep-last 1
has_text "2 snapshots dropped, 1 kept"
echo 3 > "$tree/a"
night web01
expect_status 0 lindex check --store "$CENTRAL"
