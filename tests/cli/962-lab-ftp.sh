#!/bin/bash
# Ftp = yes: what an FTP server says of its address leads to its mask, and the
# data comes from the copy; without it the client is sent to the original.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lab.sh"


cat > ftpd.py <<'E2'
import socket, sys
# ftpd.py NAME ADDRESS: a passive server that sends its name, as it thinks that
# it is reached
name, address = sys.argv[1], sys.argv[2]
control = socket.create_server(("", 21))
data = socket.create_server(("", 5001))
while True:
    c, _ = control.accept()
    c.sendall(b"220 here\r\n")
    try:
        for line in c.makefile("r"):
            if line.startswith("PASV"):
                c.sendall(b"227 Entering Passive Mode (%s,19,137)\r\n" %
                          address.replace(".", ",").encode())
            elif line.startswith("RETR"):
                c.sendall(b"150 it comes\r\n")
                data.settimeout(5)
                d, _ = data.accept()
                d.sendall(name.encode())
                d.close()
                c.sendall(b"226 done\r\n")
    except OSError:
        pass
    c.close()
E2
cat > get.py <<'E2'
import re, socket, sys
# get.py ADDRESS: where the server sends to, and who sends the data
c = socket.create_connection((sys.argv[1], 21), 10)
lines = c.makefile("r")
lines.readline()
c.sendall(b"PASV\r\n")
n = re.search(r"\((.*)\)", lines.readline()).group(1).split(",")
host, port = ".".join(n[:4]), int(n[4]) * 256 + int(n[5])
try:
    d = socket.create_connection((host, port), 1)
    c.sendall(b"RETR file\r\n")
    d.settimeout(10)
    print(host, d.recv(99).decode())
except OSError:
    print(host, "nobody")
E2

serve_ftp()	# NS NAME ADDRESS
{
	daemon ip netns exec "$1" python3 "$T/ftpd.py" "$2" "$3"
	wait_until 60 listens "$1" 5001
}
got()	# ADDRESS WHERE WHO
{
	local is
	is=$(ip netns exec vbs python3 "$T/get.py" "$1")
	[ "$is" = "$2 $3" ] || fail "from $1: $is"
}

make_production
machine vbs - br0 192.168.149.22/24
machine sf36 - br0 192.168.149.36/24
ip -n vbs route add 192.168.150.0/24 via 192.168.149.50
ip -n vbs route add 192.168.151.0/24 via 192.168.149.50

cat > ftp.lab <<-END
	[Production]
	Attach = br0
	Address = 192.168.149.50/24
	ProbeWait = 30ms
	[Network "With"]
	Gateway = 192.168.149.2/24
	Mask = 192.168.150.0/24
	Static = 192.168.149.136 -> 192.168.149.36
	Allow = 192.168.149.36 tcp 21
	Ftp = yes
	[Network "Without"]
	Gateway = 192.168.149.2/24
	Mask = 192.168.151.0/24
END
apply ftp.lab
machine v36 lookback.ftp.1 in 192.168.149.36/24 192.168.149.2
machine a36 lookback.ftp.2 in 192.168.149.36/24 192.168.149.2
serve_ftp v36 copy 192.168.149.36
serve_ftp a36 again 192.168.149.36

# Only the control connection is allowed; the data's belongs to it.
got 192.168.150.36 192.168.150.36 copy
got 192.168.149.136 192.168.149.136 copy
# Without the helper: sent to the original.
got 192.168.151.36 192.168.149.36 nobody
apply -s ftp.lab
