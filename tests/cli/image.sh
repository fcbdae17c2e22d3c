# Sourced after lib.sh: what tests of disk images share.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

source_tool()	# ARGUMENT...: the tool that lists a source, beside the plugins
{
	if [ ! -e bin/source ]; then
		mkdir -p bin
		cp "$HELPERS/source" bin/source
		ln -s "$(dirname "$HELPERS")/../plugins" plugins
	fi
	bin/source "$@"
}

listing()	# IMAGE [OPTION...]: its items, sorted, in out
{
	local image=$1
	shift
	expect_status 0 source_tool "$@" list "image:$T/$image"
	LC_ALL=C sort -u -o out out
}

# The kernel's name of a volume's file ends with that of the image: tests whose
# images are served to it name them so.
UNIQUE=${T##*.}

helpers()	# the processes beside a source's own that have a file of ours
{
	local f
	for f in $(grep -lsx -e qemu-nbd -e image-volumes /proc/[0-9]*/comm ||
	    true); do
		find "${f%comm}fd" -lname "$T/*" 2> /dev/null || true
	done
}

# Nothing of an image stays: no helper, loop device or mount.
nothing_left()
{
	[ -z "$(helpers)" ] || return 1
	! grep -qsF -e "$T" -e ":$UNIQUE" \
	    /sys/block/loop*/loop/backing_file || return 1
	! grep -qF "$T" /proc/self/mountinfo
}

requires_trust()	# FS...: this kernel can mount these, of any image
{
	local fs
	requires_root
	requires losetup
	losetup -f > /dev/null 2>&1 || skip "no loop devices here"
	[ -e /dev/fuse ] || skip "no FUSE here"
	for fs; do
		grep -qw "$fs" /proc/filesystems || modprobe "$fs" 2> /dev/null ||
		    skip "this kernel has no $fs"
	done
}

# FILE: a tree's file system of 20 MiB, ext4.
make_ext()
{
	mkdir -p tree/dir
	printf 'hello\n' > tree/dir/file
	ln -sf dir/file tree/link
	rm -f "$1"
	truncate -s 20M "$1"
	mke2fs -q -t ext4 -E root_owner=0:0 -d tree "$1"
}

# IMAGE MIB FILE...: a disk with a GPT whose partitions hold these.
make_disk()
{
	local image=$1 at=1 mib f
	{
		echo 'label: gpt'
		for f in "${@:3}"; do
			mib=$((($(stat -c %s "$f") + 1048575) / 1048576))
			echo "start=${at}MiB, size=${mib}MiB"
			at=$((at + mib))
		done
	} > table
	rm -f "$image"
	truncate -s "$2M" "$image"
	sfdisk -q "$image" < table
	at=1
	for f in "${@:3}"; do
		dd if="$f" of="$image" bs=1M seek=$at conv=notrunc,sparse \
		    status=none
		at=$((at + ($(stat -c %s "$f") + 1048575) / 1048576))
	done
}

# IMAGE COMMAND: in the root of its file system, mounted where nobody else sees it:
# the mount namespace that another test makes meanwhile would keep it mounted.
# Whoever else looks for a free loop device makes ours busy for a moment.
in_mount()
{
	mkdir -p mnt
	unshare -m --propagation private bash -eu -c '
		for try in {1..20}; do
			! mount -o loop "$1" mnt || break
			[ "$try" -lt 20 ] || exit 77
		done
		(cd mnt && eval "$2")
		umount mnt' - "$@" || {
		[ $? != 77 ] || skip "cannot mount $1 here"
		fail "$1: $2"
	}
}
