#!/bin/bash
# A lab made by its printed plan, with real packets, in each layout: rows 1 to 3,
# 5 to 16, 18 to 22, 37, 38, 40, 41, 44 and 45 of the appliance; joined networks,
# the same subnet twice, who may enter; and nothing of it after the stop.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"

cat > who.py <<'E2'
import select, socket, sys
# who.py NAME PORT: tells who is asked and whom it sees, by tcp and udp
s = socket.create_server(("", int(sys.argv[2])), backlog=64)
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("", int(sys.argv[2])))
while True:
    for r in select.select([s, u], [], [])[0]:
        if r is u:
            peer = u.recvfrom(9)[1]
            u.sendto(("%s sees %s" % (sys.argv[1], peer[0])).encode(), peer)
        else:
            c, peer = s.accept()
            c.sendall(("%s sees %s" % (sys.argv[1], peer[0])).encode())
            c.close()
E2
cat > ask.py <<'E2'
import socket, sys
# ask.py ADDRESS PORT SECONDS [udp]: an answer counts from who was asked
at = sys.argv[1], int(sys.argv[2])
try:
    if len(sys.argv) < 5:
        s = socket.create_connection(at, float(sys.argv[3]))
    else:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(float(sys.argv[3]))
        s.connect(at)
        s.send(b"?")
    print(s.recv(99).decode())
except OSError:
    print("nobody")
E2

cat > echo.py <<'E2'
import socket, sys
# echo.py ADDRESS: as ping(8), which is no part of every system
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
s.settimeout(10)
s.sendto(b"\x08\0\xf7\xfe\0\0\0\x01", (sys.argv[1], 0))
while True:
    packet, peer = s.recvfrom(99)
    if packet[20] == 0 and peer[0] == sys.argv[1]:
        break
E2
cat > pmtu.py <<'E2'
import select, socket, sys
# pmtu.py ADDRESS TRIES: what the path takes, as datagrams that must not be cut learn
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, 10, 2)	# IP_MTU_DISCOVER: IP_PMTUDISC_DO
s.connect((sys.argv[1], 9))
for _ in range(int(sys.argv[2])):
    try:
        s.send(b"x" * 1450)
    except OSError:
        pass
    mtu = s.getsockopt(socket.IPPROTO_IP, 14)	# IP_MTU
    if mtu < 1500:
        break
    select.select([s], [], [], 0.1)
print(mtu)
E2

serve()	# NS NAME PORT
{
	daemon ip netns exec "$1" python3 "$T/who.py" "$2" "$3"
	wait_until 10 answers "$1" "$3"
}
answers()	# NS PORT: its own server does
{
	[ "$(ip netns exec "$1" python3 "$T/ask.py" 127.0.0.1 "$2" 1)" != nobody ]
}
asked()	# NS ADDRESS PORT ANSWER [udp]
{
	local got wait=10
	[ "$4" != nobody ] || wait=0.7
	got=$(ip netns exec "$1" python3 "$T/ask.py" "$2" "$3" $wait ${5:+udp})
	[ "$got" = "$4" ] || fail "$what: $1 -> $2:$3 ${5:-}: $got, not $4"
}

# ---- production ----

make_production
machine gw - br0 192.168.149.2/24
machine vbs - br0 192.168.149.22/24 192.168.149.2
machine sf36 - br0 192.168.149.36/24 192.168.149.2
machine c77 - br0 192.168.149.77/24 192.168.149.2
machine n88 - br0 192.168.149.88/24
serve sf36 prod 80
serve vbs vbs 80
ip -n gw addr add 99.99.99.1/24 dev eth0
ip netns exec gw sysctl -qw net.ipv4.ip_forward=1
for ns in vbs sf36 gw; do
	ip -n $ns route add 192.168.150.0/23 via 192.168.149.50
	ip -n $ns route add 172.16.129.0/24 via 192.168.149.50
done

# A client behind production's gateway.
ip link add eth9 netns gw type veth peer name eth0 netns "$(ip netns add far; echo far)"
ip -n gw addr add 10.9.9.1/24 dev eth9
ip -n gw link set eth9 up
ip -n far addr add 10.9.9.9/24 dev eth0
ip -n far link set eth0 up
ip -n far route add default via 10.9.9.1
ip -n gw route add 99.99.99.96/28 via 192.168.149.50

