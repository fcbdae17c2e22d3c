#!/bin/bash
# Volume groups as LVM's own tools make them: linear and striped volumes are
# read; what else there is, and what is damaged, says so.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/image.sh"
requires_root
requires pvcreate vgcreate lvcreate losetup sfdisk mke2fs python3

export LVM_SUPPRESS_FD_WARNINGS=1
loops=()
lvm_on()	# COMMAND ARGUMENT...: without the device mapper
{
	local command=$1
	shift
	"$command" --driverloaded n --config "
		devices { use_devicesfile=0 dir=\"/dev\"
			filter=[$(printf '"a|^%s$|",' "${loops[@]}")\"r|.*|\"] }
		global { event_activation=0 locking_dir=\"$T\" }
		activation { udev_sync=0 udev_rules=0 monitoring=0 }
		backup { backup=0 archive=0 }" "$@" > lvm.log 2>&1 ||
	    fail "$command $*: $(cat lvm.log)"
}
end_loops()
{
	[ ${#loops[@]} = 0 ] || losetup -d "${loops[@]}"
	loops=()
}
trap 'end_loops; at_end' EXIT

make_ext ext
truncate -s 100M disk one
truncate -s 50M other
sfdisk -q disk <<-END
	label: gpt
	start=1MiB, size=40MiB
	start=41MiB, size=40MiB
END
for at in 1 41; do
	loops+=("$(losetup -f --show -o $((at << 20)) --sizelimit $((40 << 20)) \
	    disk)") || skip "no loop devices here"
done
loops+=("$(losetup -f --show one)")
loops+=("$(losetup -f --show other)")
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
end_loops

# Where LVM put them, asked of its own text: what is copied there is not by our
# reckoning but by LVM's map.
python3 - <<'END'
import re
ext = open("ext", "rb").read()
def text(image, at):
    f = open(image, "rb")
    f.seek(at + 4096 + 40)
    off, size = [int.from_bytes(f.read(8), "little") for _ in range(2)]
    f.seek(at + 4096 + off)
    return f.read(size).decode()
def put(image, vg_at, pv_at, lv):
    t = text(image, vg_at)
    lv = t[t.index("\n%s {" % lv):]
    done = 0
    with open(image, "r+b") as f:
        n = int(re.search(r"segment_count = (\d+)", lv)[1])
        for seg in re.findall(r"segment\d+ \{(.*?)\n\}", lv, re.S)[:n]:
            count = int(re.search(r"extent_count = (\d+)", seg)[1]) << 20
            stripes = re.findall(r'"(pv\d)", (\d+)', seg)
            size = re.search(r"stripe_size = (\d+)", seg)
            size = int(size[1]) * 512 if size else count
            for i in range(0, count, size):
                pv, at = stripes[i // size % len(stripes)]
                f.seek(pv_at[pv] + (1 << 20) + (int(at) << 20) +
                    i // size // len(stripes) * size)
                f.write(ext[done + i:done + i + size])
            done += count
both = {"pv0": 1 << 20, "pv1": 41 << 20}
for lv in ("root", "str_iped", "two"):
    put("disk", 1 << 20, both, lv)
put("one", 0, {"pv0": 0}, "here")
END

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

# No table, and a part that is not here.
list one
has_text ' /vg1-here/dir/file'
has_text 'unread: /vg1-there: part of it lies on another disk'

# A physical volume that no group has.
truncate -s 0 other
truncate -s 20M other
loops=("$(losetup -f --show other)")
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
