#!/bin/bash
# What has several names in its source has them again where lget brings it back:
# from archives, images and a directory; and nothing else has.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
requires python3 tar bsdtar cpio genisoimage mke2fs sfdisk \
    mkfs.btrfs mkfs.xfs mkntfs ntfs-3g

echo 'host = h1' > conf
S=$T/store
mkdir b back
scan()	# HOST SOURCE: as HOST/a, since what other series of a host have counts
{
	expect_status 0 lindex scan --config conf --store "$S" --host "$1" \
	    --series "$1/a" --source "$2"
}
fresh()
{
	rm -rf back
	mkdir back
}
get()	# STATUS ARGUMENT...: into an empty directory
{
	fresh
	get_more "$@"
}
get_more()
{
	expect_status "$1" lget --config conf --store "$S" --to back "${@:2}"
	[ -z "$(find back -name '.lget-*')" ] || fail "half done: $(ls -A back)"
}
groups()	# DIR: the names of each file on a line, and how many there are
{
	(cd "$1" && find . -type f -printf '%i %n %P\n' | sort -k1,1n -k3 |
	    awk '{ g[$1] = g[$1] " " $3; n[$1] = $2 }
	        END { for (i in g) print n[i] g[i] }' | sort)
}
comes_back()	# REF
{
	get 0 -r "$1"
	diff -r tree back
	groups tree | same_text <(groups back)
}

mkdir -p tree/{a/deep,b}
(
	cd tree
	echo one > a/one
	ln a/one a/deep/one2
	ln a/one b/0one
	ln a/one top
	echo two > b/two
	ln b/two b/two2
	echo one > b/alone	# the same bytes, and no link
	: > a/empty
	ln a/empty b/empty
	: > b/empty-alone
	truncate -s 3M a/sparse
	printf end >> a/sparse
	printf mid | dd of=a/sparse bs=1 seek=1M conv=notrunc status=none
	ln a/sparse b/sparse
	truncate -s 1M a/zeros
	ln a/zeros zeros
	find . -type f -exec touch -d '2024-01-01 01:02:03.123456789Z' {} +
)
[ "$(groups tree | grep -c '^[24]')" = 5 ] || fail "the tree has no links"

# ---- archives ----

for format in gnu pax; do
	tar -C tree --format=$format -cf b/$format.tar .
done
tar -C tree -S -czf b/sparse.tar.gz .
bsdtar -C tree -cf b/bsd.tar .
bsdtar -C tree --format=newc -cf b/bsdnewc.cpio .
(cd tree && find . | cpio --quiet -o -H newc > ../b/newc.cpio)
genisoimage -quiet -R -cache-inodes -o b/a.iso tree 2> /dev/null
for file in b/*; do
	scan "${file#b/}" "archive:$file"
	# On an ISO, what has no content is nowhere.
	if [ "$file" = b/a.iso ]; then
		get 0 -r a.iso/a:/
		groups tree | grep -v empty | same_text <(groups back | grep -v empty)
		continue
	fi
	comes_back "${file#b/}/a:/"
done
[ "$(stat -c %b back/a/sparse)" -lt 200 ] || fail "holes are filled"

# ---- one name, -O, and names that are asked for apart ----

get 0 gnu.tar/a:/a/one
[ "$(stat -c %h back/one) $(cat back/one)" = '1 one' ] || fail "one name alone"
get 0 gnu.tar/a:/a/one gnu.tar/a:/b/0one
[ back/one -ef back/0one ] || fail "two names"
expect_status 0 lget --config conf --store "$S" -O gnu.tar/a:/{a/one,b/0one}
same_text <<< $'one\none'
expect_status 0 lget --config conf --store "$S" -O \
    gnu.tar/a:/{top,a/one,b/0one,a/deep/one2,b/two,b/two2}
same_text <<< $'one\none\none\none\ntwo\ntwo'
# One name that comes twice is two files.
get 0 -r gnu.tar/a:/b gnu.tar/a:/b/two gnu.tar/a:/b/two2
[ ! back/b/two -ef back/two ] || fail "a name became a link to itself"
[ back/b/two -ef back/b/two2 ] || fail "two names below a directory"
# All at once, and once more over that.
get 0 -r --force gnu.tar/a:/ gnu.tar/a:/ gnu.tar/a:/top
groups tree | same_text <(groups back)

# ---- what is there ----

fresh
echo mine > back/top
ln back/top mine
get_more 3 -r gnu.tar/a:/
has_text 'top is there already' err
same_text back/top <<< mine
[ "$(stat -c %h back/a/one)" = 3 ] && [ back/a/one -ef back/b/0one ] ||
    fail "the other names: $(groups back)"
get_more 0 -r --force gnu.tar/a:/
groups tree | same_text <(groups back)
same_text mine <<< mine

# ---- files that are no archive ----

scan dir "file:$T/tree"
comes_back dir/a:/
expect_status 0 lindex scan --config conf -U "$T/tree" --prunepaths= --prunefs= \
    --store "$S"
get 0 -r "h1:$T/tree"
groups tree | same_text <(groups back/tree)
get 0 "h1:$T/tree/a/one"
[ "$(stat -c %h back/one)" = 1 ] || fail "one live name alone"

# ---- images ----

truncate -s 10M one.img
mke2fs -q -t ext4 -d tree one.img
# Two file systems have the same numbers.
truncate -s 24M b/two.img
sfdisk -q b/two.img <<< $'start=1M, size=10M
start=12M, size=10M'
for at in 1 12; do
	dd if=one.img of=b/two.img bs=1M seek=$at conv=notrunc,sparse status=none
done
scan two image:b/two.img
get 0 -r two/a:/
rm -r back/p?/lost+found
for part in p1 p2; do
	diff -r tree back/$part
	groups tree | same_text <(groups back/$part)
done
mkfs.btrfs -q --rootdir tree b/btrfs.img > /dev/null 2>&1
scan btrfs image:b/btrfs.img
comes_back btrfs/a:/
filled()	# NAME SIZE MKFS MOUNT: an image that this host fills
{
	truncate -s "$2" "b/$1.img"
	$3 "b/$1.img" > /dev/null 2>&1
	mkdir -p mnt
	$4 "b/$1.img" mnt
	cp -a tree/. mnt
	umount mnt
	scan "$1" "image:b/$1.img"
	comes_back "$1/a:/"
}
if [ "$(id -u)" = 0 ]; then
	[ ! -c /dev/fuse ] || filled ntfs 16M 'mkntfs -q -F' ntfs-3g
	! grep -qw xfs /proc/filesystems ||
	    filled xfs 320M 'mkfs.xfs -q' 'mount -o loop'
fi
