#!/bin/bash
# lindex run: scan, push, prune, each whatever became of the others; and clocks
# that go back.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires ssh

snapshots()	# STORE SERIES: how many
{
	lindex snapshots --store "$1" --jsonl 2> /dev/null |
	    grep -c "\"$2\"" || true
}

# ---- without a server ----

mkdir -p plain/tree
cat > plain/lindex.conf <<END
host = plain
store = $T/plain/store
[Scan]
prunepaths =
[Local]
keep-last = 2
keep-daily = 0
END
for i in 1 2 3 4; do
	touch "plain/tree/$i"
	expect_status 0 lindex run --config plain/lindex.conf -U "$T/plain/tree"
done
[ "$(snapshots plain/store plain)" = 2 ] || fail "[Local] was not heeded"
expect_status 0 lindex check --store plain/store
expect_status 2 lindex run --config plain/lindex.conf -U "$T/nowhere"
expect_status 2 lindex run --no-such-option
expect_status 0 lindex run --help
has_text "usage: lindex run"

# ---- with one ----

make_central
make_host web01
expect_status 0 lindex run --config web01/lindex.conf -U "$T/web01/tree"
[ "$(snapshots "$CENTRAL" web01)" = 1 ] || fail "not pushed"

# The scan fails, what was recorded before is pushed all the same.
touch web01/tree/more
host_scan web01
expect_status 2 lindex run --config web01/lindex.conf -U "$T/nowhere"
[ "$(snapshots "$CENTRAL" web01)" = 2 ] || fail "not pushed after a bad scan"

# The server is not there: committed here, and pushed the next night.
sed "s/^port = .*/port = 1/" web01/lindex.conf > web01/down.conf
touch web01/tree/night
expect_status 3 lindex run --config web01/down.conf -U "$T/web01/tree"
[ "$(snapshots web01/store web01)" = 3 ] || fail "not committed"
# Too many to keep, but none that the server lacks is dropped.
printf '[Local]\nkeep-last = 1\nkeep-daily = 0\n' | tee -a web01/down.conf \
    >> web01/lindex.conf
expect_status 3 lindex run --config web01/down.conf -U "$T/web01/tree"
[ "$(snapshots web01/store web01)" -ge 3 ] || fail "an unpushed one was dropped"
expect_status 0 lindex run --config web01/lindex.conf -U "$T/web01/tree"
[ "$(snapshots "$CENTRAL" web01)" = 5 ] || fail "nights are missing"
[ "$(snapshots web01/store web01)" = 1 ] || fail "pushed ones were kept"
# A setting that cannot be: what is committed is committed.
sed 's/^known-hosts = .*/known-hosts = \/dev\/null/' web01/lindex.conf \
    > web01/strange.conf
expect_status 3 lindex run --config web01/strange.conf -U "$T/web01/tree"
expect_status 0 lindex check --store web01/store
expect_status 0 lindex check --store "$CENTRAL"

# ---- a clock that goes back ----

"$HELPERS/snapshot_at" plain/store plain 4102444800000000000
expect_status 0 lindex scan --config plain/lindex.conf -U "$T/plain/tree"
has_text "the clock says 20" err
has_text "before the last snapshot of plain; this one is dated 2100-01-01T00:00:00.000000001Z" err
expect_status 0 lindex check --store plain/store

# ---- a terminal sees how far it is, a timer nothing at all ----

expect_status 0 lindex run --config plain/lindex.conf -U "$T/plain/tree" < /dev/null
sed -i '/the clock says/d' err
same_text err < /dev/null
same_text out < /dev/null
