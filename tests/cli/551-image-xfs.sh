#!/bin/bash
# XFS in images, read in user space: as the kernel sees it, where this one can, or
# as the tree was that mkfs.xfs made it of; damaged ones say so of what is damaged.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/archives.sh"
. "$TOP/tests/cli/images.sh"
. "$TOP/tests/cli/image.sh"
requires mkfs.xfs xfs_db python3
source_tool 2> /dev/null || true	# makes bin/source

make_xfs()	# IMAGE SIZE OPTION...
{
	rm -f "$1"
	truncate -s "$2" "$1"
	# With these three it makes one of less than 300 MB.
	TEST_DIR=. TEST_DEV=. QA_CHECK_FS=1 \
	    mkfs.xfs -q -f "${@:3}" "$1" > out 2> err ||
	    fail "mkfs.xfs ${*:3}: $(cat err)"
}

in_db()	# IMAGE COMMAND...
{
	local c args=()
	for c in "${@:2}"; do
		args+=(-c "$c")
	done
	xfs_db -x "${args[@]}" "$1" 2> /dev/null
}

number()	# IMAGE PATH: the inode of a path of one name or two, in a directory
{
	in_db "$1" 'path /'"$2" 'inode' | sed -n 's/.*number is //p'
}

is_format()	# IMAGE PATH FORMAT
{
	in_db "$1" "path /$2" 'print core.format' > out
	has_text "($3)"
}

echo "== of version 4, and of large blocks: made of a tree"
cat > make.py <<-'END'
	import os, random, sys
	random.seed(1)
	os.makedirs("tree/a/b/c")
	for n in 1, 30, 300, 3000:
	    os.mkdir("tree/dir%d" % n)
	    for i in range(n):
	        open("tree/dir%d/%s-%d" % (n, "n" * (i % 50), i), "w").close()
	for n in 1, 20, 155, 156, 157, 335, 336, 337, 400, 600, 1000:
	    os.symlink("x" * n, "tree/link%d" % n)
	for n in 0, 1, 4096, 70000, 3000000:
	    with open("tree/file%d" % n, "wb") as f:
	        f.write(random.randbytes(n))
	    os.chmod("tree/file%d" % n, 0o4640)
	open("tree/" + "l" * 255, "w").close()
	for mode in 0o700, 0o1777:
	    os.mkdir("tree/a/b/c/%o" % mode)
	    os.chmod("tree/a/b/c/%o" % mode, mode)

	def line(name, path, st):
	    kind = {4: "d", 8: "-", 10: "l"}[st.st_mode >> 12]
	    s = "%s%s%s%03o 7 70000" % (kind, "u" if st.st_mode & 0o4000 else "-",
	        "-", st.st_mode & 0o777)
	    if kind == "-":
	        s += " " + path
	    if kind == "l":
	        s += " " + os.readlink(path)
	    print(name, s)
	def below(path):
	    for name in os.listdir(path):
	        p = path + "/" + name
	        st = os.lstat(p)
	        line(name, p, st)
	        if st.st_mode >> 12 == 4:
	            below(p)
	            print("$")
	print("/\n0 0\nd--755 7 70000")
	below("tree")
	print("pipe p--600 7 70000\nchar c--600 7 70000 1 3\nblock b--600 7 70000 7 0")
	print("$")
END
python3 make.py > proto
mkfifo -m 600 tree/pipe
# mkfs has no sticky bit, and the time of all is now.
items()
{
	tr '\n\0' '?\n' | LC_ALL=C sed -E 's/^(.) 1777 /\1 777 /' | awk '
	    { k = $1; m = $2; z = k == "f" ? $5 : "-" }
	    k == "c" || k == "b" || $2 == "-" || $0 ~ /^d [0-9]+ [^\/]* \/$/ { next }
	    { $1 = $2 = $3 = $4 = $5 = $6 = ""; print k, m, z, $0 }' |
	    LC_ALL=C sort
}
tree_items tree | items > tree.items
while read -r size options; do
	# shellcheck disable=SC2086 # words
	make_xfs p.img "$size" $options -p proto
	expect_status 0 source_tool -0 list "image:$T/p.img"
	tr '\0' '\n' < out > all.items
	grep -q '^c 600 7 70000 ' all.items || fail "no device"
	items < out > image.items
	diff -u tree.items image.items || fail "$options: not as the tree"
	expect_status 0 source_tool cat "image:$T/p.img" /file0 /file1 \
	    /file3000000 /file4096 /file70000
	cat tree/file{0,1,3000000,4096,70000} | cmp - out
