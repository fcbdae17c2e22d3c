# Sourced in place of lib.sh: the test runs in namespaces of its own, for links,
# mounts and processes, where it is root whoever runs it; /run is empty. With
# LAB_USERS=1 it has other accounts as well, and needs root.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

lab_sh=${BASH_SOURCE[0]}
self=$(realpath "$0")
if [ "${1:-}" = inside ]; then
	mount -t tmpfs tmpfs /run || exit 99	# for names of namespaces
fi
# shellcheck source=lib.sh
. "$(dirname "$lab_sh")/lib.sh"
if [ "${1:-}" != inside ]; then
	requires ip nft sysctl python3 unshare
	own=-rnm
	if [ -n "${LAB_USERS:-}" ]; then
		requires_root
		own=-nm
	fi
	unshare $own nft list ruleset > /dev/null 2>&1 ||
	    skip "no namespaces with rules here"
	status=0
	unshare $own --propagation private --kill-child -fp --mount-proc \
	    bash "$self" inside || status=$?
	exit $status
fi

# NAME: the steps that $T/NAME prints, in order. arping is no part of every
# system, and in a test nobody else claims an address.
do_steps()
{
	sed '/ arping /d' "$1" > "$1.sh"
	bash -e "$1.sh" || fail "a step of $1"
}

make_production()	# the switch br0, and this host's address on it
{
	ip link set lo up
	ip link add br0 type bridge forward_delay 0 mcast_snooping 0
	ip addr add 192.168.149.9/24 dev br0
	ip link set br0 up
}

machine()	# NS SWITCH-NS SWITCH ADDRESS/LEN [GATEWAY]; SWITCH-NS - is here
{
	local at=()
	[ "$2" = - ] || at=(-n "$2")
	ip netns add "$1"
	ip "${at[@]}" link add "p-$1" type veth peer name eth0 netns "$1"
	ip "${at[@]}" link set "p-$1" master "$3" up
	ip -n "$1" link set lo up
	ip -n "$1" addr add "$4" dev eth0
	ip -n "$1" link set eth0 up
	[ -z "${5:-}" ] || ip -n "$1" route add default via "$5"
}

blog_lab()	# $T/blog.lab: the blog's simple network on br0
{
	cat > blog.lab <<-END
		[Production]
		Attach = br0
		Address = 192.168.149.50/24
		Gateway = 192.168.149.2
		ProbeWait = 30ms
		[Network "VM Network"]
		Gateway = 192.168.149.2/24
		Mask = 192.168.150.0/24
		Static = 192.168.149.136 -> 192.168.149.36
	END
}

# For a shell: the signals that it ignores, as bits. 32 and 33 are the C library's
# own, which are ignored below whatever make starts.
# shellcheck disable=SC2016,SC2034 # the inner shell's; a test's
IGNORED='printf "ignored: %x\\n" $((0x$(sed -n "s/SigIgn:.//p" /proc/self/status) & 0x7fffffff))'
