# For 970-lab-trace.sh: random packets, their prediction, and where they came.
#
#   lab_trace.py PREDICTOR LAYOUT SEED COUNT FILE...
#
# Layouts: cells; single and nat, in a namespace; router and nat-router, in the
# host's, which is the namespace rt-LAB.
#
# Frames are sent as they are, so that any source is possible, and every one
# bears its number; whoever gets it is found by what comes to each machine's
# interface. Then real connections are tried, to real servers.
#
# SPDX-License-Identifier: BSD-2-Clause
import collections, ctypes, ipaddress, os, random, re, selectors, socket, struct
import subprocess, sys, time

predictor, layout, seed, count = *sys.argv[1:3], int(sys.argv[3]), int(sys.argv[4])
rng = random.Random(seed)
libc = ctypes.CDLL(None, use_errno=True)
aton, ntoa = socket.inet_aton, socket.inet_ntoa
MAGIC = b"trace"

NET = ipaddress.ip_network
ADDRESS = r"\d+(?:\.\d+){3}"
class Net:
    """Of a section: real, gateway (its number in there), claims, and mask: where
    it is reached from outside, if it is."""
    def __init__(self, isolated, text):
        def all_of(pattern):
            return re.findall("^" + pattern, text, re.M)
        self.isolated = isolated
        gateway = ipaddress.ip_interface(all_of("(?:Gateway|Address) = (.*)")[0])
        self.real = gateway.network
        self.gateway = int(gateway) - int(self.real[0])
        self.mask = NET((all_of("(?:Mask|Netmap|Twin) = (?:to )?([^ \n]*)") +
            [self.real])[0])
        self.claims = sorted(set(all_of("(?:Static|Publish|Dnat|Claim) = (%s)" % ADDRESS)
            + all_of("Snat = .*-> (%s)" % ADDRESS)))
class Lab:
    def __init__(self, file):
        parts = re.split(r"^\[(\w+).*\]\n", open(file).read(), flags=re.M)[1:]
        parts = list(zip(parts[::2], parts[1::2]))
        self.name = os.path.basename(file)[:-len(".lab")]
        self.own = re.search("Address = (%s)" % ADDRESS, dict(parts)["Production"])[1]
        self.nets = [Net(kind == "Network", text) for kind, text in parts
            if kind in ("Network", "Nat")]
    def isolated(self, side):
        return side != 0 and self.nets[side - 1].isolated
    def link(self, side):
        """The router's, there."""
        if layout.endswith("router"):
            return "rt-" + self.name, "eth%d" % side
        if side == 0:
            return "lookback." + self.name, "if0"
        if layout == "cells":
            return "lookback.%s.%d" % (self.name, side), "in"
        return "lookback." + self.name, "in%d" % side if self.isolated(side) else "nat"
    def routers(self):
        """What it answers for outside."""
        return {self.own}.union(*(n.claims for n in self.nets))
labs = [Lab(file) for file in sorted(sys.argv[5:])]
PORTS = [22, 25, 53, 80, 81, 85, 90, 443, 5353, 8000, 8005, 8010, 8011, 8080, 3128]

# ---- namespaces ----

home = os.open("/proc/self/ns/net", os.O_RDONLY)
def inside(ns, make):
    fd = os.open("/run/netns/" + ns, os.O_RDONLY)
    if libc.setns(fd, 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "setns " + ns)
    try:
        return make()
    finally:
        libc.setns(home, 0x40000000)
        os.close(fd)

def wire(dev="eth0"):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
    s.bind((dev, 3))
    s.setblocking(False)
    return s

def mac_of(ns, dev):
    return bytes.fromhex(subprocess.check_output(
        ["ip", "netns", "exec", ns, "cat", "/sys/class/net/%s/address" % dev],
        text=True).strip().replace(":", ""))

# ---- packets ----

