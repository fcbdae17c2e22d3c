#!/bin/bash
# Stores that are lost, rolled back, restored, cloned, pruned or killed: each
# push heals what it finds, and what was acknowledged is there.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"

make_central > out
make_host web01 > out
n=0

night()	# [NAME]: something changes, and is scanned
{
	n=$((n + 1))
	mkdir -p "${1:-web01}/tree/d$n"
	echo $n > "${1:-web01}/tree/d$n/file"
	rm -rf "${1:-web01}/tree/d$((n - 2))"
	host_scan "${1:-web01}" > out 2>&1
}

push_well()	# [NAME]
{
	expect_status 0 host_push "${1:-web01}"
}

# What the newest snapshots of both stores list has one digest.
same_listing()	# [NAME]
{
	local ours theirs
	ours=$(lindex snapshots --store "${1:-web01}/store" --host "${2:-web01}" --jsonl |
	    sed -n '$s/.*"digest"://p')
	theirs=$(lindex snapshots --store "$CENTRAL" --host "${2:-web01}" --jsonl |
	    sed -n '$s/.*"digest"://p')
	[ "$ours" = "$theirs" ] || fail "listings differ: $ours $theirs"
}

count()
{
	n_snapshots "$CENTRAL" web01
}

night
night
push_well
same_snapshots web01

# ---- the client's store is lost ----

rm -rf web01/store
night
push_well
has_text "another than the one that pushed before" err
same_listing
[ "$(count)" = 3 ] || fail "lost: $(count) snapshots"
push_well
[ "$(count)" = 3 ] || fail "lost: pushed twice"
night
push_well
lacks_text warning err
same_listing

# ---- the client is rolled back ----

cp -a web01/store old
night
push_well
rm -rf web01/store
mv old web01/store
night
push_well
same_listing
[ "$(count)" = 6 ] || fail "rolled back: $(count) snapshots"
night
push_well
lacks_text warning err
same_listing

# ---- the server is restored to an older copy ----

stop_merging
cp -a "$CENTRAL" old
night
night
push_well
stop_merging
rm -rf "$CENTRAL"
mv old "$CENTRAL"
push_well
same_listing
[ "$(count)" = 9 ] || fail "restored: $(count) snapshots"
push_well
[ "$(count)" = 9 ] || fail "restored: pushed twice"

# ---- the server is older than what the client still has ----

stop_merging
cp -a "$CENTRAL" old
night
push_well
night
push_well
lindex prune --store web01/store --keep-last 1 > out 2>&1
stop_merging
rm -rf "$CENTRAL"
mv old "$CENTRAL"
push_well
same_listing
night
push_well
lacks_text warning err
same_listing

# ---- a new server ----

stop_merging
mv "$CENTRAL" gone
push_well
[ "$(count)" = "$(n_snapshots web01/store web01)" ] || fail "a new server"
same_snapshots web01
stop_merging
rm -rf "$CENTRAL"
mv gone "$CENTRAL"

# ---- a cloned machine, with the same key ----

mkdir clone
cp -a web01/tree clone/tree
sed "s,$T/web01/,$T/clone/," web01/lindex.conf > clone/lindex.conf
before=$(count)
night clone
push_well clone
same_listing clone
night
push_well
has_text "two stores push to it in turns" err
same_listing
night clone
push_well clone
has_text "two stores push to it in turns" err
same_listing clone
push_well
[ "$(count)" = $((before + 3)) ] || fail "clone: $(count) snapshots"
night
push_well
same_listing

# ---- prune here and there, while pushing ----

for i in 1 2 3 4 5 6; do
	night
	lindex prune --store web01/store --keep-last 2 > pruned 2>&1 &
	a=$!
	lindex prune --store "$CENTRAL" --keep-last 3 > pruned.there 2>&1 &
	b=$!
	push_well
	wait $a || fail "prune here: $(cat pruned)"
	wait $b || fail "prune there: $(cat pruned.there)"
	same_listing
done
push_well
clean_store web01/store
clean_store "$CENTRAL"

# ---- receive is killed, many times ----

killed=0
for ((i = 1; i <= 300 && killed < 3; i++)); do
	night
	host_push web01 2> err &
	pid=$!
	for ((j = 0; j < 400; j++)); do
		r=$(receivers | sed -n 's/ receiving//p')
		[ -z "$r" ] || break
	done
	[ $((i % 3)) != 0 ] || sleep "0.0$i"
	# shellcheck disable=SC2086
	[ -z "$r" ] || kill -KILL $r 2> /dev/null || true
	status=0
	wait $pid || status=$?
	[ $status != 3 ] || killed=$((killed + 1))
	[ $status = 0 ] || [ $status = 3 ] || fail "killed: status $status"
	acked=$(lindex hosts --store web01/store --jsonl |
	    sed -n 's/.*"series":"web01",.*"acked":\([0-9]*\).*/\1/p')
	wait_until 60 receivers_gone
	number=$(lindex snapshots --store web01/store --host web01 --jsonl |
	    grep "\"number\":$acked," | sed 's/.*"digest"://')
	# A transaction that was killed is undone by whoever may write, as the
	# message says.
	run_status lindex snapshots --store "$CENTRAL" --host web01 --jsonl
	if [ $status = 2 ]; then
		has_text "lindex check" err
		clean_store "$CENTRAL"
		expect_status 0 lindex snapshots --store "$CENTRAL" \
		    --host web01 --jsonl
	fi
	has_text "$number"
done
[ $killed -ge 3 ] || fail "only $killed pushes were killed"
push_well
same_listing
clean_store "$CENTRAL"
stop_merging
lindex prune --store "$CENTRAL" --keep-last 1 > out 2>&1
clean_store "$CENTRAL"
[ -z "$(find "$CENTRAL/tmp" -type f)" ] || fail "temporaries stay behind"
