# lab_who.py NAME READY PORT...: tells who is asked and whom it sees, by tcp and udp;
# the file READY is there when it does
#
# SPDX-License-Identifier: BSD-2-Clause
import select, socket, sys
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
