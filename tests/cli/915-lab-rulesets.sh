#!/bin/bash
# The rules of the golden plans are good nft text, at the first load and at
# each later one.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires ip nft unshare
unshare -rn nft list ruleset > /dev/null 2>&1 ||
    skip "no network namespace with rules here"

n=0
for plan in "$TOP"/tests/golden-plans/*.plan; do
	rm -f ./*.nft
	awk '/nft -f - <</ { n++; on = 1; next } /^END$/ { on = 0 }
	    on { print > (n ".nft") }' "$plan"
	for rules in *.nft; do
		[ -e "$rules" ] || continue	# a plan that stops has none
		unshare -rn sh -ec '
		    for dev in $(sed -n "s/.* device \"\(.*\)\" .*/\1/p" "$1" | uniq)
		    do ip link add "$dev" type bridge; done
		    nft -c -f "$1"; nft -f "$1"
		    nft list ruleset > a; nft -f "$1"; nft list ruleset > b' \
		    sh "$rules" || fail "${plan##*/}: $rules"
		cmp -s a b || fail "${plan##*/}: a second load is another"
		n=$((n + 1))
	done
done
[ $n -ge 12 ] || fail "only $n rulesets"
