#!/bin/bash
# ext2, ext3 and ext4 in images: what a source lists and reads is what the tree
# was that they were made of, and what the kernel sees.
#
# SPDX-License-Identifier: BSD-2-Clause
. "$(dirname "$0")/mounts.sh"
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/cli/archives.sh"
. "$TOP/tests/cli/images.sh"

requires mke2fs debugfs python3
make_hard_tree tree

make_ext()	# IMAGE SIZE OPTION...
{
	local image=$1 size=$2
	shift 2
	rm -f "$image"
	truncate -s "$size" "$image"
	mke2fs -q -F -E lazy_itable_init=0,lazy_journal_init=0 "$@" "$image" \
	    2> err || fail "mke2fs $*: $(cat err)"
}

echo "== made of a tree"
# mke2fs copies whole seconds.
while read -r name options; do
	# shellcheck disable=SC2086 # words
	make_ext ext.img 32M $options -d tree
	same_image ext.img tree 0
	echo "$name"
done <<-END
	ext2-1k -t ext2 -b 1024
	ext2-4k -t ext2 -b 4096
	ext2-small-inodes -t ext2 -I 128
	ext2-no-types -t ext2 -O ^filetype
	ext3 -t ext3 -b 1024
	ext4-1k -t ext4 -b 1024
	ext4-4k -t ext4 -b 4096
	ext4-64k -t ext4 -b 65536
	ext4-32bit -t ext4 -O ^64bit,^metadata_csum
	ext4-no-extents -t ext4 -O ^extent,^64bit
	ext4-inline -t ext4 -O inline_data
	ext4-inline-1k -t ext4 -O inline_data -b 1024 -I 512
	ext4-no-journal -t ext4 -O ^has_journal
	ext4-old-groups -t ext4 -O ^flex_bg,^meta_bg,uninit_bg,^metadata_csum
	ext4-meta-bg -t ext4 -O meta_bg,^resize_inode
END

echo "== not a file, and not there"
make_ext ext.img 32M -t ext4 -d tree
expect_status 1 "$SOURCE" cat "image:$T/ext.img" '/sub dir' /link /nothing/x \
    /no /plain
same_text <<< hello

echo "== through lindex"
lindex scan --store store --source "image:$T/ext.img" > out 2> err ||
    fail "$(cat err)"
lsearch --store store -c plain > out
same_text <<< 1

echo "== what is deleted is not seen"
debugfs -w -R 'rm /plain' ext.img > /dev/null 2>&1
"$SOURCE" list "image:$T/ext.img" > items
lacks_text ' /plain' items

echo "== damaged by hand"
make_ext ext.img 32M -t ext4 -O ^metadata_csum -d tree
# A directory that is its own grandparent, an inode that is none, another that
# was never used, a name for a second directory.
debugfs -w -f - ext.img > /dev/null 2>&1 <<-END
	link "/sub dir" "/sub dir/x/loop"
	mkdir /other
	link /other /zz-again
	link /plain /zz-free
	sif /program mode 0170755
	sif /random block[2] 0xffffff
END
"$SOURCE" list "image:$T/ext.img" > items
has_text 'unread: /sub dir/x/loop: it is a directory that has another path' items
has_text 'unread: /zz-again: it is a directory that has another path' items
has_text 'unlooked: /program: its inode has no known type' items
grep -q ' /sub dir/x/long-link' items
# Checksums that are wrong are believed to be wrong.
make_ext ext.img 32M -t ext4 -d tree
table=$(dumpe2fs ext.img 2> /dev/null |
    sed -n 's/.*Inode table at \([0-9]*\)-.*/\1/p' | sed -n 1p)
block=$(dumpe2fs -h ext.img 2> /dev/null | sed -n 's/^Block size: *//p')
ino=$(debugfs -R 'stat /plain' ext.img 2> /dev/null |
    sed -n 's/^Inode: \([0-9]*\).*/\1/p')
printf '\377' | dd of=ext.img bs=1 conv=notrunc status=none \
    seek=$((table * block + (ino - 1) * 256 + 4))
"$SOURCE" list "image:$T/ext.img" > items
has_text 'unlooked: /plain: the checksum of its inode is wrong' items
has_text '- - - - - - /plain' items
has_text ' /random' items

