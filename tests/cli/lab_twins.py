# lab_twins.py FLOWS: eight copies of one subnet, and FLOWS connections to them,
# TCP and UDP each, interleaved, eight at a time from one port of the client's:
# each has to be answered by the right copy. Then at each flow answers are forged:
# by the machine of the same address in another copy, with the very numbers of
# the TCP stream, and from production, at the router. No client may get one; the
# same frames, sent where they would be right, show that the forging works.
#
# SPDX-License-Identifier: BSD-2-Clause
import ctypes, os, selectors, socket, struct, sys, time

COPIES, FLOWS = 8, int(sys.argv[1])
ROUTERS = ["lookback.a"] * 4 + ["lookback.b"] * 4
CLIENT, INNER, GATEWAY = "192.168.149.22", "192.168.149.36", "192.168.149.2"
mask = lambda copy, last: "192.168.%d.%d" % (150 + copy, last)
aton, ntoa = socket.inet_aton, socket.inet_ntoa
libc = ctypes.CDLL(None, use_errno=True)

# ---- namespaces ----

home = os.open("/proc/self/ns/net", os.O_RDONLY)
def enter(fd):
    if libc.setns(fd, 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "setns")
def inside(ns, make):
    fd = os.open("/run/netns/" + ns, os.O_RDONLY)
    enter(fd)
    try:
        return make()
    finally:
        enter(home)
        os.close(fd)
def wire():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
    s.bind(("eth0", 3))     # what goes out as well
    s.setblocking(False)
    return s
def mac(ns, dev):
    def read():
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
            s.bind((dev, 0))
            return s.getsockname()[4]
    return inside(ns, read)

# ---- packets ----

def total(b):
    b += b"\0" * (len(b) % 2)
    t = sum(struct.unpack("!%dH" % (len(b) // 2), b))
    t = (t >> 16) + (t & 0xffff)
    return ~(t + (t >> 16)) & 0xffff
def packet(kind, src, dst, sport, dport, data, seq=0, ack=0, flags=0):
    src, dst = aton(src), aton(dst)
    if kind == 17:
        head = lambda c: struct.pack("!HHHH", sport, dport, 8 + len(data), c)
    else:
        head = lambda c: struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 0x50, flags,
            60000, c, 0)
    pseudo = src + dst + struct.pack("!HH", kind, len(head(0)) + len(data))
    body = head(total(pseudo + head(0) + data)) + data
    top = lambda c: struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 64,
        kind, c, src, dst)
    return b"\x08\0" + top(total(top(0))) + body

# ---- servers, one of each kind in a copy ----

loop = selectors.DefaultSelector()
def tcp_server():
    s = socket.create_server(("", 80), backlog=FLOWS)
    s.setblocking(False)
    return s
def udp_server():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    s.bind(("", 9000))
    s.setblocking(False)
    return s
wires = [inside("v%d" % c, wire) for c in range(COPIES)]
for c in range(COPIES):
    for kind, make in ("listen", tcp_server), ("udp", udp_server):
        loop.register(inside("v%d" % c, make), selectors.EVENT_READ, (kind, c))

# ---- clients ----

class Flow:
    """One of the client's, to a copy; what it got, and its server's numbers."""
    def __init__(self, number, kind):
        self.number, self.kind = number, kind
        self.copy, self.port = number % COPIES, 20000 + number // COPIES
        self.got, self.forged, self.ended = b"", False, False
        self.seq = self.ack = None
        def make():
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == 6 else
                socket.SOCK_DGRAM)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.setblocking(False)
            s.bind((CLIENT, self.port))
            s.connect_ex((mask(self.copy, 36), 80 if kind == 6 else 9000))
            return s
        self.socket = inside("vbs", make)
    def say(self, word):
        self.socket.send(b"%s-%d;" % (word, self.number))
    def right(self, *words):
        return self.got == b"".join(b"%d:%s-%d;" % (self.copy, w, self.number)
            for w in words)
flows = [Flow(n, kind) for n in range(FLOWS) for kind in (6, 17)]
for f in flows:
    loop.register(f.socket, selectors.EVENT_READ, ("client", f))

def serve(kind, who, s):
    if kind == "listen":
        c, _ = s.accept()
        c.setblocking(False)
        loop.register(c, selectors.EVENT_READ, ("tcp", who))
    elif kind == "udp":
        data, peer = s.recvfrom(200)
        s.sendto(b"%d:" % who + data, peer)
    elif kind == "tcp":
        try:
            data = s.recv(200)
            if data:
                return s.send(b"%d:" % who + data)
        except OSError:
            pass
        loop.unregister(s)
    else:
        try:
            data = s.recv(2000)
        except OSError:
            data = b""
        if data:
            who.got += data
            who.forged |= b"FORGED-%d-%d;" % (who.kind, who.number) in data
        elif who.kind == 6:
            who.ended = True
            loop.unregister(s)
