#!/bin/bash
# Address = dhcp: a lease of a real server goes onto interface 0 before anything
# is let through, is renewed and changed, and is given back; without a server or
# a client the start says so.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"
. "$TOP/tests/cli/rows.sh"
requires dnsmasq udhcpc

gateway=gw	# its namespace
serve_dhcp()	# FIRST LAST: in the gateway, this range
{
	[ -z "${server:-}" ] || end_daemon "$server"
	daemon ip netns exec $gateway dnsmasq --no-daemon \
	    --conf-file=/dev/null --port=0 --pid-file= --bind-interfaces \
	    --interface=eth0 --dhcp-range="$1,$2,255.255.255.0,2m" \
	    --dhcp-option=3,192.168.149.2 --dhcp-authoritative \
	    --dhcp-leasefile="$T/leases" --log-facility="$T/dhcp.log"
	server=${DAEMONS[-1]}
	wait_until 60 serving
}
serving()
{
	ip netns exec $gateway ss -Hluan sport = :67 | grep -q .
}
has()	# ADDRESS: interface 0, and no other
{
	[ "$(ip -n lookback.dhcp -o -4 addr show dev if0 | awk '{ print $4 }')" = "$1/24" ]
}
via()	# GATEWAY
{
	[ "$(ip -n lookback.dhcp route show default proto 76)" = \
	    "default via $1 dev if0 onlink " ] ||
	    fail "the way out is $(ip -n lookback.dhcp route)"
}
reached()	# ADDRESS of interface 0: the mask is, by it
{
	ip -n vbs route replace 192.168.150.0/24 via "$1"
	reaches vbs 192.168.150.36 || fail "no way by $1"
}
client()	# 0 or 1: so many clients run
{
	[ "$(pgrep -cx udhcpc)" = "$1" ] || fail "not $1 clients"
}

host_has()	# ROUTE...: this host's, of the lab
{
	ip -4 route show proto 76 | sed 's/ *$//' > is
	printf '%s\n' "$@" | same_text is
}
from_here()	# this host itself reaches the mask, the claim and the router
{
	local to
	for to in 192.168.150.36 192.168.149.136; do
		reaches - $to || fail "this host does not reach $to"
	done
}

mkdir other
make_production
machine gw - br0 192.168.149.2/24
machine vbs - br0 192.168.149.22/24
cat > dhcp.lab <<-END
	[Production]
	Attach = br0
	Address = dhcp
	ProbeWait = 30ms
	[Network "VM Network"]
	Gateway = 192.168.149.2/24
	Mask = 192.168.150.0/24
	Static = 192.168.149.136 -> 192.168.149.36
END

# ---- a client, and a server ----

hide=$(readlink -f "$(command -v udhcpc)")
mount --bind /dev/null "$hide"
not_applied dhcp.lab
umount "$hide"
grep -qF 'line 3 of the lab): udhcpc is not installed: apt-get install udhcpc' err ||
    fail "not told: $(cat err)"
! ip netns list | grep lookback || fail "a namespace without a client"

not_applied dhcp.lab
grep -qF 'line 3 of the lab): no DHCP server gave if0 an address in 15 s' err ||
    fail "not told: $(cat err)"
[ "$(ip netns exec lookback.dhcp sysctl -n net.ipv4.ip_forward)" = 0 ] ||
    fail "it forwards"
client 0
apply -s dhcp.lab

# ---- a lease ----

row 4
serve_dhcp 192.168.149.200 192.168.149.200
apply dhcp.lab
client 1
has 192.168.149.200 || fail "another address: $(ip -n lookback.dhcp addr)"
via 192.168.149.2
machine v36 lookback.dhcp.1 in 192.168.149.36/24 192.168.149.2
reached 192.168.149.200
mac=$(ip netns exec lookback.dhcp cat /sys/class/net/if0/address)
grep -q " $mac 192.168.149.200 " leases || fail "another MAC: $(cat leases)"
apply dhcp.lab
nothing "a second start"
ip netns exec lookback.dhcp nft list ruleset > rules
! grep -qF 192.168.149.200 rules || fail "rules name the lease"
# Nobody else may use interface 0 as a source.
ip netns exec lookback.dhcp python3 - <<'E2' || fail "it sent with another source"
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("169.254.1.1", 0))
try:
    s.sendto(b"x", ("192.168.149.22", 9))
    raise SystemExit(1)