done <<-END
	24M -m crc=0
	64M -m crc=0 -b size=512 -i size=256 -n size=4k,ftype=0 -d agcount=3
	24M -m crc=0 -b size=1k -i size=512 -n version=ci
	320M -b size=64k -i size=2048 -l size=32m
END

# Lies with a checksum that is right, by who knows the format:
#	IMAGE sb OFFSET HEX	bytes of the superblock are others
#	IMAGE damage SEED...	in bad.SEED, its copy, bytes of some structures are;
#				prints what kinds it knows of
cat > lie.py <<-'END'
	import random, re, struct, sys
	table = []
	for i in range(256):
	    for _ in range(8):
	        i = i >> 1 ^ (0x82f63b78 if i & 1 else 0)
	    table.append(i)
	def set_sum(p, at):
	    p[at:at + 4] = bytes(4)
	    c = 0xffffffff
	    for b in p:
	        c = table[(c ^ b) & 255] ^ c >> 8
	    p[at:at + 4] = struct.pack("<I", c ^ 0xffffffff)
	f = open(sys.argv[1], "r+b")
	sb = f.read(512)
	block, = struct.unpack(">I", sb[4:8])
	inode, = struct.unpack(">H", sb[104:106])
	v5 = sb[101] & 15 == 5
	def put(at, p, sum_at):
	    if v5:
	        set_sum(p, sum_at)
	    f.seek(at)
	    f.write(p)
	if sys.argv[2] == "sb":
	    at, new = int(sys.argv[3]), bytes.fromhex(sys.argv[4])
	    put(0, bytearray(sb[:at] + new + sb[at + len(new):]), 224)
	    sys.exit()
	size = {b"IN": (inode, 100), b"XSLM": (block, 12), b"BMA3": (block, 64),
	    b"BMAP": (block, 64)}
	for k in b"XDB3", b"XDD3", b"XD2B", b"XD2D":
	    size[k] = block << sb[192], 4
	f.seek(0)
	data, found = f.read(), {}
	for m in re.finditer(b"IN|XSLM|BMA[3P]|XD[BD]3|XD2[BD]", data):
	    k, at = m[0], m.start()
	    # Of inodes only those in use.
	    if at % min(block, size[k][0]) == 0 and (k != b"IN" or data[at + 2]):
	        found.setdefault(k, []).append(at)
	if v5:
	    found[b"XFSB"], size[b"XFSB"] = [0], (512, 224)
	kinds = sorted(found)
	for seed in sys.argv[3:]:
	    dice = random.Random(seed)
	    f = open("bad." + seed, "r+b")
	    for _ in range(dice.randrange(1, 10)):
	        k = dice.choice(kinds)
	        if k == b"XFSB" and dice.randrange(9):
	            continue
	        at, (n, sum_at) = dice.choice(found[k]), size[k]
	        f.seek(at)
	        p = bytearray(f.read(n))
	        # Behind the magic. Heads tell most, and where there is something.
	        for _ in range(dice.choice((1, 1, 2, 5))):
	            i, m = 0, len(k)
	            while i == 0 or (not p[i] and dice.randrange(20)):
	                i = m + int((n - m) * dice.random() ** 3)
	            p[i] = dice.choice((0, 1, 0x7f, 0x80, 0xff, p[i] ^ 1,
	                dice.randrange(256)))
	        put(at, p, sum_at)
	print(*(k.decode() for k in kinds))
END

echo "== what is wrong with all of it"
make_xfs p.img 24M
lie()	# OFFSET HEX WORDS
{
	cp --sparse=always p.img bad.img
	python3 lie.py bad.img sb "$1" "$2"
	expect_status 0 source_tool list "image:$T/bad.img"
	has_text ": /: $3"
}
lie 126 01 'xfs that was never finished'
lie 216 00000103 \
    'xfs with features that are not known here (0x100); --trust-image lets'
