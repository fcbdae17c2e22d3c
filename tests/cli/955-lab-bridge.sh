#!/bin/bash
# A network that is also a bridge of the host: machines on it reach each other
# and are reached by the mask, and the host neither answers there nor sends, at
# no step of a start or a stop; without the rules it would. What is somebody
# else's stays.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"

# host.py MAC...: does the host with these answer on eth0? ARP for its address
# in production, SYN to that from a machine's production address, ICMPv6 echo.
cat > host.py <<'E2'
import select, socket, struct, sys, time
macs = {bytes.fromhex(m.replace(":", "")) for m in sys.argv[1:]}
own = bytes.fromhex(open("/sys/class/net/eth0/address").read().strip().replace(":", ""))
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind(("eth0", 3))
host, vm = socket.inet_aton("192.168.149.9"), socket.inet_aton("192.168.149.36")
def total(b):
    t = sum(struct.unpack("!%dH" % (len(b) // 2), b))
    t = (t >> 16) + (t & 0xffff)
    return ~(t + (t >> 16)) & 0xffff
def syn():
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 7, 0, 64, 6, 0, vm, host)
    head = head[:10] + struct.pack("!H", total(head)) + head[12:]
    tcp = struct.pack("!HHIIBBHHH", 4000, 80, 1, 0, 0x50, 2, 999, 0, 0)
    c = total(vm + host + struct.pack("!HH", 6, 20) + tcp)
    return head + tcp[:16] + struct.pack("!H", c) + tcp[18:]
ll = b"\xfe\x80" + b"\0" * 6 + bytes([own[0] ^ 2]) + own[1:3] + b"\xff\xfe" + own[3:]
def echo():
    all_nodes = socket.inet_pton(socket.AF_INET6, "ff02::1")
    icmp = struct.pack("!BBHHH", 128, 0, 0, 1, 1)
    c = total(ll + all_nodes + struct.pack("!II", 8, 58) + icmp)
    return (struct.pack("!IHBB", 6 << 28, 8, 58, 255) + ll + all_nodes +
        icmp[:2] + struct.pack("!H", c) + icmp[4:])
everybody = b"\xff" * 6
s.send(everybody + own + b"\x08\x06" + struct.pack("!HHBBH", 1, 0x800, 6, 4, 1) +
    own + vm + b"\0" * 6 + host)
for m in macs:
    s.send(m + own + b"\x08\0" + syn())
s.send(b"\x33\x33\0\0\0\x01" + own + b"\x86\xdd" + echo())
seen = {}
end = time.monotonic() + 0.15
while (left := end - time.monotonic()) > 0:
    if not select.select([s], [], [], left)[0]:
        break
    f = s.recv(2000)
    if f[6:12] not in macs:
        continue
    if f[12:14] == b"\x08\x06" and f[21] == 2:
        seen["arp"] = 1
    elif f[12:14] == b"\x08\0":
        seen["ip"] = 1
    elif f[12:14] == b"\x86\xdd" and f[20] == 58 and f[54] in (129, 136):
        seen["ip6"] = 1
print(*sorted(seen))
E2
# The machine's original in production: what comes from the host's port 80.
cat > twin.py <<'E2'
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind(("eth0", 3))
out = open("twin", "a", buffering=1)
print("ready", file=out)
while True:
    f = s.recv(2000)
    if f[12:14] == b"\x08\0" and f[23] == 6 and f[26:30] == bytes([192, 168, 149, 9]):
        print("syn-ack", file=out)
E2

hears()	# what of the host a machine on the bridge hears
{
	local macs
	mapfile -t macs < <(ip -o link | sed -n 's/.*link.ether \([^ ]*\).*/\1/p')
	ip netns exec v36 python3 host.py "${macs[@]}"
}
silent()	# WHEN
{
	local heard
	heard=$(hears)
	[ -z "$heard" ] || fail "the host is heard: $heard, $*"
	! grep syn-ack twin || fail "the host answers the original, $*"
}

# ---- production; this host is a machine of it, with a server ----

make_production
machine vbs - br0 192.168.149.22/24
machine sf36 - br0 192.168.149.36/24
ip -n vbs route add 192.168.150.0/24 via 192.168.149.50
serve - host 80
daemon ip netns exec sf36 python3 twin.py
wait_until 60 test -s twin
answers vbs 192.168.149.9 80 'host sees 192.168.149.22'
{
	plain_lab
	echo 'Bridge = vmbr7'
} > blog.lab

# A hypervisor's: by the bridge's name.
hang()
{
	local n
	for n in 36 37; do
		machine v$n - vmbr7 192.168.149.$n/24 192.168.149.2
		serve v$n copy$n 80
	done
}
unhang()
{
	ip link del p-v36
	ip link del p-v37
	ip netns del v36
	ip netns del v37
}
reach()
{
	asked vbs 192.168.150.36 80 'copy36 sees 192.168.149.2'
	asked vbs 192.168.150.37 80 'copy37 sees 192.168.149.2'
	asked v36 192.168.149.37 80 'copy37 sees 192.168.149.36'
	asked v37 192.168.150.36 80 'copy36 sees 192.168.149.2'
	asked v36 192.168.149.22 80 nobody
	asked v36 192.168.149.9 80 nobody
	all_asked
}

# ---- step by step, by the printed plan ----

# NAME: a file a step that is this host's own and about the bridge; others pass.
by_steps()
{
	local step
	rm -f step.*
	sed '/ arping /d' "$1" | awk '
	    !on { file = sprintf("step.%03d", ++n) }
	    { print > file }
	    / <<.END.$/ { on = 1 } /^END$/ { on = 0 } !on { close(file) }'
	for step in step.*; do
		bash -e "$step" || fail "$(cat "$step")"
		grep -qE 'vmbr7|link (add|del|set) lb' "$step" || continue
		ip link show vmbr7 > /dev/null 2>&1 || continue
		[ -e /run/netns/v36 ] || hang
		silent "after $(head -n 1 "$step")"
		steps=$((steps + 1))
	done
}
steps=0
"$HELPERS/lab_plan" -b blog.lab > start
"$HELPERS/lab_plan" -b -s blog.lab > stop
by_steps start
[ $steps -gt 8 ] || fail "only $steps steps"
reach
silent "standing"

# The control.
nft list ruleset > rules
nft delete table netdev lookback-blog-1
sysctl -qw net.ipv6.conf.vmbr7.disable_ipv6=0
# Its address is tentative for a while.
everything()
{
	[ "$(hears)" = "arp ip6" ]
}
wait_until 60 everything
wait_until 60 grep -q syn-ack twin
# Back, and nothing else is touched.
apply blog.lab
has_text 'table netdev lookback-blog-1' out
has_text 'vmbr7/disable_ipv6=1' out
[ "$(grep -c '^changed' out)" = 2 ] || fail "more is changed: $(cat out)"
nft list ruleset | same_text rules
: > twin
silent "again"
apply blog.lab
nothing "a second start"

# ---- a stop while machines hang there ----

: > twin
by_steps stop
silent "stopped"
answers v36 192.168.149.37 80 'copy37 sees 192.168.149.36'
answers vbs 192.168.150.36 80 nobody
apply blog.lab
reach
apply -s blog.lab
has_text 'vmbr7 stays, since p-v3' err
has_text '"table netdev lookback-blog-1"' err
silent "stopped"
unhang
apply -s blog.lab
! ip link show vmbr7 > /dev/null 2>&1 || fail "the bridge stays"
[ -z "$(nft list ruleset)" ] || fail "rules stay"
! compgen -G '/sys/class/net/lb*' || fail "a link stays"
apply -s blog.lab
nothing "a second stop"

# ---- by its name alone ----

expect_status 0 labrouter start blog.lab
hang
expect_status 0 labrouter status blog.lab
has_text 'VM Network (192.168.150.0/24): p-v36 p-v37' out
forget()	# all that the lab was started with
{
	rm -r /run/lookback
	mv blog.lab blog.kept
}
forget
expect_status 0 labrouter stop blog.lab
has_text 'vmbr7 stays, since p-v3' err
silent "stopped by its name"
unhang
expect_status 0 labrouter stop blog.lab
! ip link show vmbr7 > /dev/null 2>&1 || fail "the bridge stays"
[ -z "$(nft list ruleset)" ] || fail "rules stay"
! compgen -G '/sys/class/net/lb*' || fail "a link stays"
mv blog.kept blog.lab

# ---- an administrator's ----

ip link add vmbr7 type bridge forward_delay 0 ageing_time 20000
ip link set vmbr7 alias 'for restores' up
hang
apply blog.lab
reach
silent "on an administrator's bridge"
apply blog.lab
nothing "a second start on it"
ip -d link show vmbr7 > is
has_text 'alias for restores' is
has_text 'ageing_time 20000' is
apply -s blog.lab
has_text 'vmbr7 stays, and so does' err
silent "after the stop"
ip link show vmbr7 | grep -q '[<,]UP[,>]' || fail "it is down"
unhang
apply -s blog.lab
ip link show vmbr7 > is
has_text 'alias for restores' is
ip link del vmbr7
apply -s blog.lab
[ -z "$(nft list ruleset)" ] || fail "rules outlive the bridge"

# What is no bridge is not taken for one.
ip link add vmbr7 type veth peer name far7
not_applied blog.lab
has_text 'vmbr7 stands and is no bridge' err
apply -s blog.lab
ip link show vmbr7 > is
