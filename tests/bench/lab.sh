#!/bin/bash
# How long labs take to start, in seconds: lines of "WHAT|OURS|REACH" for run.sh.
# A second start that changes anything is no figure: it is said.
#
#   lab.sh BUILD DIR
#
# Each is the middle of RUNS runs, process and plan included; the wait for ARP
# probes is 1 ms.
#
# SPDX-License-Identifier: BSD-2-Clause
set -Eeuo pipefail
build=$1 dir=$2 runs=${RUNS:-5}
apply=$build/tests/tools/lab_apply
plugin=$build/plugins/lab-nft.so
trap 'echo "lab.sh: line $LINENO: $BASH_COMMAND" >&2' ERR
if [ "${3:-}" != inside ]; then
	# Real root: ten thousand elements are more than a socket of another
	# may send.
	exec unshare -nm --propagation private --kill-child -fp --mount-proc \
	    bash "$0" "$build" "$dir" inside
fi

mount -t tmpfs tmpfs /run
ip link set lo up
ip link add br0 type bridge
ip addr add 172.16.0.9/12 dev br0
ip link set br0 up
cd "$dir"

production()
{
	printf '[Production]\nAttach = br0\nAddress = 172.16.0.50/12\nProbeWait = 1ms\n'
}
networks()	# N
{
	production
	for ((i = 0; i < $1; i++)); do
		printf '[Network "N%d"]\nGateway = 192.168.149.2/24\nMask = 10.%d.%d.0/24\n' \
		    $i $((1 + i / 250)) $((i % 250))
	done
}
mappings()	# N
{
	production
	printf '[Network "N"]\nGateway = 10.20.0.1/16\nMask = 10.120.0.0/16\n'
	for ((i = 0; i < $1; i++)); do
		printf 'Static = 172.17.%d.%d -> 10.20.%d.%d\n' \
		    $((i / 250)) $((i % 250 + 1)) $((i / 250)) $((i % 250 + 2))
	done
}
networks 1 > one.lab
networks 200 > many.lab
mappings 10000 > mapped.lab

now()	# in microseconds
{
	echo "${EPOCHREALTIME/./}"
}
middle()	# of the numbers on stdin, in seconds
{
	sort -n | awk '{ v[NR] = $1 } END { printf "%.4f", v[int((NR + 1) / 2)] / 1e6 }'
}
# The kernel ends namespaces later, one lot after the other: the links of one
# more go when those before are gone.
gone()
{
	local end=$((SECONDS + 60))
	ip netns add last
	ip link add last0 type veth peer name last1 netns last
	ip netns del last
	while [ -e /proc/sys/net/ipv4/conf/last0 ]; do
		[ $SECONDS -lt $end ] || { echo "namespaces stay" >&2; exit 1; }
		sleep 0.05
	done
}
# LAB WHAT REACH SECOND-WHAT SECOND-REACH
time_lab()
{
	local begin k
	: > first
	: > second
	for ((k = 0; k < runs; k++)); do
		begin=$(now)
		"$apply" -b "$plugin" "$1.lab" > out
		echo $(($(now) - begin)) >> first
		begin=$(now)
		"$apply" -b "$plugin" "$1.lab" > out
		echo $(($(now) - begin)) >> second
		[ ! -s out ] || echo "lab.sh: a second start changes: $(cat out)" >&2
		"$apply" -b -s "$plugin" "$1.lab" > out
		gone
	done
	echo "$2, s|$(middle < first)|$3"
	echo "second start: $2, s|$(middle < second)|$3"
}
time_lab one "one network" 0.03
time_lab many "200 networks" 1
time_lab mapped "10,000 static mappings" 2

# The rules alone, by nft.
"$build/tests/tools/lab_plan" -b mapped.lab |
    sed -n '/mapped.1 nft -f/,/^END/p' | sed '1d;$d' > rules
: > load
for ((k = 0; k < runs; k++)); do
	ip netns add rules
	begin=$(now)
	ip netns exec rules nft -f rules
	echo $(($(now) - begin)) >> load
	ip netns del rules
done
echo "10,000 static mappings: nft loads the rules, s|$(middle < load)|0.3"
