#!/bin/bash
# A lab whose machines have a proxy, and names outside, is isolated as well; what
# goes through these meanwhile is no leak, and a leak beside them is one.
#
# SPDX-License-Identifier: BSD-2-Clause
LAB_USERS=1
. "$(dirname "$0")/lab.sh"
requires dnsmasq tinyproxy
. "$TOP/tests/cli/prove.sh"

# ---- what production has: a gateway, behind it a server, and names ----

cat > web.py <<'E2'
import socket
s = socket.create_server(("", 80), backlog=64)
while True:
    c, peer = s.accept()
    try:
        c.settimeout(5)
        while b"\r\n\r\n" not in c.recv(4096):
            pass
        c.sendall(b"HTTP/1.0 200 OK\r\n\r\nfar\n")
    except OSError:
        pass
    c.close()
E2
ip netns exec gw sysctl -qw net.ipv4.ip_forward=1
ip netns add far
ip -n gw link add far type veth peer name eth0 netns far
ip -n gw addr add 10.9.9.1/24 dev far
ip -n gw link set far up
ip -n far addr add 10.9.9.9/24 dev eth0
ip -n far link set eth0 up
ip -n far route add default via 10.9.9.1
machine near - br0 192.168.149.10/24
machine vbs - br0 192.168.149.22/24 192.168.149.2
daemon ip netns exec far python3 "$T/web.py"
daemon ip netns exec near dnsmasq --no-daemon --conf-file=/dev/null --no-hosts \
    --no-resolv --bind-interfaces --listen-address=192.168.149.10 --pid-file= \
    --host-record=www.far,10.9.9.9
wait_until 60 listens far 80
wait_until 60 listens near 53
mkdir -p /run/systemd/resolve
echo 'nameserver 192.168.149.10' > /run/systemd/resolve/resolv.conf
echo 'nameserver 127.0.0.53' > stub
mount --bind stub /etc/resolv.conf

sed -i 's/^Static.*/&\nProxy = yes\nDns = yes/' blog.lab
cat >> blog.lab <<-END
	[Network "Others"]
	Gateway = 172.16.129.1/24
	Mask = 172.16.130.0/24
	Proxy = yes
END
apply blog.lab
machine v36 lookback.blog.1 in 192.168.149.36/24 192.168.149.2
machine o10 lookback.blog.2 in 172.16.129.10/24 172.16.129.1

# ---- what goes through them ----

cat > get.py <<'E2'
import os, socket, sys
# get.py PROXY URL FILE: as long as ./on is there; how often it came into FILE
n = 0
while os.path.exists("on"):
    try:
        s = socket.create_connection((sys.argv[1], 8080), 2)
        s.sendall(b"GET %s HTTP/1.0\r\n\r\n" % sys.argv[2].encode())
        got = b""
        while part := s.recv(4096):
            got += part
        n += got.endswith(b"far\n")
        s.close()
    except OSError:
        pass
    with open(sys.argv[3] + ".new", "w") as f:
        f.write(str(n))
    os.rename(sys.argv[3] + ".new", sys.argv[3])
E2
cat > name.py <<'E2'
import os, socket, struct
# name.py: ask for www.far as long as ./on is there; how often it came into names
q = struct.pack("!HHHHHH", 7, 0x100, 1, 0, 0, 0) + b"\3www\3far\0" + struct.pack("!HH", 1, 1)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(2)
n = 0
while os.path.exists("on"):
    try:
        s.sendto(q, ("192.168.149.50", 53))
        n += socket.inet_aton("10.9.9.9") in s.recv(4096)
    except OSError:
        pass
    with open("names.new", "w") as f:
        f.write(str(n))
    os.rename("names.new", "names")
E2
: > on
ip netns exec v36 python3 "$T/get.py" 192.168.149.2 http://www.far/ far &
busy=($!)
ip netns exec o10 python3 "$T/get.py" 172.16.129.1 http://10.9.9.9/ others &
busy+=($!)
ip netns exec vbs python3 "$T/name.py" &
busy+=($!)
while [ -e on ]; do	# so that all are asked for anew
	ip -n lookback.blog neigh flush dev if0
done &
busy+=($!)
more_than()	# N FILE: more were served
{
	[ "$(cat "$2" 2> /dev/null || echo 0)" -gt "$1" ]
}
served()	# all kinds, once more
{
	local kind
	for kind in far others names; do
		wait_until 60 more_than "$(cat $kind 2> /dev/null || echo 0)" $kind
	done
}
served
isolated "while proxy and names are used"
served
rm on
wait "${busy[@]}" || true
isolated "while nobody uses them"

# ---- a leak beside them ----

for ns in lookback.blog lookback.blog.1; do
	ip netns exec $ns nft flush ruleset
done
ip -n lookback.blog.1 rule add pref 250 iif in lookup 77
ip -n lookback.blog rule add pref 1 iif c1 lookup main
ip -n lookback.blog.1 route add default via 169.254.1.1 dev out onlink table 77
leaks "a route" udp tcp-syn icmp-echo