lie 100 b4a3 'xfs of before version 4 is not read'
lie 84 00000000 'its superblock lies: its groups have no true size'
lie 88 00000005 'its superblock lies: it has no true number of blocks'
lie 104 1000 'its superblock lies: its inodes have no true size'
lie 120 0d 'its superblock lies: its blocks have no true size'
lie 192 05 'its superblock lies: directories have no true block size'
lie 56 00000000000000ff 'its inode is '
printf x | dd of=p.img bs=1 seek=108 conv=notrunc status=none
expect_status 0 source_tool list "image:$T/p.img"
has_text 'unread: /: the checksum of its superblock is wrong'

echo "== damaged by hand"
make_xfs p.img 64M -m crc=0 -n size=64k -p proto
cp --sparse=always p.img bad.img
a=$(number bad.img a)
in_db bad.img 'path /a/b/c' 'write u.sfdir3.list[0].inumber.i4 '"$a" \
    'path /file1' 'write core.mode 0170644' \
    'path /file70000' 'write u.bmx[0].startblock 0xfffff' \
    'path /link600' 'write core.size 0' \
    'path /dir1' 'write core.nlinkv2 0' \
    'path /dir30' 'write u.bmx[0].startblock 99' > /dev/null
# All of it is free, but for eight bytes behind which no memory is.
at=$(in_db bad.img 'path /dir300' 'dblock 0' daddr | sed -n 's/.*is //p')
printf '\xff\xff\xff\xe8' |
    dd of=bad.img bs=1 seek=$((at * 512 + 16)) conv=notrunc status=none
printf 'XD2D' | dd of=bad.img bs=1 seek=$((at * 512)) conv=notrunc status=none
printf '\0\0\0\0\0\0\0\0' |
    dd of=bad.img bs=1 seek=$((at * 512 + 65528)) conv=notrunc status=none
expect_status 0 source_tool list "image:$T/bad.img"
grep -q '^unread: /a/b/c/[0-7]*: it is a directory that has another path' out
has_text 'unlooked: /file1: its inode has no known type'
has_text 'unlooked: /dir1: its inode is not in use'
has_text 'unlooked: /link600: its target is none'
has_text 'unread: /dir30: a block of it is none'
has_text 'unread: /dir300: an entry of it has no true length'
has_text ' /dir3000/nnnnnnnnn-2959'
expect_status 1 source_tool cat "image:$T/bad.img" /file70000 /file4096
has_text 'a block of it lies outside the file system' err
cmp out tree/file4096

# Its names, behind thousands of blocks that hold none: nobody reads so far.
for n in 16 4000; do
	cp --sparse=always p.img bad.img
	at=$(in_db bad.img 'path /dir300' 'dblock 0' fsblock daddr |
	    sed 's/.* is //' | xargs)
	printf 'XD2D' | dd of=bad.img bs=512 seek="${at#* }" conv=notrunc \
	    status=none
	in_db bad.img 'path /dir300' "write u.bmx[0].blockcount $n" \
	    'write u.bmx[0].startblock 0' 'write u.bmx[0].extentflag 1' \
	    'write core.nextents 2' "write u.bmx[1].startoff $n" \
	    "write u.bmx[1].startblock ${at% *}" \
	    'write u.bmx[1].blockcount 16' > /dev/null
	expect_status 0 source_tool list "image:$T/bad.img"
	has_text 'unread: /dir300: a block of it was never written'
	[ $n = 4000 ] || has_text ' /dir300/nnnnnnnnn-259'
done
lacks_text ' /dir300/'

hostile()	# IMAGE SEED...: lies end, whatever they say, and make no noise
{
	local image=$1 seed
	for seed in "${@:2}"; do
		cp --sparse=always "$image" "bad.$seed"
	done
	python3 lie.py "$image" damage "${@:2}" > kinds
	for seed in "${@:2}"; do
		run_status timeout 60 bin/source list "image:$T/bad.$seed"
		[ "$status" = 0 ] || [ "$status" = 2 ] ||
		    fail "$image, seed $seed: status $status"
		lacks_text signal err
		run_status timeout 60 bin/source cat "image:$T/bad.$seed" \
		    /file3000000 /file70000 /frag /sparse /tail
		[ "$status" -le 2 ] || fail "$image, seed $seed: status $status"
		lacks_text signal err
		rm "bad.$seed"
	done
}

