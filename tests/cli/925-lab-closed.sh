#!/bin/bash
# Nothing of an isolated machine's leaves, after whichever step a start or a stop
# ends, nor when all rules are gone; and the listening would have seen it.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"
. "$TOP/tests/cli/attack.sh"

plans -b
attack_each_start
stage "started, after each step"

for step in stop.[0-9]*; do
	bash -e "$step"
	[ ! -e /run/netns/lookback.blog ] ||
	    ! ip -n lookback.blog link show if0 > /dev/null 2>&1 || {
		attack
		heard
		quiet "after $(cat "$step")"
	}
done
ip netns del v36
stage "stopped, after each step"

# Reloads: each table in one transaction, while the attack goes on.
do_steps start
attach
attack_on
for ((i = 0; i < 60; i++)); do
	grep -l ' nft -f ' start.[0-9]* | while read -r step; do
		bash -e "$step"
	done
done
attack_off "during 60 reloads"
stage "60 reloads"
ip netns del v36
do_steps stop

# A stop in other orders, and none at all, while the attack goes on.
gone()
{
	! ip link show | grep -qE ': lb[0-9a-f]{12}'
}
for order in 'lookback.blog.1 lookback.blog' 'lookback.blog lookback.blog.1' \
    'if0 lookback.blog.1 lookback.blog' 'if0 lookback.blog lookback.blog.1' \
    'in lookback.blog if0 lookback.blog.1' 'lookback.blog in lookback.blog.1'; do
	wait_until 60 gone
	do_steps start
	attach
	attack_on
	wait_until 60 test -s rounds
	for part in $order; do
		case $part in
		if0) ip -n lookback.blog link del if0 2> /dev/null || true ;;
		in) ip -n lookback.blog.1 link set in down ;;
		*) ip netns del "$part" ;;
		esac
	done
	attack_off "stopped by $order"
	rm rounds
	ip route flush proto 76
	ip netns del v36
done
wait_until 60 gone
stage "stopped in 6 other orders"

# Twice at fault: no rules at all.
do_steps start
attach
for ns in lookback.blog lookback.blog.1; do
	ip netns exec $ns nft flush ruleset
done
attack
heard
quiet "without rules"
stage "all rules flushed"

# The control: doors that are open.
ip -n lookback.blog.1 route add default via 169.254.1.1 dev out onlink table 77
ip -n lookback.blog.1 rule add pref 1 iif in lookup 77
ip -n lookback.blog rule add pref 1 iif c1 lookup main
attack
heard
control
