#!/bin/bash
# Proxy = yes: machines reach web servers outside through the gateway's port
# 8080, in no other way, and nothing else by it. Dns = yes: the names of their
# originals lead to masked addresses.
#
# SPDX-License-Identifier: BSD-2-Clause
LAB_USERS=1
. "$(dirname "$0")/lab.sh"
requires dnsmasq tinyproxy


cat > web.py <<'E2'
import socket, sys
# web.py NAME PORT: says who is asked and whom it sees
s = socket.create_server(("", int(sys.argv[2])), backlog=64)
while True:
    c, peer = s.accept()
    try:
        c.settimeout(5)
        asked = b""
        while b"\r\n\r\n" not in asked:
            asked += c.recv(1)
        body = "%s sees %s\n" % (sys.argv[1], peer[0])
        c.sendall(("HTTP/1.0 200 OK\r\n\r\n" + body).encode())
    except OSError:
        pass
    c.close()
E2
cat > get.py <<'E2'
import socket, sys
# get.py HOST PORT WORD [TARGET]: the last line of the answer to this request,
# after a CONNECT to the target where one is given; the first one of a refusal
host, port, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
def answer(s, text):
    s.sendall(text.encode())
    got = b""
    while True:
        part = s.recv(4096)
        if not part or (text[0] == "C" and b"\r\n\r\n" in got + part):
            return (got + part).decode()
        got += part
try:
    s = socket.create_connection((host, port), 0.7 if path == "closed" else 10)
    if len(sys.argv) > 4:
        first = answer(s, "CONNECT %s HTTP/1.0\r\n\r\n" % sys.argv[4])
        if " 200 " not in first.split("\r\n")[0]:
            print(first.split()[1])
            raise SystemExit(0)
    got = answer(s, "GET %s HTTP/1.0\r\n\r\n" % path)
    if not got:
        print("silence")
    else:
        print(got.split("\n")[-2] if " 200 " in got.split("\n")[0] else got.split()[1])
except OSError:
    print("nobody")
E2
cat > name.py <<'E2'
import random, socket, struct, sys
# name.py SERVER NAME TYPE: the numbers of addresses in its answer
q = struct.pack("!HHHHHH", random.randrange(65536), 0x100, 1, 0, 0, 0)
q += b"".join(bytes([len(p)]) + p.encode() for p in sys.argv[2].split(".")) + b"\0"
q += struct.pack("!HH", int(sys.argv[3]), 1)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(float(sys.argv[4]))
try:
    s.sendto(q, (sys.argv[1], 53))
    a = s.recv(4096)
except OSError:
    raise SystemExit(print("nobody"))
n, at, found = struct.unpack("!H", a[6:8])[0], len(q), []
for _ in range(n):
    size = struct.unpack("!H", a[at + 10:at + 12])[0]
    if size == 4:
        found.append(socket.inet_ntoa(a[at + 12:at + 16]))
    else:
        found.append("%d bytes" % size)
    at += 12 + size
print(" ".join(found) or "nothing")
E2

serve_web()	# NS NAME PORT
{
	daemon ip netns exec "$1" python3 "$T/web.py" "$2" "$3"
	wait_until 60 listens "$1" "$3"
}
got()	# ANSWER NS HOST PORT PATH [TARGET]
{
	local want=$1 ns=$2 is
	shift 2
	is=$(ip netns exec "$ns" python3 "$T/get.py" "$@")
	[ "$is" = "$want" ] || fail "$ns $*: $is, not $want"
}
no_way()	# PATH [TARGET]: the proxy says no, if it has the time
{
	local is
	is=$(ip netns exec v36 python3 "$T/get.py" 192.168.149.2 8080 "$@")
	[[ $is =~ ^(500|403|silence)$ ]] || fail "by the proxy $*: $is"
}
name()	# ANSWER NS SERVER NAME [TYPE]
{
	local is wait=10
	[ "$1" != nobody ] || wait=0.7
	is=$(ip netns exec "$2" python3 "$T/name.py" "$3" "$4" "${5:-1}" $wait)
	[ "$is" = "$1" ] || fail "$2 asks $3 for $4: $is, not $1"
}

