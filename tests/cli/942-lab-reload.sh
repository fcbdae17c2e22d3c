#!/bin/bash
# labrouter reload brings a changed file to a lab that stands, sixty times under
# a flow of packets of which none is lost, and a TCP connection that goes on; what
# is not allowed any more ends.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"

cat > echo.py <<'EOF'
import select, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 7))
t = socket.create_server(("", 7))
open("answers", "w").close()
c, _ = t.accept()
while True:
    for r in select.select([s, c], [], [])[0]:
        if r is c:
            c.sendall(c.recv(1000))
        else:
            s.sendto(*s.recvfrom(100))
EOF
# flow.py ADDRESS: packets, and as much of a stream, until $T/enough is there. No
# more are under way than the machine's socket holds while it waits for a
# processor. What was sent, what came back, and of the stream the bytes that did
# not, into $T/flowed.
cat > flow.py <<'EOF'
import os, select, socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect((sys.argv[1], 7))
t = socket.create_connection((sys.argv[1], 7), 10)
sent, back, streamed = 0, set(), 0
def hear(seconds):
    global streamed
    while ready := select.select([s, t], [], [], seconds)[0]:
        if s in ready:
            back.add(s.recv(100))
        if t in ready:
            got = len(t.recv(1000))
            if got == 0:
                sys.exit("the stream ended")
            streamed += got
        seconds = 0
while not os.path.exists("enough"):
    if sent - len(back) < 100:
        s.send(b"%d" % sent)
        t.sendall(b"8 bytes.")
        sent += 1
    hear(0.001)
    if sent == 20:
        open("flows", "w").write(str(len(back)))
end = time.monotonic() + 5
while (len(back) < sent or streamed < 8 * sent) and time.monotonic() < end:
    hear(0.1)
open("flowed.new", "w").write("%d %d %d\n" % (sent, len(back), 8 * sent - streamed))
os.rename("flowed.new", "flowed")
EOF

make_production
machine vbs - br0 192.168.149.22/24
ip -n vbs route add 192.168.150.0/24 via 192.168.149.50
blog_lab
cp blog.lab plain

# ---- what is refused ----

expect_status 2 labrouter reload blog.lab
has_text 'blog does not stand: labrouter start makes it' err
[ ! -e /run/netns/lookback.blog ] || fail "it was made"
expect_status 0 labrouter start blog.lab
expect_status 0 labrouter reload blog.lab
same_text <<< 'blog: stands so already'
sed 's/^Mask/Maks/' plain > blog.lab
expect_status 1 labrouter reload blog.lab
has_text 'blog.lab:8: unknown key "Maks"' err
sed 's/192\.168\.150\.0/192.168.149.0/' plain > blog.lab
expect_status 1 labrouter reload blog.lab
has_text 'blog.lab:8: error: Mask' err
cp plain blog.lab
expect_status 0 labrouter status blog.lab

# ---- sixty times ----

machine v36 lookback.blog.1 in 192.168.149.36/24 192.168.149.2
daemon ip netns exec v36 python3 echo.py
wait_until 60 test -e answers
daemon ip netns exec vbs python3 flow.py 192.168.150.36
wait_until 60 test -s flows
[ "$(cat flows)" -gt 0 ] || fail "nothing comes back"

for ((i = 1; i <= 60; i++)); do
	cp plain blog.lab
	case $((i % 3)) in
	1) echo 'Allow = 192.168.149.36 udp 7' >> blog.lab ;;
	2)
		sed -i '/^Static/d' blog.lab
		printf 'Allow = 192.168.149.36 udp 7,9\nMtu = 1400\n' >> blog.lab
		;;
	0)
		printf 'Static = 192.168.149.137 -> 192.168.149.37\n' >> blog.lab
		printf '[Network "Second"]\nGateway = 10.1.0.1/24\n' >> blog.lab
		printf 'Mask = 10.2.0.0/24\n' >> blog.lab
		;;
	esac
	expect_status 0 labrouter reload blog.lab
	grep -qE '^blog: reloaded, [0-9]+ changes?$' out ||
	    fail "reload $i: $(cat out)"
	expect_status 0 labrouter status blog.lab
done
touch enough
wait_until 60 test -e flowed
read -r sent back missing < flowed
[ "$sent" -gt 200 ] || fail "only $sent packets in all that time"
figure "60 reloads under load: packets lost" "$sent sent" $((sent - back)) \
    "$sent" 0
figure "60 reloads under load: bytes of a stream lost" "$((8 * sent)) sent" \
    "$missing" $((8 * sent)) 0
[ "$back" = "$sent" ] || fail "$((sent - back)) of $sent packets were lost"
[ "$missing" = 0 ] || fail "$missing bytes of the stream were lost"

# ---- what the new file does not allow ----

cat > tcp.py <<'EOF'
import socket, sys
s = socket.socket()
s.settimeout(float(sys.argv[2]))
try:
    s.connect((sys.argv[1], 80))
except ConnectionRefusedError:	# by the machine, where nobody listens
    pass
EOF
ip netns exec vbs python3 tcp.py 192.168.150.36 60 || fail "not reached"
cp plain blog.lab
echo 'Allow = 192.168.149.36 udp 7' >> blog.lab
expect_status 0 labrouter reload blog.lab
! ip netns exec vbs python3 tcp.py 192.168.150.36 0.5 2> err || fail "still open"
[ ! -e /run/netns/lookback.blog.2 ] || fail "the second network stays"
expect_status 0 labrouter stop blog.lab
expect_status 2 labrouter reload blog.lab
