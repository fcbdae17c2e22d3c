#!/bin/bash
# What a proof could be blind to: packets for which nobody answers ARP, frames
# that never come to the router, and those that a busy host does not hear.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"
. "$TOP/tests/cli/prove.sh"

in_cell=(ip -n lookback.blog.1) in_front=(ip -n lookback.blog)
closed()	# as it was started
{
	apply blog.lab
	isolated "closed again"
}
way_out()	# what is inside goes as table 77 says, and no rule stops it
{
	local ns
	for ns in lookback.blog lookback.blog.1; do
		ip netns exec $ns nft flush ruleset
	done
	"${in_cell[@]}" rule add pref 250 iif in lookup 77
	"${in_front[@]}" rule add pref 1 iif c1 lookup main
}
only_asked()	# WHEN CLASS...: all that is seen is questions
{
	local seen asked
	leaks "$@"
	seen=$(sed -n 's/.*NOT ISOLATED: \([0-9]*\) of .*/\1/p' out)
	asked=$(sed -n 's/^blog: \([0-9]*\) of these are ARP requests.*/\1/p' out)
	[ "$seen" = "$asked" ] || fail "$1: $seen seen, ${asked:-0} asked for"
}
# An address that has a name here is tried by no class of its own.
cat >> blog.lab <<-END
	[Machine "This host"]
	Network = VM Network
	Address = 192.168.149.9
END
apply blog.lab

# ---- to where nobody is ----

# Whoever is there is not reached: gw, this host, interface 0.
way_out
"${in_cell[@]}" route add 192.168.149.0/24 via 169.254.1.1 dev out onlink table 77
for addr in 2 9 50 136; do
	"${in_cell[@]}" route add blackhole 192.168.149.$addr table 77
done
only_asked "to nobody" udp tcp-syn icmp-echo tcp-answer icmp-reply dns-answer \
    icmp-error redirect protocol tunnel ttl checksum option spoofed martian dhcp
has_text ' on interface 0: ' out
closed

# Only by a gateway that is silent.
ip -n gw link set eth0 down
way_out
"${in_cell[@]}" route add default via 169.254.1.1 dev out onlink table 77
"${in_cell[@]}" route add blackhole 192.168.149.0/24 table 77
"${in_front[@]}" neigh flush dev if0
leaks "by a silent gateway"
has_text 'are ARP requests that nobody answered' out
ip -n gw link set eth0 up
closed

# By a way that nobody planned.
ip link add way type veth peer name way netns lookback.blog.1
ip link set way master br0 up
"${in_cell[@]}" addr add 192.168.149.77/32 dev way
"${in_cell[@]}" link set way up
way_out
"${in_cell[@]}" route add 192.168.149.0/24 dev way table 77
for addr in 2 9 50 136; do
	"${in_cell[@]}" route add blackhole 192.168.149.$addr table 77
done
only_asked "another way" udp tcp-syn protocol
ip link del way
closed

# The router's own answers, which go where its main table says.
printf '[Lab]\nLayout = single\n' | cat - blog.lab > single.lab
apply -s blog.lab
expect_status 0 labrouter start single.lab
ip netns exec lookback.single sysctl -qw net.ipv4.ip_forward=0
ip netns exec lookback.single nft flush ruleset
expect_status 1 labrouter prove single.lab
has_text 'are ARP requests that nobody answered' out
expect_status 0 labrouter stop single.lab
apply blog.lab

# ---- questions that are asked by right ----

# A client talks to a machine, and is asked for again and again; others ask for
# whomever.
machine vbs - br0 192.168.149.22/24 192.168.149.2
ip -n vbs route add 192.168.150.0/24 via 192.168.149.50
machine v36 lookback.blog.1 in 192.168.149.36/24 192.168.149.2
cat > talk.py <<'E2'
import os, socket
# talk.py: ask the machine's echo for as long as the file "on" is there; the
# attack claims to be its gateway meanwhile
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(0.2)
n = 0
while os.path.exists("on"):
    s.sendto(b"hello", ("192.168.150.36", 7))
    try:
        n += s.recv(9) == b"hello"
    except OSError:
        pass
open("talked", "w").write(str(n))
E2
cat > echo.py <<'E2'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 7))
while True:
    s.sendto(*s.recvfrom(9))
