#!/bin/bash
# How lsearch prints: to a terminal, to a pipe, as JSON Lines; names of any
# bytes.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
requires script python3

mkdir tree
printf 'x' > tree/plain
printf 'xy' > "tree/$(printf 'new\nline')"
printf '' > "tree/$(printf 'esc\033[2Jape')"
printf '' > "tree/$(printf 'latin\351')"
printf '' > "tree/$(printf '\303\251t\303\251')"
ln -s "$(printf 'to\377')" tree/link
lindex scan --host h1 --prunepaths= --prunefs= --prune-bind-mounts=no -U "$T/tree" \
    --store store 2> /dev/null
rm tree/plain
lindex scan --host h1 --prunepaths= --prunefs= --prune-bind-mounts=no -U "$T/tree" \
    --store store 2> /dev/null

on_terminal()	# COMMAND: its output on a terminal, in $T/out
{
	script -qec "$1" /dev/null < /dev/null | tr -d '\r' > out
}

# ---- a terminal ----
TERM=xterm on_terminal 'lsearch --store store tree/'
has_text "$(printf '\033[31mdeleted\033[0m')"
has_text 'first seen'
has_text 'h1:'"$T"'/tree/new\nline'
has_text 'esc\x1b[2Jape'
has_text 'latin\xe9'
has_text "$(printf '\303\251t\303\251')"
TERM=dumb on_terminal 'lsearch --store store plain'
lacks_text "$(printf '\033')"
grep -qE '^[0-9-]{10} [0-9:]{5}  [0-9-]{10} [0-9:]{5}  deleted   1      1  h1:/' out ||
    fail "columns on a terminal"
NO_COLOR=1 TERM=xterm on_terminal 'lsearch --store store plain'
lacks_text "$(printf '\033')"
TERM=xterm on_terminal 'lsearch --store store -N latin'
has_text 'latin\xe9'
lacks_text 'first seen'
TERM=xterm on_terminal 'lsearch --store store -0 latin'
has_text "$(printf 'latin\351')"

# ---- a pipe ----
lsearch --store store -N esc > out
has_text "$(printf 'esc\033[2Jape')"
lsearch --store store latin > out
has_text "$(printf 'latin\351')"
lsearch --store store -0 -N 'new' > out
printf 'h1:%s/tree/new\nline\0' "$T" | cmp - out || fail "-0"

# ---- JSON Lines ----
lsearch --store store --jsonl tree/ > out
python3 -c '
import base64, json, os, sys
top = sys.argv[1]
lines = [json.loads(l) for l in open("out", encoding="utf-8")]
assert all(l["v"] == 1 for l in lines)
hits, end = lines[:-1], lines[-1]
assert all(h["type"] == "hit" for h in hits)
assert end == {"v": 1, "type": "summary", "complete": True,
    "hits": 6, "limited": False, "hosts": 1, "series": 1,
    "skipped": [], "stale": []}, end
def path(h):
    if "path" in h:
        assert h["ref"] == "h1:" + h["path"]
        return os.fsencode(h["path"])
    p = base64.b64decode(h["path_b64"])
    assert base64.b64decode(h["ref_b64"]) == b"h1:" + p
    return p
by = {path(h)[len(top) + 6:]: h for h in hits}
assert set(by) == {b"plain", b"new\nline", b"esc\x1b[2Jape", b"latin\xe9",
    "\u00e9t\u00e9".encode(), b"link"}, by.keys()
for n, h in by.items():
    assert h["host"] == h["series"] == "h1"
    assert h["state"] == ("deleted" if n == b"plain" else "present")
    (v,) = h["versions"]
    assert v["from"] == h["first_seen"] == (h["last_seen"]
        if n == b"plain" else v["from"])
    assert (v["to"] is None) == (n != b"plain")
    if n == b"plain":
        assert v["to"] == h["state_since"] > v["from"]
    if n != b"plain":
        st = os.lstat(os.path.join(os.fsencode(top), b"tree", n))
        assert v["mode"] == "%04o" % (st.st_mode & 0o7777), v
        assert (v["size"], v["uid"], v["gid"]) == (st.st_size, st.st_uid,
            st.st_gid)
        assert v["mtime"].startswith("20")
    assert v["type"] == ("l" if n == b"link" else "f")
assert base64.b64decode(by[b"link"]["versions"][0]["target_b64"]) == b"to\xff"
' "$T"
lsearch --store store --jsonl -l 1 tree/ | tail -n 1 > out
has_text '"limited":true'
expect_status 1 lsearch --store store --jsonl nowhere
has_text '"hits":0'

# ---- why nothing was found ----
mkdir -p tree/cache/deep
lindex scan --host h1 --prunepaths="$T/tree/cache" --prunenames=.git --prunefs= \
    --prune-bind-mounts=no -U "$T/tree" --store store 2> /dev/null
expect_status 1 lsearch --store store "$T/tree/cache/deep"
has_text "h1 does not look there: PRUNEPATHS $T/tree/cache" err
expect_status 1 lsearch --store store "$T/tree/cache/*.o"
has_text "PRUNEPATHS" err
expect_status 1 lsearch --store store .git/config
has_text "h1 does not look there: PRUNENAMES .git" err
expect_status 1 lsearch --store store /elsewhere/x
has_text "outside $T/tree" err
expect_status 1 lsearch --store store nowhere
[ ! -s err ] || fail "a reason for no path"
expect_status 1 lsearch --store store -q .git/config
[ ! -s err ] || fail "a reason with -q"
expect_status 0 lsearch --store store tree/cache
