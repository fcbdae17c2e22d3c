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
	mount -t sysfs none /sys || exit 99	# for what Attach is
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

# The interpreter itself: python3 is a slow script where there are many of them.
mkdir "$T/python"
ln -s "$(python3 -c 'import sys; print(sys.executable)')" "$T/python/python3"
PATH=$T/python:$PATH

# ---- a lab, by lab-nft ----

NFT=$BIN/../plugins/lab-nft.so
on=(-b)	# what Attach is
apply()	# OPTION... FILE: what changed is in ./out, warnings are in ./err
{
	"$HELPERS/lab_apply" "${on[@]}" "${@:1:$#-1}" "$NFT" "${!#}" > out 2> err ||
	    fail "apply $*: $(cat err)"
}
not_applied()	# OPTION... FILE: why is in ./err
{
	! "$HELPERS/lab_apply" "${on[@]}" "${@:1:$#-1}" "$NFT" "${!#}" > out 2> err ||
	    fail "apply $*: done"
}
nothing()	# WHEN: no step changed anything
{
	[ ! -s out ] || fail "$1: $(head -n 3 out)"
}

# NAME: the steps that $T/NAME prints, in order. arping is no part of every
# system, and in a test nobody else claims an address.
do_steps()
{
	sed '/ arping /d' "$1" > "$1.sh"
	bash -e "$1.sh" || fail "a step of $1"
}

# ---- a production, and machines ----

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

plain_lab()	# a network on br0 with no more than it needs, on stdout
{
	cat <<-END
		[Production]
		Attach = br0
		Address = 192.168.149.50/24
		ProbeWait = 30ms
		[Network "VM Network"]
		Gateway = 192.168.149.2/24
		Mask = 192.168.150.0/24
	END
}
blog_lines()	# the blog's simple network on br0, on stdout
{
	cat <<-END
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
blog_lab()	# $T/blog.lab
{
	blog_lines > blog.lab
}

# For a shell: the signals that it ignores, as bits. 32 and 33 are the C library's
# own, which are ignored below whatever make starts; 2 and 3 are ignored in a job
# that a script starts in the background.
# shellcheck disable=SC2016,SC2034 # the inner shell's; a test's
IGNORED='printf "ignored: %x\\n" $((0x$(sed -n "s/SigIgn:.//p" /proc/self/status) & 0x7ffffff9))'

# ---- who asks whom ----

at()	# NS COMMAND...; NS - is here
{
	if [ "$1" = - ]; then
		"${@:2}"
	else
		ip netns exec "$@"
	fi
}
serve()	# NS NAME PORT...: it tells whom it sees
{
	local in=(ip netns exec "$1")
	[ "$1" != - ] || in=()
	rm -f "serves.$1.$2"
	daemon "${in[@]}" python3 "$TOP/tests/cli/lab_who.py" "$2" "serves.$1.$2" "${@:3}"
	wait_until 60 test -e "serves.$1.$2"
}
asked()	# NS ADDRESS PORT ANSWER [udp]; NS - is here. It is put off
{
	echo "$1|$2|$3|${5:-tcp}|$4|${row:-asked}" >> "$T/asked"
}
all_asked()	# what was put off
{
	python3 "$TOP/tests/cli/lab_ask.py" < asked > wrong || fail "$(cat wrong)"
	rm asked
}
answers()	# NS ADDRESS PORT ANSWER [udp]: the same at once
{
	asked "$@"
	all_asked
}
listens()	# NS PORT [-u]: there is a server, by TCP or UDP
{
	at "$1" ss -Hln "${3:--t}" "sport = :$2" | grep -q .
}
reaches()	# NS ADDRESS [SECONDS]: a machine; to be refused is an answer as well
{
	local said
	said=$(at "$1" timeout "${3:-5}" bash -c ": < /dev/tcp/$2/80" 2>&1) ||
	    [[ $said == *refused ]]
}
