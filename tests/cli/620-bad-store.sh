#!/bin/bash
# A store that is missing, foreign, unreadable, newer or damaged: each command
# that meets it says so by name, with its status, and never less than everything
# with success.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
requires python3

mkdir -p tree/dir
for i in $(seq 40); do
	echo "$i" > "tree/dir/file$i"
done
scan()	# STORE [HOST]
{
	run_status lindex scan --config /dev/null --store "$1" \
	    --host "${2:-web01}" -U tree
}
for i in 1 2 3; do
	mv "tree/dir/file$i" "tree/dir/moved$i"
	scan store
	[ "$status" = 0 ] || fail "scan: $(cat err)"
done
scan store db
[ "$status" = 0 ] || fail "scan: $(cat err)"
cp -a store whole
fresh()
{
	rm -rf store
	cp -a whole store
}

readers_say()	# STATUS TEXT STORE: of whatever does not make a store
{
	local c
	for c in "lsearch file" "lindex check" "lindex snapshots" \
	    "lindex hosts" "lindex stats" "lindex compact" \
	    "lindex prune --config /dev/null --keep-last 1"; do
		# shellcheck disable=SC2086
		expect_status "$1" $c --store "$3"
		has_text "$2" err
		has_text "$3" err
		[ ! -s out ] || fail "$c: output"
	done
}

# ---- missing, or something else ----

readers_say 2 "there is no such store" "$T/nowhere"
[ ! -e nowhere ] || fail "it was made"
readers_say 2 "not a directory" "$T/tree/dir/file9"
mkdir foreign
echo precious > foreign/data
readers_say 2 "not a store" "$T/foreign"
scan "$T/foreign"
[ "$status" = 2 ] || fail "a scan into a foreign directory: $status"
has_text "not a store" err
[ "$(ls foreign)" = data ] || fail "a foreign directory was used"

# ---- a manifest that is lost, empty, or no database ----

fresh
rm store/manifest.db
readers_say 2 "manifest.db" "$T/store"
scan "$T/store"
[ "$status" = 2 ] || fail "a scan without the manifest: $status"
has_text "put the manifest back" err
fresh
: > store/manifest.db
readers_say 2 "manifest.db is damaged" "$T/store"
scan "$T/store"
[ "$status" = 2 ] || fail "a scan with an empty manifest: $status"
has_text "manifest.db is damaged" err
head -c 40960 /dev/urandom > store/manifest.db
readers_say 2 "manifest.db is damaged" "$T/store"
scan "$T/store"
[ "$status" = 2 ] || fail "a scan with garbage for a manifest: $status"
[ "$(ls store/seg)" = "$(ls whole/seg)" ] || fail "segments are gone"

# ---- a newer format ----

fresh
python3 -c '
import sqlite3
db = sqlite3.connect("store/manifest.db")
db.execute("update meta set value = 99 where key = ?", ("format",))
db.commit()'
readers_say 2 "the store has format 99" "$T/store"
has_text "newer version" err
scan "$T/store"
[ "$status" = 2 ] || fail "a scan into a newer store: $status"
has_text "format 99" err

fresh
printf '\143' | dd of=store/seg/2.seg bs=1 seek=8 conv=notrunc status=none
expect_status 3 lsearch --store store file
has_text 'segment 2.seg' err
has_text 'newer' err
expect_status 1 lindex check --store store
has_text 'segment 2.seg' err
has_text 'newer' err
scan "$T/store"
[ "$status" = 2 ] || fail "a scan over a newer segment: $status"
has_text '2.seg' err

# ---- any byte flipped, cut anywhere ----

fresh
cat > damage.py <<'END'
import os, shutil, subprocess, sys

def run(*args):
    p = subprocess.run(args, capture_output=True, timeout=60,
        env=dict(os.environ, ASAN_OPTIONS="exitcode=99"))
    return p.returncode, p.stdout, p.stderr.decode(errors="replace")

READERS = [(("lsearch", "--store", "store", "file"), (2, 3)),
    (("lindex", "check", "--store", "store"), (1, 2)),
    (("lindex", "snapshots", "--store", "store"), (2,))]
SCAN = ("lindex", "scan", "--config", "/dev/null", "--store", "store",
    "--host", "web01", "-U", "tree")
def fresh():
    shutil.rmtree("store")
    shutil.copytree("whole", "store")

fresh()
WANT = [run(*c)[:2] for c, _ in READERS]
assert [w[0] for w in WANT] == [0, 0, 0], WANT

def told(what, name, command, status, err):
    if name not in err or f"{command[0]}: store store: " not in err:
        sys.exit(f"{what}: {command}: status {status}, but: {err}")

def look(what, name):
    for (c, statuses), want in zip(READERS, WANT):
        status, out, err = run(*c)
        if (status, out) == want:
            continue
        if status not in statuses:
            sys.exit(f"{what}: {c}: status {status}: {err} {out}")
        told(what, name, c, status, err)

def record(what, name):
    segs = set(os.listdir("store/seg"))
    status, out, err = run(*SCAN)
    if status == 2:
        told(what, name, SCAN, status, err)
    elif status != 0:
        sys.exit(f"{what}: scan: status {status}: {err}")
    if not segs <= set(os.listdir("store/seg")):
        sys.exit(f"{what}: a scan took a segment away")

def damage(name, offsets, cuts):
    path = "store/" + name
    with open("whole/" + name, "rb") as f:
        whole = f.read()
    short = os.path.basename(name)
    cases = []
    for at in offsets:
        flipped = bytearray(whole)
        flipped[at] ^= 0x41
        cases.append((f"{name}: byte {at} flipped", flipped))
    for at in cuts:
        cases.append((f"{name}: cut at {at}", whole[:at]))
    for i, (what, content) in enumerate(cases):
        fresh()
        with open(path, "wb") as f:
            f.write(content)
        look(what, short)
        # a scan waits for the disk
        if i % 3 == 0:
            record(what, short)

which, n = sys.argv[1], int(sys.argv[2])
size = os.path.getsize("whole/" + which)
spread = lambda n: sorted({size * i // n for i in range(n)} | {size - 1})
if which == "manifest.db":
    # the head of the file and of a page, and whatever comes in between
    damage(which, [0, 16, 18, 24, 28, 44, 56, 60, 95, 100, 103, 105, 4096,
        4099, 4101, 4104] + spread(n), spread(n // 3))
else:
    damage(which, spread(n), spread(n // 3))
END
n=8
python3 damage.py manifest.db $n
python3 damage.py seg/1.seg $n
python3 damage.py seg/2.seg $n

# ---- who may not read it ----

requires_root
fresh
chmod -R go-rwx store
stranger()	# COMMAND...
{
	expect_status 2 as_ids 54321 54321 "$(command -v "$1")" "${@:2}" \
	    --store "$T/store"
	has_text "store $T/store: permission denied" err
}
stranger lindex scan --config /dev/null --host web01 -U "$T/tree"
for c in "lsearch file" "lindex snapshots" "lindex hosts"; do
	# shellcheck disable=SC2086
	stranger $c
	has_text "group lookback" err
done
stranger lindex check
# A segment alone that may not be read is a part.
chmod -R go+rX store
chmod 600 store/seg/2.seg
expect_status 3 as_ids 54321 54321 "$(command -v lsearch)" --store "$T/store" file
has_text "2.seg" err
has_text "Permission denied" err
