# Sourced after lab.sh: the lab blog on br0, a machine v36 that sends everything
# it should not, and ears in production.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

daemon "$HELPERS/lab_attack" hear seen	# a line a frame of the attack
wait_until 10 test -s seen

frames()	# how many were seen
{
	grep -cvE '^ready$| end$' seen || true
}
quiet()	# WHEN: no frame was seen
{
	[ "$(frames)" != 0 ] || return 0
	grep -vE '^ready$| end$' seen | sort | uniq -c | head -n 9 >&2
	fail "$(frames) frames in production: $*"
}
ends()	# INTERFACE: how many ends were seen there
{
	grep -c "^$1.* end$" seen || true
}
more_ends()	# INTERFACE N
{
	[ "$(ends "$1")" -gt "$2" ]
}
heard_from()	# INTERFACE WHERE-IT-IS-SEEN COMMAND...: all that was sent before
{
	local n
	n=$(ends "$2")
	"${@:3}" "$HELPERS/lab_attack" end "$1"
	wait_until 10 more_ends "$2" "$n"
}
heard()	# all that was sent before is in $T/seen; a link that is down is silent
{
	ip -n lookback.blog link show if0 > flags
	grep -q '[<,]UP[,>]' flags || return 0
	heard_from if0 lb ip netns exec lookback.blog
}
attack()
{
	ip netns exec v36 "$HELPERS/lab_attack" send blog.lab 1 \
	    "$(ip -n v36 neigh show 192.168.149.2 | awk '{ print $5 }')" eth0 \
	    >> sent
}
# The attack over and over, from a machine that may go meanwhile.
attack_on()
{
	rm -f enough
	until [ -e enough ]; do
		attack 2> /dev/null || [ -e /run/netns/v36 ] || break
		echo >> rounds
	done &
	attacker=$!
}
attack_off()	# WHEN: nothing was seen of at least one round
{
	local at_end
	at_end=$(wc -l < rounds)
	wait_until 20 more_rounds "$at_end"
	touch enough
	wait "$attacker"
	heard_from br0 br0
	quiet "$*"
}
more_rounds()	# N
{
	[ "$(wc -l < rounds)" -gt "$1" ]
}
attach()	# v36 hangs on the isolated switch, which is there
{
	local mac
	mac=$(ip netns exec lookback.blog.1 cat /sys/class/net/in/address)
	machine v36 lookback.blog.1 in 192.168.149.36/24
	ip -n v36 neigh add 192.168.149.2 lladdr "$mac" dev eth0
}

make_production
machine gw - br0 192.168.149.2/24
ip -n gw addr add 192.168.149.22/24 dev eth0
ip -n gw addr add 192.168.149.77/24 dev eth0

blog_lab
