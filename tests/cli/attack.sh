# Sourced after lab.sh: the lab blog on br0, a machine v36 that sends everything
# it should not, and ears in production.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

# Where interface 0 is, what its other end's name begins with, and where the
# isolated network's gateway and switch are.
: "${outer_ns=lookback.blog}" "${outer=if0}" "${outer_peer=lb}"
: "${inner_ns=lookback.blog.1}" "${inner=in}"
: "${switch_ns=$inner_ns}" "${switch=$inner}"

daemon "$HELPERS/lab_attack" hear seen	# a line a frame of the attack
wait_until 60 test -s seen

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
	wait_until 60 more_ends "$2" "$n"
}
heard()	# all that was sent before is in $T/seen; a link that is down is silent
{
	ip -n "$outer_ns" link show "$outer" > flags
	grep -q '[<,]UP[,>]' flags || return 0
	heard_from "$outer" "$outer_peer" ip netns exec "$outer_ns"
}
# To the gateway's MAC, which it gets only after it stands.
attack()
{
	local mac
	mac=$(ip netns exec "$inner_ns" cat "/sys/class/net/$inner/address" \
	    2> /dev/null) &&
	    ip -n v36 neigh replace 192.168.149.2 lladdr "$mac" dev eth0
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
	wait_until 60 more_rounds "$at_end"
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
	machine v36 "$switch_ns" "$switch" 192.168.149.36/24
	ip -n v36 neigh add 192.168.149.2 lladdr 02:00:00:00:00:02 dev eth0
}

# What of the attack was sent since the last time, and when that was.
stages=() stages_sent=0
stage()	# WHEN
{
	local all
	all=$(awk '{ n += $1 } END { print n + 0 }' sent)
	stages+=("$1: of $((all - stages_sent)) frames seen in production")
	stages_sent=$all
}
control()	# after the same attack with its doors open
{
	local s
	[ "$(frames)" -gt 200 ] || fail "the control saw only $(frames) frames"
	for s in "${stages[@]}"; do
		figure "$s" "the control" 0 "$(frames)" 0
	done
}

plans()	# OPTION...: of blog.lab, start and stop, and each a file a step
{
	local name
	"$HELPERS/lab_plan" "$@" blog.lab > start
	"$HELPERS/lab_plan" -s blog.lab > stop
	for name in start stop; do
		rm -f "$name".[0-9]*
		sed '/\(^\| \)arping /d' "$name" | awk -v to="$name" '
		    !on { file = sprintf("%s.%03d", to, ++n) }
		    { print > file }
		    / <<.END.$/ { on = 1 } /^END$/ { on = 0 }
		    !on { close(file) }'
	done
}
attack_each_start()	# after each step from the isolated switch on
{
	local step attacks=0
	for step in start.[0-9]*; do
		bash -e "$step" 2> /dev/null
		if [ ! -e /run/netns/v36 ]; then
			grep -q " link add $inner type bridge " "$step" || continue
			attach
		fi
		attack
		heard
		quiet "after $(tail -n 1 "$step")"
		attacks=$((attacks + 1))
	done
	[ $attacks -gt 20 ] || fail "only $attacks attacks"
}

make_production
machine gw - br0 192.168.149.2/24
ip -n gw addr add 192.168.149.22/24 dev eth0
ip -n gw addr add 192.168.149.77/24 dev eth0
# The originals of those that attack, since what nobody has is not sent.
for i in 36 252 253 254; do
	ip -n gw addr add 192.168.149.$i/24 dev eth0
done

blog_lab
