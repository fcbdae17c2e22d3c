#!/bin/bash
# A lab, in each layout, started by labrouter, with real packets: the rows of
# rows.txt but for DHCP, published services and [Nat]; joined networks, the same
# subnet twice, who may enter; its printed plan makes the very same; and nothing
# of it stays after the stop.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"
. "$TOP/tests/cli/rows.sh"

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
# pmtu.py ADDRESS TRIES [PORT]: what the path takes, as datagrams that must not be
# cut learn, from PORT to 9
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, 10, 2)	# IP_MTU_DISCOVER: IP_PMTUDISC_DO
s.bind(("", int(sys.argv[3]) if len(sys.argv) > 3 else 0))
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

cat > frames.py <<'E2'
import socket, sys
# frames.py hear FILE | say TEXT: a broadcast on eth0, of a type of its own
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88b5))
s.bind(("eth0", 0x88b5))
if sys.argv[1] == "say":
    s.send(b"\xff" * 6 + b"\2\0\0\0\0\1\x88\xb5" + sys.argv[2].encode())
    sys.exit()
with open(sys.argv[2], "w") as f:
    print("ready", file=f, flush=True)
    while True:
        frame, peer = s.recvfrom(99)
        if peer[2] != socket.PACKET_OUTGOING:
            print(frame[14:].decode(), file=f, flush=True)