echo "== encrypted"
make_ext ext.img 32M -t ext4 -O encrypt,^metadata_csum -d tree
for f in '"/sub dir"' /random; do
	debugfs -w -R "sif $f flags 0x80800" ext.img > /dev/null 2>&1
done
"$SOURCE" list "image:$T/ext.img" > items
has_text 'unread: /sub dir: its names are encrypted' items
lacks_text '/sub dir/' items
expect_status 1 "$SOURCE" cat "image:$T/ext.img" /random
has_text 'it is encrypted' err

echo "== hostile: a few bytes are others, or the end is missing"
make_ext good1.img 4M -t ext4 -b 1024 -N 400 -d "tree/sub dir"
make_ext good2.img 4M -t ext2 -b 1024 -N 400 -d "tree/sub dir"
for seed in {1..40}; do
	image=good$((seed % 2 + 1)).img
	cp "$image" bad.img
	damage bad.img "$seed" $((seed * 3))
	[ $((seed % 5)) != 0 ] || truncate -s $((seed * 90))K bad.img
	run_status timeout 60 "$SOURCE" list "image:$T/bad.img"
	[ "$status" = 0 ] || [ "$status" = 2 ] ||
	    fail "seed $seed: status $status"
	lacks_text signal err
	run_status timeout 60 "$SOURCE" cat "image:$T/bad.img" /x/blocks \
	    /back\\slash "/$(printf '%0255d' 1)"
	[ "$status" -le 2 ] || fail "seed $seed: status $status"
	lacks_text signal err
done

if [ "$(id -u)" != 0 ]; then
	exit 0		# only root may mount
fi

echo "== as the kernel sees it"
kernel()	# OPTION...
{
	make_ext k.img 96M "$@"
	loop_mount k.img mnt
	cp -a tree/. mnt
	(
		cd mnt
		mkdir many
		for i in {1..5000}; do
			: > "many/a name of many, number $i"
		done
		rm many/*[37]
		touch many/more
		chown 70000:4000000000 program
		touch -d '1912-06-23 01:02:03.987654321' 'sub dir/old'
		touch -d '2100-01-01 00:00:00.000000001' 'sub dir/new'
		touch -d '2400-01-01' 'sub dir/far'
		fallocate -l 200K reserved || true # extents only
		printf x | dd of=reserved bs=1 seek=99999 conv=notrunc status=none
		for i in 1 3 5 7 9 11 13 15 17 19; do
			printf %s $i | dd of=many/parts bs=1 seek=$((i * 8192)) \
			    conv=notrunc status=none
		done
		truncate -s 5G huge
		ln program 'sub dir/hard'
	) 2> /dev/null
	sync -f mnt/program
	# What is mounted now is what the kernel wrote last.
	umount mnt
	loop_mount k.img mnt ro
	# 5 GiB of zeros are listed, not read.
	same_listing
	umount mnt
}
same_listing()
{
	tree_items mnt | reduced fdlbcps 9 all | grep -av ' /lost+found$' \
	    > tree.items
	"$SOURCE" -0 list "image:$T/k.img" | reduced fdlbcps 9 all |
	    grep -av ' /lost+found$' > image.items
	diff -au tree.items image.items >&2 || fail "not as the kernel"
	"$SOURCE" cat "image:$T/k.img" /many/parts /reserved /sparse > got
	(cd mnt && cat many/parts reserved sparse) | cmp - got
}
kernel -t ext4
kernel -t ext4 -b 1024 -O inline_data
kernel -t ext4 -b 1024 -O ^extent,^64bit
kernel -t ext2 -b 1024

echo "== not unmounted"
make_ext k.img 32M -t ext4
loop_mount k.img mnt
cp -a tree/. mnt
sync -f mnt/plain
cp --sparse=always k.img dirty.img
umount mnt
sum=$(sha256sum < dirty.img)
"$SOURCE" list "image:$T/dirty.img" > items 2> err
has_text 'was not unmounted cleanly' err
[ "$(sha256sum < dirty.img)" = "$sum" ]
no_loops()
{
	! losetup -a | grep -F "$T/"
}
wait_until 60 no_loops