except PermissionError:
    pass
E2

expect_status 0 labrouter route dhcp.lab
same_text out <<< 'ip route add 192.168.150.0/24 via 192.168.149.200 proto 76'
by_br0()	# ADDRESS of interface 0: this host's routes
{
	local rest="via $1 dev br0 src 192.168.149.9 onlink"
	host_has "192.168.149.136 $rest" "192.168.150.0/24 $rest"
}
by_br0 192.168.149.200
from_here

# What is asked about the lab knows the lease.
expect_status 0 labrouter trace --lab dhcp.lab --from production \
    192.168.149.22 192.168.149.200
has_text 'answered by the router, whose address is 192.168.149.200' out
expect_status 0 labrouter trace --lab dhcp.lab --from production \
    203.0.113.7 192.168.149.200
expect_status 0 labrouter prove --json dhcp.lab
sent()
{
	python3 -c 'import json; print(json.load(open("out"))["networks"][0]["sent"])'
}
sent=$(sent)

# The way out, taken away by hand.
ip -n lookback.dhcp route del default
expect_status 1 labrouter status dhcp.lab
has_text 'dhcp.lab:3: missing: [ ! -s /run/lookback/dhcp/dhcp/gateway ] ||' out
apply dhcp.lab
[ "$(grep -c '^changed' out)" = 1 ] || fail "more is changed: $(cat out)"
via 192.168.149.2

# Started from nothing of ours: a session, a log, no descriptor.
pid=$(cut -d' ' -f1 /run/lookback/dhcp/dhcp/pid)
[ "$(ps -o sid= -p "$pid" | tr -d ' ')" = "$pid" ] || fail "no session of its own"
[ "$(readlink /proc/"$pid"/fd/0)" = /dev/null ] || fail "it has an input"
[ "$(readlink /proc/"$pid"/fd/1)" = /run/lookback/dhcp/dhcp/log ] || fail "no log"
for fd in /proc/"$pid"/fd/*; do
	case $(readlink "$fd") in
	"$T"/* | /run/netns/* | net:*) fail "it has $(readlink "$fd")" ;;
	esac
done

# ---- renewed, and changed ----

acks()
{
	[ "$(grep -c DHCPACK dhcp.log)" -gt "$before" ]
}
before=$(grep -c DHCPACK dhcp.log)
kill -USR1 "$pid"
wait_until 60 acks
has 192.168.149.200 || fail "the address went with a renewal"
via 192.168.149.2
reached 192.168.149.200

serve_dhcp 192.168.149.210 192.168.149.210
kill -USR1 "$pid"
wait_until 60 has 192.168.149.210
via_is_back()
{
	[ -n "$(ip -n lookback.dhcp route show default proto 76)" ]
}
wait_until 60 via_is_back
via 192.168.149.2
reached 192.168.149.210
# What this host has by the old one is drift, and mended.
by_br0 192.168.149.200
expect_status 1 labrouter status dhcp.lab
has_text 'differs: ip route add 192.168.150.0/24 via' out
has_text 'there is route 192.168.150.0/24 via 192.168.149.200' out
apply dhcp.lab
by_br0 192.168.149.210
from_here
expect_status 0 labrouter status dhcp.lab
claimed()	# its ARP is answered by interface 0
{
	ip -n vbs neigh flush dev eth0
	reaches vbs 192.168.149.136 || fail "the claim is lost"
}
claimed

# ---- a client that died, and one that is not it ----

kill -KILL "$pid"
wait_until 60 eval "! kill -0 $pid"
apply dhcp.lab
grep -q '^changed: .* udhcpc .* # in /run/lookback/dhcp/dhcp' out || fail "no new client: $(cat out)"
has 192.168.149.210 || fail "no address after it"
client 1
claimed
apply dhcp.lab
nothing "a start with the new client"
new=$(cut -d' ' -f1 /run/lookback/dhcp/dhcp/pid)
sed -i "s/^$new /$$ /" /run/lookback/dhcp/dhcp/pid	# as if the number were ours
apply dhcp.lab
kill -0 $$
kill -KILL "$new"
# Its address is gone, its lab changed.
ip -n lookback.dhcp addr flush dev if0
apply dhcp.lab
has 192.168.149.210 || fail "no address again"
sed 's/^Address.*/&\nGateway = 192.168.149.9/' dhcp.lab > other/dhcp.lab
apply other/dhcp.lab
via 192.168.149.9
client 1