# ---- a lab, in each layout ----

lab()	# LAYOUT ATTACH: blog.lab; $links of the host are its networks'
{
	echo '[Lab]'
	echo "Layout = $1"
	cat <<-END
		[Production]
		Attach = $2
		Address = 192.168.149.50/24
		Gateway = 192.168.149.2
		[Network "VM Network"]
		Gateway = 192.168.149.2/24
		Mask = 192.168.150.0/24
		Static = 192.168.149.136 -> 192.168.149.36
		Publish = 99.99.99.99 tcp 80 -> 192.168.149.36
		Publish = 99.99.99.99 tcp 8080 -> 192.168.149.36 80
		Publish = 99.99.99.98 tcp 80,993 -> 192.168.149.99
		Publish = 99.99.99.98 udp 53 -> 192.168.149.99
		Join = DMZ
		${links[0]:+Interface = ${links[0]}}
		[Network "DMZ"]
		Gateway = 192.168.129.2/24
		Mask = 172.16.129.0/24
		Mtu = 1400
		${links[0]:+Interface = ${links[1]}}
		[Network "The same again"]
		Gateway = $again.2/24
		Mask = 192.168.151.0/24
		Allow = from 192.168.149.22/32 $again.36 tcp 80
		${links[0]:+Interface = ${links[2]}}
	END
}
# Where its parts are: the namespaces, and each network's switch.
places()	# FRONT CELL SWITCH1 SWITCH2 SWITCH3
{
	front=$1 cell=$2 switch1=$3 switch2=$4 switch3=$5
}
machines()
{
	# Instead of gratuitous ARP; also, everybody has to ask once more.
	for ns in gw vbs sf36 c77; do
		ip -n $ns neigh flush dev eth0
	done
	# shellcheck disable=SC2086	# two words each
	{
		machine v36 $switch1 192.168.149.36/24 192.168.149.2
		machine v99 $switch1 192.168.149.99/24 192.168.149.2
		machine d36 $switch2 192.168.129.36/24 192.168.129.2
		machine a36 $switch3 $again.36/24 $again.2
	}
	serve v36 copy 80
	serve v36 copy 82
	serve v99 mail 80
	serve v99 mail 993
	serve v99 mail 53
	serve d36 dmz 80
	serve a36 again 80
	serve a36 again 81
}
no_machines()
{
	# Instead of gratuitous ARP; also, everybody has to ask once more.
	for ns in gw vbs sf36 c77; do
		ip -n $ns neigh flush dev eth0
	done
	for ns in v36 v99 d36 a36; do
		ip netns del $ns
	done
}
at()	# ADDRESS: where c77 sees it
{
	ip -n c77 neigh show "$1" dev eth0 | awk '{ print $3 }'
}
mac()	# NS DEV
{
	ip netns exec "$1" cat "/sys/class/net/$2/address"
}

