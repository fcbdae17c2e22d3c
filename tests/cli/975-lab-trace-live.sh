#!/bin/bash
# `labrouter trace --live`: the kernel says of one packet what was predicted, from
# production by a bridge and by a NIC, and from an isolated network, in each
# layout; nothing of it stays, also when it is killed.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"

make_production
machine vbs - br0 192.168.149.22/24
cat > blog.lab <<-END
	[Production]
	Attach = br0
	Address = 192.168.149.50/24
	[Network "VM Network"]
	Gateway = 192.168.149.2/24
	Mask = 192.168.150.0/24
	Static = 192.168.149.136 -> 192.168.149.36
	Allow = 192.168.149.36 tcp 80
	Join = DMZ
	Proxy = yes
	Dns = yes
	[Network "DMZ"]
	Gateway = 10.10.1.1/24
	Mask = 172.16.1.0/24
END
start()	# [-b]
{
	"$HELPERS/lab_plan" "$@" blog.lab > start
	"$HELPERS/lab_plan" "$@" -s blog.lab > stop
	# Rules are looked at, so no programs are needed.
	sed -i '/setsid/d' start
	sed -i '/\/run\/lookback/d' stop
	do_steps start
	machine v36 lookback.blog.1 in 192.168.149.36/24 192.168.149.2
	machine d5 lookback.blog.2 in 10.10.1.5/24 10.10.1.1
}
live()	# STATUS SIDE WORDS...: the kernel's lines are in ./kernel
{
	expect_status "$1" labrouter trace --live --lab blog.lab --from "$2" "${@:3}"
	sed '1,/^the kernel:$/d' out > kernel
}
says()	# LINE: the kernel does
{
	grep -qxF -- "$1" kernel || fail "not '$1' but: $(cat kernel)"
}
ends()	# LINE
{
	[ "$(tail -n 1 kernel)" = "$1" ] || fail "not '$1' but: $(cat kernel)"
}
all_links()
{
	local ns
	ip -o link show | sed 's/.*: \(.*\): .*/\1/'
	for ns in lookback.blog lookback.blog.1 lookback.blog.2; do
		ip -n $ns -o link show | sed 's/.*: \(.*\): .*/\1/'
		ip netns exec $ns nft list tables
	done
}

for kind in bridge nic; do
	if [ $kind = bridge ]; then
		start -b
	else
		ip link add nic type veth peer name p-nic
		ip link set p-nic master br0 up
		ip link set nic up
		sed -i 's/br0/nic/' blog.lab
		start
	fi
	all_links > before

	live 0 production 192.168.149.22 192.168.150.36 tcp 80
	says 'lookback.blog: 192.168.149.22 > 192.168.150.36, in by if0'
	says 'lookback.blog: forward: iifname "if0" oifname . ip daddr @masks accept: accept'
	says 'lookback.blog.1: 192.168.149.22 > 192.168.150.36, in by out'
	says 'lookback.blog.1: 192.168.149.22 > 192.168.149.36, in by out, out by in'
	says 'lookback.blog.1: admit: ip daddr 192.168.149.36 tcp dport 80 accept: accept, mark 0x6'
	ends 'lookback.blog.1: gate: oifname { "in", "lo" } accept: accept, mark 0x6'
	live 1 production 192.168.149.22 192.168.149.136 udp 80
	ends 'lookback.blog.1: admit: counter name "denied" drop: drop, mark 0x6'
	live 0 production 192.168.149.22 192.168.149.50
	ends 'lookback.blog: input: iifname "if0" icmp type { destination-unreachable, echo-request, time-exceeded } accept: accept'

	live 1 'VM Network' 192.168.149.36 8.8.8.8 tcp 443
	grep -q '^lookback.blog.1: first: .*: drop$' kernel ||
	    fail "no drop in: $(cat kernel)"
	live 0 'VM Network' 192.168.149.36 10.10.1.5 udp 53
	says 'lookback.blog.1: gate: oifname "out" ip daddr @joins accept: accept, mark 0x8'
	says 'lookback.blog: 192.168.149.36 > 10.10.1.5, in by c1, out by c2'
	ends 'lookback.blog.2: gate: oifname { "in", "lo" } accept: accept, mark 0x6'

	live 0 'VM Network' 192.168.149.36 192.168.149.2 tcp 8080
	says 'lookback.blog: 192.168.150.2 > 169.254.1.1, in by c1'
	ends 'lookback.blog: input: iifname . ip saddr @guests tcp dport 3128 accept: accept, mark 0x8'
	live 0 production 192.168.149.22 192.168.149.50 udp 53
	ends 'lookback.blog: input: iifname "if0" meta l4proto { tcp, udp } th dport 53 accept: accept'

	all_links > after
	cmp before after || fail "something stays"

	# Killed at any moment.
	for ms in 02 05 10 20 40 80; do
		! timeout -s KILL 0.0$ms labrouter trace --live --lab blog.lab \
		    --from production 192.168.149.22 192.168.150.36 || continue
	done > /dev/null 2>&1
	same() { all_links > after && cmp -s before after; }
	wait_until 60 same

	do_steps stop
	ip netns del v36
	ip netns del d5
