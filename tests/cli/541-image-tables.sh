#!/bin/bash
# Partition tables as they are made, and as they lie: each ends in words and in
# bounded time, and what is sound beside the lie is read.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/image.sh"
requires sfdisk mke2fs python3

make_ext ext
# What may go on for ever is to end here.
list()	# IMAGE
{
	expect_status 0 timeout 60 bin/source list "image:$T/$1"
}
source_tool 2> /dev/null || true	# makes bin/source

# ---- MBR with logical partitions ----

truncate -s 100M mbr
sfdisk -q mbr <<-END
	label: dos
	start=1MiB, size=21MiB, type=83
	start=22MiB, size=75MiB, type=5
	start=23MiB, size=21MiB, type=83
	start=45MiB, size=21MiB, type=83
END
for at in 1 23 45; do
	dd if=ext of=mbr bs=1M seek=$at conv=notrunc,sparse status=none
done
list mbr
for p in p1 p5 p6; do
	has_text " /$p/dir/file"
done
lacks_text unread:

# TEXT: what python does to a copy of a disk in `lie`; d is the disk, s(n) where
# sector n begins.
lie()	# IMAGE CODE
{
	cp --sparse=always "$1" lie
	python3 - <<-END
		import struct, zlib
		f = open("lie", "r+b")
		def get(off, n):
		    f.seek(off)
		    return f.read(n)
		def put(off, fmt, *v):
		    f.seek(off)
		    f.write(struct.pack(fmt, *v))
		def gpt(at):
		    h = bytearray(get(at * 512, 92))
		    h[16:20] = bytes(4)
		    put(at * 512 + 16, "<I", zlib.crc32(h))
		def table(at, n):
		    e = get(at * 512, n * 128)
		    put(512 + 72, "<QIII", at, n, 128, zlib.crc32(e))
		    gpt(1)
		ebr = 22 * 2048
		exec("""$2""")
		f.close()
	END
}

lie mbr 'put(ebr * 512 + 446 + 16 + 8, "<I", 0)'
list lie
has_text ' /p5/dir/file'
has_text 'unread: /p6: the chain of logical partitions turns back on itself'
lie mbr 'put(ebr * 512 + 446 + 16 + 8, "<I", 2)'
list lie
has_text 'unread: /p6: the chain of logical partitions is broken'
lie mbr 'put(ebr * 512 + 446 + 16 + 8, "<I", 0xffffffff)'
list lie
has_text 'unread: /p6: the chain of logical partitions is broken'
# A chain without end: each sector leads to the next one.
lie mbr '
for i in range(400):
    put((ebr + i) * 512 + 446 + 16, "<IIII", 0, 5, i + 1, 1)
    put((ebr + i) * 512 + 510, "<H", 0xaa55)'
list lie
has_text ': too many logical partitions'
has_text ' /p1/dir/file'
lie mbr 'put(446 + 8, "<II", 0xfffffff0, 100)'
list lie
has_text 'unread: /p1: it begins past the end of the disk'
has_text ' /p5/dir/file'
lie mbr 'put(446 + 12, "<I", 0xffffffff)'
list lie
has_text ' /p1/dir/file'
has_text 'unread: /p1: the disk ends before this partition does'
has_text 'unread: /p5: the partition table has it overlap p1'
lie mbr 'put(446 + 32 + 4, "<BBBBII", 0x83, 0, 0, 0, 4096, 4096)'
list lie
has_text 'unread: /p3: the partition table has it overlap p1'
lie mbr 'put(446 + 12, "<I", 0)'
list lie
has_text 'unread: /p1: the partition table gives it no place'

# ---- GPT ----

make_disk gpt 50 ext ext
list gpt
has_text ' /p1/dir/file'
has_text ' /p2/dir/file'
# The copy at the end serves when the first is damaged.
lie gpt 'put(512 + 40, "<Q", 7)'
list lie
has_text ' /p2/dir/file'
lie gpt 'put(1024 + 32, "<Q", 7)'
list lie
has_text ' /p1/dir/file'
lacks_text unread:
lie gpt 'put(512 + 40, "<Q", 7); put(50 * 1024 * 1024 - 512, "<Q", 7)'
list lie
has_text 'unread: /: the partition table (GPT) is damaged, and so is its copy'
# Sums can be made to fit any lie.
lie gpt 'put(512 + 80, "<II", 0xffffffff, 0xffffffff); gpt(1)'
list lie
has_text ' /p1/dir/file'
lie gpt '
put(1024 + 40, "<Q", 2 ** 64 - 1)
table(2, 128)'
list lie
has_text 'unread: /p1: the partition table gives it no place'
lie gpt '
put(1024 + 40, "<Q", 2 ** 63 - 1)
table(2, 128)'
list lie
has_text 'unread: /p1: the disk ends before this partition does'
has_text 'unread: /p2: the partition table has it overlap p1'
# As many partitions as a table can have, all over each other.
lie gpt '
e = get(1024, 128) * 8192
f.seek(60000 * 512)
f.write(e)
table(60000, 8192)'
list lie
has_text 'more than 512 partitions'
[ "$(wc -l < out)" -lt 2000 ] || fail "$(wc -l < out) lines"

# ---- encrypted, md, unknown, no table ----

truncate -s 4M part
marked()	# OFFSET BYTES WORDS
{
	truncate -s 0 part
	truncate -s 4M part
	# shellcheck disable=SC2059 # bytes
	printf -- "$2" | dd of=part bs=1 seek="$1" conv=notrunc status=none
	make_disk marked 30 part ext
	list marked
	has_text "unread: /p1: $3"
	has_text ' /p2/dir/file'
	list part
	has_text "unread: /: $3"
}
marked 0 'LUKS\272\276\0\2' 'encrypted (LUKS)'
marked 3 '-FVE-FS-' 'encrypted (BitLocker)'
marked 4096 '\374\116\053\251' 'part of an md array, which is not read'
marked 0 'hsqs' 'squashfs: no reader in user space; --trust-image'
marked 0 'XFSB' 'its superblock lies'

# Noise in place of tables ends, whatever it says.
python3 - <<'END'
import random
random.seed(7)
for i in range(20):
    d = bytearray(random.randbytes(1 << 20))
    d[510:512] = b"\x55\xaa"
    for k in range(4):
        d[446 + 16 * k] = 0x80
        d[446 + 16 * k + 4] = random.choice((5, 15, 0x83, 0x8e))
        d[446 + 16 * k + 9:446 + 16 * k + 12] = bytes(3)
    open("noise.%d" % i, "wb").write(d)
END
for f in noise.*; do
	run_status timeout 60 bin/source list "image:$T/$f"
	case $status in 0 | 2) ;; *) fail "status $status: $f" ;; esac
	lacks_text killed err
done
