# Sourced after lib.sh and archives.sh by tests of file systems in images: a tree
# with hard names, and what a source lists beside what find sees.
#
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=bash

# DIR: what make_tree makes, names that are no text, a path of many components,
# a file that is mostly holes
make_hard_tree()
{
	make_tree "$1"
	(
		cd "$1" || exit
		echo bytes > "$(printf 'sub dir/not\xff\xfeutf')"
		echo 255 > "sub dir/$(printf '%0255d' 1)"
		ln -s "$(printf '%059d' 0)" 'sub dir/x/59'
		ln -s "$(printf '%060d' 0)" 'sub dir/x/60'
		truncate -s 3M sparse
		printf 'middle' | dd of=sparse bs=1 seek=1234567 conv=notrunc \
		    status=none
		# mke2fs forgets a hole at the end beside inline_data.
		printf 'end' >> sparse
		head -c 70000 /dev/urandom > 'sub dir/x/blocks'
		deep=$(printf 'd/%.0s' {1..200})
		mkdir -p "$deep"
		echo far > "${deep}down"
	)
}

# IMAGE DIR [DIGITS [OWNER]]: the image lists the tree, all of it, and the
# content of its files; of the times so many digits of the nanoseconds. Reading
# it writes nothing.
same_image()
{
	local image=$1 dir=$2 digits=${3:-9} owner=${4:-all} sum
	sum=$(sha256sum < "$image")
	tree_items "$dir" | reduced fdlbcps "$digits" "$owner" > tree.items
	"$SOURCE" -0 list "image:$PWD/$image" > all.items 2> err ||
	    fail "$image: $(cat err)"
	reduced fdlbcps "$digits" "$owner" < all.items |
	    grep -av ' /lost+found$' > image.items
	[ -s image.items ] || fail "$image: nothing is listed"
	diff -au tree.items image.items >&2 || fail "$image: not as the tree"
	! grep -zaE '^(unread|unlooked|outside): ' all.items ||
	    fail "$image: not whole"
	same_content "$image" "$dir"
	[ "$(sha256sum < "$image")" = "$sum" ] || fail "$image was written to"
}

# IMAGE DIR: files of one link are as in the tree, several at a time
same_content()
{
	local files
	mapfile -d '' -n 300 files < <(find "$2" -type f -printf '/%P\0')
	"$SOURCE" cat "image:$PWD/$1" "${files[@]}" > image.content 2> err ||
	    fail "$1: $(head -n 3 err)"
	mapfile -d '' files < <(printf '%s\0' "${files[@]}" |
	    sed -z 's,/,\x01,g' | sort -z | sed -z 's,\x01,/,g')
	(cd "$2" && cat -- "${files[@]/#/.}") | cmp - image.content ||
	    fail "$1: content is not as in the tree"
}

# IMAGE DIR [OPTION...]: mounted there until the test ends, or umount. Whoever
# else looks for a free loop device makes ours busy for a moment.
loop_mount()
{
	local try

	mkdir -p "$2"
	for try in {1..20}; do
		! mount -o "loop${3:+,$3}" "$1" "$2" 2> mount.err || return 0
		grep -q busy mount.err || break
	done
	skip "cannot mount $1 here (try $try): $(head -n 1 mount.err)"
}

# IMAGE SEED N: N bytes of its first megabytes are others
damage()
{
	python3 - "$@" <<-'END'
	import random, sys
	name, seed, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
	dice = random.Random(seed)
	with open(name, 'r+b') as f:
	    f.seek(0, 2)
	    size = f.tell()
	    # Where there is something, and there is more of it in front.
	    for _ in range(n):
	        for _ in range(200):
	            at = int(size * dice.random() ** 3)
	            f.seek(at)
	            if f.read(1) != b'\0':
	                break
	        f.seek(at)
	        f.write(bytes([dice.randrange(256)]))
	END
}