done

# By the switch alone nothing is sent; as JSON; and a lab that does not stand.
expect_status 0 labrouter trace --live --lab blog.lab --from 'VM Network' \
    192.168.149.36 192.168.149.37
has_text 'so none is sent' err
expect_status 2 labrouter trace --live --lab blog.lab 10.10.1.5 192.168.149.36
has_text 'the lab does not stand (there is no lookback.blog.2)' err

# ---- layout single: in a namespace, and on the host, by any interface ----

ip link del nic
{
	printf '[Lab]\nLayout = single\n'
	cat <<-END
		[Production]
		Attach = br0
		Address = 192.168.149.50/24
		[Network "VM Network"]
		Gateway = 192.168.149.2/24
		Mask = 192.168.150.0/24
		Interface = in
		[Nat]
		Interface = inner
		Address = 10.10.1.1/24
		Masquerade = 10.10.1.0/24 tcp 80
	END
} > host.lab
sed /^Interface/d host.lab > blog.lab
"$HELPERS/lab_plan" -b blog.lab > start
do_steps start
machine v36 lookback.blog in1 192.168.149.36/24 192.168.149.2
live 0 production 192.168.149.22 192.168.150.36 tcp 80
says 'lookback.blog: 192.168.149.2 > 192.168.149.36, in by if0, out by in1'
ends 'lookback.blog: gate: oifname @behind accept: accept, mark 0x6'
live 0 nat 10.10.1.5 192.168.149.22 tcp 80
ends 'lookback.blog: gate: oifname "if0" ct state established,related,new accept: accept'
live 1 'VM Network' 192.168.149.36 8.8.8.8
ends 'lookback.blog: first: counter name "strays" drop: drop'
"$HELPERS/lab_plan" -s blog.lab > stop
do_steps stop
ip netns del v36

sed s/149.50/149.9/ host.lab > blog.lab
ip link add in type veth peer name machines
ip link add inner type bridge
ip link set machines up
"$HELPERS/lab_plan" blog.lab | sed '/^arping /d' > start
do_steps start
for at in '192.168.149.36 in' '192.168.149.22 br0' '10.10.1.5 inner'; do
	ip neigh add "${at% *}" lladdr 02:00:00:00:00:01 dev "${at#* }"
done
ip -o link show | sed 's/.*: \(.*\): .*/\1/' > before
live 0 production 192.168.149.22 192.168.150.36 tcp 80
says 'this host: 192.168.149.2 > 192.168.149.36, in by br0, out by in'
ends 'this host: gate: oifname @behind accept: accept, mark 0x6'
live 0 nat 10.10.1.5 192.168.149.22 tcp 80
says 'this host: 192.168.149.9 > 192.168.149.22, in by inner, out by br0'
live 1 nat 10.10.1.5 192.168.149.22 tcp 81
ends 'this host: forward: drop: drop'
live 1 'VM Network' 192.168.149.36 192.168.149.2 tcp 22
ends 'this host: input: iifname @isolated counter name "strays" drop: drop'
live 0 production 192.168.149.22 192.168.149.9 tcp 22
ends 'this host: input: policy accept'
ip -o link show | sed 's/.*: \(.*\): .*/\1/' > after
cmp before after || fail "something stays"
