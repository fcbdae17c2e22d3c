# Sourced after lab.sh, by tests of what the appliance does, which rows.txt
# numbers: servers that tell whom they see, and who asks them.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

row()	# N...: what follows shows these rows
{
	local n
	for n; do
		sed -n "s/^$n /row $n${what:+, $what}: /p" "$TOP/tests/cli/rows.txt"
	done
	row="row $*${what:+, $what}"
}

cat > who.py <<'END'
import select, socket, sys
# who.py NAME READY PORT...: tells who is asked and whom it sees, by tcp and udp;
# the file READY is there when it does
listening, datagrams, kept = [], [], []
for port in map(int, sys.argv[3:]):
    listening.append(socket.create_server(("", port), backlog=64))
    datagrams.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    datagrams[-1].bind(("", port))
open(sys.argv[2], "w").close()
while True:
    for s in select.select(listening + datagrams + kept, [], [])[0]:
        if s in datagrams:
            peer = s.recvfrom(9)[1]
            s.sendto(("%s sees %s %d" % (sys.argv[1], *peer)).encode(), peer)
        elif s in listening:
            c, peer = s.accept()
            c.sendall(("%s sees %s %d" % (sys.argv[1], *peer)).encode())
            kept.append(c)
        else:
            s.close()
            kept.remove(s)
END
cat > ask.py <<'END'
import ctypes, os, select, socket, sys, time
# Of each line NS|ADDRESS|PORT|tcp or udp|ANSWER|ROW, all at a time, that which is
# answered otherwise. "nobody" is who keeps silent for a second, or refuses; an
# answer counts from who was asked, with or without the port that is seen.
libc = ctypes.CDLL(None, use_errno=True)
home = os.open("/proc/self/ns/net", os.O_RDONLY)
def enter(fd):
    if libc.setns(fd, 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "setns")
def dial(ns, address, port, proto):
    fd = home if ns == "-" else os.open("/run/netns/" + ns, os.O_RDONLY)
    enter(fd)
    s = socket.socket(socket.AF_INET,
        socket.SOCK_STREAM if proto == "tcp" else socket.SOCK_DGRAM)
    enter(home)
    if fd != home:
        os.close(fd)
    s.setblocking(False)
    s.connect_ex((address, int(port)))
    if proto == "udp":
        s.send(b"?")
    return s
asked = [line.rstrip("\n").split("|") for line in sys.stdin]
got = {dial(*a[:4]): a for a in asked}
start = time.monotonic()
waiting, wrong = dict(got), False
while waiting:
    left = start - time.monotonic()
    left += 10 if any(a[4] != "nobody" for a in waiting.values()) else 1
    ready = select.select(list(waiting), [], [], max(left, 0))[0]
    if left <= 0 and not ready:
        ready = list(waiting)
    for s in ready:
        ns, address, port, proto, answer, row = waiting.pop(s)
        try:
            heard = s.recv(99).decode()
        except OSError:
            heard = "nobody"
        if answer not in (heard, heard.rsplit(" ", 1)[0]):
            print("%s: %s -> %s:%s %s: %s, not %s" % (row, ns, address, port,
                proto, heard, answer))
            wrong = True
sys.exit(wrong)
END
cat > who_has.py <<'END'
import select, socket, struct, sys, time
# who_has.py FROM ADDRESS...: "ADDRESS MAC", sorted, a line for each that answers
# to who has ADDRESS, tell FROM, on eth0
own = open("/sys/class/net/eth0/address").read().strip()
own = bytes.fromhex(own.replace(":", ""))
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x806))
s.bind(("eth0", 0x806))
by, *targets = map(socket.inet_aton, sys.argv[1:])
for to in targets:
    s.send(b"\xff" * 6 + own + b"\x08\x06" +
        struct.pack("!HHBBH", 1, 0x800, 6, 4, 1) + own + by + b"\0" * 6 + to)
end = time.monotonic() + 0.5
said = set()
while (left := end - time.monotonic()) > 0:
    if select.select([s], [], [], left)[0]:
        f = s.recv(99)
        if f[20:22] == b"\0\2" and f[28:32] in targets:
            said.add(socket.inet_ntoa(f[28:32]) + " " + f[22:28].hex(":"))
print("\n".join(sorted(said)))
END

at()	# NS COMMAND...; NS - is here
{
	if [ "$1" = - ]; then
		"${@:2}"
	else
		ip netns exec "$@"
	fi
}
serve()	# NS NAME PORT...
{
	local in=(ip netns exec "$1")
	[ "$1" != - ] || in=()
	rm -f "serves.$1.$2"
	daemon "${in[@]}" python3 "$T/who.py" "$2" "serves.$1.$2" "${@:3}"
	wait_until 10 test -e "serves.$1.$2"
}
asked()	# NS ADDRESS PORT ANSWER [udp]; NS - is here. It is put off
{
	echo "$1|$2|$3|${5:-tcp}|$4|$row" >> "$T/asked"
}
all_asked()	# what was put off
{
	python3 ask.py < asked > wrong || fail "$(cat wrong)"
	rm asked
}
mac()	# NS DEV
{
	ip netns exec "$1" cat "/sys/class/net/$2/address"
}
