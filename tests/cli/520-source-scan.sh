#!/bin/bash
# lindex scan --source: what is no live file system is recorded as it is, also
# where only a part of it can be had.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
requires tar gzip flock

S=$T/store
cat > plain.conf <<END
host = backup1
store = $S
END

scan()	# URI [OPTION...]
{
	lindex scan --config "$T/plain.conf" --host web01 --source "$@" \
	    < /dev/null
}

listing()	# SERIES [OPTION...]
{
	local series=$1
	shift
	"$HELPERS/listing" "$@" "$S" "$series"
}

n_of()	# SERIES: how many snapshots
{
	[ ! -e "$S" ] || lindex snapshots --store "$S" --jsonl |
	    grep -cF "\"series\":\"$1\"" || true
}

# ---- a directory tree ----

mkdir -p tree/a/b tree/empty
echo one > tree/a/b/one
echo two > tree/a/two
ln -s /etc tree/link
mkfifo tree/fifo
touch $'tree/a/new\nline' $'tree/\xff' tree/..two
expect_status 0 scan "file:$T/tree" -v
has_text "/a/b/one"
(cd tree && find . -printf '/%P\0') | LC_ALL=C sort -z > want
listing web01/file/tree -0 | LC_ALL=C sort -z > got
cmp want got || fail "the listing is not the tree"
listing web01/file/tree -l > list
has_text "f 4 put /a/b/one" list
has_text "l 4 put /link" list
lindex snapshots --store "$S" > out
has_text "file://backup1$T/tree"

# What is not there at the next scan is gone; a relative path is the same tree.
rm tree/a/two
expect_status 0 scan file:tree -v
has_text "1 gone, 0 unseen" err
listing web01/file/tree > list
lacks_text /a/two list

# Types alone; what was known of the rest stays.
echo longer > tree/a/b/one
expect_status 0 scan file:tree --names-only -v
has_text "0 new or changed, 0 gone, 0 unseen" err
expect_status 0 scan file:tree -v
has_text "1 new or changed, 0 gone" err

# ---- what cannot be read stays ----

mkdir tree/a/closed open
touch tree/a/closed/secret
expect_status 0 scan file:tree
chmod 0 tree/a/closed
rm tree/..two
if [ "$(id -u)" = 0 ]; then
	chown -R 65534:65534 "$S"
	nobody() { as_ids 65534 65534 "$BIN/lindex" "$@"; }
else
	nobody() { lindex "$@"; }
fi
expect_status 3 nobody scan --config "$T/plain.conf" --host web01 \
    --source file:tree -v
has_text "/a/closed: Permission denied" err
has_text "1 gone, 0 unseen" err
listing web01/file/tree > list
has_text /a/closed/secret list
chmod 755 tree/a/closed
[ "$(id -u)" != 0 ] || chown -R 0:0 "$S"
expect_status 0 scan file:tree

# ---- archives: any order, missing parents, the last of several counts ----

mkdir -p in/etc/deep
echo 1 > in/etc/z
echo 22 > in/etc/deep/a
echo 1 > in/etc/b
tar -C in -cf etc.tar etc/z etc/deep/a etc/b
echo 4444 > in/etc/z
tar -C in -rf etc.tar etc/z
touch -d '2026-11-20 02:00' etc.tar
expect_status 0 scan archive:etc.tar -v
same_text <<END
/
/etc
/etc/b
/etc/deep
/etc/deep/a
/etc/z
END
has_text "snapshot 1 of 2026-11-20 02:00:00" err
listing web01/archive/etc -l > list
has_text "f 5 put /etc/z" list

# One that is no newer is refused by name, and the store is as it was.
touch -d '2026-11-19 02:00' etc.tar
expect_status 2 scan archive:etc.tar
has_text "etc.tar: is of 2026-11-19 02:00:00, older than the newest snapshot of web" err
touch -d '2026-11-20 02:00' etc.tar
expect_status 2 scan archive:etc.tar
has_text "web01/archive/etc has a snapshot of 2026-11-20 02:00:00 already" err
[ "$(n_of web01/archive/etc)" = 1 ] || fail "an older archive was recorded"