# ---- production, and what lies behind its gateway ----

make_production
machine gw - br0 192.168.149.2/24
ip netns exec gw sysctl -qw net.ipv4.ip_forward=1
machine vbs - br0 192.168.149.22/24 192.168.149.2
machine sf36 - br0 192.168.149.36/24 192.168.149.2
machine dc - br0 192.168.149.10/24 192.168.149.2
ip link add br9 type bridge
ip link set br9 up
ip -n gw link add far0 type veth peer name eth0 netns vbs 2> /dev/null || true
machine far - br9 10.9.9.9/24 10.9.9.1
ip link add p-gw9 type veth peer name eth9 netns gw
ip link set p-gw9 master br9 up
ip -n gw addr add 10.9.9.1/24 dev eth9
ip -n gw link set eth9 up
ip -n vbs route add 192.168.150.0/24 via 192.168.149.50
ip -n sf36 route add 192.168.150.0/24 via 192.168.149.50
serve_web far far 80
serve_web far far 443
serve_web sf36 production 80
serve_web sf36 production 443
daemon ip netns exec dc dnsmasq --no-daemon --conf-file=/dev/null --no-hosts \
    --no-resolv --bind-interfaces --listen-address=192.168.149.10 --pid-file= \
    --host-record=sf0006.corp,192.168.149.36,fd00::36 \
    --host-record=www.far,10.9.9.9 --host-record=two.corp,172.16.129.10
wait_until 60 listens dc 53

# This host resolves by itself, which no namespace can reach; systemd-resolved
# says whom it asks.
mkdir -p /run/systemd/resolve
echo 'nameserver 192.168.149.10' > /run/systemd/resolve/resolv.conf
echo 'nameserver 127.0.0.53' > stub
mount --bind stub /etc/resolv.conf

{
	blog_lines
	cat <<-END
		Proxy = yes
		Dns = yes
		[Network "Others"]
		Gateway = 172.16.129.1/24
		Mask = 172.16.130.0/24
	END
} > serve.lab
restore()
{
	machine v36 lookback.serve.1 in 192.168.149.36/24 192.168.149.2
	machine o10 lookback.serve.2 in 172.16.129.10/24 172.16.129.1
	serve_web v36 copy 80
}
apply serve.lab
restore

# ---- the proxy ----

outside()
{
	got 'far sees 192.168.149.50' v36 192.168.149.2 8080 http://10.9.9.9/
	got 'far sees 192.168.149.50' v36 192.168.149.2 8080 http://www.far/
	got 'far sees 192.168.149.50' v36 192.168.149.2 8080 / 10.9.9.9:443
	got 'far sees 192.168.149.50' v36 192.168.149.2 8080 / www.far:443
}
outside
# In no other way, and for nobody else.
got nobody v36 10.9.9.9 80 closed
got nobody v36 192.168.149.2 3128 closed
got nobody v36 169.254.1.1 3128 closed
got nobody v36 192.168.150.2 8080 closed
got nobody o10 172.16.129.1 8080 closed
got nobody o10 172.16.129.1 3128 closed
got nobody vbs 192.168.149.50 3128 closed
got nobody vbs 192.168.149.50 8080 closed
got nobody vbs 192.168.150.2 8080 closed
# Not to originals of what is isolated, by number or name; not to cells, claims
# and the front. Elsewhere it is a twin that answers.
got 'production sees 192.168.149.22' vbs 192.168.149.36 80 /
got 'copy sees 192.168.149.2' vbs 192.168.150.36 80 /
for host in 192.168.149.36 sf0006.corp 192.168.150.36 192.168.149.136 \
    192.168.149.50 127.0.0.1:53 169.254.1.1:3128 192.168.149.10:53; do
	no_way "http://$host/"
done
no_way / 192.168.149.36:443
no_way / 10.9.9.9:80
ip netns exec lookback.serve nft list counter inet lookback refused > refusals
! grep -q 'packets 0 ' refusals || fail "nothing was refused"
# What goes through the front besides is not kept as connections.
ip netns exec lookback.serve cat /proc/net/nf_conntrack > kept 2> /dev/null || true
! grep -F 192.168.150.36 kept || fail "forwarded connections are kept"

