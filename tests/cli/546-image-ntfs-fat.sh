#!/bin/bash
# NTFS, FAT and exFAT in images, as their own tools wrote them.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/mounts.sh"
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/archives.sh"
. "$TOP/tests/cli/images.sh"

requires mkfs.vfat mcopy mdel mkntfs mkfs.exfat python3

# Names as Windows can have them.
mkdir -p 'tree/sub dir/deep/er' tree/empty
(
	cd tree
	echo hello > plain.txt
	: > nothing
	head -c 3000000 /dev/urandom > big.bin
	echo utf > 'sub dir/größe-日本語'
	echo long > "sub dir/$(printf '%0180d' 1).text"
	for i in {1..700}; do
		echo "$i" > "sub dir/deep/file number $i"
	done
	echo last > 'sub dir/deep/er/UPPER.TXT'
	touch -d '2001-02-03 04:05:06' plain.txt
	touch -d '1985-01-01 00:00:02' nothing
)

even()	# whole seconds become even ones
{
	awk '$3 != "-" { $3 -= $3 % 2 } 1' | sort
}

xattr()	# FILE NAME HEX: sets it
{
	python3 -c 'import os, sys
os.setxattr(sys.argv[1], sys.argv[2], bytes.fromhex(sys.argv[3]))' "$@"
}

# IMAGE: items as "TYPE SIZE SECONDS PATH", the directories' without both
short_items()
{
	"$SOURCE" list "image:$T/$1" 2> err | awk '
	$1 != "-" && $7 != "/" {
		path = $7
		for (i = 8; i <= NF; i++)
			path = path " " $i
		sub(/\..*/, "", $6)
		print $1, $1 == "d" ? "- -" : $5 " " $6, path
	}' | sort
}

echo "== FAT"
(cd tree && find . -type d -printf 'd - - /%P\n' -o -printf '%y %s %T@ /%P\n') |
    sed -E 's,^(. [0-9]+ [0-9]+)\.[0-9]+,\1,; /^d - - \/$/d' | sort > want