everything()	# INNER OUTER: the links of the first network's router
{
	asked vbs 192.168.149.36 80 'prod sees 192.168.149.22'	# rows 2, 6 to 8
	asked vbs 192.168.150.36 80 'copy sees 192.168.149.2'
	asked vbs 192.168.150.99 53 'mail sees 192.168.149.2' udp
	asked far 192.168.150.36 80 'copy sees 192.168.149.2'	# row 12
	asked n88 192.168.150.36 80 nobody			# row 13
	asked sf36 192.168.150.36 80 'copy sees 192.168.149.2'	# row 14
	asked vbs 172.16.129.36 80 'dmz sees 192.168.129.2'	# row 16
	asked vbs 192.168.151.36 80 "again sees $again.2"
	asked c77 192.168.149.136 80 'copy sees 192.168.149.2'	# rows 18 to 20
	asked vbs 192.168.149.136 80 'copy sees 192.168.149.2'	# row 21
	ip netns exec vbs python3 echo.py 192.168.149.50 || # row 3
	    fail "$what: no interface 0"

	# Hairpin, by mask and by claim: rows 44 and 45.
	asked v99 192.168.150.36 80 'copy sees 192.168.149.2'
	asked v36 192.168.150.36 80 'copy sees 192.168.149.2'
	asked v99 192.168.149.136 80 'copy sees 192.168.149.2'

	# Published, from outside, from inside and to itself: rows 37, 38, 40, 41.
	asked c77 99.99.99.99 80 'copy sees 192.168.149.2'
	asked c77 99.99.99.99 8080 'copy sees 192.168.149.2'
	asked far 99.99.99.98 993 'mail sees 192.168.149.2'
	asked far 99.99.99.98 53 'mail sees 192.168.149.2' udp
	asked v99 99.99.99.99 80 'copy sees 99.99.99.99'
	asked v99 99.99.99.99 8080 'copy sees 99.99.99.99'
	asked v36 99.99.99.99 80 'copy sees 99.99.99.99'
	asked v36 99.99.99.98 53 'mail sees 99.99.99.98' udp
	asked c77 99.99.99.99 82 nobody
	asked c77 99.99.99.98 53 nobody

	# Joined with true sources, both ways; others are not.
	asked v36 192.168.129.36 80 'dmz sees 192.168.149.36'
	asked d36 192.168.149.36 82 'copy sees 192.168.129.36'
	asked a36 192.168.129.36 80 nobody

	# Who may enter, and that nobody leaves: rows 1 and 15.
	asked vbs 192.168.151.36 81 nobody
	asked sf36 192.168.151.36 80 nobody
	asked v36 192.168.149.22 80 nobody
	asked d36 192.168.149.22 80 nobody
	asked v36 192.168.149.50 80 nobody

	# Rows 9 to 11: the article's mark, rule and table, but for whose they are.
	ip -n "$cell" route list table 2 | sed 's/ proto 76//; s/ *$//' > got
	[ "$(cat got)" = "192.168.149.0/24 dev $1 scope link" ] ||
	    fail "$what: table 2 is $(cat got)"
	ip -n "$cell" rule list > got
	grep -qE '^99:.from all fwmark 0x2/0x2 lookup 2( proto 76)?$' got ||
	    fail "$what: no rule 0x2/0x2"
	ip netns exec "$cell" nft list ruleset > got
	grep -q '192.168.150.0/24 : 0x00000006' got || fail "$what: no mark 0x6"
	# A smaller network says so as far as the client.
	[ "$(ip netns exec vbs python3 pmtu.py 172.16.129.36 100)" = 1400 ] ||
	    fail "$what: the client does not learn the MTU"
	[ "$(ip netns exec vbs python3 pmtu.py 192.168.150.36 3)" = 1500 ] ||
	    fail "$what: the MTU is another network's"
	# Rows 5 and 22: what is claimed is at interface 0, the gateway's address
	# is not.
	ip -n c77 neigh flush dev eth0
	asked c77 192.168.149.136 80 'copy sees 192.168.149.2'
	asked c77 192.168.149.2 9 nobody
	[ "$(at 192.168.149.136)" = "$(mac "$front" "$2")" ] ||
	    fail "$what: the claim is elsewhere"
	[ "$(at 192.168.149.2)" = "$(mac gw eth0)" ] ||
	    fail "$what: the gateway is elsewhere"
}

what=cells again=192.168.149 links=()
lab cells br0 > blog.lab
"$HELPERS/lab_plan" -b blog.lab > start
"$HELPERS/lab_plan" -s blog.lab > stop
places lookback.blog lookback.blog.1 'lookback.blog.1 in' 'lookback.blog.2 in' \
    'lookback.blog.3 in'
do_steps start
machines
everything in if0
asked gw 192.168.150.36 80 'copy sees 192.168.149.2'	# the gateway itself, too

stopped()
{
	do_steps stop
	! ip netns list | grep lookback || fail "a namespace stays"
	! ip link show | grep -E ': lb[0-9a-f]{12}' || fail "a link stays"
}
stopped
asked vbs 192.168.150.36 80 nobody
no_machines