# Nobody, in the front, with no descriptor of ours and nothing to gain.
pid=$(cut -d' ' -f1 /run/lookback/serve/proxy/pid)
grep -q '^Uid:.65534.65534.65534.65534$' /proc/"$pid"/status || fail "it is not nobody"
grep -q '^NoNewPrivs:.1$' /proc/"$pid"/status || fail "it may gain privileges"
grep -q '^Groups:[[:space:]]*$' /proc/"$pid"/status || fail "it has groups"
[ "$(readlink /proc/"$pid"/ns/net)" = \
    "$(ip netns exec lookback.serve readlink /proc/self/ns/net)" ] ||
    fail "it is elsewhere"

# ---- names ----

name 192.168.150.36 vbs 192.168.149.50 sf0006.corp
name 10.9.9.9 vbs 192.168.149.50 www.far
name 172.16.129.10 vbs 192.168.149.50 two.corp	# its network did not ask
name nothing vbs 192.168.149.50 sf0006.corp 28
name '16 bytes' vbs 192.168.149.10 sf0006.corp 28
name nobody v36 192.168.149.2 sf0006.corp
name nobody o10 172.16.129.1 sf0006.corp

# ---- again, died, changed ----

apply serve.lab
nothing "a second start"
kill -KILL "$pid"
gone()	# PID
{
	! kill -0 "$1" 2> /dev/null
}
wait_until 60 gone "$pid"
got nobody v36 192.168.149.2 8080 http://10.9.9.9/
apply serve.lab
[ "$(grep -c '^changed: .* tinyproxy ' out)" = 1 ] || fail "not only the proxy: $(cat out)"
outside
dns=$(cut -d' ' -f1 /run/lookback/serve/dns/pid)
sed 's/^Mask = 172.*/&\nProxy = yes/' serve.lab > more.lab
mkdir more
mv more.lab more/serve.lab
apply more/serve.lab
got 'far sees 192.168.149.50' o10 172.16.129.1 8080 http://www.far/
outside
[ "$dns" = "$(cut -d' ' -f1 /run/lookback/serve/dns/pid)" ] || fail "names stopped"
# A talk that is under way does not hold the stop up, nor does a server that
# hears nothing.
ip netns exec vbs python3 - <<'E2' &
import socket
s = socket.create_connection(("192.168.149.50", 53), 5)
open("talking", "w").close()
s.recv(9)
E2
talk=$!
wait_until 60 test -e talking
talker()	# the server has a child for it
{
	pgrep -P "$dns" > /dev/null
}
wait_until 60 talker
kill -STOP "$dns"
ip netns del v36
ip netns del o10
apply -s serve.lab
wait $talk || true
! pgrep -x 'tinyproxy|dnsmasq' -a | grep -vF 192.168.149.10 || fail "a program stays"
[ ! -e /run/lookback/serve ] || fail "files stay"
! compgen -G '/run/netns/lookback*' || fail "a namespace stays"

# ---- what is missing, and what does not work ----

for c in tinyproxy dnsmasq; do
	file=$(readlink -f "$(command -v $c)")
	mount --bind /dev/null "$file"
	not_applied serve.lab
	umount "$file"
	grep -qE "line (10|11) of the lab\): $c is not installed: apt-get install $c-" \
	    err || fail "not told: $(cat err)"
	! compgen -G '/run/netns/lookback*' || fail "a namespace without $c"
done
echo 'nameserver 127.0.0.1' > /run/systemd/resolve/resolv.conf
apply serve.lab
grep -qF '/etc/resolv.conf names no server that is not this host itself' err ||
    fail "nobody says that there are no names: $(cat err)"
apply -s serve.lab
# One that ends is told in its own words.
printf '#!/bin/sh\necho "no such thing" >&2\nexit 1\n' > broken
chmod 755 broken
file=$(readlink -f "$(command -v tinyproxy)")
mount --bind broken "$file"
not_applied serve.lab
umount "$file"
grep -qF 'line 10 of the lab): tinyproxy ended at once: no such thing' err ||
    fail "not told: $(cat err)"
apply serve.lab
apply -s serve.lab
