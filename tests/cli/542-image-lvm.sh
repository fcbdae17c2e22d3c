#!/bin/bash
# Volume groups as LVM's own tools make them: linear and striped volumes are
# read; what else there is, and what is damaged, says so.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/image.sh"
. "$TOP/tests/cli/lvm.sh"
requires_root
requires pvcreate vgcreate lvcreate losetup sfdisk mke2fs python3

mkdir -p tree/dir
head -c 9000000 /dev/urandom > tree/dir/random
make_ext ext
truncate -s 100M disk one
truncate -s 50M other
sfdisk -q disk <<-END
	label: gpt
	start=1MiB, size=40MiB
	start=41MiB, size=40MiB
END
add_loop disk $((1 << 20)) 40
add_loop disk $((41 << 20)) 40
add_loop one 0 100
add_loop other 0 50
lvm_on pvcreate "${loops[@]}"
lvm_on vgcreate -s 1M my-vg "${loops[0]}" "${loops[1]}"
lvm_on vgcreate -s 1M vg1 "${loops[2]}" "${loops[3]}"
# Linear in one piece and in two, and striped.
lvm_on lvcreate -an -Zn -Wn -L 22M -n root my-vg "${loops[0]}"
lvm_on lvcreate -an -Zn -Wn -l 22 -i 2 -I 64k -n str_iped my-vg
lvm_on lvcreate -an -Zn -Wn -l 6 -n two my-vg "${loops[0]}"
lvm_on lvextend -l +18 my-vg/two "${loops[1]}"
lvm_on lvcreate -an -Zn -Wn -L 22M -n here vg1 "${loops[2]}"
lvm_on lvcreate -an -Zn -Wn -L 22M -n there vg1 "${loops[3]}"
# Disks of virtual machines.
lvm_on lvcreate -an -Zn -Wn -L 24M -n vm vg1 "${loops[2]}"
lvm_on lvcreate -an -Zn -Wn -L 9M -n guest vg1 "${loops[2]}"
end_loops
make_disk vm 24 ext
truncate -s 9M guest
add_loop guest 0 9
lvm_on pvcreate "${loops[0]}"
end_loops

both=(pv0=$((1 << 20)) pv1=$((41 << 20)))
for lv in root str_iped two; do
	fill_lv disk $((1 << 20)) ext $lv "${both[@]}"
done
for lv in ext:here vm:vm guest:guest; do
	fill_lv one 0 "${lv%:*}" "${lv#*:}" pv0=0
done

list()	# IMAGE
{
	expect_status 0 source_tool list "image:$T/$1"
}
list disk
for lv in root str_iped two; do
	has_text " /my--vg-$lv/dir/file"
done
lacks_text unread:
lacks_text ' /p1'
expect_status 0 source_tool cat "image:$T/disk" /my--vg-root/dir/file \
    /my--vg-str_iped/dir/file /my--vg-two/dir/file
same_text <<< $'hello\nhello\nhello'
for lv in root str_iped two; do
	expect_status 0 source_tool cat "image:$T/disk" /my--vg-$lv/dir/random
	cmp out tree/dir/random || fail "$lv is read wrong"
done

# No table, and a part that is not here.
list one
has_text ' /vg1-here/dir/file'
has_text 'unread: /vg1-there: part of it lies on another disk'
has_text ' /vg1-vm/p1/dir/file'
lacks_text 'unread: /vg1-vm'
has_text 'unread: /vg1-guest: LVM within a logical volume, which is not read'
expect_status 0 source_tool cat "image:$T/one" /vg1-here/dir/file \
    /vg1-vm/p1/dir/file
same_text <<< $'hello\nhello'

# A physical volume that no group has.
truncate -s 0 other
truncate -s 20M other
add_loop other 0 20
lvm_on pvcreate "${loops[0]}"
end_loops
list other
same_text < /dev/null

# ---- what is not read, and lies ----

lie()	# FROM TO: in the text, which keeps its length and a sum that fits
{
	cp --sparse=always one lie
	python3 - "$1" "$2" <<-'END'
		import struct, sys
		def crc(d):
		    c = 0xf597a6cf
		    for b in d:
		        c ^= b
		        for _ in range(8):
		            c = c >> 1 ^ (0xedb88320 if c & 1 else 0)
		    return c
		f = open("lie", "r+b")
		f.seek(4096)
		h = bytearray(f.read(512))
		off, size = struct.unpack_from("<QQ", h, 40)
		f.seek(4096 + off)
		t = f.read(size)
		a, b = [eval("b'''%s'''" % s) for s in sys.argv[1:]]
		assert a in t
		t = t.replace(a, b)
		t = t[:size] + b"\n" * (size - len(t))
		f.seek(4096 + off)
		f.write(t)
		struct.pack_into("<I", h, 56, crc(t))
		struct.pack_into("<I", h, 0, crc(h[4:]))
		f.seek(4096)
		f.write(h)
	END
	expect_status 0 timeout 60 bin/source list "image:$T/lie"
}
lie 'type = "striped"' 'type = "raid1"'
has_text 'unread: /vg1-here: a logical volume of type raid1, which is not read'
lie 'type = "striped"' 'type = "thin"'
has_text 'of type thin, which is not read'
lie 'start_extent = 0' 'start_extent = 1'
has_text "unread: /vg1-here: LVM's metadata are damaged"
lie 'extent_size = 2048' 'extent_size = 0'
has_text "unread: /: LVM's metadata are damaged"
lie 'extent_count = 22' 'extent_count = 99999999'
has_text ' /vg1-here'
lie 'extent_count = 22' 'extent_count = 18446744073709551615'
has_text "unread: /vg1-here: LVM's metadata are damaged"
lie 'pe_start = 2048' 'pe_start = 9999999'
has_text 'unread: /vg1-here: '
lie 'here {' '../{'
has_text "unread: /: LVM's metadata are damaged"
lie 'stripe_count = 1' 'stripe_count = 9'
has_text 'unread: /vg1-here: '
lie 'flags = []' 'flags = ['
has_text "unread: /: LVM's metadata are damaged"
cp --sparse=always one lie
printf x | dd of=lie bs=1 seek=4100 conv=notrunc status=none
list lie
has_text "unread: /: LVM's metadata are damaged"
! grep -qsF "$T" /sys/block/loop*/loop/backing_file || fail "a loop is left"
