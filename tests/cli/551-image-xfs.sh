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
while read -r options; do
	# shellcheck disable=SC2086 # words
	make_xfs p.img 320M $options -p proto
	expect_status 0 source_tool -0 list "image:$T/p.img"
	tr '\0' '\n' < out > all.items
	grep -q '^c 600 7 70000 ' all.items || fail "no device"
	items < out > image.items
	diff -u tree.items image.items || fail "$options: not as the tree"
	expect_status 0 source_tool cat "image:$T/p.img" /file0 /file1 \
	    /file3000000 /file4096 /file70000
	cat tree/file{0,1,3000000,4096,70000} | cmp - out
done <<-END
	-m crc=0
	-m crc=0 -b size=512 -i size=256 -n size=4k,ftype=0 -d agcount=7
	-m crc=0 -b size=1k -i size=512 -n version=ci
	-b size=64k -i size=2048
END
