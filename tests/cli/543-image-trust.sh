#!/bin/bash
# What no reader in user space knows is told, and the rest indexed; with trust
# the kernel reads it, and neither mount nor loop device stays, whatever happens.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/mounts.sh"
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/image.sh"
requires_trust xfs btrfs squashfs
requires sfdisk mke2fs mkfs.xfs mkfs.btrfs mksquashfs

make_ext ext
python3 -c '
import os
os.mkdir("tree/many")
for i in range(12000): os.link("tree/dir/file", "tree/many/%0240d" % i)'
cat > proto <<-END
	/
	0 0
	d--755 0 0
	file ---640 5 6 proto
	link l--777 0 0 file
	dir d--755 7 8
	sub d--700 0 0
	deep -u-755 0 0 table.txt
	\$
	\$
	\$
END
head -c 3000000 /dev/urandom > table.txt
truncate -s 300M xfs
mkfs.xfs -q -f -p proto xfs
truncate -s 120M btrfs
mkfs.btrfs -q --shrink -r tree btrfs > /dev/null
mksquashfs tree/dir squash -quiet -no-progress
make_disk disk 600 ext xfs btrfs squash

# ---- without trust ----

listing disk
has_text ' /p1/dir/file'
has_text ' /p2/dir/sub/deep'
has_text ' /p3/dir/file'
has_text "unread: /p4: squashfs: no reader in user space; --trust-image lets"
wait_until 60 nothing_left

# ---- with ----

listing disk -o trust=yes
lacks_text unread:
has_text ' /p1/dir/file'
grep -q '^f 640 5 6 .* /p2/file$' out || fail "no /p2/file"
grep -q '^f 4755 0 0 3000000 .* /p2/dir/sub/deep$' out || fail "no deep"
has_text ' /p2/link -> file'
has_text ' /p3/dir/file'
has_text ' /p4/file'
[ "$(grep -c /p3/many/ out)" = 12000 ] || fail "not all of /p3/many"
expect_status 0 source_tool -o trust=yes cat "image:$T/disk" \
    /p2/dir/sub/deep
cmp out table.txt
expect_status 0 source_tool -o trust=yes cat "image:$T/disk" \
    /p1/dir/file /p3/dir/file
same_text <<< $'hello\nhello'
listing xfs -o trust=yes
has_text ' /dir/sub/deep'
wait_until 60 nothing_left

# What is no file has no content.
expect_status 1 source_tool -o trust=yes cat "image:$T/disk" /p2/dir /p2/no

# A log that was not written back is not played: nothing is written.
sum=$(sha256sum < disk)
listing disk -o trust=yes
[ "$(sha256sum < disk)" = "$sum" ] || fail "the image was written to"

# What the kernel refuses says so.
cp --sparse=always xfs bad
printf '\377' | dd of=bad bs=1 seek=100 conv=notrunc status=none
head -c 4096 /dev/zero | dd of=bad bs=1 seek=8 conv=notrunc status=none
listing bad -o trust=yes
has_text 'unread: /: xfs: mount: '
# shellcheck disable=SC2016
setpriv --bounding-set -sys_admin --inh-caps -sys_admin -- \
    bin/source -o trust=yes list "image:$T/xfs" > out
has_text 'unread: /: xfs: '
wait_until 60 nothing_left

# ---- kill -9, with the mount in use ----

begin()	# sets lister
{
	rm -f hold
	mkfifo hold
	bin/source -o trust=yes list "image:$T/btrfs" > hold 2> err &
	lister=$!
	exec 9< hold
	read -r _ <&9
	grep -qF "$T/btrfs" /sys/block/loop*/loop/backing_file ||
	    fail "no loop device is at work"
}
begin
kill -KILL $lister
wait $lister || true
exec 9<&-
wait_until 60 nothing_left
begin
kill -KILL "$(pgrep -P "$lister")"
cat <&9 > /dev/null
exec 9<&-
status=0
wait $lister || status=$?
[ $status = 2 ] || fail "status $status after the source was killed"
wait_until 60 nothing_left
