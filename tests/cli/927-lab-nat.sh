#!/bin/bash
# [Nat]: each row of NAT 101, 24 to 36 of the appliance, by the lines of a lab
# file and with real packets; and that nothing else passes.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"
. "$TOP/tests/cli/rows.sh"

cat > hold.py <<'E2'
import socket, sys
# hold.py ADDRESS PORT OWN-PORT: what is answered, and until the standard input
# ends the connection stays
s = socket.socket()
s.settimeout(10)
s.bind(("", int(sys.argv[3])))
s.connect((sys.argv[1], int(sys.argv[2])))
print(s.recv(99).decode(), flush=True)
sys.stdin.read()
E2

# y60 is outside, a2 to a5 are inside, and the router is a namespace with
# interfaces of its own: rt has eth0 outside and eth1 inside.
make_production
machine y60 - br0 109.132.94.60/24
serve y60 y 80 25
ip netns add inside
ip -n inside link add sw type bridge forward_delay 0
ip -n inside link set sw up
insider()	# NUMBER
{
	machine "a$1" inside sw "192.168.1.$1/24" 192.168.1.1
	serve "a$1" "srv$1" 80
}
for i in 2 3 4; do
	insider $i
done
serve a2 web 8080
serve a3 smtp 25
ip netns add rt
ip link add eth0 netns rt type veth peer name p-rt
ip link set p-rt master br0 up
ip -n inside link add p-rt type veth peer name eth1 netns rt
ip -n inside link set p-rt master sw up
ip -n rt link set lo up
serve rt router 3128

rt()
{
	ip netns exec rt "$@"
}
nat()	# LINE...: the router does these, and no more what it did before
{
	[ ! -e asked ] || all_asked
	[ ! -e nat.lab ] || rt labrouter stop nat.lab > out || fail "$row: stop"
	{
		printf '%s\n' '[Lab]' 'Layout = single' '[Production]' \
		    'Attach = eth0' 'ProbeWait = 30ms' \
		    "Address = ${address:-109.132.94.20/24}" \
		    '[Nat]' 'Interface = eth1' 'Address = 192.168.1.1/24' "$@"
	} > nat.lab
	rt labrouter start nat.lab > out 2> err || fail "$row: $(cat err)"
}

row 25
nat 'Snat = 192.168.1.0/24 -> 109.132.94.20'
asked a2 109.132.94.60 80 'y sees 109.132.94.20'
asked a3 109.132.94.60 80 'y sees 109.132.94.20'
row 35	# who serves inside can only talk back
ip -n y60 route add 192.168.1.0/24 via 109.132.94.20
asked y60 192.168.1.2 80 nobody
asked y60 109.132.94.20 80 nobody
nat 'Dnat = 109.132.94.20 tcp 80 -> 192.168.1.2'
asked y60 109.132.94.20 80 'srv2 sees 109.132.94.60'
asked a2 109.132.94.60 80 nobody

row 26
nat 'Snat = 192.168.1.2 -> 109.132.94.20' 'Pass = 192.168.1.3'
asked a2 109.132.94.60 80 'y sees 109.132.94.20'
asked a3 109.132.94.60 80 'y sees 192.168.1.3'
asked a4 109.132.94.60 80 nobody
row 36	# what is refused is known by its own address, before it is translated
nat 'Deny = 192.168.1.3 tcp 80' 'Snat = 192.168.1.0/24 -> 109.132.94.20'
asked a2 109.132.94.60 80 'y sees 109.132.94.20'
asked a3 109.132.94.60 80 nobody
asked a3 109.132.94.60 25 'y sees 109.132.94.20'

# An address of its own for one, before the subnet's: claimed.
nat 'Snat = 192.168.1.3 tcp 25 -> 109.132.94.22' \
    'Snat = 192.168.1.2 -> 109.132.94.21'
asked a3 109.132.94.60 25 'y sees 109.132.94.22'
asked a3 109.132.94.60 80 nobody
asked a2 109.132.94.60 80 'y sees 109.132.94.21'
all_asked
[ "$(ip -n y60 neigh show 109.132.94.21 | awk '{ print $5 }')" = \
    "$(mac rt eth0)" ] || fail "$row: not claimed"

row 24	# two with the same port of their own at a time
nat 'Masquerade = 192.168.1.0/24'
for i in 2 3; do
	mkfifo hold$i
	daemon sh -c "ip netns exec a$i python3 '$T/hold.py' 109.132.94.60 80 29831 \
	    < '$T/hold$i' > '$T/held$i'"
	# shellcheck disable=SC2034	# open until the end
	exec {hold}> hold$i
done
both()
{
	[ -s held2 ] && [ -s held3 ]
}
wait_until 60 both
cat held2 held3 > held
[ "$(grep -c '^y sees 109.132.94.20 ' held)" = 2 ] || fail "$row: $(cat held)"
[ "$(awk '{ print $4 }' held | sort -u | wc -l)" = 2 ] ||
    fail "$row: one port for two: $(cat held)"