def total(b):
    b += b"\0" * (len(b) % 2)
    t = sum(struct.unpack("!%dH" % (len(b) // 2), b))
    t = (t >> 16) + (t & 0xffff)
    return ~(t + (t >> 16)) & 0xffff

def packet(n, src, dst, proto, port, ttl):
    data = MAGIC + struct.pack("!I", n)
    src, dst, own = aton(src), aton(dst), 20000 + n
    def over(kind, head):
        pseudo = src + dst + struct.pack("!HH", kind, len(head) + len(data))
        return total(pseudo + head + data)
    if proto == "icmp":
        head = lambda c: struct.pack("!BBHHH", 8, 0, c, own, 1)
        kind, body = 1, head(total(head(0) + data)) + data
    elif proto == "udp":
        head = lambda c: struct.pack("!HHHH", own, port, 8 + len(data), c)
        kind, body = 17, head(over(17, head(0))) + data
    else:
        head = lambda c: struct.pack("!HHIIBBHHH", own, port, n, 0, 0x50, 2, 999, c, 0)
        kind, body = 6, head(over(6, head(0))) + data
    top = lambda c: struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), n & 0xffff,
        0, ttl, kind, c, src, dst)
    return top(total(top(0))) + body

def about(frame):
    """Whose packet production hears of: its number, or None."""
    if frame[12:14] != b"\x08\0" or len(frame) < 54:
        return None
    ip = frame[14:]
    if ip[9] == 1 and ip[20] in (3, 11):    # quotes it
        return parse(bytes(12) + b"\x08\0" + ip[28:])
    if ip[9] == 6 and ip[33] & 16:          # has its number
        own = struct.unpack("!H", ip[22:24])[0]
        n = struct.unpack("!I", ip[28:32])[0] - 1 - len(MAGIC) - 4
        return (n,) if own == 20000 + n else None
    return parse(frame)

def parse(frame):
    """(number, is a request, src, dst, port) of one of ours, or None."""
    if frame[12:14] != b"\x08\0" or len(frame) < 42 or frame[14] != 0x45:
        return None
    ip = frame[14:]
    kind, body = ip[9], ip[20:struct.unpack("!H", ip[2:4])[0]]
    skip = {1: 8, 17: 8, 6: 20}.get(kind)
    if skip is None or body[skip:skip + 5] != MAGIC or len(body) < skip + 9:
        return None
    if kind == 1 and body[0] not in (0, 8):
        return None
    return (struct.unpack("!I", body[skip + 5:skip + 9])[0],
        kind != 1 or body[0] == 8, ntoa(ip[12:16]), ntoa(ip[16:20]),
        0 if kind == 1 else struct.unpack("!H", body[2:4])[0])

# ---- which ----

Flow = collections.namedtuple("Flow", "lab side src dst proto port")
STRANGE = "0.0.0.0 127.0.0.1 169.254.1.1 255.255.255.255 224.0.0.1 239.1.2.3 " \
    "8.8.8.8 10.1.1.1 10.9.9.9".split()

def host(net, claims=()):
    n = net.num_addresses
    return str(net[rng.choice([36, 36, 36, 99, 40, 41, 50, 22, 5, 2, 1, 0, n - 1,
        n - 2, rng.randrange(n)]) % n])

def address(lab, source):
    net = rng.choice(lab.nets)
    pick = rng.random()
    if pick < 0.3:
        return host(net.real)
    if pick < (0.35 if source else 0.6):
        return host(net.mask)
    if pick < (0.4 if source else 0.8):
        return rng.choice(net.claims or [lab.own])
    if pick < 0.85:
        return str(net.mask[net.gateway] if rng.random() < 0.5 else
            net.real[net.gateway])
    if pick < 0.9:
        return rng.choice([lab.own, "192.168.149.2", "192.168.149.255",
            "192.168.149.22"])
    return rng.choice(STRANGE)

def flow():
    while True:
        f = any_flow()
        # What is for another lab's router is that one's matter, as is what a
        # host listens to of all.
        others = set().union(*(l.routers() for l in labs if l is not f.lab))
        if not ({f.src, f.dst} & others - f.lab.routers() or
                layout.endswith("router") and ipaddress.ip_address(f.dst).is_multicast):
            return f

def any_flow():
    lab = rng.choice(labs + labs[:1] * 2)
    side = rng.randrange(len(lab.nets) + 1) if rng.random() < 0.6 else 0
    if rng.random() < 0.75:     # as it should be
        src = rng.choice(["192.168.149.22", "192.168.149.2", "10.1.1.1",
            "192.168.149.77", "192.168.149.200"]) if side == 0 else \
            host(lab.nets[side - 1].real)
    else:
        src = address(lab, True)
    proto = rng.choice(["icmp", "tcp", "udp"])
    return Flow(lab, side, src, address(lab, False), proto,
        0 if proto == "icmp" else rng.choice(PORTS))

def words(f):
    return "%d %s %s %s%s" % (f.side, f.src, f.dst, f.proto,
        " %d" % f.port if f.port else "")

def predict(flows):
    said = [None] * len(flows)
    for lab in labs:
        mine = [i for i, f in enumerate(flows) if f.lab is lab]
        out = subprocess.run([predictor, lab.name + ".lab"], text=True, check=True,
            input="".join(words(flows[i]) + "\n" for i in mine),
            stdout=subprocess.PIPE).stdout.splitlines()
        assert len(out) == len(mine)
        for i, line in zip(mine, out):
            said[i] = line
    return said

# ---- the machines ----

places = {"prod": "prod"}
for lab in labs:
    for i in range(1, len(lab.nets) + 1):
        places["r-%s-%d" % (lab.name, i)] = (lab.name, i)
receivers = {ns: inside(ns, wire) for ns in places}
def taken(kind):    # what the router lets in for programs of its own
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, kind)
    s.setblocking(False)
    return s
