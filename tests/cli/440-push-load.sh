#!/bin/bash
# Ten hosts push at once while people search and the store is merged, through
# an sshd that turns some of them away at first.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"

# Of more than two strangers at once, nine in ten are hung up on.
start_sshd "MaxStartups 2:90:10"
make_central > out
hosts="h0 h1 h2 h3 h4 h5 h6 h7 h8 h9"
for h in $hosts; do
	make_host "$h" > out
	for ((i = 0; i < 200; i++)); do
		echo $i > "$h/tree/file$i"
	done
	host_scan "$h" > out 2>&1
done

# Until the pushes are done, or the test is gone.
wanted()
{
	[ ! -e enough ] && kill -0 $$ 2> /dev/null
}

# Whatever reads meanwhile finds a whole store.
read_all()
{
	while wanted; do
		if [ -e "$CENTRAL/manifest.db" ]; then
			lindex snapshots --store "$CENTRAL" > listed 2>&1 ||
			    echo "snapshots: $(cat listed)" >> wrong
			lsearch --store "$CENTRAL" file199 > found 2>&1 ||
			    [ $? = 1 ] || echo "lsearch: $(cat found)" >> wrong
		fi
	done
}

merge_all()
{
	while wanted; do
		if [ -e "$CENTRAL/manifest.db" ]; then
			lindex compact --store "$CENTRAL" > merged 2>&1 ||
			    echo "compact: $(cat merged)" >> wrong
		fi
	done
}

push_all()
{
	local h pids=()
	for h in $hosts; do
		host_push "$h" > "$h/said" 2>&1 &
		pids+=($!)
	done
	for h in $hosts; do
		wait "${pids[0]}" || fail "$h: $(cat "$h/said")"
		pids=("${pids[@]:1}")
	done
}

: > wrong
read_all &
reader=$!
merge_all &
merger=$!
for night in 1 2 3; do
	push_all
	for h in $hosts; do
		rm -f "$h/tree/file$night"
		echo "$night" > "$h/tree/night$night"
		host_scan "$h" > out 2>&1
	done
done
push_all
touch enough
wait $reader
wait $merger
[ ! -s wrong ] || fail "$(head -n 5 wrong)"
grep -q 'MaxStartups' sshd/log || fail "nobody was turned away"
for h in $hosts; do
	same_snapshots "$h"
	[ "$(n_snapshots "$CENTRAL" "$h")" = 4 ] || fail "$h"
done
clean_store "$CENTRAL"