# ---- stop ----

ip netns del v36
apply -s dhcp.lab
client 0
[ ! -e /run/lookback/dhcp ] || fail "files stay: $(find /run/lookback)"
! compgen -G '/run/netns/lookback*' || fail "a namespace stays"
grep -q DHCPRELEASE dhcp.log || fail "the lease is not given back"
[ -z "$(ip route show proto 76)" ] || fail "routes stay: $(ip route)"
apply -s dhcp.lab
nothing "a second stop"

# Without its plan, with the namespace.
apply dhcp.lab
client 1
sed 's/^Address.*/Address = 192.168.149.50\/24/' dhcp.lab > other/dhcp.lab
apply -s other/dhcp.lab
client 0
[ ! -e /run/lookback/dhcp ] || fail "files stay: $(find /run/lookback)"

# The attack is the same with an address that the file has.
apply other/dhcp.lab
expect_status 0 labrouter prove --json other/dhcp.lab
[ "$(sent)" = "$sent" ] || fail "with a lease only $sent of $(sent) frames"
apply -s other/dhcp.lab

# ---- half a start, at each step of the end ----

total=$("$HELPERS/lab_plan" -b -l dhcp.lab | grep -cE '^[0-9]+: ')
for ((n = total - 14; n < total; n += 2)); do
	apply -n $n dhcp.lab
	apply dhcp.lab
	apply dhcp.lab
	nothing "after $n steps and the others"
	apply -s dhcp.lab
	client 0
done

# ---- by hand ----

"$HELPERS/lab_plan" -b dhcp.lab > start
"$HELPERS/lab_plan" -s dhcp.lab > stop
do_steps start
has 192.168.149.210 || fail "by hand: no address"
client 1
by_br0 192.168.149.210
do_steps stop
wait_until 60 client 0
[ -z "$(ip route show proto 76)" ] || fail "routes stay: $(ip route)"

# ---- on a NIC, this host has a second macvlan ----

ip addr flush dev br0
ip netns add prod
ip -n prod link add br1 type bridge forward_delay 0 mcast_snooping 0
ip -n prod link set br1 up
ip link add nic0 type veth peer name p-host netns prod
ip -n prod link set p-host master br1 up
ip addr add 192.168.149.9/24 dev nic0
ip link set nic0 up
machine gw1 prod br1 192.168.149.2/24
gateway=gw1
serve_dhcp 192.168.149.200 192.168.149.200
standing()
{
	ip -o link show | sed 's/^[0-9]*: //; s/ mtu .*//'
	ip -4 route show table all
}
restored()
{
	machine v36 lookback.nic.1 in 192.168.149.36/24 192.168.149.2
}
standing > before
sed 's/br0/nic0/' dhcp.lab > nic.lab
expect_status 0 labrouter start nic.lab
[ ! -s err ] || fail "$(cat err)"
restored
from_here
expect_status 0 labrouter status nic.lab
expect_status 0 labrouter start nic.lab
has_text 'nic: stands already' out
expect_status 0 labrouter prove nic.lab
pid=$(cut -d' ' -f1 /run/lookback/nic/dhcp/pid)
serve_dhcp 192.168.149.210 192.168.149.210
kill -USR1 "$pid"
moved()
{
	grep -qx 192.168.149.210 /run/lookback/nic/dhcp/address &&
	    [ -e /run/lookback/nic/dhcp/ready ]
}
wait_until 60 moved
expect_status 1 labrouter status nic.lab
expect_status 0 labrouter start nic.lab
from_here
expect_status 0 labrouter start nic.lab
has_text 'nic: stands already' out
! ip neigh show nud permanent | grep 192.168.149.200 || fail "the old neighbour stays"
ip netns del v36
expect_status 0 labrouter stop nic.lab
standing | same_text before

# ---- a server that gives away what the lab is for ----

ip -n gw1 addr add 192.168.150.1/24 dev eth0
serve_dhcp 192.168.150.200 192.168.150.200
expect_status 2 labrouter start nic.lab
has_text 'the DHCP server gave if0 the address 192.168.150.200, which is the' err
has_text 'of 192.168.150.0/24 in line 7' err
standing | same_text before
client 0
