#!/bin/bash
# Every kind of disk image says what the raw one says; what needs other files
# says so and opens none.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/image.sh"
requires qemu-img qemu-nbd sfdisk mke2fs mkswap

make_ext ext
truncate -s 1M empty
truncate -s 1M swap
mkswap -q swap 2> /dev/null
make_disk raw.img 50 empty ext swap

# ---- the same in every form ----

listing raw.img
cp out raw.list
has_text ' /p2/dir/file' raw.list
has_text ' /p2/link -> dir/file' raw.list
lacks_text /p1 raw.list	# empty
lacks_text /p3 raw.list	# swap
lacks_text unread raw.list

same()	# FILE FORMAT
{
	listing "$1"
	same_text raw.list < out
	expect_status 0 source_tool about "image:$T/$1"
	has_text "$2 "
	expect_status 0 source_tool cat "image:$T/$1" /p2/dir/file
	same_text <<< hello
}
same raw.img raw
make()	# FILE FORMAT [OPTION...]
{
	qemu-img convert -O "$2" "${@:3}" raw.img "$1"
}
make a.qcow2 qcow2
make z.qcow2 qcow2 -c
make zstd.qcow2 qcow2 -c -o compression_type=zstd
make l2.qcow2 qcow2 -o extended_l2=on
make old.qcow2 qcow2 -o compat=0.10
make a.qcow qcow
make a.vmdk vmdk
make s.vmdk vmdk -o subformat=streamOptimized
make a.vhd vpc
make f.vhd vpc -o subformat=fixed,force_size
make a.vhdx vhdx
make f.vhdx vhdx -o subformat=fixed
make a.vdi vdi
for f in *.qcow2; do
	same "$f" qcow2
done
same a.qcow qcow
for f in *.vmdk *.vhd *.vhdx *.vdi; do
	same "$f" "${f##*.}"
done
wait_until 60 nothing_left

# A file system with no table around it is the root.
listing ext
has_text ' /dir/file'
qemu-img convert -f raw -O qcow2 ext ext.qcow2
listing ext.qcow2
has_text ' /dir/file'

# ---- what is not the whole disk ----

refused()	# FILE WORDS
{
	expect_status 2 source_tool list "image:$T/$1"
	has_text "$2" err
	lacks_text root:
}
needs='which is not read: convert it (qemu-img convert)'
qemu-img create -q -f qcow2 -F raw -b /etc/passwd attack.qcow2
refused attack.qcow2 'needs its base image "/etc/passwd", '"$needs"
qemu-img create -q -f qcow2 -F raw -b raw.img top.qcow2
refused top.qcow2 'needs its base image "raw.img", '"$needs"
qemu-img create -q -f vmdk -F vmdk -b a.vmdk top.vmdk
refused top.vmdk "needs its base image, $needs"
make flat.vmdk vmdk -o subformat=monolithicFlat
refused flat.vmdk "needs the files with the disk's data"
make parts.vmdk vmdk -o subformat=twoGbMaxExtentSparse
refused parts-s001.vmdk "needs the other parts of the disk, $needs"
cp raw.img data
qemu-img create -q -f qcow2 -o data_file=data,data_file_raw=on data.qcow2 50M
refused data.qcow2 "needs its data file, $needs"
# As the header says it: qemu-img's own measures the machine first.
cp a.qcow2 secret.qcow2
printf '\0\0\0\2' | dd of=secret.qcow2 bs=1 seek=32 conv=notrunc status=none
refused secret.qcow2 "the image is encrypted"

# What a header does not confess, the jail keeps: a sparse vmdk whose own text
# names another file, and a data file behind a flag that is set late.
echo 'root:not for you' > other
printf '%s\n' '# Disk DescriptorFile' 'version=1' 'CID=fffffffe' \
    'parentCID=ffffffff' 'createType="monolithicFlat"' \
    "RW 8 FLAT \"$T/other\" 0" > named.vmdk
refused named.vmdk "needs the files with the disk's data"

# ---- damage ----

for n in 0 3 511 4096; do
	for f in a.qcow2 a.vmdk a.vhd a.vhdx a.vdi raw.img; do
		head -c $n "$f" > short
		run_status source_tool list "image:$T/short"
		case $status in 0 | 2) ;; *) fail "status $status: $f, $n" ;; esac
		[ -s out ] || [ -s err ] || [ $status = 0 ] ||
		    fail "no word: $f, $n"
	done
done
# One that is still being copied: qemu would give zeroes for the rest, which makes an
# empty disk or empty files.
for f in a.qcow2 z.qcow2 l2.qcow2 a.vmdk s.vmdk a.vdi; do
	for n in 1000 70000; do
		# That one has 64 KiB of nothing at its end.
		[ $f$n != s.vmdk1000 ] || continue
		head -c -$n "$f" > short
		refused short 'the image is cut off'
	done
done
: > short
refused short 'the image is empty'
# A disk may end in the middle of a piece.
truncate -s 3210240 odd
dd if=/dev/urandom of=odd bs=1 seek=3210000 conv=notrunc status=none count=240
for f in qcow2 vmdk vdi; do
	qemu-img convert -f raw -O $f odd odd.$f
	expect_status 0 source_tool list "image:$T/odd.$f"
done
# A million tables in one place.
qemu-img create -q -f qcow2 big.qcow2 400T
python3 - <<'END'
import struct
f = open("big.qcow2", "r+b")
head = f.read(48)
n, at = struct.unpack(">IQ", head[36:48])
f.seek(at)
f.write(struct.pack(">Q", 65536) * n)
END
refused big.qcow2 'more tables than it could hold'
# The data are cut off, the table stands: what is missing is said.
head -c 10M raw.img > short
listing short
has_text 'unread: /p2: '
echo no image > text
refused text 'neither partitions nor a file system that is known'

# Any byte of a header may lie.
python3 - <<'END'
import random
random.seed(5)
for f in ("a.qcow2", "a.vmdk", "a.vhdx", "a.vdi", "a.vhd"):
    data = bytearray(open(f, "rb").read())
    for i in range(4):
        lie = bytearray(data)
        for k in range(12):
            lie[random.randrange(8, 3000)] = random.randrange(256)
        open("lie.%d.%s" % (i, f), "wb").write(lie)
END
for f in lie.*; do
	run_status source_tool list "image:$T/$f"
	case $status in 0 | 2) ;; *) fail "status $status: $f" ;; esac
	lacks_text 'ended by signal' err
done
wait_until 60 nothing_left

# ---- kill -9 ----

# A listing that nobody takes on, of more than pipes and buffers hold.
# In many directories, since mke2fs looks for each name among all others of one.
python3 -c '
import os
for d in range(60):
    os.makedirs("tree/many/%d" % d)
    for i in range(200): os.link("tree/dir/file", "tree/many/%d/%0240d" % (d, i))'
make_ext ext
qemu-img convert -f raw -O qcow2 ext many.qcow2
begin()	# sets lister; it has told its first line and cannot go on
{
	rm -f hold
	mkfifo hold
	bin/source list "image:$T/many.qcow2" > hold 2> err &
	lister=$!
	exec 9< hold
	read -r _ <&9
	[ -n "$(helpers)" ] || fail "no qemu-nbd at work"
}
begin
kill -KILL $lister
wait $lister || true
exec 9<&-
wait_until 60 nothing_left

begin
kill -KILL "$(pgrep -P "$lister")"
cat <&9 > /dev/null
status=0
wait "$lister" || status=$?
exec 9<&-
[ $status = 2 ] || fail "status $status after the source was killed"
has_text "Killed" err
wait_until 60 nothing_left