# The same lab on a NIC.
what="cells on a NIC"
ip link add nic type veth peer name p-nic
ip link set p-nic master br0 up
ip link set nic up
sed -i 's/br0/nic/' blog.lab
"$HELPERS/lab_plan" blog.lab > start
"$HELPERS/lab_plan" -s blog.lab > stop
do_steps start
machines
asked vbs 192.168.150.36 80 'copy sees 192.168.149.2'
asked c77 192.168.149.136 80 'copy sees 192.168.149.2'
asked v36 192.168.149.22 80 nobody
stopped
no_machines
ip link del nic	# and what the switch learned of it

# ---- single, in a namespace of its own ----

what=single again=192.168.139
lab single br0 > blog.lab
"$HELPERS/lab_plan" -b blog.lab > start
"$HELPERS/lab_plan" -s blog.lab > stop
places lookback.blog lookback.blog 'lookback.blog in1' 'lookback.blog in2' \
    'lookback.blog in3'
do_steps start
machines
everything in1 if0
stopped
asked vbs 192.168.150.36 80 nobody
no_machines

# ---- single, on a router with interfaces of its own ----

# rt is that router; iso1 to iso3 are switches behind it. It has another network
# besides, and forwards between that and production already.
what="single on a router"
ip netns add rt
ip link add eth0 netns rt type veth peer name p-rt
ip link set p-rt master br0 up
for i in 1 2 3; do
	ip netns add iso$i
	ip -n iso$i link add sw type bridge forward_delay 0
	ip -n iso$i link set sw up
	ip -n iso$i link add p-rt type veth peer name eth$i netns rt
	ip -n iso$i link set p-rt master sw up
done
ip link add eth9 netns rt type veth peer name eth0 netns "$(ip netns add own; echo own)"
ip -n rt addr add 10.7.7.1/24 dev eth9
ip -n rt addr add 192.168.149.50/24 dev eth0
for link in lo eth0 eth9; do
	ip -n rt link set $link up
done
ip -n rt route add default via 192.168.149.2
ip -n own addr add 10.7.7.7/24 dev eth0
ip -n own link set eth0 up
ip -n own link set lo up
ip -n own route add default via 10.7.7.1
ip netns exec rt sysctl -qw net.ipv4.conf.eth9.forwarding=1 \
    net.ipv4.conf.eth0.forwarding=1
ip -n vbs route add 10.7.7.0/24 via 192.168.149.50
serve rt host 8080
serve own own 80
links=(eth1 eth2 eth3)
lab single eth0 > blog.lab
"$HELPERS/lab_plan" blog.lab > start
"$HELPERS/lab_plan" -s blog.lab > stop
places rt rt 'iso1 sw' 'iso2 sw' 'iso3 sw'
state()	# what the router has that is not the lab's
{
	ip netns exec rt nft list ruleset
	ip -4 -n rt addr list
	ip -4 -n rt rule list
	ip -4 -n rt route list table all | sort
}
state > before
in_rt()	# NAME: as do_steps
{
	sed '/^arping /d' "$1" > "$1.sh"
	ip netns exec rt bash -e "$1.sh" || fail "$what: a step of $1"
}
in_rt start
machines
everything eth1 eth0
# The router's own business goes on, and it reaches the lab by itself.
asked vbs 192.168.149.50 8080 'host sees 192.168.149.22'
asked own 192.168.149.22 80 'vbs sees 10.7.7.7'
asked rt 192.168.149.22 80 'vbs sees 192.168.149.50'
asked rt 192.168.150.36 80 'copy sees 192.168.149.2'
asked rt 192.168.149.36 80 'prod sees 192.168.149.50'
# It is no way to anywhere else, nor is what it offers there for those inside.
asked v36 10.7.7.7 80 nobody
asked own 192.168.150.36 80 nobody
asked v36 192.168.149.2 8080 nobody
asked v36 192.168.149.50 8080 nobody
asked c77 99.99.99.99 8081 nobody
in_rt stop
asked vbs 192.168.150.36 80 nobody
asked vbs 192.168.149.50 8080 'host sees 192.168.149.22'
for i in 1 2 3; do
	[ "$(ip netns exec rt sysctl -n net.ipv4.conf.eth$i.forwarding)" = 0 ] ||
	    fail "it forwards from eth$i"
	ip -n rt link set eth$i up
done
asked v36 192.168.149.22 80 nobody
for i in 1 2 3; do
	ip -n rt link set eth$i down
done
state > after
same_text after < before
