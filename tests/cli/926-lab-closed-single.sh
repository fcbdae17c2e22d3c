#!/bin/bash
# Nothing of an isolated machine's leaves a lab in one namespace, its own or that
# of a router, after whichever step a start or a stop ends; and the listening
# would have seen it.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"

outer_ns=lookback.blog inner_ns=lookback.blog inner=in1
. "$TOP/tests/cli/attack.sh"

# With a joined network, a publication and one that may enter.
blog_lab
cat >> blog.lab <<-END
	Publish = 99.99.99.99 tcp 80,2049 -> 192.168.149.36
	Join = DMZ
	[Network "DMZ"]
	Gateway = 192.168.129.2/24
	Mask = 172.16.129.0/24
	Allow = 192.168.129.36 tcp 80
END
sed -i '1i[Lab]\nLayout = single' blog.lab

# ---- a namespace of its own ----

plans -b
attack_each_start
stage "single: started, after each step"

# Somebody in production uses the machine meanwhile, and it answers him.
ip -n gw route add 10.9.9.0/24 dev lo
machine vbs - br0 192.168.149.23/24
ip -n vbs route add 192.168.150.0/24 via 192.168.149.50
cat > talk.py <<-END
	import socket, sys
	s = socket.create_connection(("192.168.150.36", 80), 10)
	print("talks", file=open("talk", "w"), flush=True)
	s.recv(1)
END
cat > listen.py <<-END
	import socket
	s = socket.create_server(("", 80))
	print("ready", file=open("served", "w"), flush=True)
	c = [s.accept() for _ in range(9)]
END
daemon ip netns exec v36 python3 "$T/listen.py"
wait_until 60 test -s served
daemon ip netns exec vbs python3 "$T/talk.py"
wait_until 60 test -s talk
attack
heard
quiet "beside a connection"

# Reloads and the stop, while the attack goes on.
attack_on
for ((i = 0; i < 60; i++)); do
	bash -e "$(grep -l ' nft -f ' start.[0-9]*)"
done
attack_off "during 60 reloads"
stage "single: beside a connection, 60 reloads"
rm rounds
attack_on
wait_until 60 test -s rounds
do_steps stop
attack_off "during the stop"
ip netns del v36
ip netns del vbs

# After each step of a stop.
do_steps start
attach
for step in stop.[0-9]*; do
	bash -e "$step" 2> /dev/null
	[ ! -e /run/netns/lookback.blog ] ||
	    ! ip -n lookback.blog link show if0 > /dev/null 2>&1 || {
		attack
		heard
		quiet "after $(cat "$step")"
	}
done
ip netns del v36
stage "single: stopped, after each step"

# ---- a router ----

ip netns add rt
ip link add eth0 netns rt type veth peer name p-rt
ip link set p-rt master br0 up
ip netns add iso
ip -n iso link add sw type bridge forward_delay 0
ip -n iso link set sw up
for i in 1 2; do
	ip -n iso link add p-rt$i type veth peer name eth$i netns rt
done
ip -n iso link set p-rt1 master sw up
ip -n rt addr add 192.168.149.50/24 dev eth0
ip -n rt link set eth0 up
ip -n rt route add default via 192.168.149.2
sed -i 's/^Attach.*/Attach = eth0/
    s/^Gateway = 192.168.149.2\/24/&\nInterface = eth1/
    s/^Gateway = 192.168.129.2\/24/&\nInterface = eth2/' blog.lab
plans
outer_ns=rt outer=eth0 outer_peer=p-rt inner_ns=rt inner=eth1
switch_ns=iso switch=sw
attach
attacks=0
for step in start.[0-9]* stop.[0-9]*; do
	ip netns exec rt bash -e "$step"
	attack
	heard
	quiet "on a router, after $(tail -n 1 "$step")"
	attacks=$((attacks + 1))
done
[ $attacks -gt 40 ] || fail "only $attacks attacks"
stage "single on a router: after each step"
# The control: the same router without rules.
sed '/^arping /d' start > start.sh
ip netns exec rt bash -e start.sh
ip netns exec rt nft flush ruleset
attack
heard
control
