# Sourced by run.sh: an ext4 image with 200,000 files, indexed without a kernel,
# against find over the same image mounted. Only root may mount.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash disable=SC2154 # what run.sh sets

image_index()
(
	cd "$work/image" || exit
	trap 'umount mnt 2> /dev/null || true' EXIT
	mkdir mnt
	# So many files, and the directories that come with them.
	awk -F '\t' '$1 == "f" && ++n > 200000 { exit } 1' \
	    "$corpus/v1/h000/base.tsv" > part.tsv
	truncate -s 8G disk.img
	mke2fs -q -F -t ext4 -N 400000 \
	    -E lazy_itable_init=0,lazy_journal_init=0 disk.img
	mount -o loop disk.img mnt
	corpus_py tree part.tsv mnt
	umount mnt
	mount -o loop,ro disk.img mnt
	find mnt > /dev/null
	find mnt -printf '%s %T@ %p\n' > /dev/null
	measure "$runs" "rm -rf store" lindex scan --store store --host h \
	    --source "image:$PWD/disk.img" ::: "" find mnt \
	    ::: "" find mnt -printf '%s %T@ %p\n'
	[ "$s1$s2$s3" = 000 ] || {
		echo "scan: status $s1, find: $s2 $s3" >&2
		exit 1
	}
	row "index of an ext4 image, 200,000 files, s" "find over it, mounted" \
	    "$m1" "$m2" 2
	note "find with sizes and times: $m3 s"
	peak "index of an ext4 image" "$k1"
)

if [ "$(id -u)" = 0 ]; then
	note "an ext4 image"
	rm -rf "$work/image"
	mkdir -p "$work/image"
	image_index
	rm -rf "$work/image"
else
	note "an ext4 image: needs root"
fi
