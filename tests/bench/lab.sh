#!/bin/bash
# How long labs take to start: lines of "WHAT|AGAINST|OURS|THEIRS|REACH" for
# run.sh.
#
#   lab.sh BUILD DIR
#
# Each is the middle of RUNS runs, process and plan included; the wait for ARP
# probes is 1 ms.
#
# SPDX-License-Identifier: BSD-2-Clause
set -Eeuo pipefail
build=$1 dir=$2 runs=${RUNS:-5} top=$(cd "$(dirname "$0")/../.." && pwd)
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

# shellcheck source=lab_files.sh
. "$top/tests/bench/lab_files.sh"
{ production 172.16.0.50; networks 1; } > one.lab
{ production 172.16.0.50; networks 200; } > many.lab
{ production 172.16.0.50; network 10.120.0.0; mappings 10000 "$static"; } > mapped.lab

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
seconds()	# WHAT SECONDS REACH
{
	echo "$1, s|$3 s|$2|$3|1"
}
time_lab()	# LAB WHAT REACH
{
	local begin k made=0 changes=0
	: > first
	: > second
	for ((k = 0; k < runs; k++)); do
		begin=$(now)
		"$apply" -b "$plugin" "$1.lab" > out
		echo $(($(now) - begin)) >> first
		made=$(wc -l < out)
		begin=$(now)
		"$apply" -b "$plugin" "$1.lab" > out
		echo $(($(now) - begin)) >> second
		changes=$((changes + $(wc -l < out)))
		"$apply" -b -s "$plugin" "$1.lab" > out
		gone
	done
	seconds "$2" "$(middle < first)" "$3"
	echo "second start: $2, changes|those of the first|$changes|$made|0"
	seconds "second start: $2" "$(middle < second)" "$3"
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
seconds "10,000 static mappings: nft loads the rules" "$(middle < load)" 0.3
