#!/bin/bash
# xfs and btrfs that do not lie in one run in the image: in a qcow2, on logical
# volumes in pieces. The kernel reads them through a server of ours, and nothing of
# it all stays: no mount, loop device or process, whoever is killed.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/mounts.sh"
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/archives.sh"
. "$TOP/tests/cli/images.sh"
. "$TOP/tests/cli/image.sh"
. "$TOP/tests/cli/lvm.sh"
requires_trust xfs btrfs
requires mkfs.xfs mkfs.btrfs btrfs qemu-img sfdisk
requires pvcreate vgcreate lvcreate lvextend python3

Q=$UNIQUE.qcow2
source_tool 2> /dev/null || true	# makes bin/source
before=$(cat /proc/self/mountinfo)
nothing()
{
	nothing_left && [ "$(cat /proc/self/mountinfo)" = "$before" ]
}

# IMAGE NAME [DIR]: all of it in out, a line an item; in NAME.items what is below
# DIR, as if that were the root
trusted()
{
	expect_status 0 timeout 300 bin/source -0 -o trust=yes list \
	    "image:$T/$1"
	tr '\n\0' '?\n' < out > lines
	mv lines out
	LC_ALL=C sed -n "s, ${3:-}/\([^ ]\), /\1,p" out | LC_ALL=C sort > "$2.items"
	[ -s "$2.items" ] || fail "$1: nothing below ${3:-/}"
	lacks_text unread:
	wait_until 60 nothing
}

same_as_whole()	# NAME...: their items are those of whole.items
{
	local n
	for n; do
		diff -au whole.items "$n.items" > differ ||
		    fail "$n is not as the whole: $(head -n 9 differ)"
	done
}

echo "== whole disks"
make_ext ext
rm -r tree
make_hard_tree tree
SOURCE=$T/source-trusted	# for same_image
printf '#!/bin/sh\nexec %s -o trust=yes "$@"\n' "$T/bin/source" > "$SOURCE"
chmod +x "$SOURCE"
for fs in xfs btrfs; do
	truncate -s 350M $fs
	mkfs.$fs -q $fs > /dev/null
	in_mount $fs 'cp -a ../tree/. .'
	qemu-img convert -f raw -O qcow2 $fs "$Q"
	same_image "$Q" tree
	wait_until 60 nothing
	trusted $fs whole
	trusted "$Q" qcow2
	same_as_whole qcow2
done
trusted xfs whole

echo "== partitions, subvolumes"
mkdir tree/many
python3 -c '
for i in range(12000): open("tree/many/%0240d" % i, "w").close()'
truncate -s 200M btrfs
mkfs.btrfs -q -f btrfs > /dev/null
in_mount btrfs '
	btrfs -q subvolume create home
	btrfs -q subvolume set-default home
	cp -a ../tree/. home
	btrfs -q subvolume snapshot home .snap
	rm home/plain'
make_disk disk 600 ext xfs btrfs
qemu-img convert -f raw -O qcow2 disk "$Q"
listing "$Q"
has_text ' /p1/dir/file'
has_text ' /p2/plain'
has_text ' /p3/home/random'
wait_until 60 nothing
trusted "$Q" p2 /p2
same_as_whole p2
has_text ' /p1/dir/file'
has_text ' /p3/.snap/plain'
has_text ' /p3/home/random'
lacks_text ' /p3/home/plain'
[ "$(grep -c /p3/home/many/ out)" = 12000 ] || fail "not all of many"
expect_status 0 "$SOURCE" cat "image:$T/$Q" /p1/dir/file /p2/random \
    /p3/home/random
(echo hello && cat tree/random tree/random) | cmp - out
for kind in vmdk vhdx vdi; do
	qemu-img convert -f raw -O $kind disk "$UNIQUE.$kind"
	trusted "$UNIQUE.$kind" $kind /p2
	same_as_whole $kind
done

echo "== logical volumes in pieces"
truncate -s 420M lvm
sfdisk -q lvm <<-END
	label: gpt
	start=1MiB, size=205MiB
	start=206MiB, size=205MiB
END
pvs=(pv0=$((1 << 20)) pv1=$((206 << 20)))
add_loop lvm $((1 << 20)) 205
add_loop lvm $((206 << 20)) 205
lvm_on pvcreate "${loops[@]}"
lvm_on vgcreate -s 1M rhel "${loops[@]}"
lvm_on lvcreate -an -Zn -Wn -l 180 -n root rhel "${loops[0]}"
lvm_on lvextend -l +170 rhel/root "${loops[1]}"
end_loops
fill_lv lvm $((1 << 20)) xfs root "${pvs[@]}"
qemu-img convert -f raw -O qcow2 lvm "$Q"
mv lvm "$UNIQUE.raw"
for image in "$Q" "$UNIQUE.raw"; do
	listing "$image"
	has_text ' /rhel-root/plain'
	trusted "$image" lvm /rhel-root
	same_as_whole lvm
	expect_status 0 "$SOURCE" cat "image:$T/$image" /rhel-root/random
	cmp out tree/random
done
rm "$UNIQUE.raw"
