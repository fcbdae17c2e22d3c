#!/bin/bash
# lindex receive and bytes that are not a push: cut, flipped, with counts and
# lengths that lie, inflating without end. It ends by itself with a message and
# little memory, and the store says what was acknowledged and nothing else.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
requires python3

# ---- what a client says, written down on its way ----

make_central > out
make_host web01 > out
for i in $(seq 30); do
	echo "$i" > "web01/tree/file$i"
done
host_scan web01 > out 2>&1
rm web01/tree/file3
host_scan web01 > out 2>&1
cat > record <<END
#!/bin/bash
exec "\$@" < <(exec tee "$T/client" 2> /dev/null)
END
chmod +x record
sed "s,command=\"\([^\"]*\)\",command=\"$T/record \1\"," "$AUTHORIZED_KEYS" > keys.new
cat keys.new > "$AUTHORIZED_KEYS"
expect_status 0 host_push web01
[ -s client ] || fail "nothing was written down"

# ---- and what the server makes of it, and of what is not it ----

cat > hostile.py <<'END'
import os, random, resource, shutil, struct, subprocess, sys

ASAN = "asan" in os.environ["BIN"]
client = open("client", "rb").read()
head = lambda n, t: struct.pack("<IB", n, t)

def frames(data):
    at = 0
    while at < len(data):
        n, t = struct.unpack_from("<IB", data, at)
        yield t, data[at + 5:at + 5 + n]
        at += 5 + n

def bounded():
    if not ASAN:
        resource.setrlimit(resource.RLIMIT_AS, (256 << 20, 256 << 20))

def receive(data, conf="/dev/null"):
    p = subprocess.run(["lindex", "receive", "--config", conf, "--store",
        "got", "--host", "web01"], input=data, capture_output=True,
        timeout=60, preexec_fn=bounded)
    return p.returncode, p.stdout, p.stderr.decode(errors="replace")

def run(*args):
    return subprocess.run(args, capture_output=True, text=True)

def check(what):
    if not os.path.exists("got"):
        return
    p = run("lindex", "check", "--store", "got")
    if p.returncode != 0:
        sys.exit(f"{what}: check: {p.returncode}: {p.stderr}")
    if os.listdir("got/tmp"):
        sys.exit(f"{what}: temporaries stay behind")

def case(what, data, statuses=(2,), text=None, **kw):
    shutil.rmtree("got", ignore_errors=True)
    status, out, err = receive(data, **kw)
    if status not in statuses:
        sys.exit(f"{what}: status {status}: {err}")
    if status != 0 and ("lindex: receive web01: " not in err or
            text is not None and text not in err):
        sys.exit(f"{what}: {err}")
    return status, out, err

# Told all at once, it is the same push.
case("the whole", client, (0,))
check("the whole")
snapshots = lambda: run("lindex", "snapshots", "--store", "got").stdout
assert snapshots().count("web01") >= 2, snapshots()
whole = snapshots()

n = 8 if ASAN else 30
ends = [0]
for t, p in frames(client):
    ends.append(ends[-1] + 5 + len(p))
for cut in sorted({len(client) * i // n for i in range(n)} | set(ends)):
    if cut == len(client):
        continue
    case(f"cut at {cut}", client[:cut], (0, 2) if cut in ends else (2,),
        "the stream ends" if cut not in ends else None)
    check(f"cut at {cut}")

rnd = random.Random(7)
for i in range(2 * n):
    bad = bytearray(client)
    bad[rnd.randrange(len(bad))] ^= 1 << rnd.randrange(8)
    case(f"flip {i}", bytes(bad), (0, 2))
    if i % 5 == 0:
        check(f"flip {i}")

# Lengths that lie.
for n_bytes in (1 << 22 | 1, 1 << 31, (1 << 32) - 1):
    case("a long frame", head(n_bytes, 1) + b"\0" * 64, (2,), "not a message")
case("half a long frame", client[:ends[1]] + head(1 << 22, 6) + b"x" * 99,
    (2,), "the stream ends")
for t in (0, 13, 255):
    case("a type that is none", head(0, t), (2,), "not a message")
case("words", b"Welcome to Debian GNU/Linux 12\n", (2,), "not a message")
case("nothing", b"", (2,))
for t in range(1, 13):
    for n_bytes in (100,) if ASAN else (0, 100):
        case(f"{n_bytes} bytes of type {t}", client[:ends[1]] +
            head(n_bytes, t) + b"\xff" * n_bytes, (0, 2))

# Counts that lie: of each message, each of its first bytes.
def put(parts):
    return b"".join(head(len(p), t) + p for t, p in parts)
parts = list(frames(client))
for i, (t, p) in enumerate(parts):
    for at in range(0, min(len(p), 24), 12 if ASAN else 4):
        for value in (0x7f, 0xff):
            lie = parts[:]
            lie[i] = t, p[:at] + bytes([value]) + p[at + 1:]
            case(f"message {i}, byte {at} {value}", put(lie), (0, 2))
check("lies")

# Messages out of order, twice, or left out.
for i in range(0, len(parts), 3 if ASAN else 1):
    case(f"without message {i}", put(parts[:i] + parts[i + 1:]), (0, 2))
    case(f"message {i} twice", put(parts[:i] + parts[i:i + 1] + parts[i:]),
        (0, 2))
check("order")

# What inflates beyond the quota.
open("ratio.conf", "w").write("[Quota]\nmax-expansion-ratio = 1\n")
bomb = open("bomb", "rb").read()
case("a bomb", bomb, (0,))
case("a bomb", bomb, (2,), "expand beyond the limit", conf="ratio.conf")
check("a bomb")
assert whole.count("\n") == 3, whole
END

# Names that shrink to next to nothing, and times that do not.
mkdir web01/tree/deep
(cd web01/tree/deep && python3 -c '
import os, random
random.seed(7)
for i in range(8000):
    name = "%0206d" % i
    open(name, "w").close()
    os.utime(name, ns=(0, random.randrange(10 ** 18)))')
lindex scan --config web01/lindex.conf --store bomb.store -U web01/tree > out 2>&1
cp client client.kept
sed "s,$CENTRAL,$T/central2," keys.new > "$AUTHORIZED_KEYS"
expect_status 0 lindex push --config web01/lindex.conf --store bomb.store
mv client bomb
mv client.kept client

python3 hostile.py