for lab in labs:
    for kind in (socket.IPPROTO_TCP, socket.IPPROTO_UDP):
        name = "router %s %d" % (lab.name, kind)
        places[name] = ("router", lab.name)
        receivers[name] = inside(lab.link(0)[0], lambda: taken(kind))
watch = selectors.DefaultSelector()
for ns, s in receivers.items():
    watch.register(s, selectors.EVENT_READ, ns)

requests = collections.defaultdict(set)    # by number: (place, src, dst, port)
replies = collections.defaultdict(set)     # by number: place
leaked = {}     # by number: what production heard of isolated machines' packets
def receive(ns, s):
    while True:
        try:
            frame, at = s.recvfrom(2000)
        except BlockingIOError:
            return
        if places[ns][0] == "router":
            frame = bytes(12) + b"\x08\0" + frame
        elif at[2] in (socket.PACKET_OUTGOING, socket.PACKET_OTHERHOST):
            continue
        got = about(frame) if ns == "prod" else None
        if got is not None and got[0] < len(flows) and \
                flows[got[0]].lab.isolated(flows[got[0]].side):
            leaked[got[0]] = frame[14:38].hex()
        got = parse(frame)
        if got is None:
            continue
        n, request, *rest = got
        if request:
            requests[n].add((places[ns], *rest))
        else:
            replies[n].add(places[ns])
