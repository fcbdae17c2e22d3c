#!/bin/bash
# What a packet's way through a lab costs: lines of "WHAT|AGAINST|OURS|THEIRS|
# REACH" for run.sh. A lab of 10,000 static mappings, one of none, a router of
# one linear rule a mapping, and a machine on the bare switch are asked by turns.
#
# SPDX-License-Identifier: BSD-2-Clause
# Real root: ten thousand elements are more than a socket of another may send.
LAB_USERS=1
. "$(dirname "$0")/../cli/lab.sh"
. "$(dirname "$0")/lab_files.sh"

flow=$BIN/../tests/bench/flow turns=${RUNS:-5} n=10000
inner=10.20.39.251	# the last one that is mapped
mapped=172.17.39.250 unmapped=10.121.39.251 bare=172.16.0.23 linear=172.18.39.250

ip link set lo up
ip link add br0 type bridge forward_delay 0
ip addr add 172.16.0.9/12 dev br0
ip link set br0 up
machine client - br0 172.16.0.22/12
ip -n client route add 10.121.0.0/16 via 172.16.0.51
ip -n client route add 172.18.0.0/16 via 172.16.0.52

{ production 172.16.0.50; network 10.120.0.0; mappings $n "$static"; } > mapped.lab
{ production 172.16.0.51; network 10.121.0.0; } > none.lab
for lab in mapped none; do
	"$HELPERS/lab_apply" -b "$BIN/../plugins/lab-nft.so" $lab.lab > out
done

# The same by rules, as they are often written: a mark, a DNAT and an SNAT each.
ip netns add linear
ip link add p-linear type veth peer name if0 netns linear
ip link set p-linear master br0 up
ip -n linear addr add 172.16.0.52/12 dev if0
ip -n linear link set if0 up
ip -n linear link add in type bridge forward_delay 0
ip -n linear addr add 10.20.0.1/16 dev in
ip -n linear link set in up
ip netns exec linear sysctl -qw net.ipv4.ip_forward=1
chain()	# NAME TYPE HOOK PRIORITY RULE: of the addresses
{
	printf 'chain %s {\n type %s hook %s priority %s;\n' "${@:1:4}"
	mappings $n "$5"
	echo '}'
}
{
	echo 'table ip t {'
	chain pre_mark filter prerouting mangle \
	    'iifname "if0" ip daddr 172.18.%d.%d meta mark set 0x6 # %d %d\n'
	chain pre_dnat nat prerouting dstnat \
	    'iifname "if0" ip daddr 172.18.%d.%d dnat to 10.20.%d.%d\n'
	chain post_snat nat postrouting srcnat \
	    '# %d %d\noifname "in" ip daddr 10.20.%d.%d snat to 10.20.0.1\n'
	echo '}'
} > rules
ip netns exec linear nft -f rules

machine m-mapped lookback.mapped.1 in $inner/16 10.20.0.1
machine m-none lookback.none.1 in $inner/16 10.20.0.1
machine m-linear linear in $inner/16 10.20.0.1
machine m-bare - br0 $bare/12
for m in mapped none linear bare; do
	setsid ip netns exec m-$m "$flow" serve < /dev/null > served-$m &
	DAEMONS+=($!)
	wait_until 10 test -s served-$m
done

ask()	# KIND TURNS ADDRESS...: into $one, $two
{
	ip netns exec client "$flow" "$@" > answers
	{ read -r one; read -r two; } < answers
}
what="10,000 static mappings"
ask one $((100 * turns)) $mapped $unmapped
echo "$what: one flow's round trip, us|a lab of none|$one|$two|1.5"
ask new $((100 * turns)) $mapped $unmapped
echo "$what: a new flow's round trip, us|a lab of none|$one|$two|1.5"
ask stream "$turns" $mapped $linear
echo "$what: TCP, seconds a GiB|a linear rule each|$one|$two|0.1"
ask one $((100 * turns)) $unmapped $bare
echo "one flow's round trip, cells ($one) above the bare switch ($two), us|12 us|$(
	awk -v a="$one" -v b="$two" 'BEGIN { printf "%.2f", a - b }')|12|1"
