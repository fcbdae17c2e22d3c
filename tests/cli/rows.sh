# Sourced after lab.sh, by tests of what the appliance does, which rows.txt
# numbers.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

row()	# N...: what follows shows these rows
{
	local n
	for n; do
		sed -n "s/^$n /row $n${what:+, $what}: /p" "$TOP/tests/cli/rows.txt"
	done
	# shellcheck disable=SC2034	# asked, in lab.sh, says it
	row="row $*${what:+, $what}"
}

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

mac()	# NS DEV
{
	ip netns exec "$1" cat "/sys/class/net/$2/address"
}