def run(done, quiet=10.0):
    """Until it is done, or nothing comes for so long."""
    end = time.monotonic() + 30
    while not done() and time.monotonic() < end:
        events = loop.select(quiet)
        if not events:
            return
        for key, _ in events:
            serve(*key.data, key.fileobj)
def connected():
    try:
        for f in flows:
            f.socket.getpeername()
        return True
    except OSError:
        return False

failed = False
def expect(is_so, text):
    global failed
    print("%s: %s" % ("ok" if is_so else "WRONG", text))
    failed |= not is_so

# ---- who answers ----

end = time.monotonic() + 15
while not connected() and time.monotonic() < end:
    run(connected, 0.05)
if not connected():
    sys.exit("some connections are not made")
for f in flows:
    f.say(b"one")
run(lambda: all(f.right(b"one") for f in flows))
n_right = sum(f.right(b"one") for f in flows)
expect(n_right == len(flows), "%d of %d connections, right answers" %
    (n_right, len(flows)))
print("figure: 8 copies of one subnet: connections not answered by the right one"
    "|of %d|%d|%d|0" % (len(flows), len(flows) - n_right, len(flows)))

# ---- forged ----

# The numbers of each TCP stream, as its server goes on; by copy and port, which
# the router keeps where nobody else has it.
by_port = {(f.copy, f.port): f for f in flows if f.kind == 6}
for c, w in enumerate(wires):
    while True:
        try:
            frame, at = w.recvfrom(2000)
        except BlockingIOError:
            break
        ip = frame[14:]
        if at[2] != socket.PACKET_OUTGOING or frame[12:14] != b"\x08\0" or ip[9] != 6:
            continue
        sport, dport, seq, ack, off, flags = struct.unpack("!HHIIBB", ip[20:34])
        f = by_port.get((c, dport))
        length = struct.unpack("!H", ip[2:4])[0] - 20 - (off >> 4) * 4
        if f and length > 0:
            f.seq, f.ack = (seq + length) & 0xffffffff, ack
unknown = sum(f.seq is None for f in by_port.values())
expect(unknown == 0, "numbers known of all streams but %d" % unknown)

def forged(f, src, dst):
    data = b"FORGED-%d-%d;" % (f.kind, f.number)
    if f.kind == 17:
        yield packet(17, src, dst, 9000, f.port, data)
    else:
        yield packet(6, src, dst, 80, f.port, data, f.seq, f.ack, 0x18)
        yield packet(6, src, dst, 80, f.port, b"", f.seq, f.ack, 0x14)   # a reset

OURS = b"\2\0\0\0\0\x99"
gates = [mac("%s.%d" % (ROUTERS[c], c % 4 + 1), "in") for c in range(COPIES)]
front = {r: mac(r, "if0") for r in ROUTERS}
client = mac("vbs", "eth0")
production = inside("c77", wire)
n_sent = 0
def throw(s, to, f, src, dst):
    global n_sent
    for p in forged(f, src, dst):
        s.send(to + OURS + p)
        n_sent += 1

# Those of the last port are for the control.
free = [f for f in flows if f.number >= FLOWS - COPIES]
prey = [f for f in flows if f.number < FLOWS - COPIES]
for f in prey:
    for c in range(COPIES):
        if c != f.copy:
            throw(wires[c], gates[c], f, INNER, GATEWAY)
            throw(wires[c], gates[c], f, INNER, mask(f.copy, 2))
            throw(wires[c], gates[c], f, mask(f.copy, 36), CLIENT)
    for router in set(ROUTERS):
        for src, dst in ((INNER, GATEWAY), (INNER, mask(f.copy, 2)),
                (mask(f.copy, 36), GATEWAY), (mask(f.copy, 36), CLIENT)):
            throw(production, front[router], f, src, dst)
    run(lambda: False, 0)
run(lambda: False, 0.3)
taken = sum(f.forged or f.ended for f in prey)
what = "%d forged answers, %d of %d flows took one" % (n_sent, taken, len(prey))
expect(taken == 0, what)
alive = [f for f in prey if not f.ended]
for f in alive:
    f.got = b""
    f.say(b"two")
run(lambda: all(f.right(b"two") for f in alive))
n_right = sum(f.right(b"two") for f in alive)
expect(n_right == len(prey), "%d of %d go on" % (n_right, len(prey)))

# ---- the controls ----

# By the right copy's own machine; and by production at the client itself, which
# no router can keep from it.
half = len(free) // 2
for f in free[:half]:
    throw(wires[f.copy], gates[f.copy], f, INNER, GATEWAY)
for f in free[half:]:
    throw(production, client, f, mask(f.copy, 36), CLIENT)
run(lambda: all(f.forged for f in free), 1.0)
print("figure: 8 copies of one subnet: %s|the control|%d|%d|0" % (what, taken,
    sum(f.forged for f in free)))
taken = sum(f.forged for f in free)
expect(taken == len(free), "control: %d of %d flows took one" % (taken, len(free)))
sys.exit(failed)