for bits in 12 16 32; do
	rm -f fat.img
	truncate -s $((bits == 12 ? 12 : bits == 16 ? 24 : 64))M fat.img
	mkfs.vfat -F $bits -S 512 -s $((bits == 12 ? 8 : 1)) -n LABEL fat.img \
	    > /dev/null
	# A time of FAT is a time of day; here that is UTC.
	mcopy -s -m -i fat.img tree/* ::/
	mcopy -i fat.img tree/plain.txt ::/gone.txt
	mdel -i fat.img ::/gone.txt
	echo x > "$(printf '%0195d' 1).text"
	sum=$(sha256sum < fat.img)
	# Its seconds are even ones.
	even < want > want.fat
	short_items fat.img | even > got
	diff -u want.fat got >&2 || fail "FAT$bits is not as the tree"
	same_content fat.img tree
	[ "$(sha256sum < fat.img)" = "$sum" ] || fail "FAT$bits was written to"
	"$SOURCE" list "image:$T/fat.img" > items
	grep -q '^f - - - 6 .* /plain.txt$' items || fail "modes on FAT"
	# What cannot be told of a name is said.
	mcopy -i fat.img "$(printf '%0195d' 1).text" ::/
	"$SOURCE" list "image:$T/fat.img" > items
	has_text 'unread: /: a name of it may be cut off here' items
	echo "FAT$bits"
done

echo "== NTFS, without anything in it"
truncate -s 16M ntfs.img
mkntfs -q -F -L label ntfs.img > /dev/null 2>&1
"$SOURCE" list "image:$T/ntfs.img" > items
[ "$(awk '{ print $7 }' items | sort -u)" = / ] ||
    fail "NTFS: $(cat items)"

if [ "$(id -u)" = 0 ] && [ -c /dev/fuse ]; then
	echo "== NTFS, filled"
	truncate -s 48M ntfs.img
	mkntfs -q -F ntfs.img > /dev/null 2>&1
	mkdir -p mnt
	ntfs-3g -o compression,streams_interface=xattr ntfs.img mnt ||
	    skip "no FUSE here"
	cp -r --preserve=timestamps tree/. mnt
	(
		cd mnt
		echo smile > 'sub dir/😀'
		echo long > "sub dir/$(printf '%0250d' 1)"
		ln -s 'sub dir/deep' link
		ln big.bin hard.bin
		truncate -s 20M sparse
		echo end >> sparse
		mkdir packed
		# 0x800: what comes into it is compressed.
		xattr packed system.ntfs_attrib 00080000
		python3 -c 'print("what is said often\n" * 25000)' > packed/words
		echo gone > gone
		rm gone
		xattr plain.txt user.stream 68696464656e
		touch -d '1700-01-02 03:04:05' old
		touch -d '2500-01-02 03:04:05.7654321' new
	)
	find mnt -mindepth 1 -type d -printf 'd - - /%P\n' -o \
	    -type l -printf 'l - - /%P\n' -o \
	    -mindepth 1 -printf '%y %s %T@ /%P\n' |
	    sed -E 's,^(. [0-9]+ -?[0-9]+)\.[0-9]+,\1,' | sort > want
	find mnt -type f -printf '/%P\0' | sort -z | tr '\0' '\n' > names
	(cd mnt && cat packed/words sparse plain.txt hard.bin) > want.content
	umount mnt
	short_items ntfs.img |
	    sed -E 's,^l [0-9]+ -?[0-9]+ (.*) -> .*,l - - \1,' | sort > got
	diff -u want got >&2 || fail "NTFS is not as it was mounted"
	"$SOURCE" list "image:$T/ntfs.img" > items
	has_text '/link -> sub dir/deep' items
	grep -q '^f - - - 6 .* /plain.txt$' items || fail "modes on NTFS"
	for f in /packed/words /sparse /plain.txt /hard.bin; do
		"$SOURCE" cat "image:$T/ntfs.img" "$f"
	done | cmp - want.content
	expect_status 1 "$SOURCE" cat "image:$T/ntfs.img" /link /gone
fi

if [ "$(id -u)" = 0 ] && [ -c /dev/fuse ] && command -v mount.exfat-fuse > out
then
	echo "== exFAT"
	truncate -s 32M exfat.img
	mkfs.exfat -L LABEL exfat.img > /dev/null
	mkdir -p mntx
	# It wants a device. What is attached goes with the last who uses it.
	dev=$(losetup -f --show exfat.img)
	mount.exfat-fuse "$dev" mntx > out 2>&1 || {
		losetup -d "$dev"
		skip "no FUSE here"
	}
	losetup -d "$dev"
	cp -r --preserve=timestamps tree/. mntx
	echo smile > 'mntx/sub dir/😀'
	echo long > "mntx/sub dir/$(printf '%0250d' 1)"
	echo gone > mntx/gone
	rm mntx/gone
	find mntx -mindepth 1 -type d -printf 'd - - /%P\n' -o \
	    -mindepth 1 -printf '%y %s %T@ /%P\n' |
	    sed -E 's,^(. [0-9]+ [0-9]+)\.[0-9]+,\1,' |
	    even > want
	umount mntx
	is_free()	# its server has written what it had, and let go
	{
		[ -z "$(losetup -j exfat.img)" ]
	}
	wait_until 60 is_free
	short_items exfat.img | even > got
	diff -u want got >&2 || fail "exFAT is not as it was mounted"
	same_content exfat.img tree
fi

echo "== hostile"
rm -f small.img
truncate -s 2M small.img
mkfs.vfat -F 12 small.img > /dev/null
mcopy -s -i small.img 'tree/sub dir/deep/er' tree/plain.txt ::/
truncate -s 3M smallntfs.img
mkntfs -q -F smallntfs.img > /dev/null 2>&1
for seed in {1..30}; do
	image=small.img
	[ $((seed % 2)) = 0 ] || image=smallntfs.img
	cp $image bad.img
	damage bad.img "$seed" $((seed * 3))
	[ $((seed % 5)) != 0 ] || truncate -s $((seed * 30))K bad.img
	run_status timeout 60 "$SOURCE" list "image:$T/bad.img"
	[ "$status" = 0 ] || [ "$status" = 2 ] ||
	    fail "seed $seed: status $status"
	run_status timeout 60 "$SOURCE" cat "image:$T/bad.img" /er/UPPER.TXT
	[ "$status" -le 2 ] || fail "seed $seed: status $status"
done