def gather(wait):
    """Until nothing came for so long."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        events = watch.select(wait)
        if not events:
            return
        for key, _ in events:
            receive(key.data, key.fileobj)

# ---- sent ----

OURS = b"\x02\x99\0\0\0\1"
def arp(target):
    return b"\xff" * 6 + OURS + b"\x08\x06" + struct.pack("!HHBBH6s4s6s4s", 1, 0x800,
        6, 4, 1, OURS, bytes(4), bytes(6), aton(target))

class Sender:
    """A machine's interface; who is there is asked of the switch."""
    def __init__(self, ns, router, net):
        self.wire, self.router, self.net = inside(ns, wire), router, net
        self.known = {}
    def ask(self, targets):
        for t in targets:
            a = ipaddress.ip_address(t)
            if self.net and a in self.net.real and a != self.net.real[-1]:
                self.wire.send(arp(t))
                self.known[t] = None
        end = time.monotonic() + 5
        while None in self.known.values() and time.monotonic() < end:
            try:
                f = self.wire.recv(2000)
            except BlockingIOError:
                time.sleep(0.005)
                continue
            if f[12:14] == b"\x08\x06" and f[20:22] == b"\0\2":
                self.known[ntoa(f[28:32])] = f[22:28]
    def send(self, f, n, ttl):
        a = ipaddress.ip_address(f.dst)
        to = self.router
        if self.net is not None:
            if f.dst == "255.255.255.255" or a == self.net.real[-1]:
                to = b"\xff" * 6
            elif a.is_multicast:
                to = b"\x01\0\x5e" + bytes([a.packed[1] & 127]) + a.packed[2:]
            elif a in self.net.real:
                to = self.known[f.dst]
        if to is not None:
            self.wire.send(to + OURS + b"\x08\0" +
                packet(n, *f[2:], ttl))

senders = {}
for lab in labs:
    senders[lab, 0] = Sender("prod", mac_of(*lab.link(0)), None)
    for i, net in enumerate(lab.nets, 1):
        senders[lab, i] = Sender("s-%s-%d" % (lab.name, i),
            mac_of(*lab.link(i)), net)

flows = [flow() for _ in range(count)]
for (lab, side), s in senders.items():
    s.ask({f.dst for f in flows if (f.lab, f.side) == (lab, side)})
flows.sort(key=lambda f: f.side == 0)
said = predict(flows)
if "nat" not in layout:     # One more, to a joined machine that is not there.
    flows.append(Flow(labs[0], 1, "192.168.149.36", "10.10.3.3", "udp", 53))
    said.append("nobody")
# And some that the router complains about: that must stay inside as well.
flows += [f for f in flows if f.lab.isolated(f.side)][:count // 8]
for n, f in enumerate(flows):
    senders[f.lab, f.side].send(f, n, 64 if n < len(said) else 1)
    if f.side != 0:
        isolated_until = time.monotonic()
    if n % 20 == 0:
        gather(0)
gather(0.5)

def seen(n, f):
    # A host hears what is for all beside it.
    got = {g for g in requests[n] if len(requests[n]) == 1 or g[0][0] != "router"}
    if len(got) > 1:
        return "several: %s" % sorted(got, key=str)
    for place, src, dst, port in got:
        if place == ("router", f.lab.name):
            return "taken"
        if place == "prod":
            return "leaves %s %s %d" % (src, dst, port)
        if place[0] != f.lab.name:
            return "in lab %s" % place[0]
        return "arrives %d %s %s %d" % (place[1], src, dst, port)
    asker = "prod" if f.side == 0 else (f.lab.name, f.side)
    others = replies[n] - {asker}
    # Who is not isolated may forge, and others hear of it.
    if others and (f.lab.isolated(f.side) or
            any(o != "prod" and f.lab.isolated(o[1]) for o in others)):
        return "answered to others: %s" % replies[n]
    return "answered" if asker in replies[n] else "nobody"

wrong = 0
sums = collections.Counter()
for n, f in enumerate(flows[:len(said)]):
    is_so = seen(n, f)
    sums[said[n].split()[0], "production" if f.side == 0 else
        "isolated" if f.lab.isolated(f.side) else "nat"] += 1
    if is_so != said[n]:
        wrong += 1
        print("lab %s, %s: predicted: %s; seen: %s" % (f.lab.name, words(f), said[n],
            is_so))
print("%s, %d packets:" % (layout, len(said)), ", ".join("%s %s %d" % (side, what, n)
    for (what, side), n in sorted(sums.items())))

# ---- connections, by real sockets to real servers ----

def serve(port):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("", port))
    s.listen(64)
    s.setblocking(False)
    return s
