#!/bin/bash
# A lab made by its printed plan, with real packets: rows 2, 5-7, 10, 11, 14-16,
# 18, 21, 22, 37, 40, 44 and 45 of the appliance; joined networks, the same
# subnet twice, who may enter; and nothing of it after the stop.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"

cat > who.py <<'E2'
import socket, sys
# who.py NAME PORT: tells who is asked and whom it sees
s = socket.create_server(("", int(sys.argv[2])), backlog=64)
while True:
    c, peer = s.accept()
    c.sendall(("%s sees %s" % (sys.argv[1], peer[0])).encode())
    c.close()
E2
cat > ask.py <<'E2'
import socket, sys
try:
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])), float(sys.argv[3]))
    print(s.recv(99).decode())
except OSError:
    print("nobody")
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
asked()	# NS ADDRESS PORT ANSWER
{
	local got wait=10
	[ "$4" != nobody ] || wait=0.7
	got=$(ip netns exec "$1" python3 "$T/ask.py" "$2" "$3" $wait)
	[ "$got" = "$4" ] || fail "$1 -> $2:$3: $got, not $4"
}

# ---- production ----

make_production
machine gw - br0 192.168.149.2/24
machine vbs - br0 192.168.149.22/24 192.168.149.2
machine sf36 - br0 192.168.149.36/24 192.168.149.2
machine c77 - br0 192.168.149.77/24 192.168.149.2
serve sf36 prod 80
serve vbs vbs 80
ip -n gw addr add 99.99.99.1/24 dev eth0
ip netns exec gw sysctl -qw net.ipv4.ip_forward=1
for ns in vbs sf36 gw; do
	ip -n $ns route add 192.168.150.0/23 via 192.168.149.50
	ip -n $ns route add 172.16.129.0/24 via 192.168.149.50
done

# ---- the lab ----

cat > blog.lab <<-END
	[Production]
	Attach = br0
	Address = 192.168.149.50/24
	Gateway = 192.168.149.2
	[Network "VM Network"]
	Gateway = 192.168.149.2/24
	Mask = 192.168.150.0/24
	Static = 192.168.149.136 -> 192.168.149.36
	Publish = 99.99.99.99 tcp 80 -> 192.168.149.36
	Publish = 99.99.99.99 tcp 8080 -> 192.168.149.36 80
	Join = DMZ
	[Network "DMZ"]
	Gateway = 192.168.129.2/24
	Mask = 172.16.129.0/24
	Mtu = 1400
	[Network "The same again"]
	Gateway = 192.168.149.2/24
	Mask = 192.168.151.0/24
	Allow = from 192.168.149.22/32 192.168.149.36 tcp 80
END
"$HELPERS/lab_plan" -b blog.lab > start
"$HELPERS/lab_plan" -s blog.lab > stop
start()
{
	do_steps start
	machine v36 lookback.blog.1 in 192.168.149.36/24 192.168.149.2
	machine v99 lookback.blog.1 in 192.168.149.99/24 192.168.149.2
	machine d36 lookback.blog.2 in 192.168.129.36/24 192.168.129.2
	machine a36 lookback.blog.3 in 192.168.149.36/24 192.168.149.2
	serve v36 copy 80
	serve d36 dmz 80
	serve a36 again 80
	serve a36 again 81
}
start

asked vbs 192.168.149.36 80 'prod sees 192.168.149.22'	# rows 2, 6, 7
asked vbs 192.168.150.36 80 'copy sees 192.168.149.2'
asked sf36 192.168.150.36 80 'copy sees 192.168.149.2'	# row 14
asked gw 192.168.150.36 80 'copy sees 192.168.149.2'
asked vbs 172.16.129.36 80 'dmz sees 192.168.129.2'	# row 16
asked vbs 192.168.151.36 80 'again sees 192.168.149.2'
asked c77 192.168.149.136 80 'copy sees 192.168.149.2'	# rows 18, 22
asked vbs 192.168.149.136 80 'copy sees 192.168.149.2'	# row 21

# Hairpin, by mask and by claim: rows 44 and 45.
asked v99 192.168.150.36 80 'copy sees 192.168.149.2'
asked v36 192.168.150.36 80 'copy sees 192.168.149.2'
asked v99 192.168.149.136 80 'copy sees 192.168.149.2'

# Published, from outside, from inside and to itself: rows 37 and 40.
asked c77 99.99.99.99 80 'copy sees 192.168.149.2'
asked c77 99.99.99.99 8080 'copy sees 192.168.149.2'
asked v99 99.99.99.99 80 'copy sees 99.99.99.99'
asked v99 99.99.99.99 8080 'copy sees 99.99.99.99'
asked v36 99.99.99.99 80 'copy sees 99.99.99.99'
asked c77 99.99.99.99 81 nobody

# Joined with true sources, both ways; others are not.
serve v36 copy 82
asked v36 192.168.129.36 80 'dmz sees 192.168.149.36'
asked d36 192.168.149.36 82 'copy sees 192.168.129.36'
asked a36 192.168.129.36 80 nobody

# Who may enter, and that nobody leaves: row 15.
asked vbs 192.168.151.36 81 nobody
asked sf36 192.168.151.36 80 nobody
asked v36 192.168.149.22 80 nobody
asked d36 192.168.149.22 80 nobody

# Rows 10 and 11: the article's lines, but for whose they are.
ip -n lookback.blog.1 route list table 2 | sed 's/ proto 76//; s/ *$//' > got
[ "$(cat got)" = '192.168.149.0/24 dev in scope link' ] ||
    fail "table 2 is $(cat got)"
ip -n lookback.blog.1 rule list > got
grep -qE '^99:.from all fwmark 0x2/0x2 lookup 2( proto 76)?$' got ||
    fail "no rule 0x2/0x2"
# A smaller network says so as far as the client.
[ "$(ip netns exec vbs python3 pmtu.py 172.16.129.36 100)" = 1400 ] ||
    fail "the client does not learn the MTU"
[ "$(ip netns exec vbs python3 pmtu.py 192.168.150.36 3)" = 1500 ] ||
    fail "the MTU is another network's"
# Rows 5 and 22: what is claimed is at interface 0, the gateway's address is not.
asked c77 192.168.149.136 80 'copy sees 192.168.149.2'
asked c77 192.168.149.2 9 nobody
at()	# ADDRESS: where c77 sees it
{
	ip -n c77 neigh show "$1" dev eth0 | awk '{ print $3 }'
}
[ "$(at 192.168.149.136)" = \
    "$(ip netns exec lookback.blog cat /sys/class/net/if0/address)" ] ||
    fail "the claim is elsewhere"
[ "$(at 192.168.149.2)" = "$(ip netns exec gw cat /sys/class/net/eth0/address)" ] ||
    fail "the gateway is elsewhere"

# ---- stopped, and once more ----

stopped()
{
	do_steps stop
	! ip netns list | grep lookback || fail "a namespace stays"
	! ip link show | grep -E ': lb[0-9a-f]{12}' || fail "a link stays"
}
stopped
asked vbs 192.168.150.36 80 nobody
for ns in v36 v99 d36 a36; do
	ip netns del $ns
done

# The same lab on a NIC.
ip link add nic type veth peer name p-nic
ip link set p-nic master br0 up
ip link set nic up
sed -i 's/br0/nic/' blog.lab
"$HELPERS/lab_plan" blog.lab > start
start
asked vbs 192.168.150.36 80 'copy sees 192.168.149.2'
asked c77 192.168.149.136 80 'copy sees 192.168.149.2'
asked v36 192.168.149.22 80 nobody
stopped
