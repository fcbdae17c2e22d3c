#!/bin/bash
# A damaged store: what can be searched is searched, what cannot is named, and
# the status says so. Who may not read it is told why.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
requires python3

feed=${HELPERS%/tools}/bench/feed
for i in 1 2 3; do
	seq -w 3000 | sed "s,.*,f\t1\t1704000000000000000\t/dir/file00&," > h$i.tsv
	"$feed" --store store --series host$i h$i.tsv
done
expect_status 0 lsearch --store store file001234
[ "$(wc -l < out)" = 3 ] || fail "three hosts"
cp -a store whole
fresh()
{
	rm -rf store
	cp -a whole store
}

# ---- a segment is missing ----
rm store/seg/2.seg
expect_status 3 lsearch --store store -N file001234
same_text <<END
host1:/dir/file001234
host3:/dir/file001234
END
has_text 'segment 2.seg is missing' err
expect_status 3 lsearch --store store nowhere
expect_status 3 lsearch --store store -q nowhere
[ ! -s err ] || fail "messages in spite of -q"
expect_status 3 lsearch --store store --jsonl file001234
tail -n 1 out | python3 -c '
import json, sys
end = json.loads(sys.stdin.read())
assert not end["complete"] and end["hits"] == 2, end
assert [s["segment"] for s in end["skipped"]] == [2], end
'

# ---- bytes flipped and cut off anywhere: no crash, never status 0 or 1 with
# less than everything ----
flip()	# FILE OFFSET
{
	python3 -c '
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2])); c = f.read(1)[0]
    f.seek(int(sys.argv[2])); f.write(bytes([c ^ 0x41]))
' "$1" "$2"
}
fresh
size=$(stat -c %s store/seg/2.seg)
lsearch --store whole -N file > all || fail "the whole store"
for at in $(seq 0 $((size / 40 + 1)) $((size - 1))) $((size - 1)); do
	cp whole/seg/2.seg store/seg/
	flip store/seg/2.seg "$at"
	run_status lsearch --store store -N file
	case $status in
	3)	grep -q '^lsearch: store store: segment 2.seg' err || fail "flip at $at: $(cat err)" ;;
	0)	cmp -s all out || fail "flip at $at: less found, and status 0" ;;
	*)	fail "flip at $at: status $status" ;;
	esac
	cp whole/seg/2.seg store/seg/
	truncate -s "$at" store/seg/2.seg
	expect_status 3 lsearch --store store -N file001234
	has_text '2.seg' err
	[ "$(wc -l < out)" = 2 ] || fail "cut at $at: the rest was not searched"
done

# ---- the manifest ----
fresh
dd if=/dev/urandom of=store/manifest.db bs=1 seek=0 count=100 conv=notrunc status=none
expect_status 2 lsearch --store store file
has_text manifest err
fresh
python3 -c '
import sqlite3
db = sqlite3.connect("store/manifest.db")
db.execute("update meta set value = 99 where key = ?", ("format",))
db.commit()
'
expect_status 2 lsearch --store store file
has_text 99 err

# ---- who may read it ----
fresh
requires_root
chmod 750 store store/seg
chgrp -R 12345 store
chmod -R g+rX store
expect_status 0 as_ids 54321 54321,12345 "$(command -v lsearch)" --store "$T/store" -N file001234
[ "$(wc -l < out)" = 3 ] || fail "a member of the group"
expect_status 2 as_ids 54321 54321 "$(command -v lsearch)" --store "$T/store" -N file001234
has_text 'lookback' err
[ ! -s out ] || fail "output for a stranger"
