# Sourced after lab.sh: the lab blog on br0, a machine v36 that sends everything
# it should not, and ears in production.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

# What interface 0 sends, a line a frame: its other end is called lb...
cat > listen.py <<-'END'
	import socket
	s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
	s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
	out = open("seen", "a", buffering=1)
	print("ready", file=out)
	while True:
	    frame, at = s.recvfrom(2000)
	    if at[0].startswith("lb") and at[2] != socket.PACKET_OUTGOING:
	        print(frame[12:].hex(), file=out)
END
# attack.py MAC: any source to any destination, and what is no IPv4.
cat > attack.py <<-'END'
	import socket, struct, sys
	own = bytes.fromhex(open("/sys/class/net/eth0/address").read().strip().replace(":", ""))
	gate = bytes.fromhex(sys.argv[1].replace(":", ""))
	s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
	s.bind(("eth0", 0))
	def total(b):
	    t = sum(struct.unpack("!%dH" % (len(b) // 2), b))
	    t = (t >> 16) + (t & 0xffff)
	    return ~(t + (t >> 16)) & 0xffff
	def ip(src, dst, proto, data, options=b""):
	    def head(c):
	        return struct.pack("!BBHHHBBH4s4s", 0x45 + len(options) // 4, 0,
	            20 + len(options) + len(data), 7, 0, 64, proto, c,
	            socket.inet_aton(src), socket.inet_aton(dst)) + options
	    return head(total(head(0))) + data
	def send(to, kind, data):
	    s.send(to + own + struct.pack("!H", kind) + data)
	echo = struct.pack("!BBHHH", 8, 0, total(b"\x08\0\0\0\0\x01\0\x01"), 1, 1)
	reply = struct.pack("!BBHHH", 0, 0, total(b"\0\0\0\0\0\x01\0\x01"), 1, 1)
	udp = struct.pack("!HHHH", 67, 53, 8, 0)
	syn, ack = (struct.pack("!HHIIBBHHH", 80, 1024, 1, 1, 0x50, f, 99, 0, 0)
	    for f in (2, 16))
	sources = """192.168.149.36 192.168.150.36 192.168.149.2 192.168.150.2
	    192.168.149.22 192.168.149.50 192.168.149.136 10.9.9.9 169.254.1.1
	    0.0.0.0 192.168.149.99 172.16.0.1 8.8.8.8 192.168.149.100""".split()
	targets = """192.168.149.22 192.168.149.2 192.168.149.50 10.9.9.9
	    192.168.150.2 192.168.150.22 192.168.149.136 255.255.255.255
	    192.168.149.255 224.0.0.1 169.254.1.1 192.168.149.77 8.8.8.8""".split()
	for src in sources:
	    for dst in targets:
	        for proto, data in ((1, echo), (1, reply), (17, udp), (6, syn), (6, ack)):
	            send(gate, 0x800, ip(src, dst, proto, data))
	        send(b"\xff" * 6, 0x800, ip(src, dst, 17, udp))
	        # a loose source route by way of production
	        send(gate, 0x800, ip(src, "192.168.149.2", 17, udp,
	            b"\x83\x07\x04" + socket.inet_aton(dst) + b"\0"))
	        arp = struct.pack("!HHBBH", 1, 0x800, 6, 4, 1)
	        send(b"\xff" * 6, 0x806, arp + own + socket.inet_aton(src) +
	            b"\0" * 6 + socket.inet_aton(dst))
	all_nodes = socket.inet_pton(socket.AF_INET6, "ff02::1")
	for src in ("fe80::1", "fd00::36", "::"):
	    for to in (gate, b"\x33\x33\0\0\0\x01"):
	        send(to, 0x86dd, struct.pack("!IHBB", 6 << 28, 8, 58, 255) +
	            socket.inet_pton(socket.AF_INET6, src) + all_nodes +
	            bytes.fromhex("8600000000000000"))
END
cat > mark.py <<-'END'
	import socket
	s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
	s.bind(("if0", 0))
	s.send(b"\xff" * 6 + b"\x02" * 6 + b"\x88\xb5" + b"done" * 12)
END

daemon python3 listen.py
wait_until 10 test -s seen

quiet()	# WHEN: no frame was seen
{
	grep -vE '^(ready|88b5)' seen > leaked || return 0
	head -n 3 leaked >&2
	fail "$(wc -l < leaked) frames in production: $*"
}
marks=0
heard()	# all that was sent before is in $T/seen; a link that is down is silent
{
	ip -n lookback.blog link show if0 > flags
	grep -q '[<,]UP[,>]' flags || return 0
	ip netns exec lookback.blog python3 mark.py
	marks=$((marks + 1))
	wait_until 10 marked
}
marked()
{
	[ "$(grep -c ^88b5 seen)" = $marks ]
}
attack()
{
	ip netns exec v36 python3 attack.py \
	    "$(ip -n v36 neigh show 192.168.149.2 | awk '{ print $5 }')"
}
attach()	# v36 hangs on the isolated switch, which is there
{
	local mac
	mac=$(ip netns exec lookback.blog.1 cat /sys/class/net/in/address)
	machine v36 lookback.blog.1 in 192.168.149.36/24
	ip -n v36 neigh add 192.168.149.2 lladdr "$mac" dev eth0
}

make_production
machine gw - br0 192.168.149.2/24
ip -n gw addr add 192.168.149.22/24 dev eth0
ip -n gw addr add 192.168.149.77/24 dev eth0

blog_lab
