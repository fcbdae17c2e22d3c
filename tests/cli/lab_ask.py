# Of each line NS|ADDRESS|PORT|tcp or udp|ANSWER|ROW, all at a time, that which is
# answered otherwise. "nobody" is who refuses, or keeps silent for half a second
# after the last of those who should answer; an answer counts from who was asked,
# with or without the port that is seen.
#
# SPDX-License-Identifier: BSD-2-Clause
import ctypes, os, select, socket, sys, time
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
since = time.monotonic()
waiting, wrong = dict(got), False
while waiting:
    left = since - time.monotonic()
    left += 10 if any(a[4] != "nobody" for a in waiting.values()) else 0.5
    ready = select.select(list(waiting), [], [], max(left, 0))[0]
    if left <= 0 and not ready:
        ready = list(waiting)
    for s in ready:
        ns, address, port, proto, answer, row = waiting.pop(s)
        try:
            heard = s.recv(99).decode()
        except OSError:
            heard = "nobody"
        if answer != "nobody":
            since = time.monotonic()
        if answer not in (heard, heard.rsplit(" ", 1)[0]):
            print("%s: %s -> %s:%s %s: %s, not %s" % (row, ns, address, port,
                proto, heard, answer))
            wrong = True
sys.exit(wrong)