loop = selectors.DefaultSelector()
for ns, place in places.items():
    for port in PORTS if place[0] != "router" else []:
        loop.register(inside(ns, lambda: serve(port)), selectors.EVENT_READ,
            ("server", place))

def dial(ns, f):
    def make():
        s = socket.socket()
        s.setblocking(False)
        s.bind((f.src, 0))
        s.connect_ex((f.dst, f.port))
        return s
    return inside(ns, make)

def possible(f):
    """Sockets can do it, and its answers would come back."""
    src, dst = ipaddress.ip_address(f.src), ipaddress.ip_address(f.dst)
    nets, lab = f.lab.nets, f.lab
    own = any(f.dst in n.claims or dst in n.mask for n in nets) or f.dst == lab.own
    if dst.is_multicast or f.dst in ("0.0.0.0", "127.0.0.1", "255.255.255.255") or \
            any(dst in (n.mask[-1], n.real[-1]) for n in nets):
        return False
    if f.side == 0:
        # Strangers go to the first lab, and know no way back from the second.
        return f.src in ("192.168.149.22", "192.168.149.77") + \
            (("10.1.1.1",) if lab is labs[0] else ()) and \
            (own or lab is labs[0]) and f.dst != "10.1.1.1" and \
            (own or dst not in labs[0].nets[0].real)
    net = nets[f.side - 1]
    if not net.isolated and (dst not in NET("192.168.149.0/24") or
            f.dst in lab.routers()):
        return False
    return src in net.real and src not in (net.real[0], net.real[-1],
        net.real[net.gateway]) and f.src not in lab.routers() and \
        (dst not in net.real or f.dst in net.claims or dst == net.real[net.gateway])
tries = []
while len(tries) < count // 8:
    f = flow()._replace(proto="tcp", port=rng.choice(PORTS))
    if possible(f):
        tries.append(f)
said = predict(tries)
got = ["nobody"] * len(tries)
for i, f in enumerate(tries):
    ns = "prod" if f.side == 0 else "r-%s-%d" % (f.lab.name, f.side)
    try:
        loop.register(dial(ns, f), selectors.EVENT_READ, ("client", i))
    except OSError as e:
        got[i] = str(e)
left = sum(s.startswith("arrives") for s in said)
end = time.monotonic() + 15
while time.monotonic() < end:
    events = loop.select(0.7 if left <= 0 else 2)
    if not events:
        break
    for key, _ in events:
        kind, who = key.data
        if kind == "server":
            c, peer = key.fileobj.accept()
            local = c.getsockname()
            c.sendall(("leaves" if who == "prod" else "arrives %d" % who[1]).encode() +
                (" %s %s %d" % (peer[0], *local)).encode())
            c.close()
            continue
        loop.unregister(key.fileobj)
        try:
            got[who] = key.fileobj.recv(200).decode() or "nobody"
            left -= 1
        except OSError:
            pass    # refused or unreachable: nobody
        key.fileobj.close()
for f, s, g in zip(tries, said, got):
    if s.replace("taken", "nobody") != g:
        wrong += 1
        print("connection in lab %s, %s: predicted: %s; got: %s" % (f.lab.name,
            words(f), s, g))

# That nobody is there is known when ARP was not answered three times.
while True:
    gather(0.1)
    if time.monotonic() > isolated_until + 3.5:
        break
for n, what in leaked.items():
    wrong += 1
    print("lab %s, %s: production hears of it: %s" % (flows[n].lab.name,
        words(flows[n]), what))
print("%d connections, %d of them made" % (len(tries),
    sum(g.startswith("arrives") for g in got)))
print("figure: trace, %s, labs %s: packets and connections not as predicted|of %d|%d|%d|0" %
    (layout, " and ".join(lab.name for lab in labs), len(flows) + len(tries), wrong,
        len(flows) + len(tries)))
sys.exit(wrong != 0)