# A name that leads upwards is recorded, and told.
tar -C in -P --transform='s,^etc/b,../etc/../b,' -cf etc.tar etc
touch -d '2026-11-21 02:00' etc.tar
expect_status 0 scan archive:etc.tar
has_text '1 names with ".." in them, which lget will not write' err
listing web01/archive/etc > list
has_text /../etc/../b list

# Cut off: what came counts, what did not come stays.
head -c 300000 /dev/urandom > in/etc/random
for i in {100..400}; do
	echo "$i" > "in/etc/f$i"
done
(cd in && tar -cf ../night.tar etc/random etc/z etc/deep etc/f*)
touch -d '2026-11-22 02:00' night.tar
expect_status 0 scan archive:night.tar --series web01/backup/etc
head -c 400000 night.tar > cut.tar
touch -d '2026-11-23 02:00' cut.tar
expect_status 3 scan archive:cut.tar --series web01/backup/etc -v
has_text "recorded as far as it came" err
has_text "0 gone, 0 unseen" err
listing web01/backup/etc > list
has_text /etc/f400 list
# What was incomplete may be tried again, until it is not.
expect_status 3 scan archive:cut.tar --series web01/backup/etc
cp night.tar cut.tar
touch -d '2026-11-23 02:00' cut.tar
expect_status 0 scan archive:cut.tar --series web01/backup/etc
expect_status 2 scan archive:cut.tar --series web01/backup/etc
has_text "web01/backup/etc has a snapshot of 2026-11-23 02:00:00 already" err
# Without one of them.
rm in/etc/f400
tar -C in -cf night.tar etc
touch -d '2026-11-24 02:00' night.tar
expect_status 0 scan archive:night.tar --series web01/backup/etc -v
has_text "1 gone, 0 unseen" err
clean_store "$S"

# ---- what is wrong is told, and nothing is made ----

refused()	# TEXT OPTION...
{
	local text=$1
	shift
	expect_status 2 lindex scan --config "$T/plain.conf" --host web01 \
	    --store "$T/none" "$@"
	has_text "$text" err
	[ ! -e "$T/none" ] || fail "there is a store"
}

refused 'has no SCHEME: in front' --source "$T/tree"
refused 'names no file' --source archive:
refused 'No such file or directory' --source archive:nowhere.tar
refused 'is on elsewhere, this is backup1' --source "file://elsewhere$T/tree"
refused 'no %XX' --source archive:a%zz
refused 'no port' --source sftp://root@host:0/
refused 'for the live file system' --source file:tree -U /
refused 'for the live file system' --source file:tree --prunepaths /tmp
refused 'go with --source' --series web01/x
refused 'go with --source' --trust-image
refused 'does not begin with web01/' --source file:tree --series db01/x
refused 'does not begin with web01/' --source file:tree --series web01
refused 'is not the name of a series' --source file:tree --series web01/a:b
mkdir 'with space'
refused 'give one by --series' --source 'file:with space'
refused 'given twice' --source file:tree --format a --format b
refused 'no plugin nosuch' --source nosuch:tree
refused 'is no directory' --source file:etc.tar
refused 'fs: has no option trust' --source file:tree --trust-image
refused 'archive:' --source archive:tree/a/b/one --series web01/archive/x

before=$(n_of web01)
expect_status 2 scan nosuch:tree
expect_status 2 scan archive:tree/a/b/one --series web01/archive/x
[ "$(n_of web01)" = "$before" ] || fail "something was recorded"

# ---- one recorder of a series at a time ----

exec 9<> "$S/series/web01+file+tree.lock"
flock 9
expect_status 2 scan file:tree
has_text 'web01/file/tree is being recorded by' err
expect_status 0 scan file:tree --series web01/other
exec 9>&-