E2
hear()	# NS: into $T/heard.NS
{
	rm -f "heard.$1"
	daemon ip netns exec "$1" python3 frames.py hear "heard.$1"
	wait_until 60 test -s "heard.$1"
}
say()	# NS TEXT
{
	ip netns exec "$1" python3 frames.py say "$2"
}
heard()	# NS TEXT...: this and no more, when what was said last is there
{
	wait_until 60 grep -qx "${!#}" "heard.$1"
	printf '%s\n' ready "${@:2}" | same_text "heard.$1"
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
		ProbeWait = 30ms
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
	serve v36 copy 80 82
	ip -n v99 addr add 192.168.149.254/24 dev eth0
	serve v99 mail 80 993 53
	serve d36 dmz 80
	serve a36 again 80 81
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
unreachable()	# NS: how many such errors it was sent
{
	ip netns exec "$1" awk '/^Icmp: [0-9]/ { print $5 }' /proc/net/snmp
}

everything()	# INNER OUTER: the links of the first network's router
{
	row 2 6 7 8
	asked vbs 192.168.149.36 80 'prod sees 192.168.149.22'
	asked vbs 192.168.150.36 80 'copy sees 192.168.149.2'
	asked vbs 192.168.150.99 53 'mail sees 192.168.149.2' udp
	row 12
	asked far 192.168.150.36 80 'copy sees 192.168.149.2'
	row 13
	asked n88 192.168.150.36 80 nobody
	row 14
	asked sf36 192.168.150.36 80 'copy sees 192.168.149.2'
	row 16
	asked vbs 172.16.129.36 80 'dmz sees 192.168.129.2'
	asked vbs 192.168.151.36 80 "again sees $again.2"
	row 17	# as large: the last address is the last one
	asked vbs 192.168.150.254 80 'mail sees 192.168.149.2'
	row 18 19 20
	asked c77 192.168.149.136 80 'copy sees 192.168.149.2'
	row 21
	asked vbs 192.168.149.136 80 'copy sees 192.168.149.2'
	row 44
	asked v99 192.168.150.36 80 'copy sees 192.168.149.2'
	asked v36 192.168.150.36 80 'copy sees 192.168.149.2'
	row 45
	asked v99 192.168.149.136 80 'copy sees 192.168.149.2'

	# Published, from outside, from inside and to itself.
	row 37 40 41
	asked c77 99.99.99.99 80 'copy sees 192.168.149.2'
	asked c77 99.99.99.99 8080 'copy sees 192.168.149.2'
	asked far 99.99.99.98 993 'mail sees 192.168.149.2'
	asked far 99.99.99.98 53 'mail sees 192.168.149.2' udp
	asked v99 99.99.99.99 80 'copy sees 99.99.99.99'
	asked v99 99.99.99.99 8080 'copy sees 99.99.99.99'
	asked v36 99.99.99.99 80 'copy sees 99.99.99.99'
	asked v36 99.99.99.98 53 'mail sees 99.99.99.98' udp
	row 38
	asked c77 99.99.99.99 82 nobody
	asked c77 99.99.99.98 53 nobody

	# Joined with true sources, both ways; others are not.
	row=joined
	asked v36 192.168.129.36 80 'dmz sees 192.168.149.36'
	asked d36 192.168.149.36 82 'copy sees 192.168.129.36'
	asked a36 192.168.129.36 80 nobody
	row='who may enter'
	asked vbs 192.168.151.36 81 nobody
	asked sf36 192.168.151.36 80 nobody
	row 15
	asked v36 192.168.149.22 80 nobody
	asked d36 192.168.149.22 80 nobody
	asked v36 192.168.149.50 80 nobody
	all_asked

	row 1	# neither way
	hear c77
	hear v99
	say v36 'from inside'
	say vbs 'from production'
	heard v99 'from inside'
	heard c77 'from production'

	row 3 5 22	# who answers in production
	ip netns exec vbs python3 echo.py 192.168.149.50 || fail "$row"
	ip netns exec c77 python3 who_has.py 192.168.149.77 \
	    192.168.149.2 192.168.149.50 192.168.149.136 > got
	same_text got <<-END
		192.168.149.136 $(mac "$front" "$2")
		192.168.149.2 $(mac gw eth0)
		192.168.149.50 $(mac "$front" "$2")
	END

	row 9 20
	ip netns exec "$cell" nft list ruleset > got
	grep -q '192.168.150.0/24 : 0x00000006' got || fail "$row: the mask's"
	grep -qE '@claims meta mark set 0x0*6|192.168.149.136 : 0x0*6' got ||
	    fail "$row: the claim's"
	ip -n "$cell" route get 192.168.149.36 mark 0x6 > got
	has_text "192.168.149.36 dev $1 table 2 " got
	# As the article has them, but for whose they are.
	row 10
	ip -n "$cell" rule list | sed 's/ proto 76//' > got
	has_text 'from all fwmark 0x2/0x2 lookup 2' got
	row 11
	ip -n "$cell" route list table 2 | sed 's/ proto 76//; s/ *$//' > got
	same_text got <<< "192.168.149.0/24 dev $1 scope link"

	# A smaller network says so as far as the client.
	[ "$(ip netns exec vbs python3 pmtu.py 172.16.129.36 100)" = 1400 ] ||
	    fail "$what: the client does not learn the MTU"
	[ "$(ip netns exec vbs python3 pmtu.py 192.168.150.36 3)" = 1500 ] ||
	    fail "$what: the MTU is another network's"
	# So it does to joined networks, of what they ask and what they answer,
	# and not to their originals.
	before=$(unreachable sf36)
	[ "$(ip netns exec v36 python3 pmtu.py 192.168.129.36 100)" = 1400 ] ||
	    fail "$what: who asks from a joined network does not learn the MTU"
	ip -n v36 route flush cache
	ip netns exec d36 python3 - <<-'END'
		import socket
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.bind(("", 9))
		s.sendto(b"?", ("192.168.149.36", 777))
	END
	[ "$(ip netns exec v36 python3 pmtu.py 192.168.129.36 100 777)" = 1400 ] ||
	    fail "$what: who answers a joined network does not learn the MTU"
	ip netns exec vbs python3 echo.py 192.168.149.36
	[ "$(unreachable sf36)" = "$before" ] || fail "$what: the original hears it"
}

# All that stands in namespaces, in words; - is the host's. Tables count how
# often they were made; a MAC that no plan names is the kernel's choice.
shape()	# NS...
{
	local ns
	for ns; do
		echo "== $ns"
		at "$ns" nft -s list ruleset | sed 's/ gen=[0-9a-f]*"/"/'
		at "$ns" ip -o link show | sed -E 's/^[0-9]+: //; s/@if[0-9]+//
		    s/ state [A-Z]+//; s/ link-netnsid [0-9]+//
		    s/NO-CARRIER,|,LOWER_UP|,M-DOWN//g
		    /^br0:| master br0 /s/ether [^ ]*//'
		at "$ns" ip -o -4 addr show | sed 's/^[0-9]*: //'
		at "$ns" ip -4 rule list
		at "$ns" ip -4 route show table all | sed 's/ linkdown//' | sort
		at "$ns" ip -4 neigh show nud permanent | sort
		at "$ns" ip -4 neigh show proxy | sort
		at "$ns" sysctl -a -r \
		    '^net\.(ipv4\.(conf|neigh|icmp|ip_forward)|ipv6\.conf|bridge)' \
		    2> /dev/null || true
	done
}
started()	# COMMAND...: labrouter, by its start
{
	"$@" labrouter start blog.lab > out 2> err || fail "$what: $(cat err)"
}
stopped()
{
	labrouter stop blog.lab > out || fail "$what: stop"
	! ip netns list | grep lookback || fail "a namespace stays"
	! ip link show | grep -E ': lb[0-9a-f]{12}' || fail "a link stays"
}
# What labrouter plan prints makes the same, and what --stop prints takes it away.
as_printed()	# NS...
{
	shape "$@" > made
	stopped
	labrouter plan blog.lab > start
	labrouter plan --stop blog.lab > stop
	do_steps start
	shape "$@" | same_text made
	do_steps stop
	! ip netns list | grep lookback || fail "a namespace stays"
	! ip link show | grep -E ': lb[0-9a-f]{12}' || fail "a link stays"
}

what=cells again=192.168.149 links=()
lab cells br0 > blog.lab
started
as_printed - lookback.blog lookback.blog.1 lookback.blog.2 lookback.blog.3
started
places lookback.blog lookback.blog.1 'lookback.blog.1 in' 'lookback.blog.2 in' \
    'lookback.blog.3 in'
machines
everything in if0
asked gw 192.168.150.36 80 'copy sees 192.168.149.2'	# the gateway itself, too
all_asked
stopped
asked vbs 192.168.150.36 80 nobody
all_asked
no_machines

# The same lab on a NIC.
what="cells on a NIC"
ip link add nic type veth peer name p-nic
ip link set p-nic master br0 up
ip link set nic up
lab cells nic > blog.lab
started
machines
row 6 18 15
asked vbs 192.168.150.36 80 'copy sees 192.168.149.2'
asked c77 192.168.149.136 80 'copy sees 192.168.149.2'
asked v36 192.168.149.22 80 nobody
all_asked
stopped
no_machines
ip link del nic	# and what the switch learned of it

# A mask that does not fit is none.
row 17
lab cells br0 | sed 's,150.0/24,150.0/25,' > bad.lab
expect_status 1 labrouter start bad.lab
has_text 'bad.lab:10: error: Mask: ' err
lab cells br0 | sed 's,151.0/24,150.0/24,' > bad.lab
expect_status 1 labrouter start bad.lab
has_text 'bad.lab:25: error: Mask: ' err
lab cells br0 | sed 's,151.0/24,149.0/24,' > bad.lab
expect_status 1 labrouter start bad.lab
has_text 'bad.lab:25: error: Mask: ' err

# ---- single, in a namespace of its own ----

what=single again=192.168.139
lab single br0 > blog.lab
started
as_printed - lookback.blog
started
places lookback.blog lookback.blog 'lookback.blog in1' 'lookback.blog in2' \
    'lookback.blog in3'
machines
everything in1 if0
row 5	# the control: the one who mimics would be seen
ip netns exec lookback.blog sysctl -qw net.ipv4.conf.all.arp_ignore=0
ip netns exec c77 python3 who_has.py 192.168.149.77 192.168.149.2 > got
[ "$(wc -l < got)" = 2 ] || fail "$row: the control sees $(cat got)"
stopped
asked vbs 192.168.150.36 80 nobody
all_asked
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
started ip netns exec rt
shape rt > made
ip netns exec rt labrouter plan blog.lab > start
ip netns exec rt labrouter plan --stop blog.lab > stop
ip netns exec rt labrouter stop blog.lab > out || fail "$what: stop"
in_rt start
shape rt | same_text made
in_rt stop
started ip netns exec rt
machines
everything eth1 eth0
row="$what: its own"
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
all_asked
ip netns exec rt labrouter stop blog.lab > out || fail "$what: stop"
asked vbs 192.168.150.36 80 nobody
asked vbs 192.168.149.50 8080 'host sees 192.168.149.22'
all_asked
for i in 1 2 3; do
	[ "$(ip netns exec rt sysctl -n net.ipv4.conf.eth$i.forwarding)" = 0 ] ||
	    fail "it forwards from eth$i"
	ip -n rt link set eth$i up
done
asked v36 192.168.149.22 80 nobody
all_asked
for i in 1 2 3; do
	ip -n rt link set eth$i down
done
state > after
same_text after < before