nat 'Masquerade = 192.168.1.0/24 -> 30001'
asked a2 109.132.94.60 80 'y sees 109.132.94.20 30001'
nat 'Snat = 192.168.1.0/24 tcp 80 -> 109.132.94.21 30002'
asked a2 109.132.94.60 80 'y sees 109.132.94.21 30002'

row 27	# the address is the host's own, and changes
address=dhcp nat 'Masquerade = 192.168.1.0/24'
asked a2 109.132.94.60 80 'y sees 109.132.94.20'
all_asked
rt ip addr del 109.132.94.20/24 dev eth0
rt ip addr add 109.132.94.30/24 dev eth0
asked a2 109.132.94.60 80 'y sees 109.132.94.30'

row 30	# redirection: whatever addresses there are
address=dhcp nat 'Redirect = any -> 192.168.1.2'
asked y60 109.132.94.30 80 'srv2 sees 109.132.94.60'
all_asked
rt ip addr add 109.132.94.31/24 dev eth0
asked y60 109.132.94.31 80 'srv2 sees 109.132.94.60'
address=dhcp nat 'Redirect = tcp 88 -> 3128' 'Redirect = tcp 25 -> 192.168.1.3'
asked y60 109.132.94.30 88 'router sees 109.132.94.60'
asked y60 109.132.94.31 25 'smtp sees 109.132.94.60'
all_asked
rt ip addr flush dev eth0

row 28
nat 'Dnat = 109.132.94.20 -> 192.168.1.2'
asked y60 109.132.94.20 80 'srv2 sees 109.132.94.60'
row 29
nat 'Dnat = 109.132.94.20 -> 192.168.1.2' 'Dnat = 109.132.94.21 -> 192.168.1.3'
asked y60 109.132.94.20 80 'srv2 sees 109.132.94.60'
asked y60 109.132.94.21 80 'srv3 sees 109.132.94.60'
row 31
nat 'Dnat = 109.132.94.20 tcp 80 -> 192.168.1.2 8080' \
    'Dnat = 109.132.94.20 tcp 25 -> 192.168.1.3'
asked y60 109.132.94.20 80 'web sees 109.132.94.60'
asked y60 109.132.94.20 25 'smtp sees 109.132.94.60'
asked y60 109.132.94.20 8080 nobody

row 32	# one that comes later needs no line of its own, only an address
claims=('Claim = 109.132.94.2' 'Claim = 109.132.94.3' 'Claim = 109.132.94.4'
    'Claim = 109.132.94.5')
nat 'Netmap = to 109.132.94.0/24 -> 192.168.1.0/24' "${claims[@]}"
for i in 2 3 4; do
	asked y60 109.132.94.$i 80 "srv$i sees 109.132.94.60"
done
insider 5
asked y60 109.132.94.5 80 'srv5 sees 109.132.94.60'
asked a2 109.132.94.60 80 nobody
row 33
nat 'Netmap = from 192.168.1.0/24 -> 109.132.94.0/24' "${claims[@]}"
asked a3 109.132.94.60 80 'y sees 109.132.94.3'
asked a4 109.132.94.60 80 'y sees 109.132.94.4'
asked y60 109.132.94.3 80 nobody

row 34	# two VLANs with one subnet: X reaches its namesake, who sees the router
machine x - br0 192.168.1.2/24 192.168.1.20
address=192.168.1.20/24 nat 'Twin = 192.168.2.0/24 -> 192.168.1.0/24'
asked x 192.168.2.2 80 'srv2 sees 192.168.1.1'
asked x 192.168.2.3 80 'srv3 sees 192.168.1.1'
asked a3 192.168.1.20 80 nobody

all_asked
rt labrouter stop nat.lab > out
asked x 192.168.2.2 80 nobody
all_asked
[ -z "$(rt nft list ruleset)" ] || fail "rules stay"
rt ip rule list > got
[ "$(wc -l < got)" = 3 ] || fail "rules stay: $(cat got)"
[ "$(rt sysctl -n net.ipv4.conf.eth1.forwarding)" = 0 ] || fail "it forwards"

# In a namespace of its own, the switch is inside.
row='a namespace'
printf '%s\n' '[Lab]' 'Layout = single' '[Production]' 'Attach = br0' \
    'Address = 109.132.94.40/24' 'ProbeWait = 30ms' '[Nat]' 'Address = 192.168.9.1/24' \
    'Masquerade = 192.168.9.0/24' 'Dnat = 109.132.94.41 tcp 80 -> 192.168.9.2' \
    > own.lab
expect_status 0 labrouter start own.lab
machine o2 lookback.own nat 192.168.9.2/24 192.168.9.1
serve o2 own 80
asked o2 109.132.94.60 80 'y sees 109.132.94.40'
asked y60 109.132.94.41 80 'own sees 109.132.94.60'
asked y60 109.132.94.40 80 nobody
all_asked
expect_status 0 labrouter stop own.lab