E2
cat > sweep.py <<'E2'
import os, socket, struct, sys, time
# sweep.py ADDRESS FIRST LAST MS: ask for these of 192.168.149.0/24, one by one,
# for as long as the file "on" is there
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("eth0", 0x806))
mac = s.getsockname()[4]
me, first, last, ms = sys.argv[1], *map(int, sys.argv[2:])
while os.path.exists("on"):
    for i in range(first, last + 1):
        s.send(b"\xff" * 6 + mac + struct.pack("!HHHBBH", 0x806, 1, 0x800, 6, 4, 1) +
            mac + socket.inet_aton(me) + bytes(6) + bytes([192, 168, 149, i]))
        time.sleep(ms / 1000)
E2
daemon ip netns exec v36 python3 "$T/echo.py"
wait_until 60 listens v36 7 -u
: > on
ip netns exec vbs python3 "$T/talk.py" &
talk=$!
# Some that are nobody's, all the time.
ip netns exec gw python3 "$T/sweep.py" 192.168.149.2 60 90 2 &
sweep=$!
while [ -e on ]; do
	"${in_front[@]}" neigh flush dev if0
done &
flush=$!
for i in 1 2 3; do
	isolated "while others ask, $i"
done
# Once around each second: no address is left to be nobody's.
kill $sweep
wait $sweep || true
ip netns exec gw python3 "$T/sweep.py" 192.168.149.2 1 254 0 &
sweep=$!
isolated "while all is asked for"
rm on
wait $talk $flush $sweep || true
[ "$(cat talked)" -gt 50 ] || fail "the client was not served"

# ---- to whom frames go ----

# A machine that has the gateway's address as well, as its original has.
machine v2 lookback.blog.1 in 192.168.149.2/24
isolated "beside a gateway"
read -r spoofed strays < <(field spoofed strays)
[[ $spoofed -gt 100 && $strays -gt 100 ]] || fail "not to the router: $(cat out)"
mac=$(ip -n v2 -br link show eth0 | awk '{ print $3 }')
"${in_cell[@]}" addr del 192.168.149.2/24 dev in
not_proved 'the gateway of network "VM Network" is '
has_text "$mac there, which is not the router" out
ip netns del v2
closed

# Somebody stops frames before rules do, and nobody could tell.
ip netns exec lookback.blog.1 nft -f - <<-END
	table netdev stop {
		chain from_inside {
			type filter hook ingress device in priority 0;
			ip protocol udp drop
		}
	}
END
not_proved 'of '
has_text 'packets of class udp that the rules of network "VM Network"' out
has_text 'they do not arrive' out
ip netns exec lookback.blog.1 nft delete table netdev stop
closed

# ---- a busy host ----

ip link add noise type veth peer name noise-p
ip link set noise up
ip link set noise-p up
cat > noise.py <<'E2'
import os, signal, socket, sys
# noise.py PID TIMES: while it stands still, more than it can hear later on; then
# it has a millisecond
pid, times = map(int, sys.argv[1:])
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("noise", 0x88b6))
frame = b"\xff" * 6 + bytes([2, 0, 0, 0, 0, 9]) + b"\x88\xb6" + bytes(500)
frames = 60000
try:
    s.setsockopt(socket.SOL_SOCKET, 33, 32 << 20)	# SO_RCVBUFFORCE
except PermissionError:
    frames = 3000	# nor may it have so much room
def ran():	# in ns
    return int(open("/proc/%d/schedstat" % pid).read().split()[0])
try:
    for i in range(times):
        os.kill(pid, signal.SIGSTOP)
        for j in range(frames):
            s.send(frame)
        until = ran() + 1000000
        os.kill(pid, signal.SIGCONT)
        while i + 1 < times and ran() < until:
            if open("/proc/%d/stat" % pid).read().rsplit(")")[1].split()[0] == "Z":
                sys.exit()
except OSError:
    pass	# it ended
E2
has_probe()
{
	"${in_cell[@]}" link show | grep -q lbprobe
}
prove_in_noise()	# TIMES
{
	labrouter prove blog.lab > out 2> err &
	prove=$!
	wait_until 60 has_probe
	python3 noise.py $prove "$1"
	status=0
	wait $prove || status=$?
}
prove_in_noise 1
[ $status = 0 ] || fail "once is too much: $status $(cat out err)"
# It may be done before there is noise.
for _ in {1..20}; do
	prove_in_noise 1000
	[ $status = 0 ] || break
done
[ $status = 2 ] || fail "status $status: $(cat out err)"
grep -qE "nothing is proved: [0-9]+ frames on interface 0 and [1-9][0-9]* in this host's namespace passed unheard (while class [a-z0-9-]+ was sent|after the attack): this host is too busy" out ||
    fail "not told: $(tail -n 1 out)"