echo "== hostile, of version 4"
hostile p.img {1..7}
has_text 'IN XD2B XD2D' kinds

[ "$(id -u)" = 0 ] || exit 0	# only root may mount
requires_trust xfs

echo "== as the kernel sees it"
cat > fill.py <<-'END'
	import os, sys
	names, parts = int(sys.argv[1]), int(sys.argv[2])
	for n in 1, 50, 2000, names:
	    os.makedirs("dir%d" % n, exist_ok=True)
	    for i in range(n):
	        open("dir%d/a name of many, number %d" % (n, i), "w").close()
	# What is gone leaves blocks with little in them, and none.
	for i in range(names // 8, names // 2):
	    os.unlink("dir%d/a name of many, number %d" % (names, i))
	for i in range(0, names, 1000):
	    open("dir%d/%d again" % (names, i), "w").close()
	os.symlink("x" * 459, "link459")
	os.symlink("/" + "y" * 1022, "link1023")
	os.mkfifo("fifo")
	os.mknod("char", 0o20666, os.makedev(1, 3))
	os.mknod("block", 0o60600, os.makedev(7, 8))
	with open("file3000000", "wb") as f:
	    f.write(os.urandom(3000000))
	with open("file70000", "wb") as f:
	    f.write(os.urandom(70000))
	os.link("file70000", "hard")
	with open("frag", "wb") as f:
	    for i in range(parts):
	        f.seek(i * 8192 + 100)
	        f.write(b"%d" % i)
	with open("sparse", "wb") as f:
	    f.seek(7000000)
	    f.write(b"end")
	    f.truncate(8000000)
	with open("tail", "wb") as f:
	    os.posix_fallocate(f.fileno(), 0, 300000)
	    f.seek(99999)
	    f.write(b"x")
	    f.truncate(200000)
	os.chown("tail", 70000, 4000000000)
	os.chmod("tail", 0o6751)
	for s in -2147483648, -1, 4000000000:
	    open("time%d" % s, "w").close()
	    os.utime("time%d" % s, ns=(0, s * 10**9 + 123456789))
END
kernel()	# NAMES PARTS OPTION...
{
	make_xfs k.img 64M "${@:3}"
	in_mount k.img "python3 ../fill.py $1 $2"
	is_format k.img frag btree
	for o in no yes; do
		expect_status 0 bin/source -0 -o trust=$o list "image:$T/k.img"
		tr '\n\0' '?\n' < out | LC_ALL=C sort > $o.items
		expect_status 0 bin/source -o trust=$o cat "image:$T/k.img" \
		    /file3000000 /file70000 /frag /sparse /tail
		sha256sum < out > $o.sum
		wait_until 10 nothing_left
	done
	diff -a yes.items no.items || fail "${*:3}: not as the kernel"
	lacks_text ' /un' no.items
	cmp yes.sum no.sum || fail "${*:3}: content is not as the kernel's"
	[ "$(wc -l < no.items)" -gt $((2050 + $1 / 2)) ] || fail "not all"
}
kernel 10000 500 -i nrext64=1 -m rmapbt=1
hostile k.img {1..5}
has_text 'BMA3 IN XDB3 XDD3 XFSB XSLM' kinds
kernel 600 2000 -b size=1k -s size=1k -n size=8k -m bigtime=0,reflink=0 -i sparse=0
hostile k.img {10..13}

echo "== not unmounted"
make_xfs k.img 24M
expect_status 0 source_tool list "image:$T/k.img"
lacks_text unmounted err
in_mount k.img 'echo old > old; sync .; echo new > new; sync new
    cp --sparse=always ../k.img ../dirty.img'
sum=$(sha256sum < dirty.img)
expect_status 0 source_tool list "image:$T/dirty.img"
has_text 'was not unmounted cleanly' err
[ "$(sha256sum < dirty.img)" = "$sum" ]
wait_until 10 nothing_left
